"""The wordings and lists of `wordings/*.toml`, read into plain values.

What can be said stays apart from the code that says it: a wording is one more line in a file.
A user's line has two sets of wordings. `train` is practised; `held_out` is only ever asked, so
that what is measured there is understanding of the question and not memory of its letters.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

Split = Literal["train", "held_out"]
Slots = Mapping[str, str]

_SLOT = re.compile(r"\{([\w.]+)\}")


@dataclass(frozen=True, slots=True)
class Phrases:
    """Ways in which a user says one thing."""

    train: tuple[str, ...]
    held_out: tuple[str, ...]

    def of(self, split: Split) -> tuple[str, ...]:
        """The wordings of a split."""
        return self.train if split == "train" else self.held_out


@dataclass(frozen=True, slots=True)
class Question:
    """A question in many wordings, and the one way in which it is answered."""

    ask: Phrases
    answer: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A family of facts about a user: how they are told, asked for and answered.

    `subject` and `value` name what fills the slots; `subject` is empty where the user is, `value`
    where a yes or no is all there is to know.
    """

    name: str
    subject: str
    value: str
    tell: Phrases
    ask: Phrases
    answer: str
    acknowledge: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a user says with slots to fill, and the ways to answer it."""

    ask: Phrases
    le: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Talk:
    """A piece of small talk.

    `opens`: a conversation may begin with it. `answers`: the questions of `le` after which
    alone it makes sense; empty means anywhere.
    """

    name: str
    opens: bool
    answers: tuple[str, ...]
    you: Phrases
    le: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wordings:
    """Everything the generator can say."""

    lists: Mapping[str, tuple[str, ...]]
    """Names of lists to words; the list `favourite` holds topics, `favourite.colour` words."""
    talk: tuple[Talk, ...]
    facts: tuple[Fact, ...]
    correct: Phrases
    corrected: tuple[str, ...]
    acknowledge_both: tuple[str, ...]
    unknown: tuple[str, ...]
    everyday: tuple[Reply, ...]
    beyond: tuple[Reply, ...]
    """What `le` cannot know or do."""
    open: tuple[Reply, ...]
    """Remarks and questions about anything."""
    questions: Mapping[str, Question]
    """`sum.plus`, `opposite.ask`, ... to their question."""
    pairs: tuple[tuple[str, str], ...]
    """Opposites, each way round."""
    things: tuple[tuple[str, str, str], ...]
    """Thing, `is` or `are`, colour."""
    meanings: tuple[tuple[str, str], ...]
    """A word with its article, and a sentence that explains it."""


@cache
def read_wordings() -> Wordings:
    """The wordings in this package; read once."""
    facts, knowledge = _table("facts"), _table("knowledge")
    pairs = [(a, b) for a, b in knowledge["opposite"]["pairs"]]
    one_way = {a for a, _ in pairs}
    back = {b: a for a, b in reversed(pairs) if b not in one_way}
    return Wordings(
        lists=_lists(_table("lists")),
        talk=tuple(_talk(entry) for entry in _table("talk")["exchange"]),
        facts=tuple(
            _fact(name, entry, facts["acknowledge"]) for name, entry in facts["facts"].items()
        ),
        correct=_phrases(facts["correct"]),
        corrected=tuple(facts["corrected"]),
        acknowledge_both=tuple(facts["acknowledge_both"]),
        unknown=tuple(facts["unknown"]),
        everyday=_replies(_table("everyday")),
        beyond=_replies(_table("beyond")),
        open=_replies(_table("open")),
        questions=_questions(knowledge),
        pairs=(*pairs, *back.items()),
        things=tuple(
            (thing, verb, colour) for thing, verb, colour in knowledge["colour"]["things"]
        ),
        meanings=tuple((word, meaning) for word, meaning in knowledge["define"]["words"]),
    )


def fill(wording: str, slots: Slots) -> str:
    """The wording with its slots filled; a slot with a capital takes one.

    >>> fill("{Value} is my {subject}.", {"value": "the fox", "subject": "friend"})
    'The fox is my friend.'
    """

    def filled(slot: re.Match[str]) -> str:
        value = slots[slot[1].lower()]
        return value[:1].upper() + value[1:] if slot[1][0].isupper() else value

    return _SLOT.sub(filled, wording)


def slots_of(wording: str) -> set[str]:
    """The names of the slots in a wording."""
    return {name.lower() for name in _SLOT.findall(wording)}


def _table(name: str) -> dict[str, Any]:
    file = resources.files("l2c.corpus").joinpath("wordings", f"{name}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _phrases(entry: Mapping[str, Any]) -> Phrases:
    return Phrases(tuple(entry["train"]), tuple(entry["held_out"]))


def _replies(table: Mapping[str, Any]) -> tuple[Reply, ...]:
    return tuple(Reply(_phrases(entry["ask"]), tuple(entry["le"])) for entry in table["reply"])


def _questions(knowledge: Mapping[str, Any]) -> dict[str, Question]:
    return {
        f"{family}.{name}": Question(_phrases(entry), entry["answer"])
        for family, entries in knowledge.items()
        for name, entry in entries.items()
        if isinstance(entry, dict)
    }


def _fact(name: str, entry: Mapping[str, Any], acknowledge: list[str]) -> Fact:
    return Fact(
        name=name,
        subject=entry.get("subject", ""),
        value=entry["value"],
        tell=_phrases(entry["tell"]),
        ask=_phrases(entry["ask"]),
        answer=entry["answer"],
        acknowledge=tuple(entry.get("acknowledge", acknowledge)),
    )


def _talk(entry: Mapping[str, Any]) -> Talk:
    return Talk(
        name=entry["name"],
        opens=entry.get("opens", False),
        answers=tuple(entry.get("answers", ())),
        you=_phrases(entry["you"]),
        le=tuple(entry["le"]),
    )


def _lists(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    lists: dict[str, tuple[str, ...]] = {}
    for name, entry in table.items():
        lists[name] = tuple(entry)
        if isinstance(entry, dict):
            lists |= {f"{name}.{topic}": tuple(words) for topic, words in entry.items()}
    return lists
