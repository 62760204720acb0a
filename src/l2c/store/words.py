"""Words as the indexes know them, in any script.

The indexes of turns and of documents are made of these words, and so are queries and highlights,
so that what is found and what is marked are always the same thing:

- A word is a run of letters, digits and marks, in NFKC, without case and accents.
- Chinese, Japanese and Korean text has no spaces to go by. A run of it is one word here, and is
  indexed as overlapping pairs of characters (`pairs`), with its last character alone:
  `黒い猫` becomes `黒い い猫 猫`. (FTS5's own tokenizers find no two-character words.)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import groupby

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


class _Kind(Enum):
    SPACED = auto()
    UNSPACED = auto()
    SEPARATOR = auto()


@dataclass(frozen=True, slots=True)
class Word:
    """A run of one kind, folded, and where it stood in the text."""

    folded: str
    start: int
    end: int
    unspaced: bool


def pairs(word: Word) -> list[str]:
    """Every two neighbouring characters, and the last alone."""
    return [word.folded[i : i + 2] for i in range(len(word.folded))]


def words(content: str) -> Iterator[Word]:
    """The words of a text in order; a change between spaced and unspaced script ends a word."""
    for kind, characters in groupby(enumerate(content), key=lambda pair: _kind(pair[1])):
        if kind != _Kind.SEPARATOR:
            run = list(characters)
            start, end = run[0][0], run[-1][0] + 1
            folded = _fold(content[start:end])
            if folded:
                yield Word(folded, start, end, unspaced=kind == _Kind.UNSPACED)


@lru_cache(maxsize=4096)
def _kind(character: str) -> _Kind:
    if any(first <= ord(character) <= last for first, last in _UNSPACED):
        return _Kind.UNSPACED
    if character.isalnum() or unicodedata.category(character).startswith("M"):
        return _Kind.SPACED
    return _Kind.SEPARATOR


def _fold(run: str) -> str:
    """Without case, accents and compatibility forms; only letters, digits and marks remain."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", run).casefold())
    plain = "".join(c for c in decomposed if not _ACCENTS[0] <= c <= _ACCENTS[1])
    folded = unicodedata.normalize("NFC", plain)
    return "".join(c for c in folded if _kind(c) != _Kind.SEPARATOR)
