"""Fewer n-grams in the same shape: contexts that change a prediction the least are given up.

Giving a context up takes its n-grams away and leaves their traces: every one of them was one way
in which the context one token shorter was reached, and stays counted there, as an n-gram whose
older tokens stand as `ANY`. So the counts of all contexts that remain are what they were; and as
the engine remembers how many entries of which count have gone, so are the discounts. What is
counted later comes on top and can be taken away again exactly, as before.

A context h is worth, for each n-gram it takes, how often it was reached times what is lost when
the shorter context answers in its place (Stolcke 1998, "Entropy-based pruning of backoff language
models"; with continuation counts kept as in Siivola, Hirsimäki and Virpioja 2007):

    N(h) / types(h)  sum_w P(w | h) log (P(w | h) / P(w | h without its oldest))

and never less than the longer contexts that lead to it, which need it.

Letters: M length of the longest context, N n-grams, E entries of one length, C contexts of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from l2c.engines.ngram.counts import ANY

if TYPE_CHECKING:
    from jaxtyping import Bool, Float64, Int32, Int64, UInt32

Listed: TypeAlias = 'tuple[Int32[np.ndarray, "N M+1"], UInt32[np.ndarray, " N"]]'


@dataclass(slots=True)
class Level:
    """What was counted after contexts of one length."""

    rows: Int32[np.ndarray, "E m+1"]
    """The context's tokens and the one after it."""
    counts: Int64[np.ndarray, " E"]
    contexts: Int64[np.ndarray, " E"]
    """The number of the entry's context, 0 to C - 1."""
    shorter: Int64[np.ndarray, " E"]
    """Which entry it is one token shorter."""
    events: Int64[np.ndarray, " E"]
    """How often it was met, not only in how many ways."""


def prune(
    windows: Int32[np.ndarray, "N M+1"],
    amounts: UInt32[np.ndarray, " N"],
    discounts: Float64[np.ndarray, "M+1 3"],
    *,
    most: int,
) -> Listed:
    """The most valuable contexts whose n-grams are at most `most`; the empty one always stays."""
    levels = _levels(windows, amounts)
    values = _values(levels, discounts)
    bounds = np.unique(np.concatenate(values[1:])) if len(levels) > 1 else np.zeros(0)
    low, high = 0, len(bounds)  # with bounds[high] too few are left, or nothing more can go
    while low < high:
        middle = (low + high) // 2
        if sum(len(left) for left, _ in _left(levels, values, bounds[middle])) <= most:
            high = middle
        else:
            low = middle + 1
    bound = bounds[low] if low < len(bounds) else np.inf
    found = _left(levels, values, bound)
    return _joined(levels, found, windows.shape[1])


def _levels(windows: Int32[np.ndarray, "N M+1"], amounts: UInt32[np.ndarray, " N"]) -> list[Level]:
    """The counts of every length of context, the empty one first."""
    M = windows.shape[1] - 1
    lengths = (windows[:, :-1] != ANY).sum(axis=1)
    found: list[Level] = []
    longer, events = np.zeros((0, M + 2), np.int32), np.zeros(0, np.int64)
    for length in range(M, -1, -1):
        alone = lengths == length
        rows = np.concatenate([longer[:, 1:], windows[alone, M - length :]])
        ways = np.concatenate([np.ones(len(longer)), amounts[alone]])
        numbers, first = _numbered(rows)
        if found:
            found[-1].shorter = numbers[: len(longer)]
        longer = rows[first]
        counts = np.bincount(numbers, ways).astype(np.int64)
        met = np.concatenate([events, amounts[alone]])
        events = np.bincount(numbers, met).astype(np.int64)
        contexts = _numbered(longer[:, :-1])[0]
        found.append(Level(longer, counts, contexts, np.zeros(0, np.int64), events))
    return found[::-1]


def _values(
    levels: list[Level], discounts: Float64[np.ndarray, "M+1 3"]
) -> list[Float64[np.ndarray, " C"]]:
    """What every context is worth, by length."""
    found: list[Float64[np.ndarray, " C"]] = []
    p = np.zeros(0)
    for level, of_length in zip(levels, discounts, strict=True):
        discount = of_length[np.minimum(level.counts, 3) - 1]
        total, types = np.bincount(level.contexts, level.counts), np.bincount(level.contexts)
        left = np.bincount(level.contexts, discount) / total
        own = (level.counts - discount) / total[level.contexts]
        before = p[level.shorter] if len(p) else np.full(len(own), 1 / len(own))
        p = own + left[level.contexts] * before
        seen = np.bincount(level.contexts, p * np.log(p / before))
        unseen = np.maximum(1 - np.bincount(level.contexts, before), 0)
        events = np.bincount(level.contexts, level.events)
        found.append(events / types * (seen + unseen * left * np.log(left)))
    for length in range(len(levels) - 1, 0, -1):
        level = levels[length]
        behind = levels[length - 1].contexts[level.shorter]
        np.maximum.at(found[length - 1], behind, found[length][level.contexts])
    return found


def _left(
    levels: list[Level], values: list[Float64[np.ndarray, " C"]], bound: float
) -> list[tuple[Int64[np.ndarray, " K"], Int64[np.ndarray, " K"]]]:
    """By length, which entries are still counted for themselves when contexts worth no more than
    `bound` are given up, and how often."""
    found = []
    longer: Int64[np.ndarray, " K"] = np.zeros(0, np.int64)
    for length in range(len(levels) - 1, -1, -1):
        level = levels[length]
        alone = level.counts - np.bincount(longer, minlength=len(level.counts))
        kept = (values[length] > bound)[level.contexts] if length else np.ones(len(alone), bool)
        here = np.flatnonzero(kept & (alone > 0))
        found.append((here, alone[here]))
        longer = level.shorter[kept] if length else longer
    return found[::-1]


def _joined(
    levels: list[Level],
    found: list[tuple[Int64[np.ndarray, " K"], Int64[np.ndarray, " K"]]],
    width: int,
) -> Listed:
    windows = []
    for level, (entries, _) in zip(levels, found, strict=True):
        rows = np.full((len(entries), width), ANY, np.int32)
        rows[:, width - level.rows.shape[1] :] = level.rows[entries]
        windows.append(rows)
    amounts = np.concatenate([alone for _, alone in found]).astype(np.uint32)
    return np.concatenate(windows), amounts


def _numbered(
    rows: Int32[np.ndarray, "N C"],
) -> tuple[Int64[np.ndarray, " N"], Int64[np.ndarray, " D"]]:
    """A number for every row, the same for equal rows, from 0 on; and where each stands first."""
    if rows.shape[1] == 0:
        return np.zeros(len(rows), np.int64), np.zeros(1, np.int64)
    order = np.lexsort(rows.T[::-1])
    new: Bool[np.ndarray, " N"] = np.ones(len(rows), bool)
    new[1:] = (rows[order][1:] != rows[order][:-1]).any(axis=1)
    numbers = np.empty(len(rows), np.int64)
    numbers[order] = np.cumsum(new) - 1
    return numbers, order[new]
