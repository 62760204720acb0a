"""UTF-8 bytes as tokens: 256 ids after the control tokens, nothing to learn, nothing unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from l2c.errors import InvalidInput
from l2c.text.tokenizer import Control, Tokenizer, control_bytes, expect_token


class ByteTokenizer(Tokenizer):
    """Every byte is a token.

    >>> ByteTokenizer().encode("é")
    [203, 177]
    """

    kind = "bytes"

    @property
    def vocab_size(self) -> int:
        """Always 264: eight control tokens and 256 bytes."""
        return len(Control) + 256

    def encode(self, text: str) -> list[int]:
        """The bytes of `text`, each shifted past the control tokens."""
        return [byte + len(Control) for byte in text.encode("utf-8", "replace")]

    def token_bytes(self, token: int) -> bytes:
        """The one byte a token stands for."""
        expect_token(token, self.vocab_size)
        control = control_bytes(token)
        return bytes([token - len(Control)]) if control is None else control

    def grown(self, text: str) -> Self:
        """Itself: every text can be written in bytes."""
        return self

    def describe(self) -> dict[str, Any]:
        """Its kind; there is nothing else to know."""
        return {"kind": self.kind}

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """The byte tokenizer."""
        if dict(description) != {"kind": cls.kind}:
            raise InvalidInput(
                f"A byte tokenizer is described as {{'kind': 'bytes'}}; found {description!r}."
            )
        return cls()
