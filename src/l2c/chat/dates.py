"""Questions about the calendar and the clock, answered by code.

What day it is no model can know from its training, and how many days lie between two dates it
should not guess. `answer` understands the whole question or says nothing. The clock is an
argument: the same question at the same moment has the same answer.

Circles (days, months, seasons, letters) are asked for by neighbour; dates are those of the
Gregorian calendar, from year 1 to 9999.
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta

from l2c.chat.phrasing import first_said, plain, readable, whole

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
SEASONS = ("spring", "summer", "autumn", "winter")
LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth"),
    *("seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
)
FEASTS = {
    "christmas": (12, 25), "christmas day": (12, 25), "christmas eve": (12, 24),
    "new year": (1, 1), "new year's day": (1, 1), "new years day": (1, 1),
    "new year's eve": (12, 31), "new years eve": (12, 31), "halloween": (10, 31),
    "valentine's day": (2, 14), "valentines day": (2, 14),
}  # fmt: skip
MAX_CHARACTERS = 200
FARTHEST_DAYS = 1_000_000

_IS = r"(?:is|will be|was|'s)"
_EVERY_DAY = "|".join(DAYS).lower()
_WHAT = r"(?:what(?:'s|s)?|which|on (?:what|which))"
_MEASURES = {
    ("seconds", "minute"): "60", ("minutes", "hour"): "60", ("hours", "day"): "24",
    ("days", "week"): "7", ("months", "year"): "12", ("weeks", "year"): "52",
    ("days", "year"): "365", ("days", "leap year"): "366", ("minutes", "day"): "1440",
    ("seconds", "hour"): "3600", ("hours", "week"): "168", ("seconds", "day"): "86400",
    ("years", "century"): "100", ("years", "decade"): "10", ("weeks", "month"): "about 4",
    ("days", "month"): "28 to 31", ("seasons", "year"): "4", ("days", "weekend"): "2",
    ("letters", "alphabet"): "26", ("minutes", "half hour"): "30",
    ("minutes", "quarter of an hour"): "15",
}  # fmt: skip


def answer(text: str, now: datetime) -> str | None:
    """The answer to a question about dates, as a sentence; None when it is no such question.

    `now` is the user's local time.

    >>> answer("What day comes after Monday?", datetime(2026, 11, 21))
    'Tuesday comes after Monday.'
    >>> answer("how many days are there in may", datetime(2026, 11, 21))
    'May has 31 days.'
    """
    if not readable(text, MAX_CHARACTERS):
        return None
    asked = plain(text)
    return first_said(attempt(asked, now) for attempt in _ATTEMPTS)


def _now(asked: str, now: datetime) -> str | None:
    """The clock, today, the month and the year."""
    if re.fullmatch(
        r"(?:what(?:'s| is|s)? )?(?:the )?(?:current )?time(?: is it| it is| do we have)?(?: now)?|"
        r"how late is it|what time (?:is it|it is)(?: now)?",
        asked,
    ):
        return f"it is {now:%H:%M}."
    found = re.fullmatch(
        rf"{_WHAT}(?: is| are)?(?: the)?(?: current)? (month|year)(?: is it| it is| is this|"
        r" are we in| do we have)?(?: now| today)?",
        asked,
    )
    if not found:
        return None
    return f"it is {MONTHS[now.month - 1]}." if found[1] == "month" else f"it is {now.year}."


def _day(asked: str, now: datetime) -> str | None:
    """Today, tomorrow, yesterday, a weekday from now, or so many days from now."""
    today = now.date()
    if re.fullmatch(
        rf"(?:{_WHAT} ?)?(?:is )?(?:the )?(?:current |today's |todays )?(?:day|date|weekday)"
        r"(?: of the week)?"
        r"(?: is it| it is| is| do we have| have we got)?(?: today| now)?|what is today|"
        r"what's today|whats today|what's the date today|today is (?:what|which) day|"
        r"what is today's date|what day is today",
        asked,
    ):
        return f"today is {_spoken(today)}."
    for words, step in (
        ("the day after tomorrow", 2), ("day after tomorrow", 2), ("tomorrow", 1),
        ("the day before yesterday", -2), ("day before yesterday", -2), ("yesterday", -1),
    ):  # fmt: skip
        if re.fullmatch(
            rf"{_WHAT}(?: is| was| will)?(?: the)?(?: day| date| weekday)?(?: of the week)?"
            rf"(?: is| was| will)?(?: it)?(?: be)? {words}(?:'s date)?(?: be)?",
            asked,
        ):
            verb = "is" if step > 0 else "was"
            name = f"the {words.removeprefix('the ')}" if "day " in words else words
            return f"{name} {verb} {_spoken(today + timedelta(step))}."
    found = re.fullmatch(rf"(?:is it|is today)(?: a)? ({_EVERY_DAY})(?: today)?", asked)
    if found:
        yes = DAYS[today.weekday()].lower() == found[1]
        return f"{'yes' if yes else 'no'}, today is {_spoken(today)}."
    return _supposed(asked)


def _supposed(asked: str) -> str | None:
    """ "If today is Monday, what day is tomorrow?": no calendar needed, only the circle of days."""
    found = re.fullmatch(
        rf"(?:if )?(?:today|it) (?:is|was|were) (?:a )?({_EVERY_DAY})(?: today)?[.,]? (?:then )?"
        rf"(?:{_WHAT} day |what )(?:is|was|will|would|it is)(?: it)?(?: be)? "
        r"(tomorrow|yesterday|the day after tomorrow|the day before yesterday)(?: be)?",
        asked,
    )
    if not found:
        return None
    step = {"tomorrow": 1, "yesterday": -1}.get(found[2]) or (2 if "after" in found[2] else -2)
    there = DAYS[(DAYS.index(found[1].capitalize()) + step) % 7]
    return f"if today is {found[1].capitalize()}, {found[2]} {'is' if step > 0 else 'was'} {there}."


def _from_now(asked: str, now: datetime) -> str | None:
    found = re.fullmatch(
        rf"{_WHAT}(?: the)?(?: day| date| weekday| month)?(?: of the week)?(?: {_IS}| will)?"
        r"(?: it)?(?: be)? (?:in )?(.+?) (days?|weeks?)( from (?:now|today)| ago)?(?: be)?",
        asked,
    )
    number = whole("1" if found[1] in ("a", "one") else found[1]) if found else None
    if found is None or number is None or number > FARTHEST_DAYS // 7:
        return None
    if found[3] is None and " in " not in f" {asked} ":
        return None
    days = number * (7 if found[2].startswith("week") else 1)
    past = found[3] == " ago"
    there = now.date() + timedelta(-days if past else days)
    unit = f"{number} {found[2].rstrip('s')}{'' if number == 1 else 's'}"
    if past:
        return f"{unit} ago it was {_spoken(there)}."
    return f"in {unit} it will be {_spoken(there)}."


def _weekday(asked: str, now: datetime) -> str | None:
    """The weekday of a date."""
    found = re.fullmatch(
        rf"{_WHAT}(?: is)?(?: the)? (?:day of the week|weekday|day)(?: (?:is|was|will|does|did|of|"
        r"on))?(?: the)? (.+?)(?: (?:fall on|fall|be|on))?( this year)?",
        asked,
    ) or re.fullmatch(r"when is (.+?)()( this year)?", asked)
    ahead = re.search(r"\b(?:is|will|does)\b(?!.*this year)", asked)
    there = _date(found[1], now, ahead=ahead is not None) if found else None
    if there is None:
        return None
    verb = "is" if there >= now.date() else "was"
    return f"{there.day} {MONTHS[there.month - 1]} {there.year} {verb} a {DAYS[there.weekday()]}."


def _between(asked: str, now: datetime) -> str | None:
    """Days until a date, since a date, or between two."""
    today = now.date()
    found = re.fullmatch(
        r"(?:how many (days|weeks)|how long)(?: is it| are left| are there| left| is there)?"
        r"(?: still)? (?:until|till|til|to|before) (?:the )?(.+)",
        asked,
    )
    there = _date(found[2], now, ahead=True) if found else None
    if found and there is not None and there >= today:
        days = (there - today).days
        weeks = f"about {days / 7:.2g} weeks, " if found[1] == "weeks" and days % 7 else ""
        return f"it is {weeks}{_days(days)} until {_spoken(there)}."
    found = re.fullmatch(
        r"how many days(?: is it| have passed| are there)? since (?:the )?(.+)", asked
    )
    there = _date(found[1], now, behind=True) if found else None
    if there is not None and there <= today:
        return f"{_days((today - there).days)} have passed since {_spoken(there)}."
    found = re.fullmatch(
        r"how many days (?:are |lie |is it )?(?:there )?(?:between|from) (?:the )?(.+?)"
        r" (?:and|to|until|till) (?:the )?(.+)",
        asked,
    )
    if not found:
        return None
    first, second = _date(found[1], now), _date(found[2], now)
    if first is None or second is None:
        return None
    if second < first and not re.search(r"\d{4}", found[2]):
        second = day_of(first.year + 1, second.month, second.day) or second
    return f"it is {_days(abs((second - first).days))} from {_spoken(first)} to {_spoken(second)}."


def _length(asked: str, now: datetime) -> str | None:
    """How long months, years and smaller measures are."""
    found = re.fullmatch(
        r"how many (\w+)(?: days)? (?:are |does |do |has |is )?(?:there )?(?:in |make |make up )?"
        r"(?:an |a |one |the )?(.+?)(?: have| has| got)?",
        asked,
    ) or re.fullmatch(r"how (long) is (?:an |a |one |the month of )?(.+)", asked)
    if not found:
        return None
    what, of = found[1], found[2].removeprefix("month of ")
    month, _, year = of.partition(" ")
    if what in ("days", "long") and month.capitalize() in MONTHS and (not year or year.isdigit()):
        return _month_length(MONTHS.index(month.capitalize()) + 1, int(year) if year else None)
    if what == "days" and of.isdigit() and 1 <= int(of) <= 9999:
        return f"{of} has {366 if isleap(int(of)) else 365} days."
    units = {"minute": "seconds", "hour": "minutes", "day": "hours", "week": "days"}
    what = units.get(of, "months") if what == "long" else what
    size = _MEASURES.get((what, of))
    if size is None:
        return None
    article = "an" if of[0] in "aeiou" or of == "hour" else "a"
    article = "the" if of == "alphabet" else article
    return f"{article} {of} has {size} {what}."


def _month_length(month: int, year: int | None) -> str | None:
    name = MONTHS[month - 1]
    if year is not None:
        if not 1 <= year <= 9999:
            return None
        return f"{name} {year} has {monthrange(year, month)[1]} days."
    if month == 2:
        return "February has 28 days, and 29 in a leap year."
    return f"{name} has {monthrange(2001, month)[1]} days."


def _leap(asked: str, now: datetime) -> str | None:
    found = re.fullmatch(
        r"(?:is|was|will)(?: the year)? (\d{1,4}|this year|this)(?: be)? a leap year", asked
    )
    if found:
        year = int(found[1]) if found[1].isdigit() else now.year
        return f"yes, {year} is a leap year." if isleap(year) else f"no, {year} is no leap year."
    if re.fullmatch(r"(?:when is|what is|which is|which year is)(?: the)? next leap year", asked):
        year = next(y for y in range(now.year + 1, now.year + 9) if isleap(y))
        return f"the next leap year is {year}."
    if re.fullmatch(r"how many days (?:has|does|are in) (?:a )?leap year(?: have)?", asked):
        return "a leap year has 366 days."
    return None


def _neighbour(asked: str, now: datetime) -> str | None:
    """What comes after or before a day, a month, a season or a letter."""
    found = re.fullmatch(
        r"(?:(?:what|which)(?:'s| is)?(?: the)? ?(?:day|month|season|letter)?(?: of the week)?"
        r"(?: that)?(?: comes| is| follows| goes)?|(?:the )?(?:day|month|season|letter))"
        r"(?: right| just| directly)? ?(after|before|follows) (?:the letter )?(\w+)",
        asked,
    ) or re.fullmatch(
        r"(?:what|which) (?:day|month|season|letter) (follows) (?:the letter )?(\w+)", asked
    )
    if not found:
        return None
    step = -1 if found[1] == "before" else 1
    for circle in (DAYS, MONTHS, SEASONS, LETTERS):
        names = [name.lower() for name in circle]
        if found[2] in names:
            at = names.index(found[2]) + step
            if circle is LETTERS and not 0 <= at < len(circle):
                return f"{circle[at - step]} is the {'last' if step > 0 else 'first'} letter."
            direction = "before" if step < 0 else "after"
            return f"{circle[at % len(circle)]} comes {direction} {circle[at - step]}."
    return None


def _position(asked: str, now: datetime) -> str | None:
    """Which month or day is the fifth, and which one May is."""
    found = re.fullmatch(
        rf"(?:{_WHAT} ?)?(?:is )?(?:the )?(?:month is the )?(\w+) (month|day|letter)(?: is it)?"
        r"(?: (?:of|in) (?:the|a) (?:year|week|alphabet))?",
        asked,
    )
    circles: dict[str, Sequence[str]] = {"month": MONTHS, "day": DAYS, "letter": LETTERS}
    if found:
        circle = circles[found[2]]
        at = len(circle) - 1 if found[1] == "last" else _ordinal(found[1])
        if at is not None and at < len(circle):
            whole_of = {"month": "year", "day": "week", "letter": "alphabet"}[found[2]]
            return f"{circle[at]} is the {found[1]} {found[2]} of the {whole_of}."
    found = re.fullmatch(
        r"(?:what|which) (month|day) (?:comes|is)(?: it)? next(?:,? after this one)?|"
        r"(?:what|which) is (?:the )?next (month|day)",
        asked,
    )
    if found:
        unit = found[1] or found[2]
        tomorrow = now.date() + timedelta(1)
        after = MONTHS[now.month % 12] if unit == "month" else DAYS[tomorrow.weekday()]
        return f"{after} comes next."
    found = re.fullmatch(rf"{_WHAT} (?:number )?(?:of )?month is (\w+)(?: in the year)?", asked)
    if found and found[1].capitalize() in MONTHS:
        at = MONTHS.index(found[1].capitalize())
        return f"{MONTHS[at]} is the {ORDINALS[at]} month of the year."
    return None


def _names(asked: str, now: datetime) -> str | None:
    """All days, months or seasons by name."""
    found = re.fullmatch(
        r"(?:what are|name|list|name all|list all|say)(?: me)?(?: all)?(?: the)?(?: names of the)?"
        r"(?: names of)?(?: seven| twelve| four)? (days|weekdays|months|seasons|letters)"
        r"(?: of the (?:week|year|alphabet)| in a (?:week|year))?",
        asked,
    )
    if not found:
        return None
    circle: Sequence[str] = {
        "days": DAYS, "weekdays": DAYS, "months": MONTHS, "seasons": SEASONS, "letters": LETTERS
    }[found[1]]  # fmt: skip
    return ", ".join(circle[:-1]) + f" and {circle[-1]}."


_ATTEMPTS: tuple[Callable[[str, datetime], str | None], ...] = (
    *(_now, _day, _neighbour, _leap, _position, _names, _length),
    *(_between, _from_now, _weekday),
)


def _ordinal(word: str) -> int | None:
    if word in ORDINALS:
        return ORDINALS.index(word)
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)", word)
    return int(found[1]) - 1 if found and int(found[1]) > 0 else None


def _date(text: str, now: datetime, *, ahead: bool = False, behind: bool = False) -> date | None:
    """The day that `text` names; without a year this year's, or the next or the last such day."""
    text = text.strip().removesuffix(" this year").removeprefix("the ")
    text = re.sub("|".join(ORDINALS), lambda nth: f"{ORDINALS.index(nth[0]) + 1}", text, count=1)
    today = now.date()
    if text in ("today", "tomorrow", "yesterday"):
        return today + timedelta({"today": 0, "tomorrow": 1, "yesterday": -1}[text])
    if text.removeprefix("next ").capitalize() in DAYS:
        away = (DAYS.index(text.removeprefix("next ").capitalize()) - today.weekday()) % 7
        return today + timedelta(away or 7) if ahead or "next" in text else None
    for year, month, day in _readings(text):
        if year is not None:
            return day_of(year, month, day)
        there = day_of(today.year, month, day)
        step = 0 if there is None else (ahead and there < today) - (behind and there > today)
        return day_of(today.year + step, month, day)
    return None


def _readings(text: str) -> Iterator[tuple[int | None, int, int]]:
    """Year (None where none is named), month and day, as the text says them."""
    feast, _, year = re.sub(r"(?: in)? (\d{4})$", r"|\1", text).partition("|")
    if feast in FEASTS:
        yield int(year) if year else None, *FEASTS[feast]
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        yield int(found[1]), int(found[2]), int(found[3])
    months = "|".join(MONTHS).lower()
    found = re.fullmatch(
        rf"(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({months}),?(?: (?:in )?(\d{{4}}))?", text
    )
    if found:
        yield int(found[3]) if found[3] else None, month_of(found[2]), int(found[1])
    found = re.fullmatch(
        rf"({months}) (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?,?(?: (?:in )?(\d{{4}}))?", text
    )
    if found:
        yield int(found[3]) if found[3] else None, month_of(found[1]), int(found[2])


def month_of(name: str) -> int:
    """The number of a month by its name."""
    return MONTHS.index(name.capitalize()) + 1


def day_of(year: int, month: int, day: int) -> date | None:
    """The date, or None where the calendar has no such day."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _spoken(day: date) -> str:
    return f"{DAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
