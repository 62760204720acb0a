"""Which columns a sequence memory expects next: what the glass box draws beside those that came.

A column is expected when one of its cells is: when a segment of that cell has at least
`activation_threshold` connected synapses from cells that are active now (Numenta, BAMI). The
kernels do the same while they read, but keep no column for later; here it is read off what the
memory has learned, so it holds for both backends and costs nothing where nobody looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l2c.engines.htm.parameters import TemporalMemoryParameters, permanence
from l2c.engines.htm.streams import HTMState, Streams
from l2c.engines.htm.synapses import Synapses

if TYPE_CHECKING:
    from jaxtyping import Int8, Int32, UInt16

ACTIVE, EXPECTED = 1, 2
"""What a column was at a step, as bits of one number."""


class Expectation:
    """The connected synapses of a memory, by the cell they come from."""

    def __init__(self, learned: Synapses, parameters: TemporalMemoryParameters) -> None:
        self._parameters = parameters
        self._cells = learned.cell.astype(np.int64)
        connected = learned.permanence >= permanence(parameters.connected_permanence)
        owners = np.repeat(np.arange(len(learned.cell)), learned.synapses)[connected]
        sources = learned.presynaptic[connected]
        order = np.argsort(sources, kind="stable")
        self._segments = owners[order]
        cells = parameters.columns * parameters.cells_per_column
        self._begins = np.searchsorted(sources[order], np.arange(cells + 1))

    def columns(self, active: UInt16[np.ndarray, " A"]) -> Int32[np.ndarray, " K"]:
        """The columns that are expected while these cells are active, ascending."""
        excited = [
            self._segments[self._begins[cell] : self._begins[cell + 1]] for cell in active.tolist()
        ]
        if not excited:
            return np.zeros(0, np.int32)
        counts = np.bincount(np.concatenate(excited), minlength=len(self._cells))
        cells = self._cells[counts >= self._parameters.activation_threshold]
        return np.unique(cells // self._parameters.cells_per_column).astype(np.int32)


def columns_over(
    streams: Streams, tokens: Int32[np.ndarray, " T"], parameters: TemporalMemoryParameters
) -> Int8[np.ndarray, "T C"]:
    """For every token read, what each column was: `ACTIVE`, `EXPECTED` by what came before, both.

    Reads from an empty state and learns nothing.
    """
    expectation = Expectation(streams.synapses(), parameters)
    state, shown = HTMState(), np.zeros((len(tokens), parameters.columns), np.int8)
    for t in range(len(tokens)):
        shown[t, expectation.columns(state.active)] = EXPECTED
        streams.last(tokens[t : t + 1], state)
        shown[t, np.unique(state.active // parameters.cells_per_column)] |= ACTIVE
    return shown
