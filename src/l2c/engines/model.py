"""A language model: an engine with its tokenizer. Text in, text out, and it learns.

This is what a checkpoint holds and what answers a chat. It adds nothing to the engine but text:
prompts become tokens through the one template, tokens become text as soon as a character is
whole, and the vocabulary grows on both sides at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from l2c.conversation import Message, Role
from l2c.engines.engine import Engine, Sampler
from l2c.engines.registry import families
from l2c.engines.sampling import log_softmax
from l2c.errors import InvalidConfig, InvalidInput
from l2c.text.template import UNWRITABLE, encode_prompt
from l2c.text.tokenizer import Control, Decoder, Tokenizer

CHUNK = 8
"""Tokens written per call of the engine while an answer streams: a few milliseconds' worth."""


@dataclass(frozen=True, slots=True)
class Written:
    """A token that was written: its bytes, its natural log probability, and what else was likely.

    `top` holds the most probable tokens of that place that are text, best first, as bytes and log
    probability; it is empty unless it was asked for. Log probabilities are those at temperature 1.
    """

    token: bytes
    log_probability: float
    top: tuple[tuple[bytes, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some characters of a text, and how probable their tokens were (natural logarithms).

    `ended` is true in the piece after which the model has nothing more to say; without it the
    text was cut at its length.
    """

    text: str
    tokens: int
    log_probability: float
    written: tuple[Written, ...] = ()
    ended: bool = False


@dataclass(slots=True)
class LanguageModel:
    """An engine and the tokenizer its ids belong to; they always agree on the vocabulary."""

    engine: Engine
    tokenizer: Tokenizer

    def __post_init__(self) -> None:
        if self.engine.vocab_size != self.tokenizer.vocab_size:
            raise InvalidInput(
                f"Engine and tokenizer must agree on the vocabulary; the engine has "
                f"{self.engine.vocab_size} tokens, the tokenizer {self.tokenizer.vocab_size}."
            )

    @classmethod
    def create(
        cls, family_name: str, config: Mapping[str, Any], tokenizer: Tokenizer, *, seed: int
    ) -> LanguageModel:
        """A new, untrained model of this family; the same seed gives the same weights."""
        if family_name not in families():
            raise InvalidConfig(
                f"An engine must be one of {', '.join(families())}; found {family_name!r}."
            )
        engine = families()[family_name].create(config, tokenizer.vocab_size, seed=seed)
        return cls(engine, tokenizer)

    def copy(self) -> LanguageModel:
        """An independent copy, optimizer state included: what a candidate starts as."""
        engine = type(self.engine).from_tensors(self.engine.config, self.engine.tensors())
        return LanguageModel(engine, self.tokenizer)

    def grow(self, text: str) -> None:
        """Give every character of `text` a token; what the model said before stays as it was."""
        grown = self.tokenizer.grown(text)
        if grown.vocab_size > self.engine.vocab_size:
            self.engine.grow(grown.vocab_size)
            self.tokenizer = grown

    def parameters(self) -> int:
        """How many weights the model has."""
        return sum(tensor.size for tensor in self.engine.tensors(optimizer=False).values())

    def answer(
        self,
        messages: Sequence[Message],
        sampler: Sampler,
        *,
        length: int,
        seed: int,
        top: int = 0,
    ) -> Iterator[Piece]:
        """The answer to a conversation, piece by piece, until the model ends its turn.

        `length` is the most tokens it may write. With `top` every written token comes with the
        `top` most probable ones of its place. The messages must fit the window; see
        `l2c.chat.window`.
        """
        tokens = np.array(encode_prompt(messages, self.tokenizer), np.int32)
        turn = replace(sampler, banned=(*sampler.banned, *UNWRITABLE), stop=self.tokenizer.ends)
        goes_on = bool(messages) and messages[-1].role is Role.ASSISTANT
        decoder = Decoder(self.tokenizer) if goes_on else self.tokenizer.decoder()
        yield from self._write(tokens, turn, length, seed, top, decoder)

    def go_on(
        self, text: str, sampler: Sampler, *, length: int, seed: int, top: int = 0
    ) -> Iterator[Piece]:
        """What follows `text` as plain text without turns, `length` tokens of it, as `answer`.

        Characters the model does not know are read as unknown. Raises `InvalidInput` for a
        negative length or an option out of range.
        """
        if length < 0:
            raise InvalidInput(f"A length must be 0 or more; found {length}.")
        tokens = np.array([Control.START, *self.tokenizer.encode(text)], np.int32)
        plain = replace(sampler, banned=(*sampler.banned, *Control), stop=())
        decoder = Decoder(self.tokenizer)
        yield from self._write(tokens, plain, length, seed, top, decoder)

    def complete(
        self, seed_text: str, *, length: int, temperature: float = 0.8, seed: int = 0
    ) -> str:
        """`seed_text` and what `go_on` writes after it."""
        pieces = self.go_on(seed_text, Sampler(temperature=temperature), length=length, seed=seed)
        return seed_text + "".join(piece.text for piece in pieces)

    def bits(self, text_tokens: Sequence[int]) -> float:
        """Bits the model needs to write these tokens after the first one: its surprise."""
        tokens = np.array(text_tokens, np.int32)
        if len(tokens) < 2:
            return 0.0
        return float(-self.log_probabilities(tokens).sum() / math.log(2))

    def log_probabilities(self, tokens: np.ndarray) -> np.ndarray:
        """Natural log probability of every token but the first, float64, (T,) -> (T - 1,)."""
        logits = self.engine.logits(tokens[:-1]).astype(np.float64)
        top = logits.max(axis=1, keepdims=True)
        total = top[:, 0] + np.log(np.exp(logits - top).sum(axis=1))
        chosen: np.ndarray = logits[np.arange(len(logits)), tokens[1:]] - total
        return chosen

    def _write(
        self,
        prompt: np.ndarray,
        sampler: Sampler,
        length: int,
        seed: int,
        top: int,
        decoder: Decoder,
    ) -> Iterator[Piece]:
        ahead, state = self.engine.advance(prompt)
        stopped = False
        while length > 0 and not stopped:
            wrote = self.engine.generate(state, min(length, CHUNK), sampler, seed=seed)
            places = np.zeros((len(wrote.tokens), 0), np.float32)
            if top and len(wrote.tokens):
                after = self.engine.logits(wrote.tokens, state)
                places, ahead = np.vstack([ahead, after[:-1]]), after[-1]
            written = tuple(
                Written(self.tokenizer.token_bytes(token), probability, self._top(place, top))
                for token, probability, place in zip(
                    wrote.tokens.tolist(), wrote.log_probabilities.tolist(), places, strict=True
                )
            )
            text = "".join(map(decoder.push, wrote.tokens.tolist()))
            total = float(wrote.log_probabilities.sum())
            stopped, state, length = wrote.stopped, wrote.state, length - len(wrote.tokens)
            yield Piece(text, len(wrote.tokens), total, written)
        yield Piece(decoder.finish(), 0, 0.0, ended=stopped)

    def _top(self, logits: np.ndarray, top: int) -> tuple[tuple[bytes, float], ...]:
        """The most probable tokens of a place, best first; equals in the order of their ids."""
        if not top:
            return ()
        chances = log_softmax(logits.astype(np.float64))
        best_first = np.argsort(-chances, kind="stable").tolist()
        text = ((self.tokenizer.token_bytes(token), float(chances[token])) for token in best_first)
        return tuple(islice((pair for pair in text if pair[0]), top))
