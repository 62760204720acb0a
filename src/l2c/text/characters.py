"""Characters as tokens, with a vocabulary that grows with use and falls back to bytes.

The vocabulary is a list of pieces in the order they were first met: a character, or one byte of
a character. `grown` appends what a text needs. After `CAP` ids only bytes are appended, of which
there are 256, so a text of rare characters can never inflate a model: room for all of them is
set aside from the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from l2c.errors import InvalidInput
from l2c.text.tokenizer import Control, Tokenizer, control_bytes, expect_token

CAP = 1024
"""The most ids a character vocabulary ever has."""

CHARACTER_ROOM = CAP - len(Control) - 256
"""The most characters it holds: `CAP` less the control tokens and one place for every byte."""

Piece = str | int
"""A whole character, or the value of one byte."""


class CharacterTokenizer(Tokenizer):
    """One token a character; bytes for the characters that came too late.

    >>> tokenizer = CharacterTokenizer("Hello")
    >>> tokenizer.encode("hello")           # "h" is not known: 5 is Control.UNKNOWN
    [5, 9, 10, 10, 11]
    >>> tokenizer.grown("hello").encode("hello")
    [12, 9, 10, 10, 11]
    """

    kind = "characters"

    def __init__(self, pieces: Iterable[Piece] = ()) -> None:
        self._pieces: tuple[Piece, ...] = tuple(dict.fromkeys(pieces))
        self._ids = {piece: i for i, piece in enumerate(self._pieces, start=len(Control))}
        _expect_pieces(self._pieces)

    @property
    def vocab_size(self) -> int:
        """How many ids there are now; at most `CAP`."""
        return len(Control) + len(self._pieces)

    @property
    def characters(self) -> str:
        """The characters it knows, in the order it met them."""
        return "".join(piece for piece in self._pieces if isinstance(piece, str))

    def encode(self, text: str) -> list[int]:
        """One id a character; for a character it lacks its bytes, or else `UNKNOWN`."""
        tokens: list[int] = []
        for character in text:
            known = self._ids.get(character)
            tokens += [known] if known is not None else self._encode_bytes(character)
        return tokens

    def token_bytes(self, token: int) -> bytes:
        """The UTF-8 bytes of a character, or the one byte a byte token stands for."""
        expect_token(token, self.vocab_size)
        control = control_bytes(token)
        if control is not None:
            return control
        piece = self._pieces[token - len(Control)]
        return piece.encode() if isinstance(piece, str) else bytes([piece])

    def grown(self, text: str) -> Self:
        """Characters of `text` appended in order of appearance; past the cap, their bytes."""
        pieces = dict.fromkeys(self._pieces)
        room = CHARACTER_ROOM - len(self.characters)
        for character in dict.fromkeys(text):
            if character in pieces:
                continue
            if room > 0 and not "\ud800" <= character <= "\udfff":
                pieces[character] = None
                room -= 1
            else:
                pieces.update(dict.fromkeys(character.encode("utf-8", "replace")))
        return self if len(pieces) == len(self._pieces) else type(self)(pieces)

    def describe(self) -> dict[str, Any]:
        """The pieces in order: characters as strings, bytes as numbers."""
        return {"kind": self.kind, "pieces": list(self._pieces)}

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """The tokenizer with these pieces, each of them given once."""
        pieces = description.get("pieces")
        if description.get("kind") != cls.kind or not isinstance(pieces, list):
            raise InvalidInput(
                "A character tokenizer is described by its kind and a list of pieces."
            )
        _expect_pieces(pieces)
        tokenizer = cls(pieces)
        if len(tokenizer._pieces) != len(pieces):
            raise InvalidInput("A character tokenizer's description names a piece twice.")
        return tokenizer

    def _encode_bytes(self, character: str) -> list[int]:
        tokens = [self._ids.get(byte) for byte in character.encode("utf-8", "replace")]
        whole = [token for token in tokens if token is not None]
        return whole if len(whole) == len(tokens) else [int(Control.UNKNOWN)]


def _expect_pieces(pieces: Iterable[object]) -> None:
    characters = 0
    for piece in pieces:
        if isinstance(piece, str) and len(piece) == 1 and not "\ud800" <= piece <= "\udfff":
            characters += 1
        elif isinstance(piece, bool) or not isinstance(piece, int) or not 0 <= piece < 256:
            raise InvalidInput(f"A piece is one character or a byte in [0, 256); found {piece!r}.")
    if characters > CHARACTER_ROOM:
        raise InvalidInput(
            f"A vocabulary holds at most {CHARACTER_ROOM} characters; found {characters}."
        )
