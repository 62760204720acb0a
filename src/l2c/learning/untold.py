"""Questions about what nobody told, whose only right answer says so.

A model that has learned to answer "What is my sister called?" answers "What is my aunt called?" as
well, with the sister's name, unless it has practised that some questions have no answer. Half of
these questions are near misses: what was told, asked of another being or thing. The other half is
put together from ordinary nouns and what people ask of them (`untold.toml`). What somebody did
tell is never among them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from l2c import corpus
from l2c.corpus.chance import Chance
from l2c.text.facts import Fact
from l2c.text.lexicon import ANIMALS, PEOPLE, concepts, stem
from l2c.text.questioning import Core, cores, of_relation, topic

OTHERS = 6
"""Other beings or things that a near miss of one question is asked of."""

SHORTEST = 4
"""Letters of a word that stands for a noun."""

_ATTRIBUTES = ("name", "age", "job", "live", "birthday", "like", "dislike")
_OF_SPEAKER = (*_ATTRIBUTES, "height", "weight", "rise", "plan", "origin")
_MOST_TRIES = 50
"""Draws for one question; somebody who told everything is asked less."""


@dataclass(frozen=True, slots=True)
class Ordinary:
    """Nouns by their sort, and the questions people ask of each: alone, and inside another."""

    nouns: Mapping[str, tuple[str, ...]]
    questions: Mapping[str, tuple[tuple[str, str], ...]]


@cache
def ordinary() -> Ordinary:
    """What is in `untold.toml`; read once."""
    text = resources.files("l2c.learning").joinpath("untold.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return Ordinary(
        {sort: tuple(words.split()) for sort, words in table["nouns"].items()},
        {sort: tuple((a, b) for a, b in shapes) for sort, shapes in table["of"].items()},
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What was told, for what is asked not to be among it: a set of ideas for each fact."""

    ideas: tuple[frozenset[str], ...]
    named: frozenset[str]

    @classmethod
    def of(cls, told: Sequence[Fact]) -> Known:
        """What these facts tell."""
        ideas = tuple(
            frozenset({*concepts(fact.said), *concepts(fact.subject), *concepts(fact.relation)})
            for fact in told
        )
        return cls(ideas, frozenset(idea for one in ideas for idea in one))

    def tells(self, core: Core) -> bool:
        """Whether one fact holds everything that is asked, as far as words show it."""
        asked = set(concepts(core.direct or core.embedded))
        return any(asked <= one for one in self.ideas)


def unknown(told: Sequence[Fact], among: Sequence[Fact], chance: Chance, number: int) -> list[Core]:
    """So many questions that no fact of `among` answers; half of them near misses of `told`."""
    known = Known.of(among)
    near = [core for fact in told for core in _near(fact, known, chance)]
    found: list[Core] = []
    for _ in range(number * _MOST_TRIES):
        core = chance.choice(near) if near and chance.one_in(2) else _any(chance)
        if not known.tells(core):
            found.append(core)
        if len(found) == number:
            break
    return found


def _near(fact: Fact, known: Known, chance: Chance) -> list[Core]:
    """The questions about a fact, asked of other beings or things.

    Of "my chess coach" also with one word another: the swimming coach, the chess teacher.
    """
    about = topic(fact)
    noun = about.rpartition(" ")[2]
    if not noun:
        return []
    pool = beings() if stem(noun) in {stem(being) for being in beings()} else things()
    words = about.split()
    found = []
    for core in cores(fact):
        parts = (core.direct, core.embedded, core.noun, core.in_place)
        for _ in range(OTHERS):
            other = chance.choice(pool)
            at = chance.between(1, len(words) - 1)
            kept = chance.one_in(2) and words[at] not in ("at", "the", "of", "in", "my")
            instead = [*words[:at], other, *words[at + 1 :]] if kept else ["my", other]
            swapped = Core(*(part.replace(about, " ".join(instead)) for part in parts))
            if swapped != core and stem(other) not in known.named:
                found.append(swapped)
    return found


def _any(chance: Chance) -> Core:
    """A question about somebody's life, put together from ordinary words."""
    shapes = ordinary().questions
    sort = chance.choice((*shapes, "things", "things", "attribute", "speaker"))
    if sort == "attribute":
        return chance.choice(of_relation(chance.choice(beings()), chance.choice(_ATTRIBUTES)))
    if sort == "speaker":
        return chance.choice(of_relation("", chance.choice(_OF_SPEAKER)))
    nouns = {"people": beings(), "things": things(), "nobody": ("",)}
    noun = chance.choice(nouns.get(sort) or ordinary().nouns[sort])
    direct, embedded = chance.choice(shapes[sort])
    return Core(direct.format(n=noun), embedded.format(n=noun))


@cache
def beings() -> tuple[str, ...]:
    """Words for people and animals."""
    return tuple(sorted(PEOPLE | ANIMALS))


@cache
def things() -> tuple[str, ...]:
    """Nouns, and as many other words of the corpus: whatever it is called, nobody told of it."""
    nouns = (*ordinary().nouns["things"], *ordinary().nouns["events"])
    spoken = {
        word
        for talk in corpus.handwritten()
        for message in talk
        for word in corpus.words(message.text)
        if word.isalpha() and len(word) >= SHORTEST
    }
    rest = Chance(0).shuffled(sorted(spoken - set(nouns)))
    return (*nouns, *nouns, *rest[: 4 * len(nouns)])
