"""What reading in fewer bits does to numbers: the twin of `stored.h`.

The matrices are stored in the types of `files/number_types.py`. With q8_0 and q4_0 what they are
multiplied with is rounded too, to 8 bits in blocks of 32 that share the scale largest / 127, so
that a block's product is one of whole numbers.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32

from l2c.engines.llama.files.number_types import BLOCK, from_float32, to_float32

BY_TOKEN = "embedding", "output"


def stored(weights: dict[str, np.ndarray], reading: str) -> dict[str, np.ndarray]:
    """The weights as reading sees them: matrices stored in `reading`, norms as they are.

    With q4_0 the output, or the embedding that is one, is q8_0: there four bits hurt most.
    """
    first, last = reading, "q8_0" if reading == "q4_0" else reading
    return {
        name: _through(w, last if name in BY_TOKEN else first)
        if w.ndim == 2 and reading != "f32"
        else w
        for name, w in weights.items()
    }


def rounded(x: Float32[np.ndarray, " N"], reading: str) -> Float32[np.ndarray, " N"]:
    """What a matrix stored in `reading` is multiplied with instead of `x`."""
    if reading not in ("q8_0", "q4_0"):
        return x
    blocks = x.reshape(-1, BLOCK)
    largest = np.abs(blocks).max(axis=1, keepdims=True)
    inverse = np.divide(np.float32(127), largest, out=np.zeros_like(largest), where=largest > 0)
    whole: Float32[np.ndarray, "B 32"] = np.rint(blocks * inverse) * (largest / np.float32(127))
    return whole.reshape(-1)


def _through(w: np.ndarray, reading: str) -> np.ndarray:
    return to_float32(reading, from_float32(reading, w.reshape(-1))).reshape(w.shape)
