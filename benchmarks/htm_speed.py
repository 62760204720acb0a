"""How fast the Temporal Memory and the Spatial Pooler are, and how much memory they take.

The streams: 2048 columns of 32 cells, 40 on, an alphabet of 64 symbols; *repeat* one sequence of
100 symbols again and again, *random* independent symbols, *text* characters of tinyshakespeare.
"""

from __future__ import annotations

import importlib
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from l2c.engines.htm.kernel import KernelTemporalMemory
from l2c.engines.htm.parameters import SpatialPoolerParameters, TemporalMemoryParameters
from l2c.engines.htm.spatial_pooler import SpatialPooler

ON, COLUMNS, ALPHABET = 40, 2048, 64
VISITED = 100
"""Steps of a slice whose visits are counted."""

PARAMETERS = TemporalMemoryParameters(max_segments_per_cell=128, max_synapses_per_segment=32)
ELSEWHERE = {
    "measured": "another machine, one core; steps a second, first and last fifth",
    "repeat": [13_000, 21_000],
    "random": [2_900, 900],
    "text": [3_800, 1_200],
    "pooler_infer": [16_000, 21_000],
    "bytes_per_synapse": [114, 195],
}
"""htm.core as it was measured elsewhere."""


def measure(text: str, htm_core: Path | None) -> dict[str, Any]:
    """Steps per CPU second of every fifth of each stream, and of inference."""
    rng = np.random.default_rng(1)
    chosen = [np.sort(rng.choice(COLUMNS, ON, replace=False)) for _ in range(ALPHABET)]
    columns = np.array(chosen, np.uint16)
    letters = {c: i % ALPHABET for i, c in enumerate(sorted(set(text)))}
    streams = {
        "repeat": np.tile(rng.integers(0, ALPHABET, 100), 100),
        "random": rng.integers(0, ALPHABET, 5_000),
        "text": np.array([letters[c] for c in text[:10_000]]),
    }
    found: dict[str, Any] = {name: _stream(columns, s) for name, s in streams.items()}
    found["pooler"] = _pooler()
    if htm_core is None:
        found["htm_core_elsewhere"] = ELSEWHERE
    else:
        found["htm_core_here"] = {
            name: _peer(columns, stream, htm_core) for name, stream in streams.items()
        }
    return found


def _stream(columns: np.ndarray, stream: np.ndarray) -> dict[str, Any]:
    warm = KernelTemporalMemory(PARAMETERS, seed=1)  # what the process itself needs comes first
    _speed(warm, columns[np.array_split(stream, 5)[0]], learn=True)
    del warm
    before = _resident()
    memory = KernelTemporalMemory(PARAMETERS, seed=1)
    learning = [_speed(memory, columns[part], learn=True) for part in np.array_split(stream, 5)]
    grown = _resident() - before
    inferring = _speed(memory, columns[stream[:3_000]], learn=False)
    synapses = memory.memory.synapse_count
    return {
        "learn_per_fifth": learning,
        "infer": inferring,
        "synapses": synapses,
        "bytes_per_synapse": round(max(grown, 0) / synapses, 1),
    }


def _speed(memory: KernelTemporalMemory, rows: np.ndarray, *, learn: bool) -> int:
    offsets = (np.arange(len(rows) + 1) * ON).astype(np.uint64)
    began = time.process_time()
    memory.run(rows.ravel(), offsets, learn=learn)
    return round(len(rows) / (time.process_time() - began))


def _pooler() -> dict[str, int]:
    pooler = SpatialPooler(
        SpatialPoolerParameters(
            input_dimensions=(1024,),
            column_dimensions=(COLUMNS,),
            potential_radius=1024,
            global_inhibition=True,
            local_area_density=0.02,
            num_active_columns_per_inh_area=0,
        ),
        seed=1,
    )
    rng = np.random.default_rng(2)
    inputs = [np.sort(rng.choice(1024, 20, replace=False)) for _ in range(3_000)]
    found = {}
    for name, learn in (("learn", True), ("infer", False)):
        began = time.process_time()
        for active in inputs:
            pooler.step(active, learn=learn)
        found[name] = round(len(inputs) / (time.process_time() - began))
    return found


def _peer(columns: np.ndarray, stream: np.ndarray, folder: Path) -> dict[str, Any]:
    """The same stream through htm.core's own Temporal Memory."""
    sys.path.insert(0, str(folder))
    algorithms = importlib.import_module("htm.bindings.algorithms")
    sdr = importlib.import_module("htm.bindings.sdr").SDR
    peer = algorithms.TemporalMemory(
        columnDimensions=(COLUMNS,), cellsPerColumn=32, activationThreshold=13, minThreshold=10,
        initialPermanence=0.21, connectedPermanence=0.5, maxNewSynapseCount=20,
        permanenceIncrement=0.1, permanenceDecrement=0.1, predictedSegmentDecrement=0.0,
        maxSegmentsPerCell=128, maxSynapsesPerSegment=32, seed=1,
    )  # fmt: skip
    found, given = [], sdr((COLUMNS,))
    for part in np.array_split(stream, 5):
        began = time.process_time()
        for symbol in part:
            given.sparse = columns[symbol]
            peer.compute(given, learn=True)
        found.append(round(len(part) / (time.process_time() - began)))
    return {"learn_per_fifth": found}


def bounded(text: str) -> dict[str, Any]:
    """Two million steps of changing streams in a region that may not grow beyond its bound."""
    p = TemporalMemoryParameters(
        columns=512, cells_per_column=16, activation_threshold=8, min_threshold=6,
        max_new_synapse_count=12, max_segments=20_000, max_synapses_per_segment=24,
        max_segments_per_cell=128,
    )  # fmt: skip
    rng, steps, rounds = np.random.default_rng(3), 2_000_000, 20
    chosen = [np.sort(rng.choice(512, 12, replace=False)) for _ in range(ALPHABET)]
    columns = np.array(chosen, np.uint16)
    letters = {c: i % ALPHABET for i, c in enumerate(sorted(set(text)))}
    read = np.array([letters[c] for c in text])
    loop = rng.integers(0, ALPHABET, 100)
    memory, speeds, sizes, visited = KernelTemporalMemory(p, seed=1), [], [], []
    kinds: dict[str, list[float]] = {"repeat": [], "random": [], "text": []}
    each = steps // rounds // 3 + 1
    for turn in range(rounds):
        begin = turn * each % (len(read) - each)
        visits = 0.0
        streams = np.resize(loop, each), rng.integers(0, ALPHABET, each), read[begin:][:each]
        for seconds, stream in zip(kinds.values(), streams, strict=True):
            rows = columns[stream]
            began = time.process_time()
            memory.run(rows.ravel(), (np.arange(each + 1) * 12).astype(np.uint64), learn=True)
            seconds.append(time.process_time() - began)
            visits += _visits(memory, rows[:VISITED]) / len(kinds)
        visited.append(round(visits))
        speeds.append(round(3 * each / sum(seconds[-1] for seconds in kinds.values())))
        sizes.append(_resident())
    full = speeds[2:]
    return {
        "steps": memory.iteration,
        "segments": memory.memory.segment_count,
        "bound": p.max_segments,
        "steps_per_cpu_second": speeds,
        "slowest_to_fastest_when_full": round(max(full) / min(full), 2),
        "visits_per_step": visited,
        "most_to_fewest_visits_when_full": round(max(visited[2:]) / min(visited[2:]), 2),
        "slowest_to_fastest_of_each_stream": {
            kind: round(max(seconds[2:]) / min(seconds[2:]), 2) for kind, seconds in kinds.items()
        },
        "resident_growth_after_a_tenth_bytes": sizes[-1] - sizes[1],
        "peak_resident_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _visits(memory: KernelTemporalMemory, rows: np.ndarray) -> float:
    """Synapses that listen to the active cells, a step: its work, whatever else the machine does.

    The rows are read without learning, and the stream stands where it stood.
    """
    cells = memory.parameters.cells
    listening = np.bincount(memory.memory.synapses().presynaptic, minlength=cells)
    active, winners = memory.active_cells, memory.winner_cells
    visits = 0
    for row in rows:
        memory.run(row, np.array([0, len(row)], np.uint64), learn=False)
        visits += int(listening[memory.active_cells].sum())
    memory.enter(active, winners)
    return visits / len(rows)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()
