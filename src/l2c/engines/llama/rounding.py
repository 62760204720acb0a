"""A Llama's weights in fewer bits: which matrix is read in what."""

from __future__ import annotations

import numpy as np

from l2c.engines import rounding

BY_TOKEN = "embedding", "output"


def stored(weights: dict[str, np.ndarray], reading: str) -> dict[str, np.ndarray]:
    """The weights as reading sees them: matrices stored in `reading`, norms as they are.

    With q4_0 the output, or the embedding that is one, is q8_0: there four bits hurt most.
    """
    first, last = reading, "q8_0" if reading == "q4_0" else reading
    return {
        name: rounding.stored(w, last if name in BY_TOKEN else first) if w.ndim == 2 else w
        for name, w in weights.items()
    }
