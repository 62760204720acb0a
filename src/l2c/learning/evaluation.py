"""How surprised a model is by text, in bits per byte, document by document.

Bits per byte compares models with different vocabularies. A character a model cannot write yet
reads as one unknown token, which would be far too cheap, so each costs the bits of a blind guess
among its bytes on top.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from l2c.conversation import Message
from l2c.corpus.chance import Chance
from l2c.engines.model import LanguageModel
from l2c.learning.examples import Example, Source, evenly, from_question
from l2c.learning.quiz import Asked
from l2c.text.tokenizer import Control

if TYPE_CHECKING:
    from jaxtyping import Float64

RESAMPLES = 1000
"""Bootstrap resamples behind every confidence limit."""


@dataclass(frozen=True, slots=True)
class Score:
    """Bits and bytes of each document, in the order they were given."""

    bits: Float64[np.ndarray, " D"]
    sizes: Float64[np.ndarray, " D"]

    @property
    def bits_per_byte(self) -> float:
        """All bits over all bytes; NaN when there is no text."""
        return float(self.bits.sum() / self.sizes.sum()) if self.sizes.sum() else float("nan")


def score_general(model: LanguageModel, documents: Sequence[Sequence[Message]]) -> Score:
    """How surprised the model is by conversations, every letter counted alike."""
    texts = ["".join(message.text for message in document) for document in documents]
    examples = [evenly(document, model.tokenizer) for document in documents]
    return _score(model, examples, texts)


def score_sources(model: LanguageModel, sources: Sequence[Source]) -> Score:
    """How surprised the model is by what the user wrote; answers are read but not counted."""
    examples = [evenly(source.messages[:1], model.tokenizer) for source in sources]
    return _score(model, examples, [source.user for source in sources])


def answered(model: LanguageModel, asked: Sequence[Asked]) -> float:
    """The share of questions whose answer the model would write word for word; NaN of none.

    Greedily: at every place of the answer the right token is the most probable one.
    """
    right = [_writes(model, from_question(one.messages, model.tokenizer)) for one in asked]
    return sum(right) / len(right) if right else math.nan


def _writes(model: LanguageModel, example: Example) -> bool:
    best = model.engine.logits(example.tokens[:-1]).argmax(axis=1)
    ahead = example.tokens[1:]
    return bool((best == ahead)[example.weights[1:] == 1].all())


def worse_by(before: Score, after: Score, *, seed: int, quantile: float = 0.95) -> float:
    """How much worse `after` may be than `before`: an upper confidence limit, as a fraction.

    0.03 means: with this confidence at most 3 % more bits. Paired bootstrap over documents
    (Efron and Tibshirani 1993, ch. 13); the documents of both scores must be the same ones.
    """
    chance = Chance(seed)
    d = len(before.bits)
    picks = np.array([chance.below(d) for _ in range(RESAMPLES * d)]).reshape(RESAMPLES, d)
    ratios = after.bits[picks].sum(axis=1) / before.bits[picks].sum(axis=1)
    return float(np.sort(ratios)[int(quantile * (RESAMPLES - 1))] - 1.0)


def _score(model: LanguageModel, examples: Sequence[Example], texts: Sequence[str]) -> Score:
    bits = np.array([_bits(model, example) for example in examples])
    unknown = np.array([_unwritable_bits(model, text) for text in texts])
    sizes = np.array([len(text.encode("utf-8", "replace")) for text in texts], np.float64)
    return Score(bits + unknown, sizes)


def _bits(model: LanguageModel, example: Example) -> float:
    surprise = -model.log_probabilities(example.tokens) / np.log(2)
    return float((surprise * example.weights[1:]).sum())


def _unwritable_bits(model: LanguageModel, text: str) -> float:
    """8 bits for every byte of every character the vocabulary cannot write."""
    tokenizer = model.tokenizer
    return sum(
        8.0 * len(character.encode("utf-8", "replace")) * text.count(character)
        for character in set(text)
        if Control.UNKNOWN in tokenizer.encode(character)
    )
