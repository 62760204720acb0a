"""Chance that is the same everywhere and for ever: a splitmix64 stream.

The starter checkpoint has a digest that anybody can reproduce, so the text it is trained on must
not depend on the version of Python. `random.Random` promises that only for `random()`; this is
shorter than working around it. Source: Steele, Lea and Flood 2014, "Fast splittable pseudorandom
number generators".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

_MASK = (1 << 64) - 1
_GAMMA = 0x9E3779B97F4A7C15


class Chance:
    """A stream of random numbers, decided by its keys alone.

    `Chance(seed, index)` is an independent stream for each pair, so that the conversation of an
    index does not depend on how many were made before it.
    """

    def __init__(self, *keys: int) -> None:
        self._state = 0
        for key in keys:
            self._state = self._next() ^ (key & _MASK)

    def below(self, n: int) -> int:
        """A number from 0 to n - 1 (n >= 1), each as likely as another to within n / 2**64."""
        return self._next() * n >> 64

    def between(self, low: int, high: int) -> int:
        """A number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def one_in(self, n: int) -> bool:
        """True once in `n` times."""
        return self.below(n) == 0

    def choice(self, of: Sequence[T]) -> T:
        """One of the items, each as likely as another."""
        return of[self.below(len(of))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in random order (Fisher-Yates)."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order

    def _next(self) -> int:
        self._state = (self._state + _GAMMA) & _MASK
        z = self._state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & _MASK
        return z ^ z >> 31
