"""Bills and prices are computed where every number has its part, and else left alone."""

import pytest

from l2c.chat.bills import answer


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("The bill is 84 euros and we are three. What does each of us pay?",
         "84 divided by 3 is 28 each."),
        ("split £100 between three people", "100 divided by 3 is about 33.33 each."),
        ("lunch was $60 for 4 people plus a 20% tip, how much per person",
         "With 20 percent it is 72; for 4 that is 18 each."),
        ("a tent for 90 with 15% off", "90 minus 15 percent is 76.50."),
        ("The bike cost 640 and is reduced by 25 percent, what do I pay?",
         "640 minus 25 percent is 480."),
        ("my rent is 780 a month, how much is that a year?", "780 a month is 9360 a year."),
        ("I earn 50,000 a year. How much is that a week", "50000 a year is about 961.54 a week."),
        ("a gym costs 30 a month, how much do I pay for 18 months", "30 times 18 is 540."),
        ("7 tickets at 11.50 each", "7 times 11.5 is 80.5."),
        ("I get 11.44 an hour and I do 7 hours, how much is that", "11.44 times 7 is 80.08."),
        ("I am 35 and live with 4 people, everyone is nice", None),
        ("there are 12 of us and we share 3 rooms", None),
        ("my rent is 780 a month", None),
        ("20% of people are 100% sure, how much is that each", None),
        ("I told each of my 2 sons on 3 May", None),
        ("a shirt for 2000 with 130% off", None),
    ],
)  # fmt: skip
def test_sums_of_every_day(asked: str, answered: str | None) -> None:
    assert answer(asked) == answered
