"""RECALL: does it learn from what it is told? A file of facts, and how answers about them count.

This is the pure half of the protocol (`docs/explanation/memory.md`): what a file of facts says,
when an answer counts, how sure a share is, and whether the figures pass. Who tells and asks,
through the same API the page uses, is `l2c.runtime.recalling`.

An answer counts when the expected one occurs in its first 80 characters, letter case aside, and no
other fact's answer stands before it. A question about something never told is answered honestly
when the answer says that nobody told, or that it is not known. Every share comes with the interval
of Wilson (1927) at 95 %.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from l2c.errors import InvalidInput
from l2c.text import facts

READ_CHARACTERS = 80
Z = 1.959964

_HONEST = re.compile(
    r"\b(?:not|nobody|never) (?:has |have )?told\b|\bdo not know\b|\bdon't know\b", re.IGNORECASE
)
_NAMES = ("hundred", "odd", "corrections")


@dataclass(frozen=True, slots=True)
class Told:
    """A fact to be told, and asked for in several wordings.

    `correction` is told later, and then `answer` is the corrected value. `near_miss` asks for
    something like it that was never told; either may be empty.
    """

    statement: str
    question: str
    answer: str
    paraphrases: tuple[str, ...]
    correction: str = ""
    near_miss: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with the 95 % interval of Wilson."""

    right: int
    of: int

    @property
    def value(self) -> float:
        """The share in [0, 1]; NaN of nothing."""
        return self.right / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound, in [0, 1]; NaN of nothing."""
        if not self.of:
            return math.nan, math.nan
        n, p = self.of, self.value
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __add__(self, other: Share) -> Share:
        return Share(self.right + other.right, self.of + other.of)


def read_facts(path: Path) -> list[Told]:
    """The facts of a JSON Lines file; or of `hundred`, `odd` or `corrections`, which came along.

    Raises `InvalidInput`, naming the line, for anything else than an object with `statement`,
    `question`, `answer` and `paraphrases`.
    """
    if not path.exists() and str(path) in _NAMES:
        text = _shipped(f"{path}.jsonl")
    else:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{path} cannot be read as facts: {error}.") from error
    told = [
        _fact(line, f"{path}, line {number}")
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip()
    ]
    if not told:
        raise InvalidInput(f"{path} holds no facts.")
    return told


def never_told() -> list[str]:
    """Questions about things that no file that came along tells."""
    return _shipped("never_told.txt").splitlines()


def other_talk() -> list[str]:
    """Jokes, guesses, quotations and talk of other people, among which facts are told."""
    return _shipped("talk.txt").splitlines()


def counts(answer: str, expected: str, others: Iterable[str]) -> bool:
    """Whether an answer gives the expected value, before the value of any other fact.

    >>> counts("Your sister is called Mirela.", "mirela", ["Pim"])
    True
    """
    said = answer[:READ_CHARACTERS].lower()
    at = said.find(expected.lower())
    if at < 0:
        return False
    before = said[:at]
    return not any(_stands_in(other.lower(), before) for other in others if other != expected)


def is_honest(answer: str, origin: str | None) -> bool:
    """Whether an answer says that it was not told, or does not know."""
    return origin == "declined" or _HONEST.search(answer) is not None


@dataclass(frozen=True, slots=True)
class Finder:
    """How well told facts are found: of those told, and of those found."""

    recall: Share
    precision: Share


def finder(told: Sequence[Told], talk: Sequence[str]) -> Finder:
    """Precision and recall of the fact finder on these statements among this talk."""
    right = found = 0
    for one in told:
        statements = facts.find(one.statement)
        found += len(statements) > 0
        value = one.answer if not one.correction else ""
        right += any(value.lower() in f"{f.value} {f.said}".lower() for f in statements)
    wrong = sum(bool(facts.find(line)) for line in talk)
    return Finder(Share(right, len(told)), Share(right, found + wrong))


def _stands_in(value: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


def _fact(line: str, where: str) -> Told:
    try:
        fields = json.loads(line)
        return Told(
            statement=_text(fields["statement"]),
            question=_text(fields["question"]),
            answer=_text(fields["answer"]),
            paraphrases=tuple(_text(one) for one in fields["paraphrases"]),
            correction=str(fields.get("correction", "")),
            near_miss=str(fields.get("near_miss", "")),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInput(
            f"{where}: expected an object with statement, question, answer and paraphrases; "
            f"found {line[:60]!r}."
        ) from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError
    return value


def _shipped(name: str) -> str:
    return resources.files("l2c.learning").joinpath("told", name).read_text(encoding="utf-8")
