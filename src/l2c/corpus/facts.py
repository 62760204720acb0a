"""Being told a fact and being asked for it, with the fact in the window.

Continual learning rests on this skill (Zhu and Li 2023, "Physics of language models 3.1":
knowledge can be asked for only where asking was practised). Every fact is made up on the spot;
some are corrected; some are asked for without having been told, and then the only right answer
is that nobody told.
"""

from __future__ import annotations

from dataclasses import dataclass

from l2c.corpus.knowledge import knowledge
from l2c.corpus.replies import beyond, everyday
from l2c.corpus.script import Script
from l2c.corpus.talk import named, say
from l2c.corpus.wordings import Fact, fill


@dataclass(frozen=True, slots=True)
class Told:
    """A fact with its slots filled."""

    fact: Fact
    slots: dict[str, str]

    @property
    def echo(self) -> str:
        """The fact as `le` says it."""
        return fill(self.fact.answer, self.slots)

    @property
    def topic(self) -> tuple[str, str]:
        """What it is about: a conversation holds one fact on each topic.

        That Tavo is my brother answers what my brother is called, so both are one topic.
        """
        if self.fact.name == "relation":
            return "person_name", self.slots["value"]
        return self.fact.name, self.slots["subject"]


def facts(script: Script) -> None:
    """Facts told, perhaps corrected, and asked for after other talk."""
    chance = script.chance
    if chance.one_in(4):
        say(script, named(script, "hello", "time of day", "evening"))
    told = _never_told(script) if chance.one_in(6) else _told(script)
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        _other_talk(script)
    asked = chance.shuffled(told)[: chance.between(1, len(told))]
    for one in asked:
        if chance.one_in(4):
            _ask_unknown(script, _new_fact(script, told))
        _ask(script, one)
    if chance.one_in(5):
        say(script, named(script, "thanks", "praise", "bye"))


def practice(script: Script) -> None:
    """Facts told, often repeated by `le` at once, and asked for without any other talk.

    Saying again what was just said is the root of answering from the window. A recurrent network
    finds it where there is nothing else to learn, and hardly ever in the middle of everything.
    """
    chance = script.chance
    told: list[Told] = []
    for _ in range(chance.choice((1, 1, 2))):
        one = _new_fact(script, told)
        if chance.one_in(8):
            _ask_unknown(script, one)
        repeated = f"{one.echo} I will keep that."
        said = repeated if chance.one_in(2) else _acknowledgement(script, one)
        script.exchange(_tell(script, one), said)
        told.append(one)
    for one in chance.shuffled(told):
        _ask(script, one)


def _told(script: Script) -> list[Told]:
    chance = script.chance
    told: list[Told] = []
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
        told.append(_new_fact(script, told))
    if len(told) == 2 and chance.one_in(2):
        both = " ".join(_as_sentence(_tell(script, one)) for one in told)
        script.exchange(both, chance.choice(script.wordings.acknowledge_both))
        return told
    for i, one in enumerate(told):
        script.exchange(_tell(script, one), _acknowledgement(script, one))
        if chance.one_in(7):
            told[i] = _correct(script, one)
    return told


def _never_told(script: Script) -> list[Told]:
    """Asked before told: `le` says so, and then is told."""
    fact = _new_fact(script, [])
    _ask_unknown(script, fact)
    script.exchange(_tell(script, fact), _acknowledgement(script, fact))
    return [fact]


def _correct(script: Script, told: Told) -> Told:
    chance = script.chance
    slots = {**told.slots, "value": _value(script, told.fact, told.slots["subject"])}
    if slots["value"] == told.slots["value"]:
        return told
    corrected = Told(told.fact, slots)
    script.exchange(
        fill(script.one_of(script.wordings.correct), {**slots, "old": told.slots["value"]}),
        fill(chance.choice(script.wordings.corrected), {"echo": corrected.echo}),
    )
    return corrected


def _ask(script: Script, told: Told) -> None:
    script.exchange(fill(script.one_of(told.fact.ask), told.slots), told.echo)


def _ask_unknown(script: Script, fact: Told) -> None:
    script.exchange(
        fill(script.one_of(fact.fact.ask), fact.slots),
        script.chance.choice(script.wordings.unknown),
    )


def _other_talk(script: Script) -> None:
    if script.chance.one_in(3):
        say(script, named(script, "how are you", "what are you", "thanks", "learning", "praise"))
    else:
        script.chance.choice((knowledge, knowledge, everyday, beyond))(script)


def _tell(script: Script, told: Told) -> str:
    return fill(script.one_of(told.fact.tell), told.slots)


def _acknowledgement(script: Script, told: Told) -> str:
    wording = script.chance.choice(told.fact.acknowledge)
    return fill(wording, {**told.slots, "echo": told.echo})


def _new_fact(script: Script, told: list[Told]) -> Told:
    """A fact on a topic not told yet; every other time of the family of one that was."""
    chance = script.chance
    topics = {one.topic for one in told}
    while True:
        near = told and chance.one_in(2)
        fact = chance.choice(told).fact if near else chance.choice(script.wordings.facts)
        subject = script.filler(fact.subject) if fact.subject else ""
        new = Told(fact, {"subject": subject, "value": _value(script, fact, subject)})
        if new.topic not in topics and not any(_says_whether(new, one) for one in told):
            return new


def _says_whether(new: Told, old: Told) -> bool:
    """Whether one is about having a thing at all and the other about that very thing."""
    same = new.slots["subject"] == old.slots["subject"]
    return same and "" in (new.fact.value, old.fact.value)


def _value(script: Script, fact: Fact, subject: str) -> str:
    return script.filler(fact.value.replace("*", subject)) if fact.value else ""


def _as_sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
