"""Times and ways are reckoned, in the form in which they were asked."""

import pytest

from l2c.chat.journeys import answer


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("It is 10:50, what time will it be in an hour and a half?",
         "An hour and a half after 10:50 it is 12:20."),
        ("what time is it 25 minutes before 12:10 am",
         "25 minutes before 12:10 am it is 11:45 pm."),
        ("what is 23:40 plus 35 minutes", "35 minutes after 23:40 it is 00:15."),
        ("what's 3 hours before noon", "3 hours before noon it is 9:00 am."),
        ("My train leaves at 8:40 and takes 50 minutes, when do I get there?",
         "50 minutes after 8:40 it is 9:30."),
        ("how many minutes from 9:15 to 11:00", "From 9:15 to 11:00 it is 105 minutes."),
        ("how long is it between 10 pm and 6 am", "From 10 pm to 6 am it is 8 hours."),
        ("it's 4:10, how long until 5:30?", "From 4:10 to 5:30 it is 1 hour and 20 minutes."),
        ("how long do I need for 90 km at 60 km/h", "90 km at 60 km/h take 1 hour and 30 minutes."),
        ("at 50 mph, how long does a trip of 400 miles take", "400 miles at 50 mph take 8 hours."),
        ("how far do I get in 90 minutes at 80 km/h",
         "At 80 km/h it is 120 kilometres in 90 minutes."),
        ("how long do I need for 90 miles at 60 km/h", None),
        ("I start work at 9 and it takes me 20 minutes", None),
        ("what time will it be dark", None),
        ("it is 25:10, what time will it be in 5 minutes", None),
        ("what will it be like in 95 minutes", None),
    ],
)  # fmt: skip
def test_times_and_ways(asked: str, answered: str | None) -> None:
    assert answer(asked) == answered
