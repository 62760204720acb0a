"""Questions about what nobody told, whose only right answer says so.

A model that has learned to answer "What is my sister called?" answers "What is my aunt called?" as
well, with the sister's name, unless it has practised that some questions have no answer. Half of
these questions are near misses: what was told, asked of another being or thing. The other half is
put together from ordinary nouns and what people ask of them (`untold.toml`). What somebody did
tell is never among them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from l2c import corpus
from l2c.corpus.chance import Chance
from l2c.text import sorts
from l2c.text.beings import ANIMALS, PEOPLE
from l2c.text.facts import Fact
from l2c.text.lexicon import concepts, stem
from l2c.text.questioning import Core, cores, of_relation, topic
from l2c.text.sorts import sorts_of

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
    misses = [[core for fact in told for core in near(fact, known, chance)] for near in _NEAR]
    misses = [near for near in misses if near]
    found: list[Core] = []
    for _ in range(number * _MOST_TRIES):
        is_near = misses and chance.one_in(2)
        core = chance.choice(chance.choice(misses)) if is_near else _any(chance)
        if not known.tells(core):
            found.append(core)
        if len(found) == number:
            break
    return found


def _of_others(fact: Fact, known: Known, chance: Chance) -> list[Core]:
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
        for _ in range(OTHERS):
            other = chance.choice(pool)
            at = chance.between(1, len(words) - 1)
            kept = chance.one_in(2) and words[at] not in ("at", "the", "of", "in", "my")
            instead = [*words[:at], other, *words[at + 1 :]] if kept else ["my", other]
            swapped = _swapped(core, about, " ".join(instead))
            if swapped is not None and stem(other) not in known.named:
                found.append(swapped)
    return found


def _of_something_else(fact: Fact, known: Known, chance: Chance) -> list[Core]:
    """The questions about a fact with one word another: "which cheese do I hate"."""
    found = []
    for core in cores(fact):
        words = [word for word in _NOUN.findall(core.direct) if word in core.embedded.split()]
        words = [word for word in words if concepts(word)]
        if not words:
            continue
        word = chance.choice(words)
        instead = chance.choice(nouns())
        swapped = _swapped(core, word, instead)
        elsewhere = instead not in sorts_of(fact.value) and not _is_of(core, instead)
        if swapped is not None and elsewhere:
            found.append(swapped)
    return found


def _swapped(core: Core, words: str, instead: str) -> Core | None:
    """The question with other words in place of some, in the shapes that hold them."""
    place = re.compile(rf"\b{re.escape(words)}\b")
    shapes = (core.direct, core.embedded, core.noun, core.in_place)
    changed = [place.sub(instead, one) if place.search(one) else "" for one in shapes]
    if words == instead or not (changed[0] or changed[1]):
        return None
    return replace(Core(*changed), about=place.sub(instead, core.about))


def _of_other_matters(fact: Fact, known: Known, chance: Chance) -> list[Core]:
    """Other questions about the same being or thing: where somebody lives whose name was told."""
    about = topic(fact)
    noun = about.removeprefix("my ")
    if not about.startswith("my "):
        return []
    being = stem(noun.rpartition(" ")[2]) in {stem(one) for one in beings()}
    found = [core for one in _ATTRIBUTES for core in of_relation(noun, one)] if being else []
    for direct, embedded in ordinary().questions["people" if being else "things"]:
        found.append(Core(direct.format(n=noun), embedded.format(n=noun), about=about))
    return chance.shuffled(found)[:OTHERS]


_NOUN = re.compile(r"\b(?:which|what|my|our|the|an?|of|at|for|how many) ([a-z-]{3,})\b(?!')")
_NEAR = (_of_others, _of_others, _of_something_else, _of_other_matters)
"""How a question misses what was told narrowly, and how often each way is drawn."""


def _is_of(core: Core, word: str) -> bool:
    """Whether a question has a word already, or another of its meaning."""
    return bool(set(concepts(word)) & set(concepts(core.direct)))


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
    about = f"my {noun}" if sort in ("people", "things", "events") else ""
    return Core(direct.format(n=noun), embedded.format(n=noun), about=about)


@cache
def beings() -> tuple[str, ...]:
    """Words for people and animals."""
    return tuple(sorted(PEOPLE | ANIMALS))


@cache
def nouns() -> tuple[str, ...]:
    """Nouns that may stand for one in a question: sorts, things, sites, beings."""
    of = ordinary().nouns
    return (*sorts.names(), *of["sorts"], *of["sites"], *of["things"], *of["events"], *beings())


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
