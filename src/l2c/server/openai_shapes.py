"""How the OpenAI dialect writes texts down: as a whole, and chunk by chunk.

A stream of a chat says its role once, in a first chunk of its own, since clients add up what they
get. `finish_reason` is null until the last chunk of a choice. Tokens that are a piece of a
character are told by their bytes.
"""

from __future__ import annotations

import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from l2c.runtime import Completion, Said, Written
from l2c.server.writing import Text

FINGERPRINT_LENGTH = 16


class Shape(ABC):
    """One of the two kinds of completion. `top` alternatives are shown when `logprobs` is on."""

    prefix: ClassVar[str]
    whole: ClassVar[str]
    streamed: ClassVar[str]

    def __init__(self, *, top: int, logprobs: bool) -> None:
        self._top = top
        self._logprobs = logprobs

    def envelope(self, completion: Completion) -> dict[str, Any]:
        """What every chunk of an answer has in common."""
        digest = completion.checkpoint
        return {
            "id": f"{self.prefix}-{uuid.uuid4().hex}",
            "object": self.whole,
            "created": int(time.time()),
            "model": completion.model,
            "system_fingerprint": None if digest is None else f"fp_{digest[:FINGERPRINT_LENGTH]}",
        }

    @abstractmethod
    def choice(self, index: int, text: Text) -> dict[str, Any]:
        """A finished text."""

    @abstractmethod
    def opening(self, index: int) -> Iterable[dict[str, Any]]:
        """What comes before a text's first piece."""

    @abstractmethod
    def piece(self, index: int, said: Said) -> dict[str, Any]:
        """A piece of a text."""

    @abstractmethod
    def ending(self, index: int, text: Text) -> dict[str, Any]:
        """What comes after a text's last piece."""


class ChatShape(Shape):
    """`/v1/chat/completions`."""

    prefix, whole, streamed = "chatcmpl", "chat.completion", "chat.completion.chunk"

    def choice(self, index: int, text: Text) -> dict[str, Any]:
        """A whole message."""
        return {
            "index": index,
            "message": {"role": "assistant", "content": text.text, "refusal": None},
            "logprobs": self._chances([token for said in text.said for token in said.written]),
            "finish_reason": text.reason,
        }

    def opening(self, index: int) -> Iterable[dict[str, Any]]:
        """The role, once."""
        yield self._chunk(index, {"role": "assistant", "content": ""})

    def piece(self, index: int, said: Said) -> dict[str, Any]:
        """More of the message."""
        return self._chunk(index, {"content": said.text}, self._chances(said.written))

    def ending(self, index: int, text: Text) -> dict[str, Any]:
        """Why it ended."""
        return self._chunk(index, {}, reason=text.reason)

    @staticmethod
    def _chunk(
        index: int, delta: dict[str, Any], chances: Any = None, reason: str | None = None
    ) -> dict[str, Any]:
        return {"index": index, "delta": delta, "logprobs": chances, "finish_reason": reason}

    def _chances(self, written: Sequence[Written]) -> dict[str, Any] | None:
        if not self._logprobs:
            return None
        content = [
            _chance(token.token, token.log_probability)
            | {"top_logprobs": [_chance(*other) for other in token.top[: self._top]]}
            for token in written
        ]
        return {"content": content, "refusal": None}


class TextShape(Shape):
    """`/v1/completions`. `echoes` holds what each text is to begin with."""

    prefix, whole, streamed = "cmpl", "text_completion", "text_completion"

    def __init__(self, *, top: int, logprobs: bool, echoes: Sequence[str]) -> None:
        super().__init__(top=top, logprobs=logprobs)
        self._echoes = echoes

    def choice(self, index: int, text: Text) -> dict[str, Any]:
        """A whole text."""
        written = [token for said in text.said for token in said.written]
        echo = self._echoes[index]
        return self._choice(index, echo + text.text, self._chances(written, len(echo)), text.reason)

    def opening(self, index: int) -> Iterable[dict[str, Any]]:
        """The prompt, when it is to be repeated."""
        if self._echoes[index]:
            yield self._choice(index, self._echoes[index])

    def piece(self, index: int, said: Said) -> dict[str, Any]:
        """More of the text."""
        return self._choice(index, said.text, self._chances(said.written, 0))

    def ending(self, index: int, text: Text) -> dict[str, Any]:
        """Why it ended."""
        return self._choice(index, "", reason=text.reason)

    @staticmethod
    def _choice(
        index: int, text: str, chances: Any = None, reason: str | None = None
    ) -> dict[str, Any]:
        return {"index": index, "text": text, "logprobs": chances, "finish_reason": reason}

    def _chances(self, written: Sequence[Written], offset: int) -> dict[str, Any] | None:
        if not self._logprobs:
            return None
        texts = [_text(token.token) for token in written]
        offsets = [offset + sum(map(len, texts[:i])) for i in range(len(texts))]
        return {
            "tokens": texts,
            "token_logprobs": [token.log_probability for token in written],
            "top_logprobs": [
                {_text(other): chance for other, chance in token.top[: self._top]}
                for token in written
            ],
            "text_offset": offsets,
        }


def _chance(token: bytes, log_probability: float) -> dict[str, Any]:
    return {"token": _text(token), "logprob": log_probability, "bytes": list(token)}


def _text(token: bytes) -> str:
    return token.decode("utf-8", "replace")
