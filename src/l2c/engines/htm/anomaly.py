"""How unusual the last scores are: anomaly likelihood (Lavin & Ahmad 2015; Ahmad et al. 2017).

A raw anomaly score says how unexpected one step was. Some streams are always a little noisy, so
what counts is whether the mean of the last scores is unusual for this stream: the history of such
means is fitted by a normal distribution, and the likelihood is one minus its upper tail.
"""

from __future__ import annotations

import math
from collections import deque

from l2c.errors import InvalidConfig, InvalidInput

AVERAGED = 10
WINDOW = 8640
REFIT = 100
RED = 1e-5
FEWEST_MEAN, FEWEST_VARIANCE, FLAT = 0.03, 0.0003, 1.5e-5


class AnomalyLikelihood:
    """Raw anomaly scores in, likelihoods in [0, 1] out; .5 until it knows the stream."""

    def __init__(self, *, learning_period: int = 288, estimation_samples: int = 100) -> None:
        if learning_period < 0 or estimation_samples < 1:
            raise InvalidConfig("`learning_period` ≥ 0 and `estimation_samples` ≥ 1 are needed.")
        self._learning, self._probation = learning_period, learning_period + estimation_samples
        self._last: deque[float] = deque(maxlen=AVERAGED)
        self._history: deque[tuple[float, float]] = deque(maxlen=WINDOW)
        self._seen = 0
        self._fit = (0.5, 1e6)
        self._was_red = False

    def update(self, score: float, value: float | None = None) -> float:
        """The likelihood after this score; `value` is what the stream measured, where it did.

        Raises `InvalidInput` unless the score lies in [0, 1] and the value is finite.
        """
        if not 0 <= score <= 1 or (value is not None and not math.isfinite(value)):
            raise InvalidInput(f"A score must lie in [0, 1]; found {score!r} of {value!r}.")
        self._last.append(score)
        mean = sum(self._last) / len(self._last)
        self._history.append((mean, score if value is None else value))
        self._seen += 1
        if self._seen <= self._probation:
            return 0.5
        if (self._seen - self._probation - 1) % REFIT == 0:
            self._refit()
        tail = _tail((mean - self._fit[0]) / self._fit[1])
        red, before = tail <= RED, self._was_red
        self._was_red = red
        return 1 - (1e-3 if red and before else tail)

    def _refit(self) -> None:
        skipped = max(0, self._learning - (self._seen - len(self._history)))
        kept = list(self._history)[skipped:]
        means, variance = [mean for mean, _ in kept], _variance([value for _, value in kept])
        if variance < FLAT:
            self._fit = (0.5, 1e6)
            return
        middle = max(sum(means) / len(means), FEWEST_MEAN)
        self._fit = (middle, math.sqrt(max(_variance(means), FEWEST_VARIANCE)))


def log_score(likelihood: float) -> float:
    """A likelihood on a scale on which 1 in 10 billion is 1: how it is thresholded and drawn."""
    return math.log(1.0000000001 - likelihood) / -23.02585084720009


def _tail(z: float) -> float:
    """How much of a normal distribution lies above z; below the mean mirrored, so near 1."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def _variance(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / len(values)
