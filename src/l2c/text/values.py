"""What a value looks like: a name, a number, a time, a place, a colour, a kind of thing."""

from __future__ import annotations

import re

from l2c.text.lexicon import COLOURS, MONTHS, NUMBERS, WEEKDAYS, listed, tokens

_TAIL = re.compile(
    r"(?:[\s,]+(?:now|instead|any ?more|these days|nowadays|from (?:now|today)(?: on)?|"
    r"by the way|you "
    r"know|too|as well|again|recently|please|already|yesterday|"
    r"last (?:week|month|year|spring|summer|autumn|winter)|\w+ (?:days|weeks|months|years) "
    r"ago)|, not .+|, (?:so|because|which|who|since|"
    r"but|as(?! well)) .+| (?:before|after|when|until|because) (?:I|we) .+)$",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"\b\d{1,2}[:.]\d{2}\b|\b(?:half|quarter) (?:past|to)\b|\bo'clock\b|\b\d{1,2} ?[ap]m\b|"
    r"\bat (?:\w+teen|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|noon|midnight"
    r"|\d{1,2})\b(?! \w)|\b(?:19|20)\d\d\b|\bevery (?:day|week|month|year|morning|evening)\b|"
    r"\b(?:tomorrow|tonight|today|noon|midnight)\b|"
    r"\bnext (?:week|month|year|spring|summer|autumn|winter)\b",
    re.IGNORECASE,
)
_WHERE = re.compile(
    r"^(?:in|on|at|under|behind|near|by|next to|above|below|inside|beside|between|opposite|beneath|"
    r"outside|around|in front of|on top of|close to|against|over)\b",
    re.IGNORECASE,
)
_TITLES = listed("dr mr mrs ms prof professor doctor sir frau herr madame uncle aunt")


def clean_value(text: str) -> str:
    """The value without what only surrounds it: "Tom now" is `Tom`."""
    value = text.strip(" \t.,;:!\"'“”«»")
    while (shorter := _TAIL.sub("", value).rstrip(" ,")) != value and shorter:
        value = shorter
    return value.strip(" .,;:!\"'“”«»")


def kind_of(value: str) -> str:
    """One of name, number, age, time, place, colour, kind; empty for any other form."""
    value = clean_value(value)
    words = [word.lower() for word in tokens(value)]
    if not words:
        return ""
    if re.search(r"\byears?[ -]old$|^aged? \d", value):
        return "age"
    if (set(words) & (MONTHS | WEEKDAYS) and not _looks_named(value)) or _CLOCK.search(value):
        return "time"
    if _WHERE.match(value):
        return "place"
    if words[0] == "number" or words[0] in NUMBERS or words[0][0].isdigit():
        return "number"
    if (words[-1] in COLOURS or words[0] in COLOURS) and words[0] not in _TITLES:
        return "colour"
    if words[0] in ("a", "an"):
        return "kind"
    named = value.split(" ")[0]
    return "name" if named[:1].isupper() or words[0] in _TITLES else ""


def _looks_named(value: str) -> bool:
    """Whether it is a name that happens to be a month: "May", "April"."""
    return " " not in value and value[:1].isupper() and value.lower() in ("may", "april", "june")
