"""A local language model as a provider: the answer is written in this process."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from l2c.conversation import Message
from l2c.engines.engine import Sampler
from l2c.engines.model import LanguageModel
from l2c.providers.provider import Provider, Sampling


class LocalProvider(Provider):
    """A checkpoint that answers."""

    def __init__(self, name: str, checkpoint: str, model: LanguageModel) -> None:
        self.name = name
        self.checkpoint = checkpoint
        self.tokenizer = model.tokenizer
        self.window = model.engine.window
        self._model = model

    def stream(self, messages: Sequence[Message], sampling: Sampling) -> Generator[str, None, None]:
        """The model's answer, a few characters at a time."""
        sampler = Sampler(temperature=sampling.temperature)
        pieces = self._model.answer(messages, sampler, length=sampling.length, seed=sampling.seed)
        for piece in pieces:
            if piece.text:
                yield piece.text
