"""A network's numbers: one flat array, the tensors named views into it, and Adam's memory of them.

The optimizer's moments and the gradient have the same layout, so a step is one sweep over four
arrays, and the kernels take one pointer where they would otherwise take hundreds. Every family's
header in C computes the same offsets.

A checkpoint holds them by name: the weights as they are, and `optimizer/...` for what only training
needs, the moments `m/` and `v/`, the count of the steps, and what the rows of the last batch had
read (`carried/`).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeVar

import numpy as np

from l2c.engines.engine import Tensors
from l2c.errors import CheckpointError

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt64

CARRIED = "optimizer/carried/"

MAX_ROWS = 65_536
"""The most rows of a batch whose state a checkpoint may carry."""


class Configuration(Protocol):
    """What every network's configuration can do."""

    def to_dict(self) -> dict[str, Any]:
        """Every value as a JSON-ready plain type."""


C = TypeVar("C", bound=Configuration)


class Weights(ABC, Generic[C]):
    """One number for every weight: `flat` in memory, `tensors` as named views into it."""

    def __init__(
        self, config: C, vocab_size: int, flat: Float32[np.ndarray, " N"] | None = None
    ) -> None:
        """Laid out in the order of `shapes` in `flat`; zeros where it is not given."""
        self.config = config
        self.vocab_size = vocab_size
        shapes = self.shapes()
        size = sum(math.prod(shape) for shape in shapes.values())
        self.flat = np.zeros(size, np.float32) if flat is None else flat
        self.tensors: dict[str, Float32[np.ndarray, "*shape"]] = {}
        offset = 0
        for name, shape in shapes.items():
            size = math.prod(shape)
            self.tensors[name] = self.flat[offset : offset + size].reshape(shape)
            offset += size

    @abstractmethod
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor by name, in the order in which they lie in memory."""

    @abstractmethod
    def introduce(self, old_vocab_size: int) -> None:
        """Give the tokens from `old_vocab_size` on the weights a new token begins with."""

    def grown(self, vocab_size: int) -> Self:
        """A copy with rows for new tokens, zeros in them."""
        made = type(self)(self.config, vocab_size)
        for name, tensor in self.tensors.items():
            made.tensors[name][tuple(slice(size) for size in tensor.shape)] = tensor
        return made

    def zeros(self) -> Self:
        """As many zeros in the same layout."""
        return type(self)(self.config, self.vocab_size)


P = TypeVar("P", bound=Weights[Any])


class Optimizer(Generic[P]):
    """Adam's memory: means and mean squares of the gradients, laid out like the weights."""

    def __init__(self, weights: P) -> None:
        self.m: P = weights.zeros()
        self.v: P = weights.zeros()
        self.count = np.zeros(1, np.int64)

    @property
    def steps(self) -> int:
        """How many steps it has taken."""
        return int(self.count[0])

    def grow(self, vocab_size: int) -> None:
        """Make room for new tokens, whose gradients have no past."""
        self.m, self.v = self.m.grown(vocab_size), self.v.grown(vocab_size)


def unit(words: UInt64[np.ndarray, " N"]) -> Float32[np.ndarray, " N"]:
    """Random words as numbers in [-1, 1): 24 bits and a sign fit a float without rounding."""
    made: Float32[np.ndarray, " N"]
    made = (words >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-23) - np.float32(1)
    return made


def views(weights: Weights[Any], optimizer: Optimizer[Any], carried: Tensors) -> Tensors:
    """Every tensor by name, in the order in which they lie in memory; not copies."""
    named = dict(weights.tensors)
    for letter, moments in (("m", optimizer.m), ("v", optimizer.v)):
        named |= {f"optimizer/{letter}/{name}": t for name, t in moments.tensors.items()}
    named["optimizer/steps"] = optimizer.count
    return named | {CARRIED + name: tensor for name, tensor in carried.items()}


def fill(
    weights: Weights[Any],
    optimizer: Optimizer[Any],
    carried: Tensors,
    tensors: Mapping[str, np.ndarray],
) -> None:
    """Fill all three, which are zeros of the right shapes, from what `views` took apart.

    The optimizer stays fresh when none of its tensors is there. Raises `CheckpointError` for a
    tensor that is missing, unknown, of another shape or dtype, or not finite.
    """
    expected = views(weights, optimizer, carried)
    if not any(name.startswith("optimizer/") for name in tensors):
        expected = dict(weights.tensors)
    for name in tensors.keys() - expected.keys():
        raise CheckpointError(f"A model of this configuration has no tensor {name!r}.")
    for name, target in expected.items():
        found = checked(name, tensors.get(name), target.shape, target.dtype)
        if not np.isfinite(found).all():
            raise CheckpointError(f"The tensor {name!r} holds values that are not finite.")
        target[...] = found
    if optimizer.steps < 0 or (optimizer.v.flat < 0).any():
        raise CheckpointError("'optimizer/steps' and 'optimizer/v/...' must not be negative.")


def checked(
    name: str, found: np.ndarray | None, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> np.ndarray:
    """The tensor `found`; raises `CheckpointError` unless it is there and looks like this."""
    if found is None:
        raise CheckpointError(f"The tensor {name!r} is missing.")
    if found.shape != shape or found.dtype != dtype:
        raise CheckpointError(
            f"The tensor {name!r} must be {dtype} of shape {shape}; found {found.dtype} of shape "
            f"{found.shape}."
        )
    return found
