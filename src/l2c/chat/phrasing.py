"""A question without its manners, and numbers in words: what the computing modules read.

People ask for a sum in many ways, and most of the words are politeness. What is left after
`plain` is small letters, single spaces, no mark at the end, and no "please".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

_BEFORE = re.compile(
    r"^(?:please|pls|plz|so|well|oh|hey|hi|hello|ok|okay|and|hm+|now|then|le|um|"
    r"(?:can|could|would|will) you (?:please )?(?:tell me|say|work out|calculate|compute|"
    r"figure out|do)|(?:can|could) you(?= (?:add|subtract|multiply|divide|count|name|list|take))|"
    r"do you (?:happen to )?know|tell me|i (?:want|need|would like|'d like) to know|"
    r"i have a question|(?:a )?quick question|one more question|let me ask(?: you)?|"
    r"i wonder|say|do you remember)\b[\s,:.!-]*"
)
_AFTER = re.compile(
    r"[\s,]+(?:please|pls|plz|le|then|again|lol|you know|is what|exactly|for me|thanks|"
    r"thank you|do you know|right now|can you tell me|equal to|equals?|make|makes|=)$"
)

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_ROUND = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
UNITS = {word: number for number, word in enumerate(_SMALL)}
TENS = {word: 10 * number for number, word in enumerate(_ROUND, start=2)}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_NUMERAL = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+")
MAX_DIGITS = 40


def plain(text: str) -> str:
    """The question in small letters without greetings, politeness and marks at its end.

    >>> plain("Hey le, can you tell me what 2 + 3 is, please?")
    'what 2 + 3 is'
    """
    said = " ".join(text.lower().replace("\u2019", "'").split()).strip(" ?!.,;:")
    while (shorter := _AFTER.sub("", _BEFORE.sub("", said)).rstrip(" ?!.,;:")) != said:
        said = shorter
    return said


def readable(text: str, most: int) -> bool:
    """Whether a text may be a question to compute: printable, at most so many characters."""
    return len(text) <= most and text.isprintable()


def first_said(attempts: Iterable[str | None]) -> str | None:
    """The first of these answers that is one, with a capital; those after it are not made."""
    said = next((one for one in attempts if one is not None), None)
    return said and f"{said[:1].upper()}{said[1:]}"


def numeral(word: str) -> Fraction | None:
    """The exact value of a number in digits such as `1,250` or `3.5`; None for anything else."""
    if len(word) > MAX_DIGITS or not _NUMERAL.fullmatch(word):
        return None
    return Fraction(word.replace(",", ""))


def in_words(words: list[str]) -> tuple[Fraction, int] | None:
    """The number that `words` begin with and how many of them say it; None where they say none.

    >>> in_words("three hundred and five apples".split())
    (Fraction(305, 1), 4)
    """
    total, current, at, read = 0, 0, 0, 0
    last = "none"
    while at < len(words):
        word = words[at]
        if word in TENS and last in ("none", "scale"):
            current, last = current + TENS[word], "tens"
        elif word in UNITS and (
            last in ("none", "scale") or (last == "tens" and 0 < UNITS[word] < 10)
        ):
            current, last = current + UNITS[word], "unit"
        elif word == "hundred" and last in ("unit", "none"):
            current, last = max(current, 1) * 100, "scale"
        elif word in _SCALES and last != "none":
            total, current, last = total + current * _SCALES[word], 0, "scale"
        elif word == "and" and last == "scale" and at + 1 < len(words):
            if words[at + 1] not in UNITS and words[at + 1] not in TENS:
                break
            at += 1
            continue
        elif (
            word == "a" and last == "none" and words[at + 1 : at + 2] in (["hundred"], ["thousand"])
        ):
            current, last = 1, "unit"
        else:
            break
        at += 1
        read = at
    if read == 0 or (read == 1 and words[0] == "a"):
        return None
    return Fraction(total + current), read


def whole(text: str) -> int | None:
    """The whole number that `text` says, in digits or in words; None where it says none."""
    value = numeral(text)
    if value is None:
        words = text.replace("-", " ").split()
        found = in_words(words)
        if found is None or found[1] != len(words):
            return None
        value = found[0]
    return int(value) if value.denominator == 1 else None
