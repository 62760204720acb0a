"""Small knowledge: sums, opposites, colours, days and months, counting and short definitions."""

from __future__ import annotations

from l2c.corpus.names import MONTH_DAYS, in_words
from l2c.corpus.script import Script

MONTHS = tuple(MONTH_DAYS)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
SEASONS = ("spring", "summer", "autumn", "winter")
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth"),
    *("seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
)


def knowledge(script: Script) -> None:
    """One question of small knowledge and its answer."""
    script.chance.choice(_FAMILIES)(script)


def _sum(script: Script) -> None:
    """Numbers up to 12 for sums, differences within 20, products up to ten times ten."""
    chance = script.chance
    kind = chance.choice(("plus", "minus", "times"))
    if kind == "plus":
        a, b = chance.between(0, 12), chance.between(0, 12)
        c = a + b
    elif kind == "minus":
        a = chance.between(0, 20)
        b = chance.between(0, a)
        c = a - b
    else:
        a, b = chance.between(0, 10), chance.between(0, 10)
        c = a * b
    write = in_words if chance.one_in(3) else str
    script.question(f"sum.{kind}", {"a": write(a), "b": write(b), "c": write(c)})


def _opposite(script: Script) -> None:
    word, other = script.chance.choice(script.wordings.pairs)
    script.question("opposite.ask", {"word": word, "other": other})


def _colour(script: Script) -> None:
    thing, verb, colour = script.chance.choice(script.wordings.things)
    script.question("colour.ask", {"thing": thing, "is": verb, "colour": colour})


def _calendar(script: Script) -> None:
    """What comes after or before a day, a month, a season or a letter. Z ends it."""
    chance = script.chance
    unit, circle = chance.choice(
        (("day", DAYS), ("month", MONTHS), ("season", SEASONS), ("letter", LETTERS))
    )
    direction, step = chance.choice((("after", 1), ("before", -1)))
    first, last = 0, len(circle) - 1
    if unit == "letter":
        first, last = (0, last - 1) if step > 0 else (1, last)
    at = chance.between(first, last)
    slots = {"unit": unit, "x": circle[at], "y": circle[(at + step) % len(circle)]}
    script.question(f"calendar.{direction}", slots)


def _month(script: Script) -> None:
    """How long a month is, or which one of the year."""
    month = script.chance.choice(MONTHS)
    days = "28 or 29" if month == "February" else str(MONTH_DAYS[month])
    name = script.chance.choice(("length.ask", "position.ask"))
    nth = _ORDINALS[MONTHS.index(month)]
    script.question(name, {"month": month, "days": days, "nth": nth})


def _count(script: Script) -> None:
    """Count up or down between two numbers at most ten apart, in digits or words."""
    chance = script.chance
    write = in_words if chance.one_in(3) else str
    a = 1 if chance.one_in(2) else chance.between(0, 10)
    b = a + chance.between(2, 9)
    direction = chance.choice(("up", "down"))
    run = range(a, b + 1) if direction == "up" else range(b, a - 1, -1)
    slots = {"a": write(a), "b": write(b), "run": ", ".join(write(n) for n in run)}
    script.question(f"count.{direction}", slots)


def _neighbour(script: Script) -> None:
    """The number after, or before, one up to a hundred."""
    chance = script.chance
    write = in_words if chance.one_in(3) else str
    direction, step = chance.choice((("next", 1), ("previous", -1)))
    a = chance.between(1, 20) if chance.one_in(2) else chance.between(1, 99)
    script.question(f"count.{direction}", {"a": write(a), "b": write(a + step)})


def _compare(script: Script) -> None:
    """Which of two different numbers up to a hundred is the bigger, or the smaller, one."""
    chance = script.chance
    write = in_words if chance.one_in(3) else str
    most = 20 if chance.one_in(2) else 100
    high = chance.between(1, most)
    low = chance.below(high)
    name, a, b = chance.choice((("bigger", high, low), ("smaller", low, high)))
    script.question(f"compare.{name}", {"a": write(a), "b": write(b)})


def _meaning(script: Script) -> None:
    word, meaning = script.chance.choice(script.wordings.meanings)
    script.question("define.ask", {"a_word": word, "meaning": meaning})


_FAMILIES = (
    *(_opposite, _opposite, _opposite, _opposite, _colour, _colour, _colour),
    *(_meaning, _meaning, _meaning, _meaning, _meaning, _meaning),
    *(_sum, _calendar, _month, _count, _neighbour, _compare),
)
"""Sums and dates are computed before the model is asked, so it practises them only a little."""
