"""The published tests of the SDR classifier, and what it refuses."""

import itertools

import numpy as np
import pytest

from l2c.engines.htm.classifier import SDRClassifier
from l2c.errors import InvalidConfig, InvalidInput

STREAM = [([1, 5, 9], 4), ([0, 6, 9, 11], 5), ([6, 9], 5), ([1, 5, 9], 4)]


def test_one_step_ahead_it_gives_the_published_probabilities() -> None:
    classifier = SDRClassifier(12, 6, rate=1)
    for (before, _), (_, happened) in itertools.pairwise(STREAM):
        classifier.learn(before, happened)
    expected = [0.034234, 0.034234, 0.034234, 0.034234, 0.093058, 0.770005]
    np.testing.assert_allclose(classifier.infer(STREAM[-1][0]), expected, atol=1e-6)


def test_what_came_ten_times_is_expected() -> None:
    classifier = SDRClassifier(12, 6, rate=1)
    for _ in range(10):
        classifier.learn([1, 5, 9], 4)
    assert classifier.infer([1, 5, 9])[4] > 0.9


def test_large_votes_are_still_probabilities() -> None:
    classifier = SDRClassifier(2000, 3, rate=1)
    for _ in range(3):
        classifier.learn(range(2000), 1)
    found = classifier.infer(range(2000))
    assert np.isfinite(found).all()
    assert found.sum() == pytest.approx(1)
    assert found[1] > 0.99


@pytest.mark.parametrize(("active", "happened"), [([12], 0), ([-1], 0), ([0], 6), ([0], -1)])
def test_bits_and_classes_that_are_none_change_nothing(active: list[int], happened: int) -> None:
    classifier = SDRClassifier(12, 6)
    with pytest.raises(InvalidInput):
        classifier.learn(active, happened)
    np.testing.assert_allclose(classifier.infer([0]), 1 / 6)


@pytest.mark.parametrize(("size", "classes", "rate"), [(0, 6, 0.1), (12, 0, 0.1), (12, 6, 0)])
def test_sizes_that_make_no_sense_are_refused(size: int, classes: int, rate: float) -> None:
    with pytest.raises(InvalidConfig):
        SDRClassifier(size, classes, rate=rate)
