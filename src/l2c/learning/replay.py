"""Endless streams of examples, cut into the rows of a batch: fresh text beside old text.

A batch has a fixed number of rows; each row is a stream of its own, which an engine with carried
state reads on from batch to batch. Some rows read what is to be learned, the others (at least
half) read old text, so that learning one thing does not wash out the rest. Everything is decided
by the seed: the same seed cuts the same batches, on every machine and in every Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from l2c.corpus.chance import Chance
from l2c.engines.engine import Batch
from l2c.learning.examples import Example

if TYPE_CHECKING:
    from jaxtyping import Float32, Int32


class Stream:
    """Examples in a new random order each time round, read on for ever."""

    def __init__(self, examples: Sequence[Example], chance: Chance) -> None:
        self._examples = examples
        self._chance = chance
        self._tokens = np.empty(0, np.int32)
        self._weights = np.empty(0, np.float32)

    def read(self, steps: int) -> tuple[Int32[np.ndarray, " T+1"], Float32[np.ndarray, " T"]]:
        """The next `steps` + 1 tokens; the last one is read again as the next call's first."""
        while len(self._tokens) <= steps:
            order = self._chance.shuffled(range(len(self._examples)))
            chosen = [self._examples[i] for i in order]
            self._tokens = np.concatenate([self._tokens, *(e.tokens for e in chosen)])
            self._weights = np.concatenate([self._weights, *(e.weights for e in chosen)])
        tokens, weights = self._tokens[: steps + 1], self._weights[1 : steps + 1]
        self._tokens, self._weights = self._tokens[steps:], self._weights[steps:]
        return tokens, weights


@dataclass(frozen=True, slots=True)
class Pools:
    """What a lesson reads: its own text, questions nobody told the answer of, what earlier
    lessons taught, and the corpus. Only the corpus must not be empty.
    """

    fresh: Sequence[Example]
    untold: Sequence[Example]
    earlier: Sequence[Example]
    corpus: Sequence[Example]

    def rows(self, rows: int, *, fresh: int, untold: int, earlier: int) -> list[Sequence[Example]]:
        """Which pool each of `rows` rows reads; an empty pool's rows go to the corpus."""
        wanted = [self.fresh] * fresh + [self.untold] * untold + [self.earlier] * earlier
        return [pool or self.corpus for pool in wanted] + [self.corpus] * (rows - len(wanted))


def batches(
    rows: Sequence[Sequence[Example]], *, steps: int, sequence: int, seed: int
) -> Iterator[Batch]:
    """`steps` batches of `sequence` tokens; row i reads on through the examples of `rows[i]`."""
    streams = [Stream(pool, Chance(seed, row)) for row, pool in enumerate(rows)]
    for step in range(steps):
        cut = [stream.read(sequence) for stream in streams]
        yield Batch(
            tokens=np.stack([tokens for tokens, _ in cut]),
            weights=np.stack([weights for _, weights in cut]),
            fresh=np.full(len(rows), step == 0),
        )
