"""The published unit tests of how a Spatial Pooler learns: tables worked out by hand.

Permanences are written as decimals and compared in units, exactly.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from l2c.engines.htm import spatial_pooler
from l2c.engines.htm.spatial_pooler import SpatialPooler
from l2c.engines.htm.topology import mapped_span
from l2c.errors import InvalidInput
from tests.engines.htm.test_spatial_pooler import pooler

Rows = Sequence[Sequence[float]]


def units(rows: Rows) -> np.ndarray:
    whole: np.ndarray = np.rint(10_000 * np.array(rows)).astype(np.int32)
    return whole


def with_synapses(pools: list[list[int]], rows: Rows, **changes: Any) -> SpatialPooler:
    """A pooler with these potential synapses and permanences, whatever they are."""
    found = pooler(len(rows[0]), len(rows), local_area_density=0.5, **changes)
    found.pools = np.array(pools, bool)
    found.permanences = units(rows)
    return found


POOLS = [
    [1, 1, 1, 1, 0, 0, 0, 0],
    [1, 0, 0, 0, 1, 1, 0, 1],
    [0, 0, 1, 0, 0, 0, 1, 0],
    [1, 0, 0, 0, 0, 0, 1, 0],
]
BEFORE: Rows = [
    [0.200, 0.120, 0.090, 0.060, 0, 0, 0, 0],
    [0.150, 0, 0, 0, 0.180, 0.120, 0, 0.450],
    [0, 0, 0.055, 0, 0, 0, 0.950, 0],
    [0.040, 0, 0, 0, 0, 0, 0.020, 0],
]
ADAPTED: Rows = [  # inputs 0, 4 and 6 are on
    [0.300, 0.110, 0.080, 0.050, 0, 0, 0, 0],
    [0.250, 0, 0, 0, 0.280, 0.110, 0, 0.440],
    [0, 0, 0, 0, 0, 0, 1, 0],  # .045 is less than half an increment, 1.05 more than 1
    [0.040, 0, 0, 0, 0, 0, 0.020, 0],  # it did not win
]


def test_winners_move_towards_what_they_won_with() -> None:
    found = with_synapses(POOLS, BEFORE, syn_perm_active_inc=0.1, syn_perm_inactive_dec=0.01)
    found._adapt(np.array([0, 1, 2]), np.array([0, 4, 6]))
    assert found.permanences.tolist() == units(ADAPTED).tolist()


def test_columns_that_answer_too_rarely_get_stronger_synapses() -> None:
    pools = [[1, 1, 1, 1, 0], [1, 0, 0, 1, 1], [0, 0, 1, 1, 1], [1, 1, 0, 0, 1], [1, 1, 1, 1, 1]]
    rows: Rows = [
        [0.2, 0.12, 0.09, 0.039, 0],
        [0.15, 0, 0, 0.18, 0.45],
        [0, 0, 0.06, 0.11, 0.4],
        [0.051, 0.996, 0, 0, 0.2],
        [0.1, 0.738, 0.045, 0.002, 0.2],
    ]
    raised: Rows = [
        [0.21, 0.13, 0.10, 0, 0],  # .049 is still less than half an increment
        [0.16, 0, 0, 0.19, 0.46],
        [0, 0, 0.06, 0.11, 0.4],
        [0.061, 1, 0, 0, 0.21],
        [0.11, 0.748, 0.055, 0, 0.21],
    ]
    found = with_synapses(pools, rows, syn_perm_active_inc=0.1)
    found.overlap_duty = np.array([0, 0.009, 0.01, 0.001, 0.002])  # the third just often enough
    found.min_overlap_duty = np.full(5, 0.01)
    found._raise_weak_columns()
    assert found.permanences.tolist() == units(raised).tolist()


def test_a_column_is_raised_until_it_can_answer() -> None:
    rows: Rows = [
        [0, 0.11, 0.095, 0.092, 0.01],
        [1, 0.5, 0.3, 0.02, 0.03],
        [0.05, 0.06, 0, 0, 0],
        [0.001, 0.001, 0.001, 0.001, 0.001],
    ]
    raised: Rows = [
        [0, 0.12, 0.105, 0.102, 0],  # one step of .01; what stays below .025 is trimmed
        [1, 0.5, 0.3, 0, 0.03],
        [0.1, 0.11, 0, 0, 0],  # its pool has two synapses only
        [0.101, 0.101, 0.101, 0.101, 0.101],
    ]
    pools = [[1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 0, 0, 0], [1, 1, 1, 1, 1]]
    found = with_synapses(pools, [[0] * 5] * 4, stimulus_threshold=3)
    found.set_permanences(units(rows))
    assert found.permanences.tolist() == units(raised).tolist()


@pytest.mark.parametrize(("part", "connected"), [(1.0, True), (0.0, False)])
def test_at_first_a_part_of_the_potential_synapses_is_connected(
    part: float, connected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spatial_pooler, "INITIALLY_CONNECTED", part)
    found = pooler(40, 30, potential_pct=0.7)
    assert ((found.permanences >= 1000)[found.pools] == connected).all()
    assert not found.permanences[~found.pools].any()
    assert found.permanences.max() <= 10_000


def test_the_same_input_twenty_times_becomes_the_permanences() -> None:
    found = pooler(20, 10, syn_perm_active_inc=0.1, syn_perm_inactive_dec=0.1)
    active = np.array([1, 4, 9, 16])
    for _ in range(20):
        found._adapt(np.arange(10), active)
    expected = np.zeros(20)
    expected[active] = 10_000
    assert (found.permanences == expected).all()


def test_a_boosted_overlap_is_the_overlap_times_its_factor() -> None:
    found = pooler(10, 5)
    found.set_permanences(np.full((5, 10), 5000, np.int32))
    found.boost = np.array([1, 1.5, 3, 2, 1.2])
    assert found.step(range(10), learn=True).tolist() == [2]
    assert found.step(range(10), learn=False).tolist() == [4]  # without, equals: the last one


def test_pools_in_two_dimensions_and_of_one_input() -> None:
    flat = pooler(input_dimensions=(6, 12), column_dimensions=(2, 4), potential_radius=1,
                  local_area_density=0.5, wrap_around=False)  # fmt: skip
    assert np.flatnonzero(flat.pools[2]).tolist() == [6, 7, 8, 18, 19, 20, 30, 31, 32]
    one = pooler(1, 1, potential_radius=2, local_area_density=0.0,
                 num_active_columns_per_inh_area=1)  # fmt: skip
    assert np.flatnonzero(one.pools[0]).tolist() == [0]


def test_where_nobody_answers_columns_win_by_their_place() -> None:
    found = pooler(20, 20, global_inhibition=False, local_area_density=0.0,
                   num_active_columns_per_inh_area=1, wrap_around=True)  # fmt: skip
    found.inhibition_radius = 2
    assert len(found.inhibit(np.zeros(20))) == 6


# ------------------------------------------------------------------------- radius and spans


@pytest.mark.parametrize(
    ("row", "span"),
    [("01000001", 7), ("00010001", 5), ("00000010", 1), ("01000100", 5), ("00000000", 0),
     ("00011000", 2), ("01110000", 3), ("00001010", 3), ("10110001", 8)],
)  # fmt: skip
def test_a_span_reaches_from_the_first_to_the_last_connected_input(row: str, span: int) -> None:
    assert mapped_span(np.array([bit == "1" for bit in row]), (8,)) == span


def connecting(spans: list[int], inputs: int) -> SpatialPooler:
    """Columns of which each is connected to so many inputs beside each other."""
    found = pooler(inputs, len(spans), global_inhibition=False)
    found.set_permanences(units([[0.5] * n + [0] * (inputs - n) for n in spans]))
    found.iteration = spatial_pooler.UPDATE_PERIOD - 1
    found.step([], learn=True)
    return found


@pytest.mark.parametrize(
    ("spans", "inputs", "radius"),
    [([3] * 12, 3, 6), ([1, 0] * 3, 5, 1), ([2] * 6 + [3] * 4, 5, 2)],
    ids=["3 x 4", ".5 x 1.2", "2.4 x 2"],
)
def test_inhibition_reaches_as_far_as_columns_see(
    spans: list[int], inputs: int, radius: int
) -> None:
    assert connecting(spans, inputs).inhibition_radius == radius


def test_everywhere_inhibition_reaches_as_far_as_there_are_columns() -> None:
    wide = pooler(input_dimensions=(6, 3, 2), column_dimensions=(57, 31, 2),
                  potential_radius=1, local_area_density=0.02)  # fmt: skip
    assert wide.inhibition_radius == 57


# --------------------------------------------------------------------- duty cycles and boosting


DUTY = np.array([0.7, 0.1, 0.5, 0.01, 0.78, 0.55, 0.1, 0.001])
NEAR = [0.14, 0.14, 0.1, 0.156, 0.156, 0.156, 0.11, 0.02]


@pytest.mark.parametrize(("wrap", "last"), [(False, 0.02), (True, 0.14)])
def test_little_is_a_part_of_the_most_in_the_neighbourhood(wrap: bool, last: float) -> None:
    found = pooler(8, 8, global_inhibition=False, min_pct_overlap_duty_cycle=0.2,
                   wrap_around=wrap)  # fmt: skip
    found.inhibition_radius, found.overlap_duty = 1, DUTY
    found._find_min_duty()
    np.testing.assert_allclose(found.min_overlap_duty, [*NEAR[:-1], last])


def test_little_is_a_part_of_the_most_of_all_and_looked_up_every_fifty_steps() -> None:
    found = pooler(20, 10, min_pct_overlap_duty_cycle=0.1)
    for _ in range(49):
        found.step([1, 5, 7], learn=True)
    assert not found.min_overlap_duty.any()
    found.step([1, 5, 7], learn=True)
    np.testing.assert_allclose(found.min_overlap_duty, 0.1 * found.overlap_duty.max())


def test_boosting_compares_with_all_columns_or_leaves_equals_alone() -> None:
    found = pooler(6, 6, boost_strength=10.0, local_area_density=0.0,
                   num_active_columns_per_inh_area=1)  # fmt: skip
    found.inhibition_radius = 3
    found.active_duty = np.array([0.1, 0.3, 0.02, 0.04, 0.7, 0.12])
    found._find_boost()
    expected = [1.947734, 0.2635971, 4.3347618, 3.5490028, 0.0048279, 1.5946698]
    np.testing.assert_allclose(found.boost, expected, rtol=2e-5)
    found.active_duty = np.full(6, 1 / 6)
    found._find_boost()
    np.testing.assert_allclose(found.boost, 1)


def shared(left: np.ndarray, right: np.ndarray) -> int:
    return len(np.intersect1d(left, right))


@pytest.mark.parametrize("seed", range(3))
def test_boosting_brings_every_column_to_win(seed: int) -> None:
    """Five patterns, of which the first two share half of their bits; permanences stay."""
    found = pooler(90, 600, seed=seed, potential_pct=0.9, local_area_density=0.0,
                   num_active_columns_per_inh_area=60, syn_perm_active_inc=0.0,
                   syn_perm_inactive_dec=0.0, duty_cycle_period=10,
                   boost_strength=10.0)  # fmt: skip
    patterns = [range(20), range(10, 30), range(30, 50), range(50, 70), range(70, 90)]
    before = [found.step(pattern, learn=False) for pattern in patterns]
    assert (found.boost == 1).all()
    assert len(np.unique(np.concatenate(before))) <= 300
    assert shared(before[0], before[1]) > 9
    others = [shared(before[i], before[j]) for i in range(5) for j in range(i) if (j, i) != (0, 1)]
    assert max(others) < 18

    won = np.zeros(600, bool)
    for _ in range(10):
        after = [found.step(pattern, learn=True) for pattern in patterns]
        won[np.concatenate(after)] = True
    assert won.all()
    assert (found.boost[found.active_duty > 0.1] <= 1).all()
    assert (found.boost[found.active_duty < 0.1] >= 1).all()
    assert shared(after[0], after[1]) < 7
    boost = found.boost.copy()
    found.step(patterns[0], learn=False)
    assert (found.boost == boost).all()


# ------------------------------------------------------------------- what it keeps, how good it is


def test_a_pooler_that_was_kept_goes_on_as_if_nothing_had_been() -> None:
    rng = np.random.default_rng(3)
    stream = [np.sort(rng.choice(40, 8, replace=False)) for _ in range(120)]
    changes: dict[str, Any] = {"boost_strength": 2.0, "global_inhibition": False,
                               "potential_pct": 0.6, "min_pct_overlap_duty_cycle": 0.5}  # fmt: skip
    whole = pooler(40, 30, seed=1, **changes)
    for active in stream[:70]:
        whole.step(active, learn=True)
    resumed = pooler(40, 30, seed=2, **changes)
    resumed.restore(whole.tensors())
    for active in stream[70:]:
        left, right = whole.step(active, learn=True), resumed.step(active, learn=True)
        assert left.tolist() == right.tolist()
    for name, tensor in whole.tensors().items():
        np.testing.assert_array_equal(resumed.tensors()[name], tensor, name)


@pytest.mark.parametrize("wrong", ["missing", "shape", "kind", "outside"])
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(wrong: str) -> None:
    found = pooler(20, 10, potential_pct=0.5)
    before, tensors = found.tensors(), found.tensors()
    if wrong == "missing":
        del tensors["boost"]
    elif wrong == "shape":
        tensors["boost"] = tensors["boost"][:-1]
    elif wrong == "kind":
        tensors["permanences"] = tensors["permanences"].astype(np.float64)
    else:
        tensors["permanences"][~tensors["pools"]] = 1
    with pytest.raises(InvalidInput):
        found.restore(tensors)
    assert all((found.tensors()[name] == tensor).all() for name, tensor in before.items())


def entropy(found: SpatialPooler, inputs: list[np.ndarray]) -> float:
    """Bits a column, of winning or not over these inputs."""
    won = np.zeros(found.parameters.columns)
    for active in inputs:
        won[found.step(active, learn=False)] += 1 / len(inputs)
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = -won * np.log2(won) - (1 - won) * np.log2(1 - won)
    return float(np.nan_to_num(bits).mean())


def noise_robustness(found: SpatialPooler, inputs: list[np.ndarray]) -> float:
    """The part of the winners that stays when 30 % of the active bits move elsewhere."""
    rng, kept = np.random.default_rng(9), []
    for active in inputs:
        off = rng.permutation(np.setdiff1d(np.arange(400), active))
        noisy = np.sort(np.concatenate([rng.permutation(active)[6:], off[:6]]))
        clean = found.step(active, learn=False)
        kept.append(len(np.intersect1d(clean, found.step(noisy, learn=False))) / len(clean))
    return float(np.mean(kept))


def test_training_makes_representations_robust_and_boosting_more_so() -> None:
    """Noise robustness, stability and entropy of Cui, Ahmad & Hawkins 2017.

    Of 512 columns 10 win, so .1388 bits a column are the most there can be.
    """
    rng = np.random.default_rng(4)
    inputs = [np.sort(rng.choice(400, 20, replace=False)) for _ in range(50)]
    kept, bits = [], []
    for strength in (0.0, 10.0):
        found = pooler(400, 512, local_area_density=10 / 512 + 1e-6, potential_pct=0.5,
                       boost_strength=strength, duty_cycle_period=50)  # fmt: skip
        kept.append(noise_robustness(found, inputs))
        for _ in range(20):
            for active in inputs:
                found.step(active, learn=True)
        first = [found.step(active, learn=False).tolist() for active in inputs]
        assert first == [found.step(active, learn=False).tolist() for active in inputs]
        kept.append(noise_robustness(found, inputs))
        bits.append(entropy(found, inputs))
    untrained, trained, _, boosted = kept
    assert untrained < 0.45
    assert 0.65 < trained < boosted
    assert 0.1 < bits[0] < bits[1] <= 0.1389
