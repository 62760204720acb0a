"""A tokenizer for models whose own one is out of reach: it only counts, and rather too many.

Remote servers do not lend out their vocabularies. Three bytes a token is more than English needs
(about four) and near what other scripts need, so that a prompt counted with it fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from l2c.errors import InvalidInput
from l2c.text.tokenizer import Control, Tokenizer, control_bytes, expect_token

BYTES = 3
BASE = 257
"""One more than there are bytes: 0 says that no byte stands here."""

GROUPS: int = BASE**BYTES


class RoughTokenizer(Tokenizer):
    """Every three bytes of UTF-8 are a token.

    >>> len(RoughTokenizer().encode("about three bytes"))
    6
    """

    kind: ClassVar[str] = "rough"

    @property
    def vocab_size(self) -> int:
        """Every group of up to three bytes."""
        return len(Control) + GROUPS

    def encode(self, text: str) -> list[int]:
        """The groups of the text's bytes."""
        data = text.encode("utf-8", "replace")
        return [_token(data[at : at + BYTES]) for at in range(0, len(data), BYTES)]

    def token_bytes(self, token: int) -> bytes:
        """The bytes of a group."""
        expect_token(token, self.vocab_size)
        control = control_bytes(token)
        if control is not None:
            return control
        rest, group = token - len(Control), bytearray()
        while rest:
            rest, byte = divmod(rest, BASE)
            if byte:
                group.append(byte - 1)
        return bytes(group)

    def grown(self, text: str) -> Self:
        """Itself: every text can be written already."""
        return self

    def describe(self) -> dict[str, Any]:
        """Nothing varies."""
        return {}

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """The tokenizer. Raises `InvalidInput` for a description that says anything."""
        if description:
            raise InvalidInput(f"A rough tokenizer has no options; found {sorted(description)}.")
        return cls()


def _token(group: bytes) -> int:
    number = 0
    for byte in reversed(group):
        number = number * BASE + byte + 1
    return len(Control) + number
