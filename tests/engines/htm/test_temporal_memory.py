"""The published unit tests of the Temporal Memory, on every backend.

32 columns of 4 cells, activation threshold 3, matching threshold 2, unless a test says otherwise.
Cell 4c + i is cell i of column c.
"""

from typing import Any

import pytest

from l2c.engines.htm.parameters import TemporalMemoryParameters
from l2c.engines.htm.reference import Connections, TemporalMemory
from l2c.errors import InvalidConfig, InvalidInput
from tests.engines.htm.memories import (
    every_backend,
    learned,
    restored,
    rows,
    small,
    with_segments,
)

STRONG = dict.fromkeys(range(4), 0.5)

# ------------------------------------------------------------------------------ activation


@every_backend
def test_a_predicted_cell_alone_becomes_active(backend: Any) -> None:
    memory = with_segments(backend, small(), (4, STRONG))
    memory.step([0], learn=True)
    assert memory.predictive_cells == [4]
    assert memory.step([1], learn=True) == 0
    assert memory.active_cells == [4]
    assert memory.winner_cells == [4]


@every_backend
def test_an_unpredicted_column_bursts_with_one_winner_inside(backend: Any) -> None:
    memory = backend(small())
    assert memory.step([0], learn=True) == 1
    assert memory.active_cells == [0, 1, 2, 3]
    assert len(memory.winner_cells) == 1
    assert memory.winner_cells[0] in range(4)


@every_backend
def test_nothing_in_nothing_out(backend: Any) -> None:
    memory = with_segments(backend, small(), (4, STRONG))
    memory.step([0], learn=True)
    assert memory.step([], learn=True) == 0
    assert memory.active_cells == memory.winner_cells == memory.predictive_cells == []


@every_backend
def test_every_predicted_cell_of_a_column_wins(backend: Any) -> None:
    memory = with_segments(backend, small(), (4, STRONG), (6, STRONG))
    memory.step([0], learn=False)
    memory.step([1], learn=False)
    assert memory.winner_cells == [4, 6]


@every_backend
def test_half_of_the_columns_unpredicted_is_an_anomaly_of_one_half(backend: Any) -> None:
    memory = with_segments(backend, small(), (4, STRONG))
    memory.step([0], learn=False)
    assert memory.step([1, 2], learn=False) == 0.5


@every_backend
def test_a_reset_forgets_the_context_and_keeps_the_synapses(backend: Any) -> None:
    memory = with_segments(backend, small(), (4, STRONG))
    memory.step([0], learn=False)
    memory.reset()
    assert memory.active_cells == memory.winner_cells == memory.predictive_cells == []
    assert rows(memory) == [(4, STRONG)]


# -------------------------------------------------------------------------------- learning


@every_backend
def test_a_right_segment_is_reinforced_and_its_inactive_synapse_weakened(backend: Any) -> None:
    first = {0: 0.5, 1: 0.5, 2: 0.5, 81: 0.5}
    memory = with_segments(backend, small(max_new_synapse_count=3), (4, first))
    memory.step([0], learn=True)
    memory.step([1], learn=True)
    assert rows(memory)[0] == (4, {0: 0.6, 1: 0.6, 2: 0.6, 81: 0.42})


@every_backend
def test_in_a_burst_only_the_best_matching_segment_learns(backend: Any) -> None:
    best, other = {0: 0.3, 1: 0.3, 2: 0.3, 81: 0.3}, {0: 0.3, 1: 0.3, 81: 0.3}
    memory = with_segments(backend, small(), (4, best), (6, other))
    memory.step([0], learn=True)
    memory.step([1], learn=True)
    assert rows(memory)[:2] == [(4, {0: 0.4, 1: 0.4, 2: 0.4, 81: 0.22}), (6, other)]


@every_backend
def test_a_matching_segment_of_a_rightly_predicted_column_is_left_alone(backend: Any) -> None:
    matching = dict.fromkeys((0, 1), 0.3)
    memory = with_segments(backend, small(), (4, STRONG), (6, matching))
    memory.step([0], learn=True)
    memory.step([1], learn=True)
    assert rows(memory)[1] == (6, matching)


@every_backend
def test_without_previous_winners_no_segment_grows(backend: Any) -> None:
    memory = backend(small())
    memory.step([], learn=True)
    memory.step([0], learn=True)
    assert len(learned(memory).cell) == 0


@every_backend
@pytest.mark.parametrize(("columns", "expected"), [([0, 1, 2, 3], 4), ([0, 1], 2)])
def test_a_new_segment_has_synapses_to_previous_winners(
    backend: Any, columns: list[int], expected: int
) -> None:
    memory = backend(small(max_new_synapse_count=4), seed=3)
    memory.step(columns, learn=True)
    winners = memory.winner_cells
    memory.step([20], learn=True)
    ((cell, synapses),) = rows(memory)
    assert cell in range(80, 84)
    assert len(synapses) == expected
    assert set(synapses) <= set(winners)
    assert set(synapses.values()) == {0.21}


@every_backend
def test_a_matching_segment_grows_until_enough_of_its_synapses_are_active(backend: Any) -> None:
    memory = with_segments(backend, small(max_new_synapse_count=3, min_threshold=1), (16, {0: 0.5}))
    memory.step([0, 1, 2, 3], learn=True)
    winners = set(memory.winner_cells)
    memory.step([4], learn=True)
    (_, synapses) = rows(memory)[0]
    assert len(synapses) == 3
    assert set(synapses) - {0} <= winners


@every_backend
def test_a_matching_segment_grows_to_all_winners_where_they_are_few(backend: Any) -> None:
    p = small(cells_per_column=1, min_threshold=1)
    memory = with_segments(backend, p, (4, {0: 0.5}))
    memory.step([0, 1], learn=True)
    memory.step([4], learn=True)
    assert rows(memory)[0] == (4, {0: 0.6, 1: 0.21})


@every_backend
def test_an_active_segment_grows_by_its_potential_overlap(backend: Any) -> None:
    memory = with_segments(
        backend, small(max_new_synapse_count=4, activation_threshold=2),
        (20, {0: 0.5, 1: 0.5, 2: 0.2}),
    )  # fmt: skip
    memory.step([0, 1, 2, 3, 4], learn=True)
    winners = memory.winner_cells
    memory.step([5], learn=True)
    (_, synapses) = rows(memory)[0]
    assert {0, 1, 2} < set(synapses)
    assert len(synapses) == 4
    assert set(synapses) - {0, 1, 2} <= set(winners)


@every_backend
@pytest.mark.parametrize("decrement", [0.02, 0.0])
def test_a_weak_synapse_dies_of_decay_or_of_a_wrong_prediction(
    backend: Any, decrement: float
) -> None:
    if decrement:  # wrongly predicted: only what was active is punished
        given, columns = {0: 0.5, 1: 0.5, 2: 0.5, 3: 0.015}, [2]
    else:  # rightly predicted: what was inactive decays
        given, columns = {0: 0.5, 1: 0.5, 2: 0.5, 81: 0.009}, [1]
    memory = with_segments(backend, small(predicted_segment_decrement=decrement), (4, given))
    memory.step([0], learn=True)
    memory.step(columns, learn=True)
    assert set(rows(memory)[0][1]) == {0, 1, 2}


@every_backend
def test_punishment_takes_from_active_synapses_of_active_and_matching_segments(
    backend: Any,
) -> None:
    active, matching = {**STRONG, 81: 0.5}, {0: 0.5, 1: 0.5, 81: 0.5}
    memory = with_segments(backend, small(), (16, active), (20, matching))
    memory.step([0], learn=True)
    memory.step([1], learn=True)
    punished = {**dict.fromkeys(range(4), 0.48), 81: 0.5}
    assert rows(memory)[:2] == [(16, punished), (20, {0: 0.48, 1: 0.48, 81: 0.5})]


@every_backend
def test_a_segment_without_synapses_is_no_more(backend: Any) -> None:
    memory = with_segments(backend, small(), (16, dict.fromkeys(range(4), 0.015)))
    memory.step([0], learn=True)
    memory.step([1], learn=True)
    assert 16 not in learned(memory).cell


@every_backend
def test_the_weakest_synapse_makes_room_for_a_new_one(backend: Any) -> None:
    p = small(columns=32, cells_per_column=1, max_new_synapse_count=3, max_synapses_per_segment=4,
              permanence_decrement=0.02)  # fmt: skip
    memory = with_segments(backend, p, (4, {0: 0.11, 1: 0.5, 2: 0.5, 3: 0.5}))
    memory.step([1, 2, 31], learn=True)
    memory.step([4], learn=True)
    assert set(rows(memory)[0][1]) == {1, 2, 3, 31}


@every_backend
def test_the_segment_longest_unused_makes_room_on_a_full_cell(backend: Any) -> None:
    p = small(cells_per_column=1, max_segments_per_cell=2)
    oldest, newer = dict.fromkeys((0, 1, 2), 0.5), dict.fromkeys((3, 4, 5), 0.5)
    memory = with_segments(backend, p, (9, oldest), (9, newer))
    memory.step([0, 1, 2], learn=True)
    memory.step([9], learn=True)
    memory.reset()
    memory.step([6, 7, 8], learn=True)
    memory.step([9], learn=True)
    kept = [set(synapses) for cell, synapses in rows(memory) if cell == 9]
    assert sorted(map(sorted, kept)) == [[0, 1, 2], [6, 7, 8]]


@every_backend
def test_new_segments_go_to_cells_with_the_fewest(backend: Any) -> None:
    p = small(columns=10, cells_per_column=3, max_new_synapse_count=2)
    chosen = set()
    for seed in range(100):
        memory = with_segments(backend, p, (0, {4: 0.3, 5: 0.3}), seed=seed)
        memory.step([1, 2], learn=True)
        memory.reset()
        memory.step([3, 4], learn=True)
        memory.step([0], learn=True)
        chosen |= {cell for cell, _ in rows(memory)[1:] if cell < 3}
    assert chosen == {1, 2}


@every_backend
def test_more_matching_synapses_than_may_grow_is_no_harm(backend: Any) -> None:
    p = small(cells_per_column=1, max_new_synapse_count=4, min_threshold=1)
    memory = with_segments(backend, p, (8, dict.fromkeys(range(8), 0.2)))
    memory.step(list(range(8)), learn=True)
    memory.step([8], learn=True)
    assert rows(memory)[0] == (8, dict.fromkeys(range(8), 0.3))


@every_backend
def test_without_learning_nothing_changes(backend: Any) -> None:
    memory = with_segments(backend, small(), (4, STRONG), (8, STRONG), (6, {0: 0.01, 90: 0.01}))
    before, iteration = rows(memory), memory.iteration
    for columns in ([0], [1, 5], [7, 9], [0], [2]):
        memory.step(columns, learn=False)
    assert rows(memory) == before
    assert memory.iteration == iteration


@every_backend
def test_the_limit_of_segments_holds_again_and_again(backend: Any) -> None:
    p = small(cells_per_column=1, max_segments_per_cell=3, max_segments=20)
    memory = backend(p, seed=5)
    for step in range(300):
        memory.step(sorted({(7 * step + i * i) % 32 for i in range(4)}), learn=True)
        found = [cell for cell, _ in rows(memory)]
        assert len(found) <= 20
        assert max((found.count(cell) for cell in found), default=0) <= 3


# --------------------------------------------------------------- what was learned, kept and equal


@every_backend
def test_kept_in_the_middle_of_a_sequence_it_goes_on_by_the_rules(backend: Any) -> None:
    """Segments on 4 and 5 of which one fits, one on 8 below its threshold, none in column 3."""
    begun = with_segments(
        backend, small(), (4, {0: 0.5, 1: 0.5, 2: 0.5, 81: 0.5}), (9, {0: 0.3, 1: 0.3, 85: 0.48}),
        (8, {0: 0.3, 89: 0.5}),
    )  # fmt: skip
    begun.step([0], learn=True)
    kept, active, winners = learned(begun), begun.active_cells, begun.winner_cells
    memory = with_segments(backend, small())
    restored(memory, kept, active, winners)
    memory.step([1, 2, 3], learn=True)
    assert memory.active_cells == [4, *range(8, 16)]
    assert memory.winner_cells[:2] == [4, 9]
    assert memory.winner_cells[2] in range(12, 16)
    first, second, third, new = rows(memory)
    assert first == (4, {0: 0.6, 1: 0.6, 2: 0.6, 81: 0.42})
    assert second[1] == {0: 0.4, 1: 0.4, 85: 0.4} | dict.fromkeys(winners[1:], 0.21)
    assert third == (8, {0: 0.3, 89: 0.5})
    assert new[0] == memory.winner_cells[2]
    assert new[1] == dict.fromkeys(winners, 0.21)


@every_backend
def test_memories_are_equal_until_one_learns_something_else(backend: Any) -> None:
    one, other = (backend(small(), seed=3) for _ in range(2))
    assert learned(one) == learned(other)
    for columns in ([0, 1, 2], [4], [0, 1, 2], [4]):
        for memory in (one, other):
            memory.step(columns, learn=True)
    assert learned(one) == learned(other)
    other.step([5], learn=False)
    assert learned(one) == learned(other)
    other.step([9], learn=True)
    assert learned(one) != learned(other)
    assert learned(one) != "a memory"


# ------------------------------------------------------------------- connections and checks


def test_cells_and_columns_know_each_other() -> None:
    connections = Connections(TemporalMemoryParameters(columns=2048, cells_per_column=5))
    assert connections.column_of(10_239) == 2047
    assert connections.cells_of(2047) == range(10_235, 10_240)
    for cell in (-1, 10_240):
        with pytest.raises(InvalidInput):
            connections.column_of(cell)
    with pytest.raises(InvalidInput):
        connections.cells_of(2048)


def test_of_two_synapses_from_one_cell_the_stronger_stays() -> None:
    connections = Connections(small())
    segment = connections.create_segment(4)
    for strength in (3000, 7000, 5000):
        connections.create_synapse(segment, 9, strength)
    assert segment.synapses == {9: 7000}
    connections.check()


def test_the_index_of_listeners_survives_every_destruction() -> None:
    connections = Connections(small())
    segments = [connections.create_segment(cell, cell) for cell in (4, 4, 9)]
    for segment in segments:
        for presynaptic in (1, 2, 3):
            connections.create_synapse(segment, presynaptic, 5000)
    connections.destroy_synapse(segments[1], 2)
    connections.check()
    connections.destroy_segment(segments[0])
    connections.check()
    potential, strong = connections.activity([1, 2], 5000)
    assert potential == {segments[1]: 1, segments[2]: 2}
    assert strong == potential


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": 0},
        {"cells_per_column": 0},
        {"cells_per_column": -1},
        {"columns": 65_536, "cells_per_column": 2},
        {"min_threshold": 4},
        {"initial_permanence": 1.5},
        {"permanence_increment": float("nan")},
        {"max_synapses_per_segment": 256},
        {"max_segments": True},
    ],
    ids=repr,
)
def test_parameters_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidConfig):
        small(**wrong)


@every_backend
@pytest.mark.parametrize("columns", [[32], [-1], [3, 2], [2, 2], [0.5], [[1]]], ids=repr)
def test_columns_that_are_none_are_refused_and_nothing_moves(backend: Any, columns: Any) -> None:
    memory = with_segments(backend, small(), (4, STRONG))
    memory.step([0], learn=False)
    with pytest.raises(InvalidInput):
        memory.step(columns, learn=True)
    assert memory.predictive_cells == [4]


def test_the_reference_has_an_index_that_agrees_after_a_long_life() -> None:
    memory = TemporalMemory(small(max_segments=30, max_segments_per_cell=2), seed=2)
    for step in range(400):
        memory.step(sorted({(5 * step + i * i) % 32 for i in range(5)}), learn=step % 7 > 0)
    memory.connections.check()
