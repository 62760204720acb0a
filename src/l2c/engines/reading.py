"""How a whole text is looked at: what every family's `inspect` begins and ends with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from l2c.engines.checks import checked_tokens
from l2c.engines.engine import Inspection
from l2c.engines.sampling import log_softmax
from l2c.errors import InvalidInput

if TYPE_CHECKING:
    from jaxtyping import Float32, Int32


def inspectable(tokens: np.ndarray, vocab_size: int) -> Int32[np.ndarray, " T"]:
    """`tokens`, checked; raises `InvalidInput` where there is none."""
    tokens = checked_tokens(tokens, vocab_size)
    if len(tokens) == 0:
        raise InvalidInput("`tokens` must have at least one token to be inspected; found none.")
    return tokens


def inspection(
    tokens: Int32[np.ndarray, " T"],
    logits: Float32[np.ndarray, "T V"],
    layers: Mapping[str, np.ndarray],
) -> Inspection:
    """A text, its logits and what its family shows of it, with what each token was given."""
    log_p = log_softmax(logits[:-1])
    given = np.take_along_axis(log_p, tokens[1:, None], axis=1)[:, 0]
    return Inspection(tokens, logits, given, layers)
