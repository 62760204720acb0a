"""The contract of a provider: a conversation in, a stream of text out.

Three kinds keep it: a local language model, an Ollama server, an OpenAI-compatible server. A
provider is bound to one model in one version; who holds it for a whole reply is answered by one
version, whatever is promoted meanwhile.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from l2c.conversation import Message
from l2c.text.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is to be written. `length` is the most tokens, `seed` makes it repeatable."""

    temperature: float
    length: int
    seed: int


class Provider(ABC):
    """One model, in one version, that can answer."""

    name: str
    """What the user picks: `le`, `ollama/llama3:8b`."""

    checkpoint: str | None
    """The digest of the local checkpoint that answers; None for a remote model."""

    tokenizer: Tokenizer
    """What counts the window exactly."""

    window: int
    """Tokens a prompt and its answer may have together."""

    @abstractmethod
    def stream(self, messages: Sequence[Message], sampling: Sampling) -> Generator[str, None, None]:
        """The answer in pieces of whole characters, as they are written.

        Closing the generator stops the writing. Raises `ProviderError` with a reason in words.
        """
