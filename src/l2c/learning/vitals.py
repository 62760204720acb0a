"""Whether a model still writes language: a sample of its own writing, measured.

A model breaks in two ways. It collapses, and says one thing over and over: its sample has few
different characters, or the model is all but certain of every next token. Or it loses its
weights, and throws letters like dice: it is as uncertain of every next token as one that knows
nothing, or its sample is as varied as its alphabet allows. Weights thrown at random and large are
certain of their nonsense, so a model that came from a starter of this program also reads a few of
the corpus's held-out conversations, which must surprise it less than letters counted one by one
would (about 4.5 bits a byte).
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np

from l2c.corpus.dialogues import handwritten, is_held_out
from l2c.engines.engine import Sampler
from l2c.engines.model import LanguageModel
from l2c.engines.sampling import log_softmax
from l2c.errors import L2CError, ProviderError
from l2c.learning.evaluation import score_general
from l2c.text.measures import character_entropy
from l2c.text.tokenizer import Control

SAMPLE_TOKENS = 256
CHUNK = 32
PATIENCE_S = 2.0
"""A slow model's sample ends after so long, at a whole chunk."""

SEED = 20
FAMILIAR_CONVERSATIONS = 8

LEAST_CHARACTER_BITS = 2.0
"""English prose has about 4.2 bits a character; two words in a circle have less than these."""

LEAST_TOKEN_BITS = 0.02
MOST_OF_POSSIBLE = 0.9
"""Share of the entropy there could be, of characters or of tokens: knowing nothing has 1."""

MOST_FAMILIAR_BITS = 4.5
"""Bits per byte of familiar text: what counting single letters of English comes to."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """What a sample says of a model.

    `character_entropy`: bits per character of the sample, of `most_character_entropy` possible.
    `token_entropy`: bits of the model's own uncertainty per token, of `most_token_entropy`.
    `familiar_bits`: bits per byte of held-out conversations; None where they mean nothing.
    """

    tokens: int
    tokens_per_s: float
    character_entropy: float
    most_character_entropy: float
    token_entropy: float
    most_token_entropy: float
    familiar_bits: float | None

    def flaws(self) -> list[str]:
        """What is wrong with the model, in words; none for one that writes language."""
        found = []
        if self.token_entropy > MOST_OF_POSSIBLE * self.most_token_entropy:
            found.append(
                f"It writes noise: {self.token_entropy:.2f} bits of doubt for each token, of "
                f"{self.most_token_entropy:.2f} possible."
            )
        elif self.character_entropy < LEAST_CHARACTER_BITS:
            found.append(
                f"It says one thing over and over: {self.character_entropy:.2f} bits per character "
                f"of its writing, less than {LEAST_CHARACTER_BITS:g}."
            )
        elif self.token_entropy < LEAST_TOKEN_BITS:
            found.append(
                f"It is certain of every token: {self.token_entropy:.3f} bits of doubt for each, "
                f"less than {LEAST_TOKEN_BITS:g}."
            )
        elif self.character_entropy > MOST_OF_POSSIBLE * self.most_character_entropy:
            found.append(
                f"It writes noise: {self.character_entropy:.2f} bits per character of its "
                f"writing, of {self.most_character_entropy:.2f} possible."
            )
        if self.familiar_bits is not None and not self.familiar_bits <= MOST_FAMILIAR_BITS:
            found.append(
                f"It no longer knows its own language: {self.familiar_bits:.2f} bits per byte of "
                f"held-out conversations, more than {MOST_FAMILIAR_BITS:g}."
            )
        return found


def examine(model: LanguageModel, *, familiar: bool) -> Vitals:
    """A sample of the model's writing at temperature 1, measured.

    With `familiar` it reads held-out conversations too. Raises `ProviderError` when the model
    cannot write: when it fails, or its logits are not finite.
    """
    try:
        tokens, seconds = _written(model)
        uncertain = _uncertainty(model, tokens)
        heard = _surprise(model) if familiar else None
    except (L2CError, ArithmeticError, ValueError) as error:
        raise ProviderError(f"The model cannot write: {error}") from error
    decoder = model.tokenizer.decoder()
    text = "".join(map(decoder.push, tokens.tolist())) + decoder.finish()
    return Vitals(
        tokens=len(tokens),
        tokens_per_s=len(tokens) / max(seconds, 1e-9),
        character_entropy=character_entropy(text),
        most_character_entropy=_most_character_entropy(model, len(text)),
        token_entropy=uncertain,
        most_token_entropy=math.log2(model.tokenizer.vocab_size),
        familiar_bits=heard,
    )


def _written(model: LanguageModel) -> tuple[np.ndarray, float]:
    """The tokens of the sample, and the seconds they took."""
    sampler = Sampler(temperature=1.0, banned=tuple(Control))
    began = time.perf_counter()
    _, state = model.engine.advance(np.array([Control.START], np.int32))
    written: list[np.ndarray] = []
    for _ in range(SAMPLE_TOKENS // CHUNK):
        piece = model.engine.generate(state, CHUNK, sampler, seed=SEED)
        written.append(piece.tokens)
        state = piece.state
        if time.perf_counter() - began > PATIENCE_S:
            break
    return np.concatenate(written).astype(np.int32), time.perf_counter() - began


def _uncertainty(model: LanguageModel, tokens: np.ndarray) -> float:
    """Mean entropy of the model's prediction before each token, in bits. Raises `ValueError`."""
    read = np.concatenate([np.array([Control.START], np.int32), tokens[:-1]])
    logits = model.engine.logits(read).astype(np.float64)
    if not np.isfinite(logits).all():
        raise ValueError("its logits are not finite.")
    chances = np.array([log_softmax(row) for row in logits])
    return float(-(np.exp(chances) * chances).sum(axis=1).mean() / math.log(2))


def _surprise(model: LanguageModel) -> float:
    held_out = [conversation for conversation in handwritten() if is_held_out(conversation)]
    return score_general(model, held_out[:FAMILIAR_CONVERSATIONS]).bits_per_byte


def _most_character_entropy(model: LanguageModel, length: int) -> float:
    """Bits per character of a text of this length thrown from the model's whole alphabet."""
    tokenizer = model.tokenizer
    alphabet = {
        character
        for token in range(len(Control), tokenizer.vocab_size)
        for character in tokenizer.token_bytes(token).decode("utf-8", "ignore")
    }
    return math.log2(max(min(len(alphabet), length), 2))
