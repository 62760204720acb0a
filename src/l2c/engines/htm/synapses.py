"""Everything a Temporal Memory learned, as arrays: what its backends give and take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt16, UInt32

NO_CELL = 0xFFFFFFFF
"""The cell of a slot whose segment was taken away."""


@dataclass(frozen=True, slots=True)
class Synapses:
    """N slots of segments, the M synapses of each one after the other, and F slots that are free.

    A free slot has cell `NO_CELL` and no synapses. `free` names them, the first to be used again
    last. `iteration` counts learning steps, `hand` says where the round of a full region stands.
    """

    cell: UInt32[np.ndarray, " N"]
    synapses: UInt32[np.ndarray, " N"]
    born: UInt32[np.ndarray, " N"]
    last_used: UInt32[np.ndarray, " N"]
    presynaptic: UInt16[np.ndarray, " M"]
    permanence: UInt16[np.ndarray, " M"]
    free: UInt32[np.ndarray, " F"]
    iteration: int
    hand: int


def nothing() -> Synapses:
    """A memory that has learned nothing."""
    empty, short = np.zeros(0, np.uint32), np.zeros(0, np.uint16)
    return Synapses(empty, empty, empty, empty, short, short, empty, 0, 0)
