"""Numbers in another form and beside each other: 3/8 in percent, 0.6 as a fraction, which is more.

As `l2c.chat.sums`, `answer` understands the whole question or says nothing, and computes in
fractions.
"""

from __future__ import annotations

import re
from fractions import Fraction

from l2c.chat.phrasing import first_said, numeral, plain, readable, whole
from l2c.chat.sums import MAX_CHARACTERS, said

_N = r"(?P<{}>[\w.,/ -]+?(?: ?%| per ?cent)?)"
_A, _B = _N.format("a"), _N.format("b")
_PERCENT = r"(?:a |the )?(?:percent(?:age)?|per cent|%)"
_UP = frozenset({"bigger", "larger", "greater", "more", "higher"})
_MORE = rf"(?P<word>{'|'.join(sorted(_UP))}|smaller|less|lower)"
_WHICH = re.compile(
    rf"(?:what|which)(?: (?:number|one|fraction))?(?: is|'s|s) {_MORE}(?: number)?[,:]? "
    rf"{_A} or {_B}"
)
_WHETHER = re.compile(rf"is {_A} {_MORE} than {_B}")
_AS_PERCENT = re.compile(
    rf"(?:what is |what's |whats |how much is |convert |turn |write |express )?{_A} "
    rf"(?:as|in|into|to) {_PERCENT}"
)
_AS_FRACTION = re.compile(
    rf"(?:what is |what's |whats |convert |turn |write |express )?{_A} "
    r"(?:as|into|to) (?:a )?(?P<into>fraction|decimal)(?: number)?"
)
_WHAT_PERCENT = tuple(
    re.compile(shape)
    for shape in (
        rf"(?:what|which|how many) (?:percent(?:age)?|per cent|%) of {_B} (?:is|are) {_A}",
        rf"(?:what|which|how many) (?:percent(?:age)?|per cent|%) (?:is|are) {_A} (?:out )?of {_B}",
        rf"{_A} (?:is|are) (?:what|which|how many) (?:percent(?:age)?|per cent|%) of {_B}",
        rf"(?:what is |what's )?{_A} (?:out )?of {_B} (?:as|in) {_PERCENT}",
    )
)


def answer(text: str) -> str | None:
    """The answer as a sentence; None when it is no such question.

    >>> answer("what is 3/8 as a percentage?")
    '3/8 is 37.5 percent.'
    >>> answer("What's bigger, 5/8 or 0.6?")
    '5/8 is bigger than 0.6.'
    """
    if not readable(text, MAX_CHARACTERS):
        return None
    asked = plain(text)
    return first_said(
        attempt(asked) for attempt in (_compared, _part_in_percent, _in_percent, _as_fraction)
    )


def _compared(asked: str) -> str | None:
    """Which of two numbers is bigger or smaller, or whether one is."""
    which, whether = _WHICH.fullmatch(asked), _WHETHER.fullmatch(asked)
    found = which or whether
    a, b = (_value(found["a"]), _value(found["b"])) if found else (None, None)
    if found is None or a is None or b is None:
        return None
    word, (first, second) = found["word"], (_written(found["a"]), _written(found["b"]))
    if a == b:
        return f"{first} and {second} are equal."
    right = (a > b) == (word in _UP)
    if whether:
        return (
            f"{'yes' if right else 'no'}, {first} is {'' if right else 'not '}{word} than {second}."
        )
    return f"{first} is {word} than {second}." if right else f"{second} is {word} than {first}."


def _part_in_percent(asked: str) -> str | None:
    """How many percent one number is of another."""
    found = next((m for shape in _WHAT_PERCENT if (m := shape.fullmatch(asked))), None)
    a, b = (_value(found["a"]), _value(found["b"])) if found else (None, None)
    if found is None or a is None or not b:
        return None
    return f"{_written(found['a'])} of {_written(found['b'])} is {said(100 * a / b)} percent."


def _in_percent(asked: str) -> str | None:
    found = _AS_PERCENT.fullmatch(asked)
    value = _value(found["a"]) if found else None
    if found is None or value is None:
        return None
    return f"{_written(found['a'])} is {said(100 * value)} percent."


def _as_fraction(asked: str) -> str | None:
    found = _AS_FRACTION.fullmatch(asked)
    value = _value(found["a"]) if found else None
    if found is None or value is None:
        return None
    result = str(value) if found["into"] == "fraction" else said(value)
    return f"{_written(found['a'])} is {result}."


def _value(text: str) -> Fraction | None:
    """The value of "5/8", "0.6", "40%" or "a thousand"; None for anything else."""
    bare = re.sub(r"^the number ", "", text.strip(" ,"))
    if percent := re.fullmatch(r"(.+?) ?(?:%|percent|per cent)", bare):
        part = numeral(percent[1])
        return None if part is None else part / 100
    if over := re.fullmatch(r"(\S+) ?/ ?(\S+)", bare):
        above, below = numeral(over[1]), numeral(over[2])
        return above / below if above is not None and below else None
    value, counted = numeral(bare), whole(bare)
    return value if value is not None else None if counted is None else Fraction(counted)


def _written(text: str) -> str:
    """A number as it was asked for, in digits where it was in words."""
    bare = re.sub(r"^the number ", "", text.strip(" ,"))
    counted = whole(bare)
    return bare if counted is None else str(counted)
