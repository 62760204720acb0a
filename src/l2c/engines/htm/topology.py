"""Where columns and inputs lie: indexes in several dimensions, and what is near."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Int64


def centre(column: int, columns: Sequence[int], inputs: Sequence[int]) -> int:
    """The input in the middle of what a column sees: the column's place, stretched."""
    place = np.unravel_index(column, tuple(columns))
    middle = [
        int((at + 0.5) * there / here)
        for at, here, there in zip(place, columns, inputs, strict=True)
    ]
    return int(np.ravel_multi_index(tuple(middle), tuple(inputs)))


def neighbourhood(
    index: int, radius: int, sizes: Sequence[int], *, wrap: bool
) -> Int64[np.ndarray, " N"]:
    """Everything within `radius` along every axis, `index` too, ascending; round or cut off."""
    axes = []
    for at, size in zip(np.unravel_index(index, tuple(sizes)), sizes, strict=True):
        near = np.arange(int(at) - radius, int(at) + radius + 1)
        axes.append(np.unique(near % size) if wrap else near[(near >= 0) & (near < size)])
    grid = np.meshgrid(*axes, indexing="ij")
    found = np.ravel_multi_index(tuple(axis.ravel() for axis in grid), tuple(sizes))
    return np.sort(found).astype(np.int64)


def mapped_span(connected: Bool[np.ndarray, " I"], sizes: Sequence[int]) -> float:
    """How far the connected inputs reach, as the mean over the axes; 0 where there are none."""
    which = np.flatnonzero(connected)
    if not len(which):
        return 0.0
    places = np.unravel_index(which, tuple(sizes))
    return float(np.mean([axis.max() - axis.min() + 1 for axis in places]))
