"""The calendar and the clock are asked, never guessed."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.chat.dates import DAYS, MONTHS, answer

NOW = datetime(2026, 11, 21, 14, 30)

RIGHT = {
    "What day is it today?": "Today is Saturday, 21 November 2026.",
    "what's the date today?": "Today is Saturday, 21 November 2026.",
    "What time is it?": "It is 14:30.",
    "what year is it": "It is 2026.",
    "what month is it?": "It is November.",
    "what day is tomorrow": "Tomorrow is Sunday, 22 November 2026.",
    "what is the date tomorrow": "Tomorrow is Sunday, 22 November 2026.",
    "what day was yesterday?": "Yesterday was Friday, 20 November 2026.",
    "what day is the day after tomorrow": "The day after tomorrow is Monday, 23 November 2026.",
    "is today monday": "No, today is Saturday, 21 November 2026.",
    "Today is Monday. What day is tomorrow?": "If today is Monday, tomorrow is Tuesday.",
    "What day of the week is 3 May 2024?": "3 May 2024 was a Friday.",
    "what weekday was 1 January 2000": "1 January 2000 was a Saturday.",
    "What is the day of the week on 1 January?": "1 January 2027 is a Friday.",
    "when is christmas": "25 December 2026 is a Friday.",
    "how many days until Christmas?": "It is 34 days until Friday, 25 December 2026.",
    "How many days until the first of January?": "It is 41 days until Friday, 1 January 2027.",
    "How many days are left until 3 May": "It is 163 days until Monday, 3 May 2027.",
    "how many days from 1 March 2024 to 5 April 2024":
        "It is 35 days from Friday, 1 March 2024 to Friday, 5 April 2024.",
    "how many days since 1 January": "324 days have passed since Thursday, 1 January 2026.",
    "how many days are there in may": "May has 31 days.",
    "how many days has february": "February has 28 days, and 29 in a leap year.",
    "how many days does February 2028 have": "February 2028 has 29 days.",
    "how many hours in a day": "A day has 24 hours.",
    "how long is a week": "A week has 7 days.",
    "is 1900 a leap year": "No, 1900 is no leap year.",
    "when is the next leap year?": "The next leap year is 2028.",
    "What day comes after Monday?": "Tuesday comes after Monday.",
    "which month comes before January": "December comes before January.",
    "what comes after spring": "Summer comes after spring.",
    "what letter comes after C": "D comes after C.",
    "what comes after z": "Z is the last letter.",
    "what is the fifth month": "May is the fifth month of the year.",
    "which month comes next?": "December comes next.",
    "month after may": "June comes after May.",
    "todays date pls": "Today is Saturday, 21 November 2026.",
    "what are the seasons?": "Spring, summer, autumn and winter.",
    "what day will it be in 100 days": "In 100 days it will be Monday, 1 March 2027.",
    "what day was 10 days ago": "10 days ago it was Wednesday, 11 November 2026.",
}  # fmt: skip
NOT_DATES = (
    "Hello", "when is my birthday", "what day is my birthday?", "I was born on 3 May 1987.",
    "My birthday is tomorrow", "what is tomorrow's weather", "how long is a river",
    "how many cats do i have", "what day is 30 february", "which day is best", "what is a day",
    "how many days until my holiday", "is it raining today?", "what time does the train leave",
)  # fmt: skip


@pytest.mark.parametrize("question", RIGHT)
def test_a_question_about_dates_is_answered_by_the_calendar(question: str) -> None:
    assert answer(question, NOW) == RIGHT[question]


@pytest.mark.parametrize("text", NOT_DATES)
def test_what_is_no_such_question_is_left_to_the_model(text: str) -> None:
    assert answer(text, NOW) is None


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_every_weekday_is_right(day: date) -> None:
    written = f"{day.day} {MONTHS[day.month - 1]} {day.year:04}"
    found = answer(f"What day of the week was {written}?", NOW)
    assert found is not None
    assert found.endswith(f"a {DAYS[day.weekday()]}.")


@given(st.integers(0, 10_000))
def test_a_day_so_many_days_ahead_is_right(days: int) -> None:
    there = (NOW + timedelta(days)).date()
    found = answer(f"what date will it be in {days} days?", NOW)
    assert found is not None
    assert f"{there.day} {MONTHS[there.month - 1]} {there.year}" in found


@given(st.text(max_size=60))
def test_nothing_people_write_breaks_it(text: str) -> None:
    found = answer(text, NOW)
    assert found is None or found.endswith(".")


def test_the_month_so_many_weeks_from_now_is_named() -> None:
    asked = "What month is it in 20 weeks from now?"
    assert answer(asked, datetime(2026, 11, 23)) == "In 20 weeks it will be Monday, 12 April 2027."
