"""The published unit tests of the Spatial Pooler: pools, inhibition, boosting, learning."""

from typing import Any

import numpy as np
import pytest

from l2c.engines.htm.parameters import SpatialPoolerParameters
from l2c.engines.htm.spatial_pooler import SpatialPooler, moving_average
from l2c.engines.htm.topology import centre, mapped_span, neighbourhood
from l2c.errors import InvalidConfig, InvalidInput


def pooler(inputs: int = 20, columns: int = 10, seed: int = 1, **changes: Any) -> SpatialPooler:
    given: dict[str, Any] = {
        "input_dimensions": (inputs,),
        "column_dimensions": (columns,),
        "potential_radius": inputs,
        "potential_pct": 1.0,
        "global_inhibition": True,
        "local_area_density": 0.2,
        "num_active_columns_per_inh_area": 0,
    }
    return SpatialPooler(SpatialPoolerParameters(**given | changes), seed=seed)


@pytest.mark.parametrize(
    ("inputs", "columns", "expected"),
    [
        ((12,), (4,), {0: 1, 1: 4, 2: 7, 3: 10}),
        ((36, 12), (12, 4), {0: 13, 4: 49, 5: 52, 7: 58, 47: 418}),
        ((3, 5), (4, 4), {0: 0, 3: 4, 15: 14}),
    ],
)
def test_the_centre_of_a_column_is_its_place_stretched(
    inputs: tuple[int, ...], columns: tuple[int, ...], expected: dict[int, int]
) -> None:
    assert {c: centre(c, columns, inputs) for c in expected} == expected


@pytest.mark.parametrize(
    ("column", "wrap", "expected"),
    [(0, False, [0, 1, 2, 3]), (2, False, [5, 6, 7, 8, 9]), (0, True, [0, 1, 2, 3, 11]),
     (3, True, [0, 8, 9, 10, 11])],
)  # fmt: skip
def test_a_pool_lies_round_its_centre(column: int, wrap: bool, expected: list[int]) -> None:
    assert neighbourhood(centre(column, (4,), (12,)), 2, (12,), wrap=wrap).tolist() == expected


def test_a_pool_in_two_dimensions_is_a_square() -> None:
    near = neighbourhood(centre(0, (2, 4), (6, 12)), 1, (6, 12), wrap=False)
    assert near.tolist() == [0, 1, 2, 12, 13, 14, 24, 25, 26]
    around = neighbourhood(centre(0, (2, 4), (6, 12)), 2, (6, 12), wrap=True)
    assert set(around // 12) == {5, 0, 1, 2, 3}
    assert set(around % 12) == {11, 0, 1, 2, 3}


def test_of_a_pool_a_part_is_kept() -> None:
    found = pooler(12, 4, potential_radius=2, potential_pct=0.5, local_area_density=0.5)
    assert found.pools.sum(axis=1).tolist() == [3, 3, 3, 3]
    assert not found.permanences[~found.pools].any()


def test_overlap_counts_connected_synapses_under_active_inputs() -> None:
    found = pooler(10, 5)
    strong = np.zeros((5, 10), np.int32)
    for column, first in enumerate((0, 2, 4, 6, 8)):
        strong[column, first:] = 5000
    found.set_permanences(strong)
    assert found.overlap(np.arange(10, dtype=np.uint16)).tolist() == [10, 8, 6, 4, 2]
    assert found.overlap(np.array([9], np.uint16)).tolist() == [1] * 5
    assert found.overlap(np.zeros(0, np.uint16)).tolist() == [0] * 5


def test_the_best_columns_win_everywhere() -> None:
    found = pooler(local_area_density=0.3)
    assert found.inhibit(np.array([1, 2, 1, 4, 8, 3, 12, 5, 4, 1])).tolist() == [4, 6, 7]
    half = pooler(local_area_density=0.5)
    assert half.inhibit(np.arange(10)).tolist() == [5, 6, 7, 8, 9]
    assert half.inhibit(np.zeros(10)).tolist() == [5, 6, 7, 8, 9]
    strict = pooler(local_area_density=0.5, stimulus_threshold=1)
    assert strict.inhibit(np.zeros(10)).tolist() == []


def test_who_only_asks_gets_overlap_and_inhibition_in_one_call() -> None:
    rng = np.random.default_rng(5)
    for threshold in (0, 3, 65_535):
        found = pooler(100, 300, local_area_density=0.1, stimulus_threshold=threshold)
        for on in (0, 1, 20, 100):
            active = np.sort(rng.choice(100, on, replace=False))
            expected = found.inhibit(found.overlap(active.astype(np.uint16)))
            assert found.step(active.tolist(), learn=False).tolist() == expected.tolist()
    wrong_ones: list[Any] = [[1, 1], [2, 1], [-1], [100], [[1, 2]]]
    for wrong in wrong_ones:
        with pytest.raises(InvalidInput):
            found.step(wrong, learn=False)
    assert found.iteration == 4


OVERLAPS = np.array([1, 2, 7, 0, 3, 4, 16, 1, 1.5, 1.7])


@pytest.mark.parametrize(
    ("radius", "wrap", "expected"),
    [(2, True, [1, 2, 5, 6, 8, 9]), (2, False, [1, 2, 5, 6, 9]), (3, True, [1, 2, 4, 5, 6, 9]),
     (3, False, [1, 2, 4, 5, 6, 9])],
)  # fmt: skip
def test_the_best_columns_of_a_neighbourhood_win(
    radius: int, wrap: bool, expected: list[int]
) -> None:
    found = pooler(global_inhibition=False, local_area_density=0.5, wrap_around=wrap)
    found.inhibition_radius = radius
    assert found.inhibit(OVERLAPS).tolist() == expected


def test_equal_columns_win_in_their_order() -> None:
    for wrap, expected in ((True, [0, 1, 4, 5]), (False, [0, 1, 4, 5, 8])):
        found = pooler(global_inhibition=False, local_area_density=0.3333, wrap_around=wrap)
        found.inhibition_radius = 3
        assert found.inhibit(np.ones(10)).tolist() == expected


def test_a_number_of_winners_becomes_a_density() -> None:
    found = pooler(global_inhibition=False, local_area_density=0.0,
                   num_active_columns_per_inh_area=3, input_dimensions=(9, 9),
                   column_dimensions=(9, 9))  # fmt: skip
    found.inhibition_radius = 4
    assert found.density == pytest.approx(3 / 81)
    found.inhibition_radius = 0
    assert found.density == 0.5


def test_spans_are_means_over_the_axes() -> None:
    connected = np.zeros((3, 4), bool)
    assert mapped_span(connected.ravel(), (3, 4)) == 0
    connected[0, 1] = connected[2, 3] = True
    assert mapped_span(connected.ravel(), (3, 4)) == 3


@pytest.mark.parametrize(
    ("strength", "expected"),
    [(10, [3.1059927, 0.4203504, 6.912514, 5.6594878, 0.007699, 2.5429718]),
     (2, [1.2544117, 0.8408573, 1.4720657, 1.4143452, 0.3778215, 1.2052255])],
)  # fmt: skip
def test_columns_that_win_too_rarely_are_boosted(strength: float, expected: list[float]) -> None:
    found = pooler(6, 6, global_inhibition=False, boost_strength=strength, wrap_around=True)
    found.inhibition_radius = 5
    found.active_duty = np.array([0.1, 0.3, 0.02, 0.04, 0.7, 0.12])
    found._find_boost()
    np.testing.assert_allclose(found.boost, expected, rtol=1e-5)


def test_duty_cycles_are_moving_averages() -> None:
    np.testing.assert_allclose(moving_average(np.full(3, 1000.0), np.zeros(3), 1000), 999)
    before = np.array([1000.0, 800, 600, 400, 2000])
    np.testing.assert_allclose(moving_average(before, np.zeros(5), 2), before / 2)


@pytest.mark.parametrize("learn", [True, False])
def test_exactly_as_many_columns_win_as_may(learn: bool) -> None:
    found, rng = pooler(200, 100, local_area_density=0.1), np.random.default_rng(1)
    for _ in range(100):
        active = np.sort(rng.choice(200, 20, replace=False))
        assert len(found.step(active, learn=learn)) == 10


def test_a_repeated_input_becomes_the_permanences() -> None:
    found = pooler(20, 10, local_area_density=0.5, syn_perm_active_inc=0.1,
                   syn_perm_inactive_dec=0.1)  # fmt: skip
    active = [1, 4, 9, 16]
    winners = [found.step(active, learn=True) for _ in range(30)][-1]
    expected = np.zeros(20)
    expected[active] = 10_000
    for column in winners:
        assert found.permanences[column].tolist() == expected.tolist()


def test_learning_never_touches_what_is_outside_a_pool() -> None:
    found, rng = pooler(60, 30, potential_pct=0.4), np.random.default_rng(2)
    for _ in range(60):
        found.step(np.sort(rng.choice(60, 9, replace=False)), learn=True)
    assert not found.permanences[~found.pools].any()
    assert found.permanences.min() >= 0
    assert found.permanences.max() <= 10_000


def test_asking_teaches_nothing() -> None:
    found = pooler()
    before = found.permanences.copy()
    for _ in range(60):
        found.step([1, 5, 7], learn=False)
    np.testing.assert_array_equal(found.permanences, before)
    assert (found.iteration, found.learning_iteration) == (60, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"local_area_density": 0.05},
        {"local_area_density": 0.6},
        {"num_active_columns_per_inh_area": 3},
        {"potential_pct": 1.5},
        {"boost_strength": float("nan")},
        {"column_dimensions": (2, 5)},
        {"column_dimensions": (0,)},
        {"syn_perm_connected": 2.0},
    ],
    ids=repr,
)
def test_parameters_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidConfig):
        pooler(**wrong)


@pytest.mark.parametrize("active", [[20], [-1], [3, 3], [4, 2]], ids=repr)
def test_inputs_that_are_none_are_refused(active: list[int]) -> None:
    with pytest.raises(InvalidInput):
        pooler().step(active, learn=True)
