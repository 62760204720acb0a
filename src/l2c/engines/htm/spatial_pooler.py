"""The Spatial Pooler: inputs become sparse representations that keep what is similar similar.

Every column sees part of the input through synapses. Columns compete: those whose connected
synapses see most active inputs win, the others are silenced. Winners learn, so that they answer
better to what they won with; who never wins is boosted. Permanences are integers in units of
1/10 000. Rules and names follow Numenta's "Biological and Machine Intelligence" (2016) and Cui,
Ahmad & Hawkins 2017, "The HTM Spatial Pooler".

It is written in NumPy over dense arrays; the two loops of every step are in C where there is C.

Letters: I inputs, C columns.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from l2c.engines.htm.parameters import UNITS, SpatialPoolerParameters, permanence
from l2c.engines.htm.topology import centre, mapped_span, neighbourhood
from l2c.errors import InvalidConfig, InvalidInput
from l2c.kernels import binding

if TYPE_CHECKING:
    from jaxtyping import Float64, Int32, Int64, UInt16

UPDATE_PERIOD = 50
"""Steps between two looks at how far inhibition reaches and how much activity is little."""

INITIALLY_CONNECTED = 0.5

_ARRAYS = (
    "pools", "permanences", "boost", "overlap_duty", "active_duty", "min_overlap_duty",
)  # fmt: skip


class SpatialPooler:
    """Columns that learn to tell inputs apart; `permanences` (C, I) are 0 outside of the pools."""

    def __init__(self, parameters: SpatialPoolerParameters, *, seed: int = 0) -> None:
        p = parameters
        if p.inputs > 65_535 or p.columns > 65_536:
            raise InvalidConfig("A Spatial Pooler has at most 65,535 inputs and 65,536 columns.")
        self.parameters = p
        self._columns, self._inputs = p.columns, p.inputs
        self._rng = np.random.default_rng(seed)
        self._connected_from = permanence(p.syn_perm_connected)
        self._up, self._down = (
            permanence(p.syn_perm_active_inc),
            permanence(p.syn_perm_inactive_dec),
        )
        self.pools = np.zeros((p.columns, p.inputs), bool)
        self.permanences = np.zeros((p.columns, p.inputs), np.int32)
        for column in range(p.columns):
            self.pools[column, self._pool(column)] = True
        self._draw_permanences()
        self.boost = np.ones(p.columns)
        self.overlap_duty, self.active_duty = np.zeros(p.columns), np.zeros(p.columns)
        self.min_overlap_duty = np.zeros(p.columns)
        self.iteration = self.learning_iteration = 0
        self.inhibition_radius = 0
        self._find_radius()

    def tensors(self) -> dict[str, np.ndarray]:
        """Everything it has become, by name; copies. `restore` takes it in."""
        counted = [self.iteration, self.learning_iteration, self.inhibition_radius]
        return {name: getattr(self, name).copy() for name in _ARRAYS} | {
            "counted": np.array(counted, np.int64)
        }

    def restore(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Become what a pooler with the same parameters was; it goes on bit for bit.

        Raises `InvalidInput`, and changes nothing, where a tensor is missing or of another form.
        """
        own = self.tensors()
        for name, array in own.items():
            found = tensors.get(name)
            if found is None or found.shape != array.shape or found.dtype != array.dtype:
                raise InvalidInput(f"{name!r} must be {array.dtype} of shape {array.shape}.")
        if tensors["permanences"][~tensors["pools"]].any():
            raise InvalidInput("Permanences must fit the pools: 0 where there is no synapse.")
        for name in _ARRAYS:
            setattr(self, name, tensors[name].copy())
        self.iteration, self.learning_iteration, self.inhibition_radius = map(
            int, tensors["counted"]
        )
        strong = np.greater_equal(self.permanences.T, self._connected_from)
        self._connected = np.ascontiguousarray(strong, np.uint8)

    # ------------------------------------------------------------------------- one step

    def step(self, active: Sequence[int] | np.ndarray, *, learn: bool) -> UInt16[np.ndarray, " W"]:
        """The columns that win, ascending, when these inputs (ascending) are on."""
        if not learn and self.parameters.global_inhibition and binding.available():
            return self._winners_of(np.asarray(active, dtype=np.int64))
        inputs = _checked(active, self._inputs)
        self.iteration += 1
        overlap = self.overlap(inputs)
        if not learn:
            return self.inhibit(overlap)
        self.learning_iteration += 1
        winners = self.inhibit(overlap * self.boost)
        self._adapt(winners, inputs)
        self._count_duty(overlap, winners)
        self._raise_weak_columns()
        self._find_boost()
        if self.iteration % UPDATE_PERIOD == 0:
            self._find_radius()
            self._find_min_duty()
        return winners

    def _winners_of(self, active: Int64[np.ndarray, " K"]) -> UInt16[np.ndarray, " W"]:
        """A step that only asks, in one call."""
        most = self._most
        winners, count = np.empty(most, np.uint16), binding.new("size_t *")
        overlap = np.empty(self._columns, np.uint16)
        status = binding.library().l2c_htm_pool(
            binding.pointer(winners, (most,), np.uint16),
            count,
            binding.pointer(overlap, (self._columns,), np.uint16),
            binding.pointer(self._connected, (self._inputs, self._columns), np.uint8),
            binding.pointer(np.ascontiguousarray(active), (active.size,), np.int64),
            active.size,
            self._inputs,
            self._columns,
            most,
            self.parameters.stimulus_threshold,
        )
        if status == binding.library().L2C_BAD_TOKEN:
            _checked(active, self._inputs)
        binding.check(status)
        self.iteration += 1
        return winners[: count[0]]

    def overlap(self, active: UInt16[np.ndarray, " K"]) -> UInt16[np.ndarray, " C"]:
        """How many connected synapses of every column see an active input."""
        if not binding.available():
            counts: UInt16[np.ndarray, " C"] = self._connected[active].sum(axis=0, dtype=np.uint16)
            return counts
        found = np.empty(self._columns, np.uint16)
        status = binding.library().l2c_htm_overlap(
            binding.pointer(found, (self._columns,), np.uint16),
            binding.pointer(self._connected, (self._inputs, self._columns), np.uint8),
            binding.pointer(active, active.shape, np.uint16),
            len(active),
            self._inputs,
            self._columns,
        )
        binding.check(status)
        return found

    def inhibit(self, overlap: np.ndarray) -> UInt16[np.ndarray, " W"]:
        """The columns that win with these overlaps, boosted or not."""
        if self.parameters.global_inhibition:
            return self._inhibit_globally(overlap)
        return self._inhibit_locally(overlap)

    @property
    def density(self) -> float:
        """The part of the columns of a neighbourhood that may win."""
        p = self.parameters
        if p.local_area_density > 0:
            return p.local_area_density
        sizes = (min(size, 2 * self.inhibition_radius + 1) for size in p.column_dimensions)
        return min(0.5, p.num_active_columns_per_inh_area / math.prod(sizes))

    @property
    def _most(self) -> int:
        """How many columns may win, of all."""
        return math.floor(self.density * self._columns + 1e-9)

    def _inhibit_globally(self, overlap: np.ndarray) -> UInt16[np.ndarray, " W"]:
        p, most = self.parameters, self._most
        best = np.sort(np.argsort(overlap, kind="stable")[self._columns - most :])
        return best[overlap[best] >= p.stimulus_threshold].astype(np.uint16)

    def _inhibit_locally(self, overlap: np.ndarray) -> UInt16[np.ndarray, " W"]:
        """Columns in the order of their index; of equal ones those that won before count."""
        p, won = self.parameters, np.zeros(len(overlap), bool)
        for column in range(p.columns):
            if overlap[column] < p.stimulus_threshold:
                continue
            near = self._neighbours(column)
            others = near[near != column]
            stronger = int((overlap[others] > overlap[column]).sum())
            equal = int((won[others] & (overlap[others] == overlap[column])).sum())
            won[column] = stronger + equal < math.floor(0.5 + self.density * len(near))
        return np.flatnonzero(won).astype(np.uint16)

    # --------------------------------------------------------------------------- learning

    def _adapt(self, winners: np.ndarray, active: np.ndarray) -> None:
        change = np.full(self.parameters.inputs, -self._down, np.int32)
        change[active] = self._up
        for column in winners.tolist():
            row = self.permanences[column]
            row[self.pools[column]] += change[self.pools[column]]
            self._settle(column)

    def _settle(self, column: int) -> None:
        """Raised until it can answer at all, within [0, 1], without synapses next to nothing."""
        pool, row = self.pools[column], self.permanences[column]
        np.clip(row, 0, UNITS, out=row)
        enough = min(self.parameters.stimulus_threshold, int(pool.sum()))
        while int((row[pool] >= self._connected_from).sum()) < enough:
            row[pool] += max(self._connected_from // 10, 1)
        np.clip(row, 0, UNITS, out=row)
        row[2 * row < self._up] = 0
        self._connected[:, column] = row >= self._connected_from

    def _count_duty(self, overlap: np.ndarray, winners: np.ndarray) -> None:
        period = min(self.parameters.duty_cycle_period, self.iteration)
        won = np.zeros(len(overlap))
        won[winners] = 1
        self.overlap_duty = moving_average(self.overlap_duty, overlap > 0, period)
        self.active_duty = moving_average(self.active_duty, won, period)

    def _raise_weak_columns(self) -> None:
        for column in np.flatnonzero(self.overlap_duty < self.min_overlap_duty).tolist():
            self.permanences[column, self.pools[column]] += self._connected_from // 10
            self._settle(column)

    def _find_boost(self) -> None:
        p = self.parameters
        if p.boost_strength == 0:
            return
        if p.global_inhibition:
            target: float | np.ndarray = self.density
        else:
            duty = self.active_duty
            target = np.array([duty[self._neighbours(c)].mean() for c in range(p.columns)])
        self.boost = np.exp(p.boost_strength * (target - self.active_duty))

    def _find_radius(self) -> None:
        """How far inhibition reaches: as far as what a column is connected to, in columns."""
        p = self.parameters
        if p.global_inhibition:
            self.inhibition_radius = max(p.column_dimensions)
            return
        spans = [
            mapped_span(self._connected[:, c] > 0, p.input_dimensions) for c in range(p.columns)
        ]
        pairs = zip(p.column_dimensions, p.input_dimensions, strict=True)
        per_input = float(np.mean([columns / inputs for columns, inputs in pairs]))
        diameter = float(np.mean(spans)) * per_input
        self.inhibition_radius = max(1, math.floor((diameter - 1) / 2 + 0.5))

    def _find_min_duty(self) -> None:
        p = self.parameters
        if p.global_inhibition:
            self.min_overlap_duty[:] = p.min_pct_overlap_duty_cycle * self.overlap_duty.max()
            return
        for column in range(p.columns):
            near = self.overlap_duty[self._neighbours(column)]
            self.min_overlap_duty[column] = p.min_pct_overlap_duty_cycle * near.max()

    # ------------------------------------------------------------------------ construction

    def _pool(self, column: int) -> Int64[np.ndarray, " P"]:
        """The inputs a column may see: a random part of those around its centre."""
        p = self.parameters
        middle = centre(column, p.column_dimensions, p.input_dimensions)
        near = neighbourhood(middle, p.potential_radius, p.input_dimensions, wrap=p.wrap_around)
        count = math.floor(p.potential_pct * len(near) + 0.5)
        return np.sort(self._rng.permutation(near)[:count])

    def _draw_permanences(self) -> None:
        """Half of the potential synapses connected, half not, all by chance."""
        shape, c = self.permanences.shape, self._connected_from
        strong = self._rng.random(shape) < INITIALLY_CONNECTED
        drawn = np.where(
            strong, self._rng.integers(c, UNITS + 1, shape), self._rng.integers(0, max(c, 1), shape)
        )
        self.set_permanences(np.where(self.pools, drawn, 0).astype(np.int32))

    def set_permanences(self, permanences: Int32[np.ndarray, "C I"]) -> None:
        """Take these permanences, in units; those outside of the pools must be 0."""
        if permanences.shape != self.pools.shape or permanences[~self.pools].any():
            raise InvalidInput("Permanences must fit the pools: 0 where there is no synapse.")
        self.permanences = permanences.astype(np.int32)
        self._connected = np.zeros(self.pools.T.shape, np.uint8)
        for column in range(self.parameters.columns):
            self._settle(column)

    def _neighbours(self, column: int) -> Int64[np.ndarray, " N"]:
        p = self.parameters
        return neighbourhood(
            column, self.inhibition_radius, p.column_dimensions, wrap=p.wrap_around
        )


def moving_average(
    average: Float64[np.ndarray, " C"], value: np.ndarray, period: int
) -> Float64[np.ndarray, " C"]:
    """The average of the last `period` values, as far as the average before tells."""
    moved: Float64[np.ndarray, " C"] = ((period - 1) * average + value) / period
    return moved


def _checked(active: Sequence[int] | np.ndarray, inputs: int) -> UInt16[np.ndarray, " K"]:
    found = np.asarray(active, dtype=np.int64)
    if found.ndim != 1 or (
        len(found) and (found[0] < 0 or found[-1] >= inputs or (found[1:] <= found[:-1]).any())
    ):
        raise InvalidInput(f"Inputs must ascend and lie in [0, {inputs}); found {active!r:.80}.")
    return found.astype(np.uint16)
