"""What a sequence memory learned as named tensors and back, checked when it comes in.

| tensor | |
|---|---|
| `vocabulary` | int64 (2): tokens now, and when the head last learned |
| `seed`, `memory.books` | uint64 (1), uint64 (2): learning steps, where the round stands |
| `encoder.columns` | uint16 (V, K): the columns of every token |
| `segments.cell`, `.born`, `.last_used` | uint32 (N); cell 2^32 - 1 for a free slot |
| `segments.synapses`, `segments.free` | uint8 (N), uint32 (F) |
| `synapses.presynaptic`, `.permanence` | uint16 (M), units of 1/10 000 |
| `counts.order`, `.key`, `.token`, `.count` | int8, uint64, uint16, uint16 (C): see `Counts` |
| `head.overlaps`, `head.weights` | uint32 (K + 1, 2), float32 (31, 8) |
| `optimizer/steps` | int64 (1) |
| `optimizer/carried.tokens`, `.surprise` | int32 (B, 5), float32 (B): the last 4 tokens, position |
| `optimizer/carried.cells`, `.active`, `.winners` | int64 (B, 2), uint16 (A), uint16 (W) |

Letters: B batch, C counts, K columns of a token, M synapses, N slots, F free ones, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from l2c.engines.engine import Tensors
from l2c.engines.htm.parameters import UNITS
from l2c.engines.htm.streams import (
    EXPERTS,
    MAX_ORDER,
    MAX_VOCAB_SIZE,
    WEIGHT_SETS,
    Config,
    Counts,
    HTMState,
    Vocabulary,
)
from l2c.engines.htm.synapses import NO_CELL, Synapses
from l2c.engines.sampling import RECENT
from l2c.errors import CheckpointError


@dataclass(frozen=True, slots=True)
class Contents:
    """What the tensors say; the optimizer's part is fresh when none of it was stored."""

    seed: int
    vocabulary: Vocabulary
    synapses: Synapses
    counts: Counts
    steps: int
    carried: tuple[HTMState, ...]


def pack(contents: Contents) -> Tensors:
    """Every tensor by name."""
    s, c, v = contents.synapses, contents.counts, contents.vocabulary
    return {
        "vocabulary": np.array([v.size, v.known], np.int64),
        "seed": np.array([contents.seed], np.uint64),
        "memory.books": np.array([s.iteration, s.hand], np.uint64),
        "encoder.columns": v.columns.copy(),
        "segments.cell": s.cell,
        "segments.born": s.born,
        "segments.last_used": s.last_used,
        "segments.synapses": s.synapses.astype(np.uint8),
        "segments.free": s.free,
        "synapses.presynaptic": s.presynaptic,
        "synapses.permanence": s.permanence,
        "counts.order": c.orders.astype(np.int8),
        "counts.key": c.keys,
        "counts.token": c.tokens.astype(np.uint16),
        "counts.count": c.counts.astype(np.uint16),
        "head.overlaps": c.overlaps,
        "head.weights": c.weights,
        "optimizer/steps": np.array([contents.steps], np.int64),
        **_pack_carried(contents.carried),
    }


def unpack(config: Config, tensors: Mapping[str, np.ndarray]) -> Contents:
    """What `pack` took apart; raises `CheckpointError` for whatever does not fit together."""
    trained = any(name.startswith("optimizer/") for name in tensors)
    _check_forms(config, tensors, trained=trained)
    size, known = tensors["vocabulary"].tolist()
    _require(1 <= known <= size <= MAX_VOCAB_SIZE, "'vocabulary' must hold 1 ≤ known ≤ size.")
    columns = tensors["encoder.columns"]
    _require(len(columns) == size, "'encoder.columns' must have a row for every token.")
    _require(bool((columns < config.columns).all()), "'encoder.columns' names unknown columns.")
    rising = np.diff(columns.astype(np.int64), axis=1) > 0
    _require(bool(rising.all()), "'encoder.columns' must ascend.")
    vocabulary = Vocabulary(known, columns.copy())
    return Contents(
        int(tensors["seed"][0]),
        vocabulary,
        _synapses(config, tensors),
        _counts(config, tensors, vocabulary),
        int(tensors["optimizer/steps"][0]) if trained else 0,
        _unpack_carried(config, tensors, size) if trained else (),
    )


_FORMS: dict[str, tuple[type[np.generic], int]] = {
    "vocabulary": (np.int64, 1),
    "seed": (np.uint64, 1),
    "memory.books": (np.uint64, 1),
    "encoder.columns": (np.uint16, 2),
    "segments.cell": (np.uint32, 1),
    "segments.born": (np.uint32, 1),
    "segments.last_used": (np.uint32, 1),
    "segments.synapses": (np.uint8, 1),
    "segments.free": (np.uint32, 1),
    "synapses.presynaptic": (np.uint16, 1),
    "synapses.permanence": (np.uint16, 1),
    "counts.order": (np.int8, 1),
    "counts.key": (np.uint64, 1),
    "counts.token": (np.uint16, 1),
    "counts.count": (np.uint16, 1),
    "head.overlaps": (np.uint32, 2),
    "head.weights": (np.float32, 2),
    "optimizer/steps": (np.int64, 1),
    "optimizer/carried.tokens": (np.int32, 2),
    "optimizer/carried.surprise": (np.float32, 1),
    "optimizer/carried.cells": (np.int64, 2),
    "optimizer/carried.active": (np.uint16, 1),
    "optimizer/carried.winners": (np.uint16, 1),
}


def _check_forms(config: Config, tensors: Mapping[str, np.ndarray], *, trained: bool) -> None:
    wanted = {n: f for n, f in _FORMS.items() if trained or not n.startswith("optimizer/")}
    for name in tensors.keys() - wanted.keys():
        raise CheckpointError(f"A sequence memory has no tensor {name!r}.")
    for name, (dtype, dimensions) in wanted.items():
        found = tensors.get(name)
        if found is None:
            raise CheckpointError(f"The tensor {name!r} is missing.")
        if found.dtype != dtype or found.ndim != dimensions:
            raise CheckpointError(
                f"The tensor {name!r} must be {np.dtype(dtype)} with {dimensions} dimensions; "
                f"found {found.dtype} of shape {found.shape}."
            )
        if np.issubdtype(dtype, np.floating):
            _require(bool(np.isfinite(found).all()), f"{name!r} holds a value that is not finite.")
    K = config.active_columns
    lengths = {"vocabulary": (2,), "seed": (1,), "memory.books": (2,), "head.overlaps": (K + 1, 2)}
    lengths |= {"head.weights": (WEIGHT_SETS, len(EXPERTS))}
    lengths |= {"encoder.columns": (len(tensors["encoder.columns"]), K)}
    if trained:
        rows = len(tensors["optimizer/carried.tokens"])
        lengths |= {"optimizer/steps": (1,), "optimizer/carried.tokens": (rows, MAX_ORDER + 1)}
        lengths |= {"optimizer/carried.surprise": (rows,), "optimizer/carried.cells": (rows, 2)}
    for kind in ("segments", "counts", "synapses"):
        names = [n for n in wanted if n.startswith(kind + ".") and n != "segments.free"]
        lengths |= {name: (len(tensors[names[0]]),) for name in names}
    for name, shape in lengths.items():
        _require(
            tensors[name].shape == shape,
            f"The tensor {name!r} must have shape {shape}; found {tensors[name].shape}.",
        )


def _synapses(config: Config, tensors: Mapping[str, np.ndarray]) -> Synapses:
    cell, n = tensors["segments.cell"], tensors["segments.synapses"].astype(np.uint32)
    free, memory = tensors["segments.free"], config.memory()
    presynaptic, permanence = tensors["synapses.presynaptic"], tensors["synapses.permanence"]
    iteration, hand = tensors["memory.books"].tolist()
    live = cell != NO_CELL
    _require(len(cell) <= memory.max_segments, "There are more segments than are allowed.")
    _require(bool((cell[live] < memory.cells).all()), "'segments.cell' names unknown cells.")
    _require(not n[~live].any(), "A free slot has no synapses.")
    _require(bool((n[live] > 0).all()), "A segment has at least one synapse.")
    _require(bool((n <= memory.max_synapses_per_segment).all()), "A segment has too many synapses.")
    _require(
        np.array_equal(np.sort(free), np.flatnonzero(~live)),
        "'segments.free' must name the free slots, each once.",
    )
    _require(int(n.sum()) == len(presynaptic), "Segments and synapses disagree in number.")
    _require(bool((presynaptic < memory.cells).all()), "A synapse comes from an unknown cell.")
    fits = ((permanence > 0) & (permanence <= UNITS)).all()
    _require(bool(fits), f"A permanence must lie in [1, {UNITS}].")
    owner = np.repeat(np.arange(len(cell)), n)
    pairs = owner * 65_536 + presynaptic
    _require(_all_differ(pairs), "A segment has two synapses from one cell.")
    each = np.bincount(cell[live], minlength=1)
    most = memory.max_segments_per_cell
    _require(int(each.max()) <= most, "A cell has too many segments.")
    born, used = tensors["segments.born"], tensors["segments.last_used"]
    past = (born[live] <= used[live]).all() and (used[live] <= iteration).all()
    _require(iteration < 2**32 and bool(past), "A segment comes from the future.")
    ages = cell[live].astype(np.uint64) << np.uint64(32) | born[live]
    _require(_all_differ(ages), "Two segments of a cell are of one age.")
    _require(hand < 2**32, "'memory.books' does not fit.")
    return Synapses(
        cell=cell.copy(),
        synapses=n,
        born=born.copy(),
        last_used=used.copy(),
        presynaptic=presynaptic.copy(),
        permanence=permanence.copy(),
        free=free.copy(),
        iteration=iteration,
        hand=hand,
    )


def _all_differ(values: np.ndarray) -> bool:
    ordered = np.sort(values)
    return not (ordered[1:] == ordered[:-1]).any()


def _counts(config: Config, tensors: Mapping[str, np.ndarray], vocabulary: Vocabulary) -> Counts:
    order, key = tensors["counts.order"].astype(np.int32), tensors["counts.key"]
    token = tensors["counts.token"].astype(np.uint32)
    count = tensors["counts.count"].astype(np.uint32)
    known = ((order >= -1) & (order <= config.orders)).all() and (token < vocabulary.known).all()
    _require(bool(known) and bool((count > 0).all()), "The counts do not fit the vocabulary.")
    _require(len(count) <= config.max_counts, "There are more counts than are allowed.")
    limits = np.array(
        [config.memory().cells - 1, *(2 ** (16 * n) - 1 for n in range(5))], np.uint64
    )
    _require(bool((key <= limits[order + 1]).all()), "A count belongs to no cell or context.")
    for back in range(MAX_ORDER):  # every token of every context
        read = (key >> np.uint64(16 * back)) & np.uint64(0xFFFF)
        _require(bool((read[order > back] < vocabulary.known).all()), "A context is unknown.")
    rows = np.column_stack([(order + 1).astype(np.uint64), key, token.astype(np.uint64)])
    before, after = rows[:-1], rows[1:]
    first = (before != after).argmax(axis=1)[:, None]
    rising = np.take_along_axis(after, first, 1) > np.take_along_axis(before, first, 1)
    _require(bool(rising.all()), "The counts must stand in ascending order, each once.")
    overlaps = tensors["head.overlaps"]
    _require(bool((overlaps[:, 1] <= overlaps[:, 0]).all()), "'head.overlaps' does not fit.")
    return Counts(order, key.copy(), token, count, overlaps.copy(), tensors["head.weights"].copy())


def _pack_carried(carried: Sequence[HTMState]) -> Tensors:
    empty = np.zeros(0, np.uint16)
    positions = [min(state.position, MAX_ORDER) for state in carried]
    tokens = np.full((len(carried), MAX_ORDER + 1), -1, np.int32)
    for row, (state, n) in enumerate(zip(carried, positions, strict=True)):
        tokens[row, 0] = n
        tokens[row, 1 : n + 1] = state.recent[(state.position - n + np.arange(n)) % RECENT]
    cells = [(len(state.active), len(state.winners)) for state in carried]
    return {
        "optimizer/carried.tokens": tokens,
        "optimizer/carried.surprise": np.array([s.surprise for s in carried], np.float32),
        "optimizer/carried.cells": np.array(cells, np.int64).reshape(-1, 2),
        "optimizer/carried.active": np.concatenate([empty, *(s.active for s in carried)]),
        "optimizer/carried.winners": np.concatenate([empty, *(s.winners for s in carried)]),
    }


def _unpack_carried(
    config: Config, tensors: Mapping[str, np.ndarray], vocab_size: int
) -> tuple[HTMState, ...]:
    table, surprise = (tensors[f"optimizer/carried.{n}"] for n in ("tokens", "surprise"))
    lengths = tensors["optimizer/carried.cells"]
    both = [tensors[f"optimizer/carried.{n}"] for n in ("active", "winners")]
    totals = np.array([len(cells) for cells in both])
    fits = (lengths >= 0).all() and np.array_equal(lengths.sum(axis=0), totals)
    _require(bool(fits), "Carried cells disagree in number.")
    starts = np.cumsum(lengths, axis=0) - lengths
    states = []
    for row, (n, *tokens) in enumerate(table.tolist()):
        cells = [c[a : a + m] for c, a, m in zip(both, starts[row], lengths[row], strict=True)]
        fits = 0 <= n <= MAX_ORDER and all(0 <= token < vocab_size for token in tokens[:n])
        for those in cells:
            rising = (np.diff(those.astype(np.int64)) > 0).all()
            fits = fits and bool(rising and (those < config.memory().cells).all())
        fits = fits and set(tokens[n:]) <= {-1} and 0 <= surprise[row] <= 1
        _require(fits, "A carried state does not fit.")
        state = HTMState(cells[0].copy(), cells[1].copy())
        state.recent[:n] = tokens[:n]
        state.position, state.surprise = n, float(surprise[row])
        states.append(state)
    return tuple(states)


def _require(fits: bool, otherwise: str) -> None:
    if not fits:
        raise CheckpointError(otherwise)
