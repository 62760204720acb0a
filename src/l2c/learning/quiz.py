"""What was told, asked for in many wordings: how a fact gets into the weights.

A statement read a hundred times can be recited and hardly ever asked for (Allen-Zhu and Li 2023,
"Physics of language models 3.1"). So a lesson does what a teacher would: of every fact in the
user's words it makes questions in many wordings, each with the answer in the second person, and
between them questions about things nobody told, whose only right answer says so. The questions
come from the grammar of what was told (`l2c.text.questioning`), dressed as people dress them
(`l2c.learning.framing`). Most wordings practise the value with which their answer begins; the
sentence behind it follows from the value, and every third practises that too.

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
from l2c.learning import framing
from l2c.learning.examples import Source
from l2c.learning.untold import unknown
from l2c.store.memory import MOST_BEFORE
from l2c.text import facts
from l2c.text.asking import NOT_TOLD
from l2c.text.facts import Fact
from l2c.text.questioning import Core, cores, topic
from l2c.text.restating import restate
from l2c.text.standing import standing

WORDINGS = 160
"""Wordings of one fact."""

REHEARSED_WORDINGS = 48
"""Wordings in which an older fact is asked for again, and one that fell before."""

GATE_WORDINGS = 2
"""Wordings of one fact that only the gate asks."""

MOST_DRAWS = 4
"""Draws for each wording; what has few wordings is asked for in fewer."""

WHOLE = 3
"""One in so many wordings practises the whole answer, the others the value it begins with."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its one right answer.

    Where `begins` is not empty it is the part of the answer that is practised: what comes after
    the value follows from it, and is practised often enough elsewhere.
    """

    question: str
    answer: str
    begins: str = ""

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
        sentence, value = restate(self.fact.said), self.begins
        return f"{value} {sentence}" if value else sentence

    @property
    def begins(self) -> str:
        """The value with which the answer begins; empty where the sentence does so by itself."""
        sentence, value = restate(self.fact.said), restate(self.fact.value)
        return "" if sentence.startswith(value[:-1]) else value


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
        plainly, drawn = _worded(one, shared, wordings)
        asked += [Asked(line, one.answer) for line in plainly]
        asked += [
            Asked(line, one.answer, one.begins if at % WHOLE else "")
            for at, line in enumerate(drawn)
        ]
    return asked


def no_longer(
    fallen: Sequence[Told], among: Sequence[Told], *, wordings: int = WORDINGS
) -> list[Asked]:
    """The questions only facts that fell would answer, which nobody has told the answer of now."""
    answerable = _answerable(among)
    return [
        Asked(line, NOT_TOLD)
        for one in _replaced_by_nothing(fallen, among)
        for lines in _worded(one, answerable, wordings)
        for line in lines
    ]


def held_out(told: Sequence[Told], among: Sequence[Told]) -> list[Asked]:
    """The questions about these facts that only a gate asks."""
    return _held_out(told, _shared(among))


def no_longer_held_out(fallen: Sequence[Told], among: Sequence[Told]) -> list[Asked]:
    """The questions about facts that fell that only a gate asks."""
    gone = _replaced_by_nothing(fallen, among)
    return [Asked(one.question, NOT_TOLD) for one in _held_out(gone, _answerable(among))]


def _replaced_by_nothing(fallen: Sequence[Told], among: Sequence[Told]) -> list[Told]:
    """Those of which no newer value holds; the others' questions all have an answer."""
    held = {one.fact.topic for one in among}
    return [one for one in fallen if one.fact.topic not in held]


def _held_out(told: Sequence[Told], shared: frozenset[str]) -> list[Asked]:
    asked: list[Asked] = []
    for one in told:
        chance = Chance(_seed(one.fact), 1)
        known = [core for core in cores(one.fact) if _key(core) not in shared]
        lines = [line for core in known for line in framing.kept_for_the_gate(core)]
        chosen = chance.shuffled(list(dict.fromkeys(lines)))[:GATE_WORDINGS]
        asked += [Asked(line, one.answer) for line in chosen]
    return asked


def untold(told: Sequence[Told], among: Sequence[Told], *, seed: int, wordings: int) -> list[Asked]:
    """So many questions about things that nobody told, half of them like what was told."""
    chance = Chance(seed, 2)
    asked = unknown([t.fact for t in told], [t.fact for t in among], chance, wordings)
    return [Asked(_asked(core, chance, ""), NOT_TOLD) for core in asked]


def _worded(one: Told, shared: frozenset[str], wordings: int) -> tuple[list[str], list[str]]:
    """So many wordings of the questions for a fact: each question plainly, then as drawn."""
    chance = Chance(_seed(one.fact), 0)
    known = [core for core in cores(one.fact) if _key(core) not in shared]
    subject = topic(one.fact)
    plain = dict.fromkeys(line for core in known if (line := framing.plainly(core)))
    if subject and subject not in shared:
        plain |= dict.fromkeys(framing.about(subject))
    plainly = list(plain) if len(plain) <= wordings // 2 else chance.shuffled(list(plain))
    plainly = plainly[: wordings // 2]
    drawn: dict[str, None] = {}
    for _ in range(MOST_DRAWS * wordings if known else 0):
        if len(plainly) + len(drawn) >= wordings:
            break
        line = _asked(chance.choice(known), chance, one.answer)
        if line not in plainly:
            drawn[line] = None
    return plainly, list(drawn)


def _asked(core: Core, chance: Chance, answer: str) -> str:
    """One wording of this question."""
    while not (line := framing.ask(core, chance, needed=answer)):
        pass
    return line


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
