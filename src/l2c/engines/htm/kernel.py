"""The Temporal Memory in C: what `reference.py` does, to the last permanence, much faster.

`KernelMemory` holds the weights in NumPy arrays that C reads and writes; C allocates nothing. When
it says that there is no room left the arrays are copied into larger ones, and the run goes on
where it stopped. `KernelTemporalMemory` is one stream in such a memory.
"""

from __future__ import annotations

import math
import mmap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from l2c.engines.htm.parameters import TemporalMemoryParameters
from l2c.engines.htm.reference import checked_columns
from l2c.engines.htm.synapses import Synapses
from l2c.kernels import binding

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt16, UInt64

CELL, SYNAPSES, BORN, LAST_USED, NEXT = range(5)
"""Fields of a segment's record."""

ITERATION, TOUCHED, FREE, LIVE_SEGMENTS, LIVE_SYNAPSES, HAND, BLOCKS = range(7)
"""Numbers in the books."""

PREDICTS = 65_536
GROWTH = 1.25


class KernelMemory:
    """Segments and synapses of a region, and the room they lie in."""

    def __init__(self, parameters: TemporalMemoryParameters, *, seed: int = 0) -> None:
        self.parameters = parameters
        self.seed = seed
        self._lib = binding.library()
        self._books = np.zeros(self._lib.L2C_HTM_BOOKS, np.uint64)
        self._cells = _pages((self._lib.l2c_htm_cells_size(parameters.cells),), np.uint32)
        self._make_arrays(min(parameters.max_segments, 1024), parameters.cells + 4096)
        binding.check(self._lib.l2c_htm_clear(self.struct))

    @property
    def iteration(self) -> int:
        """Learning steps so far."""
        return int(self._books[ITERATION])

    @property
    def segment_count(self) -> int:
        """How many segments there are."""
        return int(self._books[LIVE_SEGMENTS])

    @property
    def synapse_count(self) -> int:
        """How many synapses there are."""
        return int(self._books[LIVE_SYNAPSES])

    @property
    def size_bytes(self) -> int:
        """Bytes of all arrays; the part of them never touched takes no memory."""
        arrays = (self._books, self._cells, self._segments, self._presynaptic, self._permanence)
        return sum(array.nbytes for array in (*arrays, self._blocks))

    def cells_of(self, segments: Sequence[int]) -> list[int]:
        """The cells these segments belong to."""
        cells: list[int] = self._segments[np.array(segments, np.int64), CELL].tolist()
        return cells

    def activity(self) -> UInt64[np.ndarray, " W"]:
        """Memory for what a stream excites; it serves until the memory grows."""
        words: UInt64[np.ndarray, " W"] = _pages(
            (self._lib.l2c_htm_activity_size(self.struct),), np.uint64
        )
        return words

    def grow(self) -> None:
        """Make room for a quarter more."""
        old = self._segments, self._presynaptic, self._permanence, self._blocks
        most = self.parameters.max_segments
        capacity = min(int(len(old[0]) * GROWTH) + self.parameters.columns, most)
        self._make_arrays(capacity, int(len(old[3]) * GROWTH))
        touched = int(self._books[TOUCHED])
        new = self._segments, self._presynaptic, self._permanence
        for before, after in zip(old, new, strict=False):
            after[:touched] = before[:touched]
        used = int(self._books[BLOCKS])  # a page that is not touched takes no memory
        self._blocks[:used] = old[3][:used]

    def synapses(self) -> Synapses:
        """Everything learned."""
        touched = int(self._books[TOUCHED])
        records = self._segments[:touched]
        live = np.arange(self.parameters.max_synapses_per_segment) < records[:, SYNAPSES, None]
        free: list[int] = []
        at = int(self._books[FREE])
        while at:
            free.append(at - 1)
            at = int(records[at - 1, NEXT])
        return Synapses(
            cell=records[:, CELL].copy(),
            synapses=records[:, SYNAPSES].copy(),
            born=records[:, BORN].copy(),
            last_used=records[:, LAST_USED].copy(),
            presynaptic=self._presynaptic[:touched][live],
            permanence=self._permanence[:touched][live],
            free=np.array(free[::-1], np.uint32),
            iteration=self.iteration,
            hand=int(self._books[HAND]),
        )

    def restore(self, synapses: Synapses) -> None:
        """Become what `synapses` says; it must fit together, or `InvalidInput` is raised."""
        touched = len(synapses.cell)
        blocks = self.parameters.cells + len(synapses.presynaptic) // 8 + 4096
        self._make_arrays(max(touched, min(self.parameters.max_segments, 1024)), blocks)
        self._books[:] = 0
        self._books[[ITERATION, TOUCHED, HAND]] = synapses.iteration, touched, synapses.hand
        fields = (synapses.cell, synapses.synapses, synapses.born, synapses.last_used)
        self._segments[:touched, :NEXT] = np.column_stack(fields)
        live = np.arange(self.parameters.max_synapses_per_segment) < synapses.synapses[:, None]
        self._presynaptic[:touched][live] = synapses.presynaptic
        self._permanence[:touched][live] = synapses.permanence
        free = binding.pointer(synapses.free, synapses.free.shape, np.uint32)
        binding.check(self._lib.l2c_htm_relink(self.struct, free, len(synapses.free)))

    def _make_arrays(self, segments: int, blocks: int) -> None:
        S = self.parameters.max_synapses_per_segment
        self._segments = _pages((segments, self._lib.L2C_HTM_SEGMENT_FIELDS), np.uint32)
        self._presynaptic = _pages((segments, S), np.uint16)
        self._permanence = _pages((segments, S), np.uint16)
        self._blocks = _pages((blocks, self._lib.L2C_HTM_BLOCK_FIELDS), np.uint32)
        arrays: dict[str, tuple[np.ndarray, type[np.generic]]] = {
            "segments": (self._segments, np.uint32),
            "presynaptic": (self._presynaptic, np.uint16),
            "permanence": (self._permanence, np.uint16),
            "cells": (self._cells, np.uint32),
            "blocks": (self._blocks, np.uint32),
            "books": (self._books, np.uint64),
        }
        pointers = {name: binding.pointer(a, a.shape, kind) for name, (a, kind) in arrays.items()}
        sizes = {"segment_capacity": segments, "block_capacity": blocks}
        self.struct = binding.new("l2c_htm_memory *", {"shape": self._shape()} | pointers | sizes)

    def _shape(self) -> dict[str, int]:
        p, units = self.parameters, self.parameters.units()
        return {
            "columns": p.columns,
            "cells_per_column": p.cells_per_column,
            "max_segments": p.max_segments,
            "seed": self.seed,
            "activation_threshold": p.activation_threshold,
            "min_threshold": p.min_threshold,
            "max_new_synapses": p.max_new_synapse_count,
            "max_segments_per_cell": p.max_segments_per_cell,
            "max_synapses": p.max_synapses_per_segment,
            "initial": units["initial_permanence"],
            "connected": units["connected_permanence"],
            "increment": units["permanence_increment"],
            "decrement": units["permanence_decrement"],
            "punishment": units["predicted_segment_decrement"],
        }


def _pages(shape: tuple[int, ...], kind: type[np.generic]) -> Any:
    """Zeros that take memory when they are touched, and give it back at once when they go."""
    size = math.prod(shape) * np.dtype(kind).itemsize
    return np.frombuffer(mmap.mmap(-1, max(size, 1)), np.uint8, size).view(kind).reshape(shape)


class KernelTemporalMemory:
    """Columns in, predictions out: the interface of `reference.TemporalMemory`."""

    def __init__(self, parameters: TemporalMemoryParameters, *, seed: int = 0) -> None:
        self.parameters = parameters
        self.memory = KernelMemory(parameters, seed=seed)
        self._lib = binding.library()
        self._activity = self.memory.activity()

    @property
    def iteration(self) -> int:
        """Learning steps so far."""
        return self.memory.iteration

    def step(self, columns: Sequence[int] | np.ndarray, *, learn: bool) -> float:
        """One step of time; see `reference.TemporalMemory.step`."""
        checked = checked_columns(columns, self.parameters.columns)
        offsets = np.array([0, len(checked)], np.uint64)
        return float(self.run(checked.astype(np.uint16), offsets, learn=learn)[0])

    def run(
        self,
        columns: UInt16[np.ndarray, " N"],
        offsets: UInt64[np.ndarray, " T+1"],
        *,
        learn: bool,
    ) -> Float32[np.ndarray, " T"]:
        """T steps at once, `columns[offsets[t]:offsets[t + 1]]` on in step t; their anomalies."""
        steps = len(offsets) - 1
        if offsets[0] != 0 or int(offsets[-1]) != len(columns):
            raise ValueError("`offsets` must begin with 0 and end with the number of columns.")
        anomaly = np.empty(steps, np.float32)
        done, made = 0, binding.new("size_t *")
        while done < steps:
            status = self._lib.l2c_htm_run(
                made,
                binding.pointer(anomaly[done:], (steps - done,), np.float32),
                self.memory.struct,
                *self._given(),
                binding.pointer(columns, columns.shape, np.uint16),
                binding.pointer(offsets[done:], (steps - done + 1,), np.uint64),
                steps - done,
                int(learn),
            )
            done += int(made[0])
            if status == self._lib.L2C_FULL:
                self._make_room()
            else:
                binding.check(status)
        return anomaly

    def reset(self) -> None:
        """Forget the context: what comes next begins a new sequence. Synapses stay."""
        self.enter([], [])

    def enter(self, active: Sequence[int], winners: Sequence[int]) -> None:
        """Stand where these cells are active, and these of them won."""
        cells = [np.array(those, np.uint16) for those in (active, winners)]
        given = [x for c in cells for x in (binding.pointer(c, c.shape, np.uint16), len(c))]
        binding.check(self._lib.l2c_htm_enter(self.memory.struct, *self._given(), *given))

    def restart(self, active: Sequence[int], winners: Sequence[int]) -> None:
        """Stand in a memory that was restored meanwhile."""
        self._activity = self.memory.activity()
        self.enter(active, winners)

    @property
    def active_cells(self) -> list[int]:
        """The cells that are active, sorted."""
        return self._context()[0]

    @property
    def winner_cells(self) -> list[int]:
        """The cells that learn the context of the next step, sorted."""
        return self._context()[1]

    @property
    def predictive_cells(self) -> list[int]:
        """Cells that expect to be active next, sorted."""
        _, _, matching, overlap = self._context()
        predicting = [s for s, n in zip(matching, overlap, strict=True) if n >= PREDICTS]
        return sorted(set(self.memory.cells_of(predicting)))

    @property
    def predicted_columns(self) -> list[int]:
        """Columns of the predictive cells, sorted."""
        return sorted({cell // self.parameters.cells_per_column for cell in self.predictive_cells})

    def _context(self) -> tuple[list[int], list[int], list[int], list[int]]:
        cells, segments = self.parameters.cells, len(self._activity)
        active, winners = np.empty(cells, np.uint16), np.empty(cells, np.uint16)
        matching, overlap = np.empty(segments, np.uint32), np.empty(segments, np.uint32)
        counts = [binding.new("size_t *") for _ in range(3)]
        status = self._lib.l2c_htm_context(
            binding.pointer(active, active.shape, np.uint16),
            counts[0],
            binding.pointer(winners, winners.shape, np.uint16),
            counts[1],
            binding.pointer(matching, matching.shape, np.uint32),
            binding.pointer(overlap, overlap.shape, np.uint32),
            counts[2],
            self.memory.struct,
            *self._given(),
        )
        binding.check(status)
        a, w, m = (int(count[0]) for count in counts)
        return (
            active[:a].tolist(),
            winners[:w].tolist(),
            matching[:m].tolist(),
            overlap[:m].tolist(),
        )

    def _make_room(self) -> None:
        active, winners, _, _ = self._context()
        self.memory.grow()
        self.restart(active, winners)

    def _given(self) -> tuple[Any, int]:
        pointer = binding.pointer(self._activity, self._activity.shape, np.uint64)
        return pointer, len(self._activity)
