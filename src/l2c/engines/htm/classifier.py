"""What a representation stands for: softmax regression on its active bits, learned online.

Numenta's SDR classifier: every bit that is on votes for classes, the votes are summed and
normalised, and one step of gradient descent on the log loss follows what happened. With the cells
of one moment and the value of the next it foretells a stream of numbers. As the head of a language
model it is poor and too sure of itself (`benchmarks/htm.py` has better); there cells are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from l2c.errors import InvalidConfig, InvalidInput

if TYPE_CHECKING:
    from jaxtyping import Float64


class SDRClassifier:
    """Representations of `size` bits in, probabilities of `classes` classes out."""

    def __init__(self, size: int, classes: int, *, rate: float = 0.1) -> None:
        if size < 1 or classes < 1 or not 0 < rate <= 1:
            raise InvalidConfig(
                f"`size` ≥ 1, `classes` ≥ 1 and a `rate` in (0, 1] are needed; "
                f"found {size}, {classes} and {rate!r}."
            )
        self.rate = rate
        self._votes = np.zeros((size, classes))

    def infer(self, active: Sequence[int] | np.ndarray) -> Float64[np.ndarray, " C"]:
        """The probability of every class when these bits are on; raises `InvalidInput`."""
        votes = self._votes[self._checked(active)].sum(axis=0)
        powers = np.exp(votes - votes.max())
        probabilities: Float64[np.ndarray, " C"] = powers / powers.sum()
        return probabilities

    def learn(self, active: Sequence[int] | np.ndarray, happened: int) -> None:
        """Learn that class `happened` went with these bits; raises `InvalidInput`."""
        if not 0 <= happened < self._votes.shape[1]:
            raise InvalidInput(
                f"A class must lie in [0, {self._votes.shape[1]}); found {happened}."
            )
        error = -self.infer(active)
        error[happened] += 1
        self._votes[self._checked(active)] += self.rate * error

    def _checked(self, active: Sequence[int] | np.ndarray) -> np.ndarray:
        bits = np.asarray(active, dtype=np.int64)
        if bits.ndim != 1 or ((bits < 0) | (bits >= len(self._votes))).any():
            raise InvalidInput(f"Bits must lie in [0, {len(self._votes)}); found {active!r:.80}.")
        return np.unique(bits)
