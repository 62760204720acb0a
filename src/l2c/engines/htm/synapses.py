"""Everything a Temporal Memory learned, as arrays: what its backends give and take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import UInt16, UInt32

NO_CELL = 0xFFFFFFFF
"""The cell of a slot whose segment was taken away."""


@dataclass(frozen=True, slots=True, eq=False)
class Synapses:
    """N slots of segments, the M synapses of each one after the other, and F slots that are free.

    A free slot has cell `NO_CELL` and no synapses. `free` names them, the first to be used again
    last. `iteration` counts learning steps, `hand` says where the round of a full region stands.
    Two are equal when memories with them go on alike: the ages of a free slot mean nothing.
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

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Synapses):
            return NotImplemented
        return all(
            np.array_equal(mine, theirs)
            for mine, theirs in zip(self._parts(), other._parts(), strict=True)
        )

    def _parts(self) -> Iterator[np.ndarray]:
        """Everything that decides how a memory goes on."""
        yield np.array([self.iteration, self.hand])
        yield from (self.cell, self.synapses, self.presynaptic, self.permanence, self.free)
        used = self.cell != NO_CELL
        yield from (self.born[used], self.last_used[used])


def nothing() -> Synapses:
    """A memory that has learned nothing."""
    empty, short = np.zeros(0, np.uint32), np.zeros(0, np.uint16)
    return Synapses(empty, empty, empty, empty, short, short, empty, 0, 0)
