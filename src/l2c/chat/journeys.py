"""Times by the clock and on the road: 95 minutes after 2:45, and 240 miles at 60 miles an hour.

As `l2c.chat.sums`, `answer` understands the whole question or says nothing. A time stays in the
form in which it was asked, with twelve hours or with twenty-four; an hour without its half of the
day stays without it.
"""

from __future__ import annotations

import re
from fractions import Fraction

from l2c.chat.phrasing import first_said, numeral, plain, readable, whole
from l2c.chat.sums import MAX_CHARACTERS, said

HALF_DAY, DAY = 720, 1440
"""In minutes."""

_CLOCK = r"(\d{{1,2}}(?:[:.]\d{{2}})?(?: ?[ap]\.?m\.?| o'?clock)?|noon|midday|midnight)"
_TIME = _CLOCK.format()
_SPAN = (
    r"((?:an?|\d+(?:\.\d+)?|[a-z]+(?:-[a-z]+)?)(?: and a half)? (?:hours?|hrs?|h|minutes?|mins?)"
    r"(?:,? (?:and )?(?:an?|\d+|[a-z]+(?:-[a-z]+)?) (?:minutes?|mins?))?|half an hour|"
    r"(?:a|three) quarters? of an hour|an hour and a (?:half|quarter))"
)
_LATER = tuple(
    re.compile(shape)
    for shape in (
        rf"(?:if )?it(?:'s| is) (?:now )?{_TIME}(?: now)?[,.;]? (?:so |and )?(?:then )?"
        rf"what time (?:will it be|is it|would it be|it will be)(?: be)? (?:in|after) {_SPAN}",
        rf"what time (?:will it be|is it|is|would it be) {_SPAN} (after|before|from|past) {_TIME}",
        rf"what(?:'s| is|s) {_SPAN} (after|before|from|past) {_TIME}",
        rf"what(?:'s| is|s)? {_TIME} (plus|minus) {_SPAN}(?: is)?",
    )
)
_ARRIVES = re.compile(
    rf"(?:.*?\b)?(?:leaves?|starts?|begins?|goes|departs?|set off|am leaving|put .+? in|begin)\b"
    rf"(?: from)?(?: the house| home)?(?: at)? {_TIME}\b.*?\b(?:takes?|lasts?|is|needs?|for) "
    rf"(?:about |around )?{_SPAN}(?: long)?\b[,.;]? *(?:so |and )?(?:at )?(?:when|what time)\b"
    r"(?: (?:do|does|will|is|am|are|would|should|can)\b.*)?"
)
_BETWEEN = re.compile(
    rf"(?:how (?:many (minutes|hours)|long|much time)(?: is it| is there| are there| is| are)?)"
    rf"(?: from| between| it is from)? {_TIME} (?:to|and|until|till) {_TIME}"
)
_LEFT = re.compile(
    rf"(?:if )?it(?:'s| is) (?:now )?{_TIME}(?: now)?[,.;]? (?:so |and )?how "
    r"(?:many (minutes|hours)|long|much time)"
    r"(?: is it| do i have| have i got| are left| is left)?(?: left)?"
    rf" (?:un)?till? {_TIME}"
)
_UNITS = r"(miles?|km|kms|kilomet(?:er|re)s?)"
_SPEEDS = r"(mph|miles (?:an|per) hour|km/?h|kph|kilomet(?:er|re)s (?:an|per) hour)"
_N = r"(\d[\d,]*(?:\.\d+)?)"
_HOW_LONG = (
    re.compile(
        rf"(?=.*\bhow (?:long|many hours|much time)\b).*?{_N} {_UNITS}\b.*? (?:at|with|doing) "
        rf"(?:an average of |about )?{_N} ?{_SPEEDS}\b.*"
    ),
    re.compile(
        rf"(?=.*\bhow (?:long|many hours)\b)(?:.*? )?at {_N} ?{_SPEEDS}\b.*? {_N} {_UNITS}\b.*"
    ),
)
_HOW_FAR = re.compile(
    rf"(?=.*\b(?:how (?:far|many (?:miles|kilomet(?:er|re)s|km))|what distance)\b).*? at {_N} ?"
    rf"{_SPEEDS}\b.*?{_SPAN}.*|"
    rf"(?=.*\bhow (?:far|many (?:miles|kilomet(?:er|re)s|km))\b).*?(?:for|in) {_SPAN} at {_N} ?"
    rf"{_SPEEDS}\b.*"
)
_MILES = ("mile", "mph")


def answer(text: str) -> str | None:
    """The answer as a sentence; None when it is no such question.

    >>> answer("It's 2:45 now, what time will it be in 95 minutes?")
    '95 minutes after 2:45 it is 4:20.'
    >>> answer("If I drive 240 miles at 60 mph, how long does it take?")
    '240 miles at 60 mph take 4 hours.'
    """
    if not readable(text, MAX_CHARACTERS):
        return None
    asked = plain(text)
    return first_said(attempt(asked) for attempt in (_later, _arriving, _between, _on_the_road))


def _later(asked: str) -> str | None:
    """The time so long after or before another."""
    at, found = next(
        ((at, m) for at, shape in enumerate(_LATER) if (m := shape.fullmatch(asked))), (0, None)
    )
    if found is None:
        return None
    back = False
    if at == 0:
        clock, span = found[1], found[2]
    elif at == 3:
        clock, span, back = found[1], found[3], found[2] == "minus"
    else:
        clock, span, back = found[3], found[1], found[2] == "before"
    return _moved(clock, span, back=back)


def _arriving(asked: str) -> str | None:
    """When it is over, of what begins at a time and takes so long."""
    found = _ARRIVES.fullmatch(asked)
    return _moved(found[1], found[2], back=False) if found else None


def _moved(clock: str, span: str, *, back: bool) -> str | None:
    start, minutes = _minutes_of(clock), _length(span)
    if start is None or minutes is None or minutes.denominator != 1:
        return None
    there = start - int(minutes) if back else start + int(minutes)
    if not 0 <= there - (there % DAY) + DAY <= 8 * DAY:
        return None
    word = "before" if back else "after"
    return f"{span} {word} {clock} it is {_as_asked(there, clock)}."


def _between(asked: str) -> str | None:
    """How long it is from one time to another."""
    found = _BETWEEN.fullmatch(asked)
    left = None if found else _LEFT.fullmatch(asked)
    if found:
        unit, first, second = found.groups()
    elif left:
        first, unit, second = left.groups()
    else:
        return None
    start, end = _minutes_of(first), _minutes_of(second)
    if start is None or end is None or start == end:
        return None
    vague = not (re.search(r"[apn]", first + second) or max(start, end) >= 780)
    minutes = (end - start) % (HALF_DAY if vague else DAY)
    length = _spoken(Fraction(minutes), minutes_only=unit == "minutes")
    return f"from {first} to {second} it is {length}."


def _on_the_road(asked: str) -> str | None:
    """How long a way takes at a speed, or how far one comes."""
    for at, shape in enumerate(_HOW_LONG):
        if found := shape.fullmatch(asked):
            way, unit, speed, per = (found[n] for n in ((1, 2, 3, 4), (3, 4, 1, 2))[at])
            far, fast = numeral(way), numeral(speed)
            if _numbers(asked) != 2 or far is None or not fast or _of_miles(unit) != _of_miles(per):
                return None
            return f"{way} {unit} at {speed} {per} take {_spoken(60 * far / fast)}."
    if (found := _HOW_FAR.fullmatch(asked)) is None:
        return None
    speed, per, span = (
        (found[1], found[2], found[3]) if found[1] else (found[5], found[6], found[4])
    )
    fast, minutes = numeral(speed), _length(span)
    if fast is None or minutes is None:
        return None
    unit = "miles" if _of_miles(per) else "kilometres"
    return f"at {speed} {per} it is {said(fast * minutes / 60)} {unit} in {span}."


def _of_miles(unit: str) -> bool:
    return unit.startswith(_MILES)


def _numbers(asked: str) -> int:
    return len(re.findall(r"\d[\d,.]*", asked))


def _minutes_of(clock: str) -> int | None:
    """Minutes since midnight; None for no time of a day."""
    if clock in ("noon", "midday", "midnight"):
        return 0 if clock == "midnight" else HALF_DAY
    found = re.fullmatch(r"(\d{1,2})(?:[:.](\d{2}))?(?: ?([ap])\.?m\.?| o'?clock)?", clock)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if hour > (12 if half else 24) or minute > 59:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour % 24 * 60 + minute


def _as_asked(minutes: int, clock: str) -> str:
    """A time in the form of another: "4:20 pm" for "2:45 pm", "16:20" for "14:45"."""
    hour, minute = divmod(minutes % DAY, 60)
    if re.search(r"[ap]\.?m", clock) or not clock[0].isdigit():
        return f"{hour % 12 or 12}:{minute:02d} {'am' if hour < 12 else 'pm'}"
    if not clock.startswith("0") and int(clock.partition(":")[0].partition(".")[0]) <= 12:
        return f"{hour % 12 or 12}:{minute:02d}"
    return f"{hour:02d}:{minute:02d}"


def _length(span: str) -> Fraction | None:
    """A span of time in minutes; None for none."""
    fixed = {"half an hour": 30, "a quarter of an hour": 15, "three quarters of an hour": 45,
             "an hour and a half": 90, "an hour and a quarter": 75}  # fmt: skip
    if span in fixed:
        return Fraction(fixed[span])
    total = Fraction(0)
    parts = re.findall(r"(\S+?)( and a half)? (hours?|hrs?|h|minutes?|mins?)\b", span)
    for amount, half, unit in parts:
        counted = 1 if amount in ("a", "an") else None
        value = numeral(amount) if counted is None else Fraction(counted)
        if value is None and (spoken := whole(amount)) is not None:
            value = Fraction(spoken)
        if value is None:
            return None
        value += Fraction(1, 2) if half else 0
        total += value * (60 if unit.startswith("h") else 1)
    return total if parts else None


def _spoken(minutes: Fraction, *, minutes_only: bool = False) -> str:
    """A span in hours and minutes, rounded to the minute."""
    rounded = round(minutes)
    about = "" if rounded == minutes else "about "
    hours, rest = divmod(rounded, 60)
    if minutes_only or not hours:
        return f"{about}{rounded} minute{'' if rounded == 1 else 's'}"
    spoken = f"{about}{hours} hour{'' if hours == 1 else 's'}"
    return f"{spoken} and {rest} minute{'' if rest == 1 else 's'}" if rest else spoken
