"""The contract every tokenizer keeps: text to token ids and back, whole characters only.

The first ids are the same in every tokenizer: control tokens that mark who speaks and where a
turn ends. No text encodes to them, whatever a user types, so nobody can forge a role; only
`l2c.text.template` writes them. Everything after the control tokens belongs to the tokenizer.

Decoding is incremental, because answers are shown while they are written: a `Decoder` holds
back the bytes of an unfinished UTF-8 character until it is whole.
"""

from __future__ import annotations

import codecs
from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import IntEnum
from typing import Any, ClassVar, Self

from l2c.errors import InvalidInput


class Control(IntEnum):
    """Token ids with a meaning of their own, equal in every tokenizer.

    `UNKNOWN` stands for a character the vocabulary has no way to write yet; it is read, never
    written. `DOCUMENT` and `MEMORY` open quoted passages and recalled facts.
    """

    END = 0
    START = 1
    SYSTEM = 2
    USER = 3
    ASSISTANT = 4
    UNKNOWN = 5
    DOCUMENT = 6
    MEMORY = 7


class Tokenizer(ABC):
    """Text to ids and back. Values: a tokenizer that grows is a new one."""

    kind: ClassVar[str]
    """The name in a checkpoint: `characters`, `bytes`, `pieces`, `sentencepiece`, `byte-level`."""

    @property
    @abstractmethod
    def vocab_size(self) -> int:
        """How many ids there are, control tokens included."""

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """The ids of `text`; never a control token other than `UNKNOWN`."""

    @abstractmethod
    def token_bytes(self, token: int) -> bytes:
        """The UTF-8 bytes a token stands for: a whole character, or one byte of it.

        Control tokens stand for none, except `UNKNOWN`, which reads as U+FFFD.
        Raises `InvalidInput` for an id outside the vocabulary.
        """

    @abstractmethod
    def grown(self, text: str) -> Self:
        """A tokenizer that can also write `text`; ids known now keep their meaning.

        Returns `self` when nothing is new. A tokenizer at its cap writes further characters as
        bytes, so `encode` on the result never gives `UNKNOWN` for `text`.
        """

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Everything needed to make it again, as JSON-ready plain types; see `from_description`."""

    @classmethod
    @abstractmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """The tokenizer that `describe` described. Raises `InvalidInput` when it makes no sense."""

    def mark(self, control: Control) -> list[int]:
        """The tokens that `l2c.text.template` writes for a control token: just that one.

        A tokenizer that came with a model of another program writes what that model knows.
        """
        return [control]

    @property
    def ends(self) -> tuple[int, ...]:
        """The tokens with which a model closes its answer: `END`."""
        return (Control.END,)

    def decoder(self) -> Decoder:
        """A new decoder for the ids of one text, from its beginning."""
        return Decoder(self)

    def decode(self, tokens: list[int]) -> str:
        """The text of these ids; bytes that are no UTF-8 read as U+FFFD.

        >>> from l2c.text.bytes import ByteTokenizer
        >>> tokenizer = ByteTokenizer()
        >>> tokenizer.decode(tokenizer.encode("déjà vu"))
        'déjà vu'
        """
        decoder = self.decoder()
        return "".join(map(decoder.push, tokens)) + decoder.finish()


class Decoder:
    """Turns a stream of ids into text as it arrives; only whole characters leave it."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._bytes = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def push(self, token: int) -> str:
        """The characters that became whole with this token; often one, sometimes none."""
        return self._bytes.decode(self._tokenizer.token_bytes(token))

    def finish(self) -> str:
        """What is left at the end: U+FFFD for a character that never became whole, else nothing."""
        return self._bytes.decode(b"", final=True)


def control_bytes(token: int) -> bytes | None:
    """What a control token stands for in text, or None when `token` is not a control token."""
    if token < 0 or token >= len(Control):
        return None
    return "\ufffd".encode() if token == Control.UNKNOWN else b""


def expect_token(token: int, vocab_size: int) -> None:
    """Raise `InvalidInput` unless `token` is an id of a vocabulary of this size."""
    if not 0 <= token < vocab_size:
        raise InvalidInput(f"A token id must be in [0, {vocab_size}); found {token}.")
