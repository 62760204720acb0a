"""The mean of a network's weights over many steps of a training.

The last steps of a training go to and fro around a place they never rest at; the mean of where they
were is nearer to it than where they end, and predicts new text better, for nothing but a sum
(Polyak and Juditsky 1992; for a recurrent language model Merity et al. 2017, "AWD-LSTM").
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from l2c.engines.engine import Engine
from l2c.errors import InvalidInput

E = TypeVar("E", bound=Engine)


class Average:
    """The mean of the weights that were added."""

    def __init__(self) -> None:
        self._sums: dict[str, np.ndarray] = {}
        self._count = 0

    def add(self, engine: Engine) -> None:
        """Take in the weights as they are now.

        Raises `InvalidInput` for an engine whose weights are not floats, or are not those of the
        engines before.
        """
        tensors = engine.tensors(optimizer=False)
        if any(tensor.dtype != np.float32 for tensor in tensors.values()):
            raise InvalidInput(f"Weights of the family {engine.family!r} have no mean.")
        if self._count == 0:
            self._sums = {name: np.zeros(t.shape, np.float64) for name, t in tensors.items()}
        if {name: t.shape for name, t in tensors.items()} != {
            name: total.shape for name, total in self._sums.items()
        }:
            raise InvalidInput("A mean is one of weights of the same names and shapes.")
        for name, tensor in tensors.items():
            self._sums[name] += tensor
        self._count += 1

    def made(self, like: E) -> E:
        """An engine with the mean for its weights, configured like this one, its optimizer fresh.

        Raises `InvalidInput` when nothing was added.
        """
        if self._count == 0:
            raise InvalidInput("There is no mean of nothing: add an engine first.")
        mean = {
            name: (total / self._count).astype(np.float32) for name, total in self._sums.items()
        }
        return type(like).from_tensors(like.config, mean)
