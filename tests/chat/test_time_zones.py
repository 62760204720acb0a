"""The time elsewhere is told by the machine's own time zones, and nothing is guessed."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from l2c.chat.time_zones import answer

NOON = datetime(2026, 1, 15, 12, tzinfo=ZoneInfo("Europe/London"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("What time is it in Tokyo now?", "In Tokyo it is 21:00."),
        ("whats the time in new york", "In New York it is 07:00."),
        ("time in India please", "In India it is 17:30."),
        ("what time is it in Auckland", "In Auckland it is 01:00 tomorrow."),
    ],
)
def test_the_time_of_a_place_is_told(asked: str, said: str) -> None:
    assert answer(asked, NOON) == said


@pytest.mark.parametrize(
    "asked", ["what time is it in my kitchen", "what time is it", "is it late in Tokyo"]
)
def test_nothing_is_said_of_a_place_that_is_none(asked: str) -> None:
    assert answer(asked, NOON) is None
