"""The parameters of the theory, by their published names, and the values they may take.

Permanences are integers, in units of 1/10 000: sums of them are exact, so two implementations
that follow the same rules agree in every bit, and a permanence of .5 that lost .08 is .42.
`permanence` turns the published decimal into units.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

from l2c.errors import InvalidConfig

UNITS = 10_000
"""A permanence of 1."""

MAX_CELLS = 65_536
"""Cells are numbered in 16 bits."""

MAX_SYNAPSES, MAX_SEGMENTS_PER_CELL, MAX_SEGMENTS = 255, 255, 1 << 26


def permanence(value: float) -> int:
    """A permanence in units; raises `InvalidConfig` unless it lies in [0, 1].

    >>> permanence(0.21)
    2100
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidConfig(f"A permanence must lie in [0, 1]; found {value!r}.")
    return round(value * UNITS)


@dataclass(frozen=True, slots=True)
class TemporalMemoryParameters:
    """Sizes and rates of a Temporal Memory (Numenta, BAMI; the defaults are NuPIC's).

    `max_segments` bounds the memory of the whole region: at the bound a new segment replaces the
    one that was not active for longest among the next `EVICTION_WINDOW` in a round.
    """

    columns: int = 2048
    cells_per_column: int = 32
    activation_threshold: int = 13
    min_threshold: int = 10
    max_new_synapse_count: int = 20
    initial_permanence: float = 0.21
    connected_permanence: float = 0.5
    permanence_increment: float = 0.1
    permanence_decrement: float = 0.1
    predicted_segment_decrement: float = 0.0
    max_segments_per_cell: int = 255
    max_synapses_per_segment: int = 255
    max_segments: int = MAX_SEGMENTS

    def __post_init__(self) -> None:
        _check_integers(
            self,
            columns=(1, MAX_CELLS),
            cells_per_column=(1, MAX_CELLS),
            activation_threshold=(1, 65_535),
            min_threshold=(1, 65_535),
            max_new_synapse_count=(1, 65_535),
            max_segments_per_cell=(1, MAX_SEGMENTS_PER_CELL),
            max_synapses_per_segment=(1, MAX_SYNAPSES),
            max_segments=(1, MAX_SEGMENTS),
        )
        if self.cells > MAX_CELLS:
            raise InvalidConfig(
                f"`columns` times `cells_per_column` must be at most {MAX_CELLS}; found "
                f"{self.columns} times {self.cells_per_column}."
            )
        if self.min_threshold > self.activation_threshold:
            raise InvalidConfig(
                f"`min_threshold` must be at most `activation_threshold`; found "
                f"{self.min_threshold} and {self.activation_threshold}."
            )
        _check_permanences(self, *_PERMANENCES)

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return self.columns * self.cells_per_column

    def units(self) -> dict[str, int]:
        """The permanences by name, in units."""
        return {name: permanence(getattr(self, name)) for name in _PERMANENCES}


@dataclass(frozen=True, slots=True)
class SpatialPoolerParameters:
    """Sizes and rates of a Spatial Pooler (Numenta, BAMI; the defaults are NuPIC's).

    Exactly one of `local_area_density` and `num_active_columns_per_inh_area` is above 0.
    """

    input_dimensions: tuple[int, ...] = (1024,)
    column_dimensions: tuple[int, ...] = (2048,)
    potential_radius: int = 16
    potential_pct: float = 0.5
    global_inhibition: bool = False
    local_area_density: float = 0.0
    num_active_columns_per_inh_area: int = 10
    stimulus_threshold: int = 0
    syn_perm_inactive_dec: float = 0.008
    syn_perm_active_inc: float = 0.05
    syn_perm_connected: float = 0.1
    min_pct_overlap_duty_cycle: float = 0.001
    duty_cycle_period: int = 1000
    boost_strength: float = 0.0
    wrap_around: bool = True

    def __post_init__(self) -> None:
        for name in ("input_dimensions", "column_dimensions"):
            sizes = getattr(self, name)
            if not sizes or any(type(size) is not int or size < 1 for size in sizes):
                raise InvalidConfig(f"`{name}` must hold integers ≥ 1; found {sizes!r}.")
        if len(self.input_dimensions) != len(self.column_dimensions):
            raise InvalidConfig(
                f"Inputs and columns must have equally many dimensions; found "
                f"{self.input_dimensions} and {self.column_dimensions}."
            )
        _check_integers(
            self,
            potential_radius=(0, MAX_SEGMENTS),
            num_active_columns_per_inh_area=(0, MAX_SEGMENTS),
            stimulus_threshold=(0, 65_535),
            duty_cycle_period=(1, MAX_SEGMENTS),
        )
        _check_permanences(
            self, "syn_perm_inactive_dec", "syn_perm_active_inc", "syn_perm_connected"
        )
        check_numbers(
            self,
            potential_pct=(0, 1),
            min_pct_overlap_duty_cycle=(0, 1),
            local_area_density=(0, 0.5),
            boost_strength=(0, sys.float_info.max),
        )
        self._check_density()

    def _check_density(self) -> None:
        density, number = self.local_area_density, self.num_active_columns_per_inh_area
        if (density > 0) == (number > 0):
            raise InvalidConfig(
                f"Give a `local_area_density` in (0, .5] or a `num_active_columns_per_inh_area` "
                f"≥ 1, and 0 for the other; found {density} and {number}."
            )
        if self.global_inhibition and 0 < density * self.columns < 1:
            raise InvalidConfig(
                f"`local_area_density` times the number of columns must be at least 1, or no "
                f"column ever wins; found {density} of {self.columns}."
            )

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return math.prod(self.column_dimensions)

    @property
    def inputs(self) -> int:
        """How many input bits there are."""
        return math.prod(self.input_dimensions)


_PERMANENCES = (
    "initial_permanence",
    "connected_permanence",
    "permanence_increment",
    "permanence_decrement",
    "predicted_segment_decrement",
)


def _check_integers(owner: object, **ranges: tuple[int, int]) -> None:
    for name, (least, most) in ranges.items():
        value = getattr(owner, name)
        if type(value) is not int or not least <= value <= most:
            raise InvalidConfig(
                f"`{name}` must be an integer in [{least}, {most}]; found {value!r}."
            )


def check_numbers(owner: object, **ranges: tuple[float, float]) -> None:
    """Raise `InvalidConfig` unless each of these attributes is a number in its range."""
    for name, (least, most) in ranges.items():
        value = getattr(owner, name)
        if type(value) not in (int, float) or not least <= value <= most:
            raise InvalidConfig(f"`{name}` must lie in [{least:g}, {most:g}]; found {value!r}.")


def _check_permanences(owner: object, *names: str) -> None:
    for name in names:
        try:
            permanence(getattr(owner, name))
        except InvalidConfig as error:
            raise InvalidConfig(f"`{name}` is out of range. {error}") from None
