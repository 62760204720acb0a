"""Anomaly likelihood: flat while it learns a stream, then high where scores are unusual."""

import math

import numpy as np
import pytest

from l2c.engines.htm.anomaly import AnomalyLikelihood, log_score
from l2c.errors import InvalidConfig, InvalidInput


def noisy(n: int, seed: int = 1) -> list[float]:
    return [float(x) for x in np.random.default_rng(seed).choice([0.0, 0.1, 0.2, 0.3], n)]


def test_it_says_one_half_until_it_knows_the_stream() -> None:
    likelihood = AnomalyLikelihood(learning_period=30, estimation_samples=20)
    assert {likelihood.update(score) for score in noisy(50)} == {0.5}


def test_usual_scores_are_unremarkable_and_unusual_ones_stand_out() -> None:
    likelihood = AnomalyLikelihood(learning_period=100, estimation_samples=100)
    usual = [likelihood.update(score) for score in noisy(600)][200:]
    assert np.median(usual) < 0.9
    unusual = [likelihood.update(1.0) for _ in range(8)]
    assert max(unusual) > 0.99999
    assert log_score(max(unusual)) > 0.4


def test_what_stays_red_is_reported_once() -> None:
    likelihood = AnomalyLikelihood(learning_period=100, estimation_samples=100)
    for score in noisy(500):
        likelihood.update(score)
    red = [likelihood.update(1.0) for _ in range(12)]
    first = next(i for i, value in enumerate(red) if value > 1 - 1e-5)
    assert red[first + 1] == pytest.approx(0.999)


def test_a_flat_stream_never_alarms() -> None:
    likelihood = AnomalyLikelihood(learning_period=10, estimation_samples=10)
    assert all(likelihood.update(score, 5.0) == pytest.approx(0.5) for score in noisy(200))


def test_log_scores_run_from_0_to_1() -> None:
    assert log_score(0.0) == pytest.approx(0, abs=1e-9)
    assert log_score(1.0) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_a_score_that_is_none_is_refused(score: float) -> None:
    with pytest.raises(InvalidInput):
        AnomalyLikelihood().update(score)
    with pytest.raises(InvalidInput):
        AnomalyLikelihood().update(0.5, float("inf"))


def test_periods_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidConfig):
        AnomalyLikelihood(learning_period=-1)


def test_the_fit_leaves_out_the_learning_period_and_has_floors() -> None:
    """Scores of 0 for long: mean .03, variance .0003 at least; then what ten scores make of it."""
    likelihood = AnomalyLikelihood(learning_period=50, estimation_samples=50)
    for n in range(120):
        likelihood.update(1.0 if n < 20 else 0.0, float(n % 7))
    mean = 0.0
    for n in range(1, 4):
        mean += 0.3 / 10
        tail = 0.5 * math.erfc((mean - 0.03) / math.sqrt(0.0003) / math.sqrt(2))
        assert likelihood.update(0.3, float(n)) == pytest.approx(1 - tail)


def test_the_fit_is_made_anew_every_hundred_scores() -> None:
    likelihood = AnomalyLikelihood(learning_period=0, estimation_samples=100)
    quiet, loud = (0.0, 0.1), (0.7, 0.9)
    for n in range(101):  # the first fit is made with the score after the first hundred
        likelihood.update(quiet[n % 2], float(n % 5))
    unusual = [likelihood.update(loud[n % 2], float(n % 5)) for n in range(99)]
    assert unusual[50:] == pytest.approx([0.999] * 49)
    assert likelihood.update(loud[1], 0.0) < 0.99
