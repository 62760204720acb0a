"""The published sequence tests of the Temporal Memory: what is predicted after what was shown.

100 columns, patterns of 21 to 25 of them, thresholds of 11 (8 where there is noise), learned in
one shot unless a test says otherwise, the context forgotten between sequences. The first element
of a sequence does not count: nothing came before it. Cells are those of a column.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from l2c.engines.htm.parameters import TemporalMemoryParameters
from l2c.engines.htm.reference import TemporalMemory
from tests.engines.htm.memories import BACKENDS, Memory, every_backend

fast = BACKENDS.get("kernel", TemporalMemory)
seeds = pytest.mark.parametrize("seed", range(4))
Pattern = np.ndarray
SLOW = {"initial_permanence": 0.2, "permanence_increment": 0.2}
NOISY = {"activation_threshold": 8, "min_threshold": 8}


def memory(cells: int, *, seed: int, backend: Any = fast, **changes: Any) -> Any:
    given: dict[str, Any] = {
        "columns": 100,
        "cells_per_column": cells,
        "activation_threshold": 11,
        "min_threshold": 11,
        "max_new_synapse_count": 11,
        "initial_permanence": 0.8,
        "connected_permanence": 0.7,
        "permanence_increment": 0.4,
        "permanence_decrement": 0.0,
    }
    return backend(TemporalMemoryParameters(**given | changes), seed=seed)


def patterns(seed: int) -> list[Pattern]:
    rng = np.random.default_rng(seed)
    return [np.sort(rng.choice(100, rng.integers(21, 26), replace=False)) for _ in range(300)]


def with_noise(sequence: Sequence[Pattern], part: float, rng: np.random.Generator) -> list[Pattern]:
    """The same with `part` of the columns of every pattern moved elsewhere."""
    moved = []
    for pattern in sequence:
        n = round(part * len(pattern))
        off = np.setdiff1d(np.arange(100), pattern)
        kept = np.concatenate([rng.permutation(pattern)[n:], rng.permutation(off)[:n]])
        moved.append(np.sort(kept))
    return moved


def shown(
    found: Memory, *sequences: Sequence[Pattern], learn: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """For each element but the first ones: columns nobody predicted, and predicted in vain."""
    unpredicted, extra = [], []
    for sequence in sequences:
        found.reset()
        for place, pattern in enumerate(sequence):
            predicted, active = set(found.predicted_columns), set(pattern.tolist())
            if place:
                unpredicted.append(len(active - predicted))
                extra.append(len(predicted - active))
            found.step(pattern, learn=learn)
    return np.array(unpredicted), np.array(extra)


def taught(found: Any, *sequences: Sequence[Pattern], times: int = 1) -> Any:
    for _ in range(times):
        shown(found, *sequences, learn=True)
    return found


def shuffled(seed: int) -> list[list[Pattern]]:
    """Two sequences of the same twenty patterns."""
    rng, some = np.random.default_rng(seed + 9), patterns(seed)[:20]
    return [[some[place] for place in rng.permutation(20)] for _ in range(2)]


def sharing(seed: int, begin: int, end: int) -> list[list[Pattern]]:
    """Two sequences of twenty patterns, equal from `begin` to `end`."""
    some = patterns(seed)
    return [some[:20], [*some[20 : 20 + begin], *some[begin:end], *some[20 + end : 40]]]


@seeds
@pytest.mark.parametrize(
    ("cells", "bounds"),
    [(1, [0, 100]), (1, [0, 300]), (1, [0, 100, 200, 300]), (4, [0, 100]), (4, [0, 100, 200, 300])],
    ids=["B1", "B3", "B4", "B5", "B6"],
)
def test_sequences_shown_once_are_predicted_and_nothing_else_is(
    cells: int, bounds: list[int], seed: int
) -> None:
    some = patterns(seed)
    sequences = [some[a:b] for a, b in itertools.pairwise(bounds)]
    unpredicted, extra = shown(taught(memory(cells, seed=seed), *sequences), *sequences)
    assert not unpredicted.any()
    assert not extra.any()


@every_backend
def test_both_backends_learn_a_sequence_in_one_shot(backend: Any) -> None:
    sequence = patterns(0)[:20]
    found = taught(memory(4, seed=1, backend=backend), sequence)
    assert not np.concatenate(shown(found, sequence)).any()


@seeds
@pytest.mark.parametrize("cells", [1, 4], ids=["B7", "B8"])
def test_learned_slowly_a_sequence_needs_four_times(cells: int, seed: int) -> None:
    sequence = patterns(seed)[:100]
    found = taught(memory(cells, seed=seed, **SLOW), sequence, times=4)
    assert not np.concatenate(shown(found, sequence)).any()


@seeds
def test_learned_slowly_three_times_predict_nothing(seed: int) -> None:
    """B9."""
    sequence = patterns(seed)[:100]
    found = taught(memory(1, seed=seed, **SLOW), sequence, times=3)
    unpredicted, extra = shown(found, sequence)
    assert unpredicted.tolist() == [len(pattern) for pattern in sequence[1:]]
    assert not extra.any()


@seeds
def test_noise_hides_no_more_than_what_it_moved(seed: int) -> None:
    """B11: one column in twenty, about one of each pattern, is somewhere else."""
    sequence = patterns(seed)[:100]
    noisy = with_noise(sequence, 0.05, np.random.default_rng(seed + 50))
    unpredicted, _ = shown(taught(memory(4, seed=seed, **NOISY), sequence), noisy)
    assert unpredicted.mean() < 1.3


@seeds
def test_with_one_cell_both_continuations_of_a_shared_part_are_predicted(seed: int) -> None:
    """H1."""
    sequences = sharing(seed, 10, 15)
    unpredicted, extra = shown(taught(memory(1, seed=seed), *sequences), *sequences)
    assert not unpredicted.any()
    assert np.flatnonzero(extra).tolist() == [14, 19 + 14]
    assert 26 < extra.sum() < 52


@seeds
def test_with_several_cells_a_shared_part_is_left_by_the_way_it_was_come_in(seed: int) -> None:
    """H2: shown ten times; the one seen last knows its exit."""
    sequences = sharing(seed, 10, 15)
    found = taught(memory(4, seed=seed), *sequences, times=10)
    unpredicted, extra = shown(found, *sequences)
    assert not unpredicted.any()
    assert extra[:19].sum() < 26
    assert not extra[19:].any()


@seeds
def test_after_a_shared_beginning_both_continuations_are_predicted(seed: int) -> None:
    """H3."""
    sequences = sharing(seed, 0, 5)
    found = taught(memory(4, seed=seed), *sequences, times=20)
    unpredicted, extra = shown(found, *sequences)
    assert not unpredicted.any()
    assert np.flatnonzero(extra).tolist() == [4, 19 + 4]
    assert extra.sum() < 52


@seeds
def test_the_same_patterns_in_another_order_are_another_sequence(seed: int) -> None:
    """H4."""
    sequences = shuffled(seed)
    unpredicted, extra = shown(taught(memory(4, seed=seed), *sequences, times=20), *sequences)
    assert not unpredicted.any()
    assert extra.mean() < 3


@seeds
def test_a_part_shared_by_shuffled_sequences_confuses_little(seed: int) -> None:
    """H5."""
    shared = patterns(seed)[100:105]
    sequences = [[*one[:7], *shared, *one[12:]] for one in shuffled(seed)]
    unpredicted, extra = shown(taught(memory(4, seed=seed), *sequences, times=20), *sequences)
    assert not unpredicted.any()
    assert extra.mean() < 3


@seeds
def test_the_way_in_is_found_through_noise(seed: int) -> None:
    """H9."""
    sequences, rng = sharing(seed, 10, 15), np.random.default_rng(seed + 50)
    found = taught(memory(4, seed=seed, **NOISY), *sequences, times=10)
    unpredicted, _ = shown(found, *(with_noise(one, 0.05, rng) for one in sequences))
    assert unpredicted.mean() < 3


@seeds
def test_punishment_takes_away_what_noise_taught_in_vain(seed: int) -> None:
    """H10: learned through noise, with equally many hits fewer predictions are in vain."""
    in_vain = []
    for punishment in (0.0, 0.04):
        sequences, rng = shuffled(seed), np.random.default_rng(seed + 9)
        found = memory(4, seed=seed, predicted_segment_decrement=punishment, **NOISY)
        for _ in range(20):
            taught(found, *(with_noise(one, 0.1, rng) for one in sequences))
        unpredicted, extra = shown(found, *sequences)
        assert not unpredicted.any()
        in_vain.append(extra.mean())
    assert in_vain[1] < in_vain[0] / 2


TUTORIAL = {symbol: np.array([place]) for place, symbol in enumerate("ABCDXY")}


def tutor(backend: Any) -> Any:
    """Six symbols of one column each, 4 cells, permanences .3, .5, +.1, -.05; what is wrongly
    predicted loses .05, or what once came after any C would be expected after every one."""
    return backend(
        TemporalMemoryParameters(
            columns=6, cells_per_column=4, activation_threshold=1, min_threshold=1,
            max_new_synapse_count=1, initial_permanence=0.3, connected_permanence=0.5,
            permanence_increment=0.1, permanence_decrement=0.05, predicted_segment_decrement=0.05,
        ), seed=1,
    )  # fmt: skip


@every_backend
def test_a_sequence_is_learned_by_its_fourth_showing_and_not_by_its_first(backend: Any) -> None:
    sequence, found = [TUTORIAL[symbol] for symbol in "ABCD"], tutor(backend)
    assert shown(taught(found, sequence), sequence)[0].tolist() == [1, 1, 1]
    unpredicted, extra = shown(taught(found, sequence, times=3), sequence)
    assert not unpredicted.any()
    assert not extra.any()


@every_backend
def test_what_comes_next_depends_on_how_it_began(backend: Any) -> None:
    found = tutor(backend)
    both = [[TUTORIAL[symbol] for symbol in one] for one in ("ABCD", "XBCY")]
    taught(found, *both, times=11)
    for sequence in both:
        shown(found, sequence[:3])
        assert found.predicted_columns == sequence[3].tolist()
