"""A practised line that is like a message and means something else does not fit it."""

import pytest

from l2c.text.fitting import fits


@pytest.mark.parametrize(
    "asked", ["what is a hash table?", "What is a table tennis bat", "whats a coffee table"]
)
def test_a_table_is_no_hash_table(asked: str) -> None:
    assert not fits(asked, "What is a table?")


@pytest.mark.parametrize(
    "asked", ["what is a table?", "whats a small table", "What exactly is a table?"]
)
def test_a_small_table_is_a_table(asked: str) -> None:
    assert fits(asked, "What is a table?")


def test_no_name_or_number_is_lost() -> None:
    assert not fits("I met Tom", "I met somebody")
    assert not fits("I am 12", "I am a child")


def test_the_biggest_planet_is_no_whale() -> None:
    assert not fits("what's the biggest planet", "Which animal is the biggest?")
    assert not fits("which city is the oldest", "what is the oldest tree")
    assert not fits("what is meant by homesick?", "What is a village?")
    assert not fits("difference between a lake and a sea", "difference between a lake and a pond")
    assert fits("what's the meaning of fog", "What is fog?")
    assert fits("what's the biggest animal", "Which animal is the biggest?")
