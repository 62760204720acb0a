"""A Llama's weights in fewer bits: which matrix is read in what."""

from __future__ import annotations

import numpy as np

from l2c.engines import rounding

BY_TOKEN = "embedding", "output"


def stored(weights: dict[str, np.ndarray], reading: str) -> dict[str, np.ndarray]:
    """The weights as reading sees them: matrices stored in `reading`, norms as they are."""
    return {
        name: rounding.stored(w, read_in(name, reading)) if w.ndim == 2 else w
        for name, w in weights.items()
    }


def read_in(name: str, reading: str) -> str:
    """The type of one matrix: with q4_0 the output, or the embedding that is one, is q8_0.

    There four bits hurt most.
    """
    return "q8_0" if reading == "q4_0" and name in BY_TOKEN else reading
