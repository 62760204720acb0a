"""The twin computes what the papers say: counted by brute force, and one example by hand."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2c.engines.ngram.counts import NOTHING, Vocabulary
from l2c.engines.ngram.reference import FALLBACK, ReferenceCounts

V, M = 4, 3


def windows_of(tokens: list[int], context: int = M) -> np.ndarray:
    history = np.array([NOTHING] * context + tokens, np.int32)
    view = np.lib.stride_tricks.sliding_window_view(history, context + 1)
    return np.ascontiguousarray(view)


def counts_of(tokens: list[int], context: int = M) -> ReferenceCounts:
    counts = ReferenceCounts(context)
    windows = windows_of(tokens, context)
    counts.add(windows, np.ones(len(windows), np.uint32))
    return counts


@settings(max_examples=80, deadline=None)
@given(tokens=st.lists(st.integers(0, V - 1), min_size=1, max_size=60))
def test_shorter_contexts_count_in_how_many_ways_they_were_reached(tokens: list[int]) -> None:
    counts = counts_of(tokens)
    longest = {tuple(window) for window in windows_of(tokens).tolist()}
    assert counts.events == len(tokens)
    for length in range(M):
        reached = Counter(window[1:] for window in {event[M - length - 1 :] for event in longest})
        found = {
            (*context, token): count
            for context, here in counts.tables[length].items()
            for token, count in here.items()
        }
        assert found == dict(reached)


@settings(max_examples=40, deadline=None)
@given(tokens=st.lists(st.integers(0, V - 1), min_size=1, max_size=80))
def test_counts_of_counts_are_those_of_the_tables(tokens: list[int]) -> None:
    counts = counts_of(tokens)
    for table, kept in zip(counts.tables, counts.counts_of_counts, strict=True):
        found = Counter(count for here in table.values() for count in here.values())
        assert kept.tolist() == [found[k] for k in (1, 2, 3, 4)]


def test_discounts_are_chen_and_goodmans() -> None:
    """Counts of counts 100, 40, 20, 10: Y = 100 / 180, D = 1 - 2 Y .4, 2 - 3 Y .5, 3 - 4 Y .5."""
    counts = ReferenceCounts(1)
    counts.counts_of_counts[1] = [100, 40, 20, 10]
    Y = 100 / 180
    expected = [1 - 2 * Y * 0.4, 2 - 3 * Y * 0.5, 3 - 4 * Y * 0.5]
    assert counts.discounts(1) == pytest.approx(expected)


@pytest.mark.parametrize("t", [[0, 0, 0, 0], [5, 0, 0, 0], [0, 5, 2, 1]])
def test_where_counts_of_counts_cannot_tell_discounts_are_fixed(t: list[int]) -> None:
    counts = ReferenceCounts(1)
    counts.counts_of_counts[0] = t
    assert counts.discounts(0) == list(FALLBACK)


def test_an_example_by_hand() -> None:
    """Text 0 1 0 1 0 2 with context 1. After 0 came 1, 1, 2; after 1 came 0, 0; first came 0.

    Length 1: counts 1 (first 0; 0 then 2) and 2 (0 then 1; 1 then 0), so t = 2, 2, 0, 0, Y = 1/3,
    D1 = 1 - 2 Y = 1/3, and D2 is the fallback 1. Length 0: 0 was reached in two ways (as the
    first, after 1), 1 in one, 2 in one, so t = 2, 1, 0, 0, Y = 1/2, D1 = 1/2, D2 = 1.
    """
    counts = counts_of([0, 1, 0, 1, 0, 2], context=1)
    left = (1 * 1 + 2 * 0.5) / 4
    uniform = left / 3
    shorter = np.array([1 / 4, 0.5 / 4, 0.5 / 4]) + uniform
    after_zero = np.array([0, (2 - 1) / 3, (1 - 1 / 3) / 3]) + (1 + 1 / 3) / 3 * shorter
    scores, shares = counts.scores((0,), Vocabulary(3, 3))
    np.testing.assert_allclose(scores, after_zero)
    assert scores.sum() == pytest.approx(1)
    assert shares == pytest.approx([left * 4 / 9, (1 - left) * 4 / 9, 5 / 9])


def test_a_context_never_seen_says_nothing() -> None:
    counts = counts_of([0, 1, 0, 1, 0, 2])
    known, _ = counts.scores((NOTHING, NOTHING, 1), Vocabulary(V, V))
    unknown, shares = counts.scores((3, 3, 3), Vocabulary(V, V))
    root, _ = counts.scores((NOTHING, 3, 3), Vocabulary(V, V))
    np.testing.assert_array_equal(unknown, root)
    assert shares[2:] == [0, 0, 0]
    assert (known != unknown).any()
