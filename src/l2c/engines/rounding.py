"""What reading in fewer bits does to numbers: the twin of `kernels/stored.h`.

The matrices are stored in the types of `number_types.py`. With q8_0 and q4_0 what they are
multiplied with is rounded too, to 8 bits in blocks of 32 that share the scale largest / 127, so
that a block's product is one of whole numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l2c.engines.number_types import BLOCK, from_float32, to_float32

if TYPE_CHECKING:
    from jaxtyping import Float32


def stored(
    w: Float32[np.ndarray, "outputs inputs"], reading: str
) -> Float32[np.ndarray, "outputs inputs"]:
    """A matrix as reading sees it; a block is 32 neighbouring inputs of one output."""
    if reading == "f32":
        return w
    numbers: np.ndarray = to_float32(reading, from_float32(reading, w.reshape(-1)))
    return numbers.reshape(w.shape)


def rounded(x: Float32[np.ndarray, "*rows N"], reading: str) -> Float32[np.ndarray, "*rows N"]:
    """What a matrix stored in `reading` is multiplied with instead of `x`."""
    if reading not in ("q8_0", "q4_0"):
        return x
    blocks = x.reshape(-1, BLOCK)
    largest = np.abs(blocks).max(axis=1, keepdims=True)
    inverse = np.divide(np.float32(127), largest, out=np.zeros_like(largest), where=largest > 0)
    whole: Float32[np.ndarray, "B 32"] = np.rint(blocks * inverse) * (largest / np.float32(127))
    return whole.reshape(x.shape)
