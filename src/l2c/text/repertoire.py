"""Everything that was practised, as `l2c.text.practice` looks it through.

Made out of plain exchanges, which takes a second and ten times the memory that is needed then. So
it can be taken apart into arrays and a few sayings, kept in a file, and put together again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from l2c.text.known import Exchange, Knowledge
from l2c.text.likeness import Likeness, key_of
from l2c.text.pooled import Arrays, HasArrays, Pooled, Row, nested, within
from l2c.text.stories import tells
from l2c.text.tales import Tales

_OFFER = re.compile(
    r"(?:would you like|shall I tell you|do you want) (?:another|one\b)|\banother one\?",
    re.IGNORECASE,
)
_BARE = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Sayings:
    """The few answers that belong to no wording.

    `remarks` are answers to what somebody tells, and `heard` to what somebody replies to a
    question, whatever it is; `more` asks on after it; `general` are answers to anything at all;
    `tales` are stories about anybody. `jokes`, and `offered`, the answers that offer one more to
    what they answer, are found among the exchanges.
    """

    remarks: Sequence[str] = ()
    heard: Sequence[str] = ()
    more: Sequence[str] = ()
    general: Collection[str] = ()
    tales: Tales = field(default_factory=Tales)
    jokes: Collection[str] = ()
    offered: Mapping[str, str] = field(default_factory=dict)


class Repertoire:
    """The wordings, each by its `key_of`, with what belongs to them; read by many threads.

    `exchanges` are all in which a wording was answered, `passing` the answers of small talk that
    opens a talk, `itself` what is true of the program, `stories` the wordings of wishes for one
    with the stories, `likeness` finds a wording, and `knowledge` is by word or thing.
    """

    def __init__(self, arrays: Arrays, sayings: Sayings) -> None:
        """What `arrays` and `sayings` were. Raises `KeyError` where an array is missing."""
        self.sayings = sayings
        self.exchanges = Pooled(within("exchanges", arrays), _exchanges)
        self.passing = Pooled(within("passing", arrays), _openings)
        self.itself = Pooled(within("itself", arrays), _only)
        self.stories = Pooled(within("stories", arrays), list)
        self.likeness = Likeness(within("likeness", arrays))
        self._opposites = Pooled(within("opposites", arrays), _exchange)
        self._colours = Pooled(within("colours", arrays), _exchange)
        self._meanings = Pooled(within("meanings", arrays), _exchange)
        self.knowledge = Knowledge(self._opposites, self._colours, self._meanings)

    @classmethod
    def of(
        cls,
        exchanges: Sequence[Exchange] = (),
        *,
        itself: Mapping[str, str] | None = None,
        knowledge: Knowledge | None = None,
        passing: Sequence[Exchange] = (),
        sayings: Sayings | None = None,
    ) -> Self:
        """What was practised: `passing` is small talk, and stands before the other exchanges."""
        itself, knowledge = itself or {}, knowledge or Knowledge({}, {}, {})
        exchanges = [*passing, *exchanges]
        small_talk = ((key_of(one.said), one.answer, one.before) for one in passing)
        answered = ((key_of(one.said), one.said, one.answer, one.before) for one in exchanges)
        told = {key_of(asked): says for asked, says in itself.items()}
        wishes = ((key_of(one.said), one.said, one.answer) for one in exchanges if tells(one))
        lines = _wordings([*(one.said for one in exchanges), *itself])
        parts: dict[str, HasArrays] = {
            "exchanges": Pooled.of(answered, _exchanges),
            "passing": Pooled.of(small_talk, _openings),
            "itself": Pooled.of(told.items(), _only),
            "stories": Pooled.of(wishes, list),
            "likeness": Likeness.of(lines),
            "opposites": Pooled.of(_rows(knowledge.opposites), _exchange),
            "colours": Pooled.of(_rows(knowledge.colours), _exchange),
            "meanings": Pooled.of(_rows(knowledge.meanings), _exchange),
        }
        offers = [one for one in reversed(passing) if _OFFER.search(one.answer)]
        sayings = replace(
            sayings or Sayings(),
            jokes=sorted({one.answer for one in exchanges if "joke" in key_of(one.said)}),
            offered={one.answer: one.said for one in offers},
        )
        return cls(nested(parts), sayings)

    def arrays(self) -> dict[str, np.ndarray]:
        """What all but the sayings is made of, by name."""
        return nested(
            {
                "exchanges": self.exchanges,
                "passing": self.passing,
                "itself": self.itself,
                "stories": self.stories,
                "likeness": self.likeness,
                "opposites": self._opposites,
                "colours": self._colours,
                "meanings": self._meanings,
            }
        )


def bare(text: str) -> str:
    """The words without case, and without marks around them."""
    return " ".join(_BARE.findall(text.lower()))


def _wordings(lines: Sequence[str]) -> list[str]:
    """One line for each key: "How are you?" speaks for "how are u", not the other way."""
    chosen: dict[str, str] = {}
    for line in lines:
        key = key_of(line)
        if key not in chosen or (bare(line) == key != bare(chosen[key])):
            chosen[key] = line
    return list(chosen.values())


def _rows(known: Mapping[str, Exchange]) -> Iterator[Row]:
    return ((word, one.said, one.answer, one.before) for word, one in known.items())


def _exchanges(rows: Sequence[Row]) -> list[Exchange]:
    return [Exchange(*row) for row in rows]


def _exchange(rows: Sequence[Row]) -> Exchange:
    return Exchange(*rows[0])


def _openings(rows: Sequence[Row]) -> list[str]:
    return [answer for answer, before in rows if not before]


def _only(rows: Sequence[Row]) -> str:
    return rows[0][0]
