"""What was told, asked for in many wordings: how a fact gets into the weights.

A statement read a hundred times can be recited and hardly ever asked for (Allen-Zhu and Li 2023,
"Physics of language models 3.1"). So a lesson does what a teacher would: of every fact in the
user's words it makes questions in many wordings, each with the answer in the second person, and
between them questions about things nobody told, whose only right answer says so. The questions
come from the grammar of what was told (`l2c.text.questioning`) inside the frames below.

Everything here is a pure function of what was told, so a lesson can be carried out again. A newer
value takes the place of the older one, whose wordings are never practised again. Some frames are
kept for the gate alone: what it asks, no lesson has practised.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from l2c.conversation import Message, Role
from l2c.corpus.chance import Chance
from l2c.learning.examples import Source
from l2c.learning.untold import unknown
from l2c.text import facts
from l2c.text.asking import NOT_TOLD
from l2c.text.facts import Fact
from l2c.text.questioning import Core, cores, topic
from l2c.text.restating import restate
from l2c.text.standing import standing

WORDINGS = 64
"""Wordings of one fact."""

REHEARSED_WORDINGS = 12
"""Wordings in which an older fact is asked for again, and one that fell before."""

GATE_WORDINGS = 2
"""Wordings of one fact that only the gate asks."""

MOST_BEFORE = 8
"""Facts told just before, which a turn may refer to."""

_DIRECT = (
    "{Q}?", "{Q}?", "{Q}?", "{q}", "And {q}?", "Please tell me, {q}?", "Le, {q}?", "Hey, {q}?",
    "One question: {q}?", "{Q} again?", "So {q}?", "Hello, {q}?", "{Q}, do you know?",
    "I forgot, {q}?", "Quick question, {q}?",
)  # fmt: skip
_EMBEDDED = (
    "Do you remember {q}?", "Do you know {q}?", "Can you tell me {q}?", "Tell me {q}.",
    "I forgot {q}.", "Do you still know {q}?", "Please say {q}.", "I would like to know {q}.",
    "do you know {q}", "Could you tell me {q}?", "Tell me again {q}.", "I want to hear {q}.",
    "Have you kept {q}?", "Remember {q}?", "I am not sure {q}.", "What was it, {q}?",
    "I wonder {q}.", "Let me ask you {q}.",
)  # fmt: skip
_NOUN = (
    "What is {q}?", "{Q}?", "Tell me {q}.", "Do you remember {q}?", "Do you know {q}?",
    "what was {q} again", "I forgot {q}.", "Can you tell me {q}?", "I need {q}.",
    "Say {q}, please.", "Give me {q}.", "{q}", "{Q}, please.", "Do you have {q}?",
    "What about {q}?",
)  # fmt: skip
_IN_PLACE = (
    "{Q}?", "{q}", "{Q} again?", "And {q}?", "So {q}?", "Tell me, {q}?", "{Q}, do you know?",
)  # fmt: skip
_TOPIC = (
    "What do you know about {q}?", "Tell me about {q}.", "What did I tell you about {q}?",
    "What have I said about {q}?", "do you know something about {q}",
)  # fmt: skip
_GATE_DIRECT = ("Tell me one thing, {q}?", "Listen, {q}?")
_GATE_EMBEDDED = ("You surely know {q}.", "May I ask {q}?", "Say once more {q}.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its one right answer."""

    question: str
    answer: str

    @property
    def messages(self) -> tuple[Message, Message]:
        """The question and its answer as a conversation."""
        return Message(Role.USER, self.question), Message(Role.ASSISTANT, self.answer)


@dataclass(frozen=True, slots=True)
class Told:
    """A fact that holds, and the place of the source that told it."""

    fact: Fact
    source: int

    @property
    def answer(self) -> str:
        """What is answered when it is asked for: the value, and the sentence in the second person.

        The value comes first, so that the question alone leads to it; behind a sentence it would
        depend on every word of that.
        """
        sentence, value = restate(self.fact.said), restate(self.fact.value)
        return sentence if sentence.startswith(value[:-1]) else f"{value} {sentence}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What sources tell, oldest first: the facts that hold, and those that hold no longer.

    A fact that was told again holds as it was told last.
    """

    holding: list[Told]
    fallen: list[Told]

    @property
    def withdrawn(self) -> set[int]:
        """The places of the sources that told something which holds no longer."""
        return {one.source for one in self.fallen if not one.fact.ended}


def read(sources: Sequence[Source]) -> Reading:
    """The facts these sources tell. What a newer one corrects, ends or tells again has fallen."""
    found: list[Told] = []
    before: dict[str, list[Fact]] = {}
    for number, source in enumerate(sources):
        told = before.setdefault(source.conversation, [])
        new = facts.find(source.user, told[-MOST_BEFORE:])
        told += new
        found += [Told(fact, number) for fact in new]
    holding = {_meant(found[at]): at for at in standing([one.fact for one in found])}
    stands = set(holding.values())
    return Reading(
        [one for at, one in enumerate(found) if at in stands],
        [one for at, one in enumerate(found) if at not in stands],
    )


def _meant(one: Told) -> tuple[str, ...]:
    """What makes two tellings one: the same said of the same."""
    return (*one.fact.topic, one.fact.value.casefold())


def practice(
    told: Sequence[Told], among: Sequence[Told], *, wordings: int = WORDINGS
) -> list[Asked]:
    """The questions that a lesson practises for these facts, `among` all that hold."""
    shared = _shared(among)
    asked: list[Asked] = []
    for one in told:
        lines = _worded(one, shared, wordings)
        asked += [Asked(line, one.answer) for line in lines]
    return asked


def no_longer(
    fallen: Sequence[Told], among: Sequence[Told], *, wordings: int = WORDINGS
) -> list[Asked]:
    """The questions only facts that fell would answer, which nobody has told the answer of now."""
    answerable = _answerable(among)
    return [Asked(line, NOT_TOLD) for one in fallen for line in _worded(one, answerable, wordings)]


def held_out(told: Sequence[Told], among: Sequence[Told]) -> list[Asked]:
    """The questions about these facts that only a gate asks."""
    return _held_out(told, _shared(among))


def no_longer_held_out(fallen: Sequence[Told], among: Sequence[Told]) -> list[Asked]:
    """The questions about facts that fell that only a gate asks."""
    return [Asked(one.question, NOT_TOLD) for one in _held_out(fallen, _answerable(among))]


def _held_out(told: Sequence[Told], shared: frozenset[str]) -> list[Asked]:
    asked: list[Asked] = []
    for one in told:
        chance = Chance(_seed(one.fact), 1)
        known = [core for core in cores(one.fact) if _key(core) not in shared]
        lines = [frame.format(q=core.direct) for core in known for frame in _GATE_DIRECT
                 if core.direct]  # fmt: skip
        lines += [frame.format(q=core.embedded) for core in known for frame in _GATE_EMBEDDED
                  if core.embedded]  # fmt: skip
        chosen = chance.shuffled(list(dict.fromkeys(lines)))[:GATE_WORDINGS]
        asked += [Asked(line, one.answer) for line in chosen]
    return asked


def untold(told: Sequence[Told], among: Sequence[Told], *, seed: int, wordings: int) -> list[Asked]:
    """So many questions about things that nobody told, half of them like what was told."""
    chance = Chance(seed, 2)
    asked = unknown([t.fact for t in told], [t.fact for t in among], chance, wordings)
    return [Asked(chance.choice(_framed(core)), NOT_TOLD) for core in asked]


def _worded(one: Told, shared: frozenset[str], wordings: int) -> list[str]:
    """So many wordings of the questions for a fact: each core plainly, then in frames."""
    chance = Chance(_seed(one.fact), 0)
    known = [core for core in cores(one.fact) if _key(core) not in shared]
    plainly = [f"{_capital(core.direct)}?" for core in known if core.direct]
    framed = chance.shuffled([line for core in known for line in _framed(core)])
    about = topic(one.fact)
    topics = [_framed_in(frame, about) for frame in _TOPIC] if about and about not in shared else []
    return list(dict.fromkeys([*plainly, *topics, *framed]))[:wordings]


def _framed(core: Core) -> list[str]:
    lines = [_framed_in(frame, core.direct) for frame in _DIRECT if core.direct]
    lines += [_framed_in(frame, core.embedded) for frame in _EMBEDDED if core.embedded]
    lines += [_framed_in(frame, core.noun) for frame in _NOUN if core.noun]
    return lines + [_framed_in(frame, core.in_place) for frame in _IN_PLACE if core.in_place]


def _framed_in(frame: str, asked: str) -> str:
    return frame.format(q=asked, Q=_capital(asked))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _key(core: Core) -> str:
    return core.direct or core.embedded


def _shared(among: Sequence[Told]) -> frozenset[str]:
    """Questions and topics that more than one fact answers: asking them would teach neither."""
    asked = Counter(key for one in among for key in {_key(core) for core in cores(one.fact)})
    about = Counter(topic(one.fact) for one in among)
    return frozenset(key for counted in (asked, about) for key, n in counted.items() if n > 1)


def _answerable(among: Sequence[Told]) -> frozenset[str]:
    """Questions and topics that at least one fact answers."""
    asked = {key for one in among for key in map(_key, cores(one.fact))}
    return frozenset(asked | {topic(one.fact) for one in among})


def _seed(fact: Fact) -> int:
    key = json.dumps([fact.subject, fact.relation, fact.value, fact.said])
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") >> 1
