"""What is left to chance is drawn, within what was asked for, and all of it can come."""

from random import Random

import pytest

from l2c.chat.chances import answer


@pytest.mark.parametrize(
    ("asked", "possible"),
    [
        ("please flip a coin", {"Heads.", "Tails."}),
        ("Heads or tails?", {"Heads.", "Tails."}),
        ("roll a die", {f"{n}." for n in range(1, 7)}),
        ("Pick a number between 3 and five.", {"3.", "4.", "5."}),
        ("choose between tea and coffee", {"Tea.", "Coffee."}),
        ("pick one: red, blue or dark green", {"Red.", "Blue.", "Dark green."}),
    ],
)
def test_everything_that_may_come_comes(asked: str, possible: set[str]) -> None:
    assert {answer(asked, Random(seed)) for seed in range(99)} == possible


def test_dice_are_added_up() -> None:
    for seed in range(20):
        said = answer("roll two dice", Random(seed))
        assert said is not None
        first, second, both = (int(word.strip(",.")) for word in said.split() if word[0].isdigit())
        assert first + second == both


@pytest.mark.parametrize(
    "said",
    [
        "roll ninety dice",
        "pick me up at 5",
        "I lost a coin",
        "choose",
        "pick a number between 9 and 3",
    ],
)
def test_what_asks_for_no_chance_is_left_alone(said: str) -> None:
    assert answer(said, Random(0)) is None
