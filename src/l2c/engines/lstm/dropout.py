"""Which weights and which outputs a training step leaves out: the readable twin of `dropout.h`.

A network that sees a megabyte of text a dozen times learns it by heart. Two things keep it from
that, each leaving something else out at every step. Of the recurrent weights some are missing for
the whole step (DropConnect: Wan et al. 2013; on Wh: Merity et al. 2017, "AWD-LSTM"), of what the
output layer reads some numbers at every moment (Srivastava et al. 2014). What stays is scaled up,
so that nothing is to be done when the network reads and writes.

A mask is a hash of the step, of what it is for, and of the position. So a step is a function of
its number, and training resumes, replays and rebuilds bit for bit without a generator's state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt32

OUTPUT_STREAM, WEIGHT_STREAM = 0, 1
"""What masks are for: the output layer's input; Wh of layer 0, and one more for every layer."""


@dataclass(frozen=True, slots=True)
class Masks:
    """What to multiply with in one step; nothing is left out where there is no mask."""

    weights: Mapping[str, np.ndarray] = field(default_factory=dict)
    """By the name of a weight tensor, of its shape."""
    output: np.ndarray | None = None
    """(T, B, H)."""

    def thinned(self, tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """`tensors` without what is left out."""
        return {
            name: tensor * self.weights[name] if name in self.weights else tensor
            for name, tensor in tensors.items()
        }


WHOLE = Masks()


def mask(
    shape: tuple[int, ...], share: float, *, step: int, stream: int
) -> Float32[np.ndarray, "*shape"]:
    """0 for about `share` (in [0, 1)) of the positions, 1 / (1 - share) for the others."""
    high = np.uint32(step >> 32) ^ np.uint32(stream * 0x9E3779B9 % 2**32)
    key = _scrambled(np.uint32(step % 2**32) ^ _scrambled(np.array([high])))
    positions = np.arange(np.prod(shape, dtype=np.int64)).astype(np.uint32)
    stays = _scrambled(positions ^ key) >> np.uint32(8) >= int(share * 2**24)
    scaled: Float32[np.ndarray, "*shape"] = np.where(
        stays, np.float32(1 / (1 - share)), np.float32(0)
    ).reshape(shape)
    return scaled


def _scrambled(x: UInt32[np.ndarray, " N"]) -> UInt32[np.ndarray, " N"]:
    x = (x ^ x >> np.uint32(16)) * np.uint32(0x7FEB352D)
    x = (x ^ x >> np.uint32(15)) * np.uint32(0x846CA68B)
    scrambled: UInt32[np.ndarray, " N"] = x ^ x >> np.uint32(16)
    return scrambled
