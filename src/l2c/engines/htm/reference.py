"""The Temporal Memory as the theory tells it, in dictionaries: slow, to be read, the oracle.

A region has columns, a column has cells. An input switches some columns on. A cell that was
*predicted* (one of its distal segments saw enough of what was active before) is active alone in
its column; a column without one *bursts*: all of its cells become active, and one of them, the
winner, learns the context. So the same column stands for the same input, and its cells for the
input in different contexts. Predictions are whatever the active cells now excite.

Rules and names follow Numenta's "Biological and Machine Intelligence" (2016) and Cui, Ahmad &
Hawkins 2016, "Continuous online sequence learning with an unsupervised neural network model".
`temporal_memory.c` follows the same rules in the same order, down to the random numbers, so both
agree in every permanence.

Random numbers are a function of the seed and the iteration: nothing has to be carried along, and
reading without learning changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from l2c.engines.htm.parameters import UNITS, TemporalMemoryParameters
from l2c.engines.htm.synapses import NO_CELL, Synapses, nothing
from l2c.errors import InvalidInput

if TYPE_CHECKING:
    from jaxtyping import Int32

EVICTION_WINDOW = 64
"""How many segments are compared when the region is full and one of them has to go."""

_MASK = 2**64 - 1


class Chance:
    """Random numbers of one step, by SplitMix64 (Steele, Lea & Flood 2014)."""

    def __init__(self, seed: int, iteration: int) -> None:
        self._state = (seed + iteration * 0xD6E8FEB86659FD93) & _MASK

    def below(self, n: int) -> int:
        """A number in [0, n)."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        z = self._state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _MASK
        z = (z ^ z >> 27) * 0x94D049BB133111EB & _MASK
        return ((z ^ z >> 31) >> 32) * n >> 32


@dataclass(eq=False, slots=True)
class Segment:
    """A distal segment: presynaptic cells and their permanences in units, oldest first."""

    cell: int
    slot: int
    born: int
    last_used: int
    synapses: dict[int, int] = field(default_factory=dict)
    alive: bool = True


class Connections:
    """Segments of cells, and which segments listen to a cell."""

    def __init__(self, parameters: TemporalMemoryParameters) -> None:
        self.parameters = parameters
        self.of_cell: dict[int, list[Segment]] = {}
        self.listening: dict[int, dict[Segment, None]] = {}
        self.slots: list[Segment | None] = []
        self.free: list[int] = []
        self.hand = 0

    @property
    def segments(self) -> list[Segment]:
        """Every segment in the order of its slot."""
        return [segment for segment in self.slots if segment is not None]

    def column_of(self, cell: int) -> int:
        """The column of a cell; raises `InvalidInput` for a cell that is not there."""
        if not 0 <= cell < self.parameters.cells:
            raise InvalidInput(f"A cell must lie in [0, {self.parameters.cells}); found {cell}.")
        return cell // self.parameters.cells_per_column

    def cells_of(self, column: int) -> range:
        """The cells of a column; raises `InvalidInput` for a column that is not there."""
        if not 0 <= column < self.parameters.columns:
            raise InvalidInput(
                f"A column must lie in [0, {self.parameters.columns}); found {column}."
            )
        k = self.parameters.cells_per_column
        return range(column * k, column * k + k)

    def create_segment(self, cell: int, iteration: int = 0) -> Segment:
        """A new, empty segment; on a full cell, or in a full region, an old one makes room."""
        self.column_of(cell)
        own = self.of_cell.setdefault(cell, [])
        while len(own) >= self.parameters.max_segments_per_cell:
            self.destroy_segment(min(own, key=lambda segment: segment.last_used))
        if not self.free and len(self.slots) >= self.parameters.max_segments:
            self._make_room()
        slot = self.free.pop() if self.free else len(self.slots)
        segment = Segment(cell, slot, iteration, iteration)
        if slot == len(self.slots):
            self.slots.append(segment)
        else:
            self.slots[slot] = segment
        self.of_cell.setdefault(cell, []).append(segment)
        return segment

    def destroy_segment(self, segment: Segment) -> None:
        """Take a segment and its synapses away."""
        for presynaptic in list(segment.synapses):
            self.destroy_synapse(segment, presynaptic)
        self.of_cell[segment.cell].remove(segment)
        self.slots[segment.slot] = None
        self.free.append(segment.slot)
        segment.alive = False

    def create_synapse(self, segment: Segment, presynaptic: int, permanence: int) -> None:
        """A synapse; of two from the same cell the stronger stays."""
        self.column_of(presynaptic)
        segment.synapses[presynaptic] = max(permanence, segment.synapses.get(presynaptic, 0))
        self.listening.setdefault(presynaptic, {})[segment] = None

    def destroy_synapse(self, segment: Segment, presynaptic: int) -> None:
        """Take one synapse away."""
        del segment.synapses[presynaptic]
        del self.listening[presynaptic][segment]

    def activity(
        self, active: Iterable[int], connected: int
    ) -> tuple[dict[Segment, int], dict[Segment, int]]:
        """How many synapses of each segment come from `active`: potential ones, connected ones."""
        potential: dict[Segment, int] = {}
        strong: dict[Segment, int] = {}
        for cell in active:
            for segment in self.listening.get(cell, ()):
                potential[segment] = potential.get(segment, 0) + 1
                if segment.synapses[cell] >= connected:
                    strong[segment] = strong.get(segment, 0) + 1
        return potential, strong

    def check(self) -> None:
        """Assert that segments, slots and the index of listeners agree."""
        for cell, segments in self.of_cell.items():
            assert all(s.cell == cell and s.alive and self.slots[s.slot] is s for s in segments)
        assert sum(map(len, self.of_cell.values())) == len(self.segments)
        listed = {(cell, id(s)) for cell, those in self.listening.items() for s in those}
        assert listed == {(cell, id(s)) for s in self.segments for cell in s.synapses}

    def _make_room(self) -> None:
        """The region is full: of the next segments in the round the longest unused one goes."""
        number = len(self.slots)
        window = [self.slots[(self.hand + i) % number] for i in range(EVICTION_WINDOW)]
        self.hand = (self.hand + EVICTION_WINDOW) % number
        self.destroy_segment(
            min((s for s in window if s is not None), key=lambda segment: segment.last_used)
        )


class TemporalMemory:
    """Columns in, predictions out, one step at a time; it learns as it goes.

    After a step `active_cells` and `winner_cells` are sorted, `active_segments` and
    `matching_segments` (with how many of its synapses were active) belong to the next step's
    prediction.
    """

    def __init__(self, parameters: TemporalMemoryParameters, *, seed: int = 0) -> None:
        self.parameters = parameters
        self.seed = seed
        self.restore(nothing())

    def reset(self) -> None:
        """Forget the context: what comes next begins a new sequence. Synapses stay."""
        self.active_cells: list[int] = []
        self.winner_cells: list[int] = []
        self.active_segments: list[Segment] = []
        self.matching_segments: dict[Segment, int] = {}

    def enter(self, active: Sequence[int], winners: Sequence[int]) -> None:
        """Stand where these cells are active, and these of them won."""
        self.active_cells, self.winner_cells = list(active), list(winners)
        self.depolarise(learn=False)

    def synapses(self) -> Synapses:
        """Everything learned."""
        slots, numbers = self.connections.slots, np.uint32
        rows = [(s.cell, len(s.synapses), s.born, s.last_used) if s else (NO_CELL, 0, 0, 0)
                for s in slots]  # fmt: skip
        table = np.array(rows, numbers).reshape(-1, 4)
        pairs = [pair for s in slots if s for pair in s.synapses.items()]
        each = np.array(pairs, np.uint16).reshape(-1, 2)
        return Synapses(
            cell=table[:, 0].copy(),
            synapses=table[:, 1].copy(),
            born=table[:, 2].copy(),
            last_used=table[:, 3].copy(),
            presynaptic=each[:, 0].copy(),
            permanence=each[:, 1].copy(),
            free=np.array(self.connections.free, numbers),
            iteration=self.iteration,
            hand=self.connections.hand,
        )

    def restore(self, synapses: Synapses) -> None:
        """Become what `synapses` says."""
        self.connections = Connections(self.parameters)
        connections, at = self.connections, 0
        for slot, cell in enumerate(synapses.cell.tolist()):
            n = int(synapses.synapses[slot])
            if cell == NO_CELL:
                connections.slots.append(None)
                continue
            segment = Segment(cell, slot, int(synapses.born[slot]), int(synapses.last_used[slot]))
            connections.slots.append(segment)
            connections.of_cell.setdefault(cell, []).append(segment)
            rows = zip(synapses.presynaptic[at : at + n], synapses.permanence[at : at + n],
                       strict=True)  # fmt: skip
            for presynaptic, permanence in rows:
                connections.create_synapse(segment, int(presynaptic), int(permanence))
            at += n
        for segments in connections.of_cell.values():
            segments.sort(key=lambda segment: segment.born)
        connections.free, connections.hand = synapses.free.tolist(), synapses.hand
        self.iteration = synapses.iteration
        self.reset()

    @property
    def predictive_cells(self) -> list[int]:
        """Cells that expect to be active next, sorted."""
        return sorted({segment.cell for segment in self.active_segments})

    @property
    def predicted_columns(self) -> list[int]:
        """Columns of the predictive cells, sorted."""
        return sorted({self.connections.column_of(cell) for cell in self.predictive_cells})

    def step(self, columns: Sequence[int] | Int32[np.ndarray, " K"], *, learn: bool) -> float:
        """One step of time; the anomaly: which part of `columns` (ascending) came unexpected.

        No columns have no anomaly: 0.
        """
        columns = checked_columns(columns, self.parameters.columns)
        predicted = set(self.predicted_columns)
        unexpected = sum(int(column) not in predicted for column in columns)
        self.activate(columns.tolist(), learn=learn)
        self.depolarise(learn=learn)
        return unexpected / len(columns) if len(columns) else 0.0

    def activate(self, columns: list[int], *, learn: bool) -> None:
        """Which cells become active, and what the segments learn from it."""
        chance = Chance(self.seed, self.iteration)
        before = set(self.active_cells)
        active: list[int] = []
        winners: list[int] = []
        by_column: dict[int, list[Segment]] = {}
        for segment in self.matching_segments:
            by_column.setdefault(self.connections.column_of(segment.cell), []).append(segment)
        expecting = dict.fromkeys(self.active_segments)
        for column in sorted({*columns, *by_column}):
            matching = sorted(by_column.get(column, []), key=lambda s: (s.cell, s.born))
            strong = [segment for segment in matching if segment in expecting]
            if column not in columns:
                if learn and self.parameters.predicted_segment_decrement > 0:
                    self._punish(matching, before)
            elif strong:
                cells = sorted({segment.cell for segment in strong})
                active += cells
                winners += cells
                for segment in strong if learn else ():
                    self._reinforce(segment, before, chance)
            else:
                active += self.connections.cells_of(column)
                winners.append(self._burst(column, matching, before, chance, learn=learn))
        self.active_cells, self.winner_cells = active, winners

    def depolarise(self, *, learn: bool) -> None:
        """Which segments the active cells excite: the prediction of the next step."""
        p = self.parameters
        potential, strong = self.connections.activity(
            self.active_cells, p.units()["connected_permanence"]
        )
        self.matching_segments = {s: n for s, n in potential.items() if n >= p.min_threshold}
        self.active_segments = [s for s, n in strong.items() if n >= p.activation_threshold]
        if learn:
            for segment in self.active_segments:
                segment.last_used = self.iteration
            self.iteration += 1

    def _burst(
        self, column: int, matching: list[Segment], before: set[int], chance: Chance, *, learn: bool
    ) -> int:
        """The winner of a column nobody predicted, and what it learns."""
        if matching:
            best = max(matching, key=lambda segment: self.matching_segments[segment])
            if learn:
                self._reinforce(best, before, chance)
            return best.cell
        cells = self.connections.cells_of(column)
        used = [len(self.connections.of_cell.get(cell, ())) for cell in cells]
        least = [cell for cell, n in zip(cells, used, strict=True) if n == min(used)]
        winner = least[chance.below(len(least))]
        if learn and self.winner_cells:
            segment = self.connections.create_segment(winner, self.iteration)
            self._grow(segment, self.parameters.max_new_synapse_count, chance)
        return winner

    def _reinforce(self, segment: Segment, before: set[int], chance: Chance) -> None:
        """A segment was right, or came nearest: it learns what was active before."""
        if not segment.alive or segment.born == self.iteration:
            return  # it had to make room for a newer one in this very step
        units = self.parameters.units()
        self._adapt(segment, before, units["permanence_increment"], units["permanence_decrement"])
        room = self.parameters.max_new_synapse_count - self.matching_segments[segment]
        if segment.alive and room > 0:
            self._grow(segment, room, chance)

    def _punish(self, matching: list[Segment], before: set[int]) -> None:
        loss = self.parameters.units()["predicted_segment_decrement"]
        for segment in matching:
            if segment.alive and segment.born != self.iteration:
                self._adapt(segment, before, -loss, 0)

    def _adapt(self, segment: Segment, before: set[int], up: int, down: int) -> None:
        """Synapses from active cells change by `up`, the others lose `down`; at 0 they are gone."""
        for presynaptic, old in list(segment.synapses.items()):
            new = min(old + up if presynaptic in before else old - down, UNITS)
            if new <= 0:
                self.connections.destroy_synapse(segment, presynaptic)
            else:
                segment.synapses[presynaptic] = new
        if not segment.synapses:
            self.connections.destroy_segment(segment)

    def _grow(self, segment: Segment, n: int, chance: Chance) -> None:
        """Up to `n` new synapses to winners of the previous step, chosen at random."""
        candidates = [cell for cell in self.winner_cells if cell not in segment.synapses]
        n = min(n, len(candidates))
        most = self.parameters.max_synapses_per_segment
        self._drop_weakest(segment, len(segment.synapses) + n - most)
        n = min(n, most - len(segment.synapses))
        permanence = self.parameters.units()["initial_permanence"]
        for i in range(n):
            j = i + chance.below(len(candidates) - i)
            candidates[i], candidates[j] = candidates[j], candidates[i]
            self.connections.create_synapse(segment, candidates[i], permanence)

    def _drop_weakest(self, segment: Segment, n: int) -> None:
        """Up to `n` of the weakest synapses go, but none whose cell just won."""
        winners = set(self.winner_cells)
        for _ in range(n):
            weak = [cell for cell in segment.synapses if cell not in winners]
            if not weak:
                return
            self.connections.destroy_synapse(segment, min(weak, key=segment.synapses.__getitem__))


def checked_columns(columns: Sequence[int] | np.ndarray, number: int) -> Int32[np.ndarray, " K"]:
    """`columns` as an array; raises `InvalidInput` unless they ascend and lie in [0, number)."""
    found = np.asarray(columns)
    if found.size == 0:
        return np.zeros(0, np.int32)
    if found.ndim != 1 or not np.issubdtype(found.dtype, np.integer):
        raise InvalidInput(f"Columns must be a list of integers; found {columns!r:.80}.")
    if found[0] < 0 or found[-1] >= number or (np.diff(found) <= 0).any():
        raise InvalidInput(
            f"Columns must be ascending, distinct and lie in [0, {number}); found {columns!r:.80}."
        )
    return found.astype(np.int32)
