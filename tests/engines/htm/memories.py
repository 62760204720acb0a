"""Temporal Memories of both backends with synapses put there by hand, and the rules they test."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from l2c.engines.htm.kernel import KernelTemporalMemory
from l2c.engines.htm.parameters import TemporalMemoryParameters, permanence
from l2c.engines.htm.reference import TemporalMemory
from l2c.engines.htm.synapses import Synapses
from l2c.kernels import binding

Memory = TemporalMemory | KernelTemporalMemory
BACKENDS: dict[str, Any] = {"reference": TemporalMemory}
if binding.available():
    BACKENDS["kernel"] = KernelTemporalMemory
every_backend = pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS.keys())

SMALL: dict[str, Any] = {
    "columns": 32,
    "cells_per_column": 4,
    "activation_threshold": 3,
    "min_threshold": 2,
    "max_new_synapse_count": 3,
    "permanence_decrement": 0.08,
    "predicted_segment_decrement": 0.02,
}


def small(**changes: Any) -> TemporalMemoryParameters:
    """The region of the published unit tests: 32 columns of 4 cells, thresholds 3 and 2."""
    return TemporalMemoryParameters(**SMALL | changes)


Row = tuple[int, Mapping[int, float]]


def with_segments(
    backend: Any, parameters: TemporalMemoryParameters, *rows: Row, seed: int = 1
) -> Any:
    """A memory with these segments: the cell, and the permanence of every presynaptic cell."""
    memory = backend(parameters, seed=seed)
    cells = np.array([cell for cell, _ in rows], np.uint32)
    counts = np.array([len(synapses) for _, synapses in rows], np.uint32)
    ages = np.arange(len(rows), dtype=np.uint32)
    pairs = [(c, permanence(p)) for _, synapses in rows for c, p in synapses.items()]
    each = np.array(pairs, np.uint16).reshape(-1, 2)
    given = Synapses(
        cells, counts, ages, ages.copy(), each[:, 0].copy(), each[:, 1].copy(),
        np.zeros(0, np.uint32), len(rows), 0,
    )  # fmt: skip
    restored(memory, given, [], [])
    return memory


def restored(memory: Memory, given: Synapses, active: list[int], winners: list[int]) -> None:
    """The memory becomes one that learned this, and stands where these cells are active and won."""
    if isinstance(memory, TemporalMemory):
        memory.restore(given)
        memory.enter(active, winners)
    else:
        memory.memory.restore(given)
        memory.restart(active, winners)


def learned(memory: Memory) -> Synapses:
    """Everything the memory has learned."""
    return (memory if isinstance(memory, TemporalMemory) else memory.memory).synapses()


def rows(memory: Memory) -> list[tuple[int, dict[int, float]]]:
    """Every segment in the order of its slot: its cell, and its permanences."""
    found, at, s = [], 0, learned(memory)
    for cell, n in zip(s.cell.tolist(), s.synapses.tolist(), strict=True):
        if n:
            strengths = (s.permanence[at : at + n] / 10_000).round(4).tolist()
            each = zip(s.presynaptic[at : at + n].tolist(), strengths, strict=True)
            found.append((cell, dict(each)))
        at += n
    return found
