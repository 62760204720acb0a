"""Words as the indexes know them, in any script.

The indexes of turns and of documents are made of these words, and so are queries and highlights,
so that what is found and what is marked are always the same thing:

- A word is a run of letters, digits and marks, in NFKC, without case and accents.
- Chinese, Japanese and Korean text has no spaces to go by. A run of it is one word here, and is
  indexed as overlapping pairs of characters (`pairs`), with its last character alone:
  `黒い猫` becomes `黒い い猫 猫`. (FTS5's own tokenizers find no two-character words.)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

_UNSPACED = (
    (0x1100, 0x11FF),  # Hangul Jamo
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3105, 0x312F),  # Bopomofo
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # CJK extension A
    (0x4E00, 0x9FFF),  # CJK
    (0xAC00, 0xD7AF),  # Hangul syllables
    (0xF900, 0xFAFF),  # CJK compatibility
    (0xFF66, 0xFF9F),  # halfwidth Katakana
    (0x20000, 0x3FFFF),  # CJK extensions B and later
)


# Combining marks that are accents; other marks are letters of their script (Hindi vowels, say).
_ACCENTS = ("\u0300", "\u036f")

# What stands between two separators of ASCII. Most words are ASCII and need no further look.
_RUN = re.compile("[0-9A-Za-z\x80-\U0010ffff]+")

_USUAL_LENGTH = 32


class _Kind(Enum):
    SPACED = auto()
    UNSPACED = auto()
    SEPARATOR = auto()


class Word(NamedTuple):
    """A run of one kind, folded, and where it stood in the text."""

    folded: str
    start: int
    end: int
    unspaced: bool


def pairs(word: Word) -> list[str]:
    """Every two neighbouring characters, and the last alone."""
    return [word.folded[i : i + 2] for i in range(len(word.folded))]


def tokens(found: Iterable[Word]) -> list[str]:
    """What an index holds of words: each one as it is, or in pairs where it has no spaces."""
    return [token for word in found for token in (pairs(word) if word.unspaced else [word.folded])]


def indexed(content: str) -> str:
    """A text as an index holds it: its words, with a space between each."""
    return " ".join(
        token
        for run in _RUN.findall(content)
        for token in ((run.lower(),) if run.isascii() else tokens(_parted(run, 0)))
    )


def words(content: str) -> Iterator[Word]:
    """The words of a text in order; a change between spaced and unspaced script ends a word."""
    for found in _RUN.finditer(content):
        run, start = found[0], found.start()
        if run.isascii():
            yield Word(run.lower(), start, found.end(), unspaced=False)
        else:
            yield from _parted(run, start)


def _parted(run: str, start: int) -> Iterator[Word]:
    """The words of a run whose characters may be of any kind; it stands at `start`."""
    for kind, characters in groupby(run, key=_kind):
        part = "".join(characters)
        folded = "" if kind is _Kind.SEPARATOR else _folded(part)
        if folded:
            yield Word(folded, start, start + len(part), unspaced=kind is _Kind.UNSPACED)
        start += len(part)


@lru_cache(maxsize=4096)
def _kind(character: str) -> _Kind:
    if any(first <= ord(character) <= last for first, last in _UNSPACED):
        return _Kind.UNSPACED
    if character.isalnum() or unicodedata.category(character).startswith("M"):
        return _Kind.SPACED
    return _Kind.SEPARATOR


def _folded(run: str) -> str:
    """What `_fold` says, remembered for runs of usual length."""
    return _remembered(run) if len(run) <= _USUAL_LENGTH else _fold(run)


def _fold(run: str) -> str:
    """Without case, accents and compatibility forms; only letters, digits and marks remain."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", run).casefold())
    plain = "".join(c for c in decomposed if not _ACCENTS[0] <= c <= _ACCENTS[1])
    folded = unicodedata.normalize("NFC", plain)
    return "".join(c for c in folded if _kind(c) != _Kind.SEPARATOR)


_remembered = lru_cache(maxsize=4096)(_fold)
