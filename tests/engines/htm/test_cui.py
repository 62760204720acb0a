"""The sequence task of Cui, Ahmad & Hawkins 2016 on two seeds; ten are in `benchmarks/htm.py`."""

import pytest

from benchmarks import cui
from l2c.kernels import binding

pytestmark = pytest.mark.skipif(not binding.available(), reason="the kernels are not installed")


@pytest.mark.parametrize("seed", [0, 1])
def test_every_ending_is_learned_and_learned_again_when_endings_are_swapped(seed: int) -> None:
    outcome = cui.run(seed)
    assert outcome.learned() <= 6_000
    assert outcome.learned(cui.SWAPPED_FROM) <= 3_400
    assert outcome.accuracy(cui.SWAPPED_FROM) == 1
    assert outcome.accuracy(cui.SWAPPED_FROM + 1_000) < 0.7
    assert outcome.accuracy(cui.ELEMENTS) == 1


def test_with_three_cells_in_ten_killed_endings_are_predicted_all_the_same() -> None:
    assert cui.run(0, killed=0.3).accuracy(10**9) >= 0.99


def test_two_endings_that_both_happen_are_both_predicted() -> None:
    assert cui.run(0, endings=2, elements=11_900).accuracy(11_900) >= 0.97


def test_the_stream_is_the_same_whenever_it_is_made() -> None:
    assert list(cui.sequences(3, elements=200)) == list(cui.sequences(3, elements=200))
    assert list(cui.sequences(3, elements=200)) != list(cui.sequences(4, elements=200))
