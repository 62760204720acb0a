"""A local language model as a provider: the answer is written in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from l2c.conversation import Message
from l2c.engines.engine import Sampler
from l2c.engines.model import LanguageModel, Piece
from l2c.providers.provider import Outcome, Provider, Said, Sampling, Writing
from l2c.providers.stopping import until


class LocalProvider(Provider):
    """A checkpoint that answers."""

    checkpoint: str

    def __init__(self, name: str, checkpoint: str, model: LanguageModel) -> None:
        self.name = name
        self.checkpoint = checkpoint
        self.tokenizer = model.tokenizer
        self.window = model.engine.window
        self.model = model

    def answer(self, messages: Sequence[Message], sampling: Sampling) -> Writing:
        """The model's answer, a few characters at a time."""
        return self._writing(self.model.answer, messages, sampling)

    def complete(self, text: str, sampling: Sampling) -> Writing:
        """What the model writes after `text`."""
        return self._writing(self.model.go_on, text, sampling)

    @staticmethod
    def _writing(
        write: Callable[..., Iterator[Piece]], what: object, sampling: Sampling
    ) -> Writing:
        sampler = Sampler(
            temperature=sampling.temperature,
            top_k=sampling.top_k,
            top_p=sampling.top_p,
            min_p=sampling.min_p,
            repetition_penalty=sampling.repetition_penalty,
        )
        pieces = write(what, sampler, length=sampling.length, seed=sampling.seed, top=sampling.top)
        return until(_said(pieces), sampling.stop)


def _said(pieces: Iterator[Piece]) -> Writing:
    tokens, ended = 0, False
    for piece in pieces:
        tokens += piece.tokens
        ended = ended or piece.ended
        yield Said(piece.text, piece.written)
    return Outcome("stop" if ended else "length", tokens)
