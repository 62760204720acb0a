"""Frequent pieces of words as tokens, and single characters for everything else.

A small network that writes letter by letter spends most of its strength on spelling. With a few
hundred pieces (`" you"`, `" called"`, `"ing"`) an answer is a third as long, so that the same
network remembers three times as far back and hardly ever writes a word that does not exist. What
no piece covers is written in characters, which grow with use and fall back to bytes exactly as
those of `l2c.text.characters` do.

A text is cut into words, each with the space before it, and a word into the longest piece that
fits, from left to right. Pieces are found by joining the most frequent pair of neighbours again
and again (Sennrich, Haddow and Birch 2016, "Neural machine translation of rare words with subword
units", arXiv 1508.07909).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Self

from l2c.errors import InvalidInput
from l2c.text.characters import CharacterTokenizer
from l2c.text.tokenizer import Control, Tokenizer, control_bytes, expect_token

MAX_PIECES = 8192
MAX_PIECE_LENGTH = 32

_WORD = re.compile(r" ?[A-Za-z']+|.", re.DOTALL)
_REMEMBERED = 65_536
"""Words whose tokens are kept at hand."""


class PieceTokenizer(Tokenizer):
    """One token for a frequent piece of a word, one for every other character.

    >>> tokenizer = PieceTokenizer([" you", "Th", "ank"], CharacterTokenizer("s!"))
    >>> tokenizer.encode("Thank yous!")
    [9, 10, 8, 11, 12]
    """

    kind = "pieces"

    def __init__(self, pieces: Sequence[str], characters: CharacterTokenizer) -> None:
        self._pieces = tuple(pieces)
        _expect_pieces(self._pieces)
        self._characters = characters
        self._ids = {piece: i for i, piece in enumerate(self._pieces, start=len(Control))}
        self._longest = max(map(len, self._pieces), default=1)
        self._words: dict[str, list[int]] = {}

    @property
    def vocab_size(self) -> int:
        """How many ids there are now: control tokens, pieces, and what the characters need."""
        return len(self._pieces) + self._characters.vocab_size

    def encode(self, text: str) -> list[int]:
        """The longest pieces that fit, word by word, and characters for the rest."""
        tokens: list[int] = []
        for word in _WORD.findall(text):
            known = self._words.get(word)
            if known is None:
                known = self._encode_word(word)
                if len(self._words) < _REMEMBERED:
                    self._words[word] = known
            tokens += known
        return tokens

    def token_bytes(self, token: int) -> bytes:
        """The UTF-8 bytes of a piece, of a character, or the one byte a byte token stands for."""
        expect_token(token, self.vocab_size)
        control = control_bytes(token)
        if control is not None:
            return control
        at = token - len(Control)
        if at < len(self._pieces):
            return self._pieces[at].encode()
        return self._characters.token_bytes(token - len(self._pieces))

    def grown(self, text: str) -> Self:
        """The same pieces; characters of `text` that are new are appended."""
        grown = self._characters.grown(text)
        return self if grown is self._characters else type(self)(self._pieces, grown)

    def describe(self) -> dict[str, Any]:
        """The pieces in order, and the characters as they describe themselves."""
        return {
            "kind": self.kind,
            "pieces": list(self._pieces),
            "characters": self._characters.describe(),
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """The tokenizer with these pieces and characters."""
        pieces, characters = description.get("pieces"), description.get("characters")
        if (
            description.get("kind") != cls.kind
            or not isinstance(pieces, list)
            or not isinstance(characters, dict)
        ):
            raise InvalidInput(
                "A piece tokenizer is described by its kind, a list of pieces and its characters."
            )
        _expect_pieces(pieces)
        return cls(pieces, CharacterTokenizer.from_description(characters))

    def _encode_word(self, word: str) -> list[int]:
        tokens: list[int] = []
        at = 0
        while at < len(word):
            for end in range(min(len(word), at + self._longest), at + 1, -1):
                piece = self._ids.get(word[at:end])
                if piece is not None:
                    tokens.append(piece)
                    at = end
                    break
            else:
                tokens += map(self._shifted, self._characters.encode(word[at]))
                at += 1
        return tokens

    def _shifted(self, token: int) -> int:
        return token if token < len(Control) else token + len(self._pieces)


def learn_pieces(texts: Iterable[str], number: int, *, fewest: int = 3) -> list[str]:
    """The `number` most useful pieces of these texts, the first joined first.

    Words seen fewer than `fewest` times do not count. Equal counts are decided by the alphabet, so
    the same texts give the same pieces everywhere.
    """
    words = Counter(word for text in texts for word in _WORD.findall(text))
    cut = {tuple(word): count for word, count in words.items() if count >= fewest and len(word) > 1}
    pieces: list[str] = []
    while len(pieces) < number:
        pairs: Counter[tuple[str, str]] = Counter()
        for parts, count in cut.items():
            for pair in pairwise(parts):
                pairs[pair] += count
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        pieces.append("".join(best))
        cut = {_joined(parts, best): count for parts, count in cut.items()}
    return list(dict.fromkeys(pieces))


def _joined(parts: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    """The word with every such pair of neighbours made one."""
    if pair[0] not in parts or pair[1] not in parts:
        return parts
    joined: list[str] = []
    for part in parts:
        if joined and (joined[-1], part) == pair:
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


def _expect_pieces(pieces: Sequence[object]) -> None:
    if len(pieces) > MAX_PIECES or len(set(map(str, pieces))) != len(pieces):
        raise InvalidInput(f"A vocabulary holds at most {MAX_PIECES} pieces, each of them once.")
    for piece in pieces:
        if not isinstance(piece, str) or not 2 <= len(piece) <= MAX_PIECE_LENGTH:
            raise InvalidInput(
                f"A piece has 2 to {MAX_PIECE_LENGTH} characters; found {piece!r:.80}."
            )
        if any("\ud800" <= character <= "\udfff" for character in piece):
            raise InvalidInput(f"A piece is whole characters; found {piece!r}.")
