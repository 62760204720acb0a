"""Numbers in other forms are exact, and what is no such question is left alone."""

import pytest

from l2c.chat.shares import answer


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("which is bigger, 7 or 4?", "7 is bigger than 4."),
        ("Is 3 bigger than 8?", "No, 3 is not bigger than 8."),
        ("is one half or", None),
        ("what is smaller: 5/8 or 0.6", "0.6 is smaller than 5/8."),
        ("is 0.5 less than 1/2", "0.5 and 1/2 are equal."),
        ("Is 40% more than 0.3?", "Yes, 40% is more than 0.3."),
        ("what is 7/8 in percent", "7/8 is 87.5 percent."),
        ("what percentage of 90 is 30?", "30 of 90 is about 33.3333 percent."),
        ("18 is what percent of 24", "18 of 24 is 75 percent."),
        ("35 out of 50 as a percentage", "35 of 50 is 70 percent."),
        ("0.375 as a fraction", "0.375 is 3/8."),
        ("3/16 as a decimal", "3/16 is 0.1875."),
        ("is my sister taller than me", None),
        ("what is better, tea or coffee", None),
        ("1/0 as a percentage", None),
    ],
)
def test_questions_about_shares(asked: str, answered: str | None) -> None:
    assert answer(asked) == answered
