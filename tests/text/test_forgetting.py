"""Who asks for something to be forgotten is not answered with it any more."""

import pytest

from l2c.text.facts import find, is_meant
from l2c.text.predicates import Fact
from l2c.text.standing import standing


def left(*said: str) -> list[str]:
    """The values that hold after these turns."""
    told: list[Fact] = []
    for turn in said:
        told += find(turn, told)
    return [told[at].value for at in standing(told)]


@pytest.mark.parametrize(
    "wish",
    [
        "forget that zoe plays the drums",
        "Please forget what I said about the drums.",
        "Can you forget that my friend plays the drums?",
    ],
)
def test_what_is_named_is_forgotten_and_nothing_else(wish: str) -> None:
    assert left("my friend is Zoe she plays the drums", "We live in Brno.", wish) == ["Zoe", "Brno"]


@pytest.mark.parametrize(
    "wish", ["forget about lunch", "I forget where we live", "never forget it"]
)
def test_a_wish_about_nothing_told_ends_nothing(wish: str) -> None:
    assert left("We live in Brno.", wish) == ["Brno"]


@pytest.mark.parametrize(
    "said", ["Don't remember this, but I have two cats.", "off the record, I live in Brno"]
)
def test_what_is_not_to_be_remembered_is_no_fact_and_not_quoted(said: str) -> None:
    assert find(said) == []
    assert not is_meant(said)


def test_who_asks_not_to_forget_is_remembered() -> None:
    assert left("Don't forget that I live in Brno.") == ["Brno"]


def test_everything_about_something_is_forgotten() -> None:
    told = ("We live in Brno.", "My dog is called Bello. My dog is a beagle.")
    assert left(*told, "Forget everything about my dog") == ["Brno"]
    assert left(*told, "Can you forget something you learned?") == ["Brno", "Bello", "a beagle"]
