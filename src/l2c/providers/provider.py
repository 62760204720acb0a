"""The contract of a provider: a conversation in, a stream of text out.

Three kinds keep it: a local language model, an Ollama server, an OpenAI-compatible server. A
provider is bound to one model in one version; who holds it for a whole reply is answered by one
version, whatever is promoted meanwhile.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from l2c.conversation import Message
from l2c.engines.model import Written
from l2c.text.tokenizer import Tokenizer

__all__ = ["Outcome", "Provider", "Said", "Sampling", "Writing", "Written"]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is to be written.

    `length` is the most tokens, `seed` makes it repeatable. The text ends before the first of the
    strings in `stop`. With `top` every token comes with the `top` most probable ones of its place.
    """

    temperature: float
    length: int
    seed: int
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    stop: tuple[str, ...] = ()
    top: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """Some whole characters of an answer, and the tokens they were written with, where known."""

    text: str
    written: tuple[Written, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a text ended: by itself or at a stop string (`stop`), or at its length; and its tokens.

    Tokens are None where the server that wrote the text does not tell.
    """

    reason: Literal["stop", "length"]
    tokens: int | None


Writing = Generator[Said, None, Outcome]
"""A text as it is written; its return value says how it ended. Closing it stops the writing."""


class Provider(ABC):
    """One model, in one version, that can answer."""

    name: str
    """What the user picks: `le`, `ollama/llama3:8b`."""

    checkpoint: str | None
    """The digest of the local checkpoint that answers; None for a remote model."""

    tokenizer: Tokenizer
    """What counts the window: exactly for a local model, roughly for a remote one."""

    window: int
    """Tokens a prompt and its answer may have together."""

    @abstractmethod
    def answer(self, messages: Sequence[Message], sampling: Sampling) -> Writing:
        """The answer to a conversation. Raises `ProviderError` with a reason in words."""

    @abstractmethod
    def complete(self, text: str, sampling: Sampling) -> Writing:
        """What follows `text`, outside of any conversation. Raises as `answer`."""

    def stream(self, messages: Sequence[Message], sampling: Sampling) -> Generator[str, None, None]:
        """The text of `answer` alone, in pieces that are never empty."""
        with closing(self.answer(messages, sampling)) as writing:
            for said in writing:
                if said.text:
                    yield said.text
