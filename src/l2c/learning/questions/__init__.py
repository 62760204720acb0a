"""The examination of `le`: questions it should answer, and requests it should decline.

Three files beside this one were written out by hand, without sight of the corpus a starter is
trained on: 200 questions of the kinds a starter practises, each with what counts as right; 200
requests that no starter covers; and 100 covered openers to calibrate a router with, so that the
first 200 stay an examination. What is asked, and how it is judged, stands in README.md.

Every function reads its file anew and returns values in the file's order: whoever needs them
twice keeps them.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from l2c.conversation import Message, Role

FOLDER = Path(__file__).parent

LONGEST_ANSWER = 600
"""Characters: whoever says everything has not answered."""

FEWEST_SENTENCES = 3
"""Sentences of a story."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip

_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: float(n) for n, word in enumerate(_UNITS)} | {
    f"{tens}{separator}{unit}": float(10 * t + u)
    for t, tens in enumerate(_TENS, start=2)
    for u, unit in enumerate(["", *_UNITS[1:10]])
    for separator in (("-", " ") if unit else ("",))
}
_SPELLED = "|".join(sorted(_WORDS, key=len, reverse=True))
# A minus sign belongs to a number unless another number stands before it.
_NUMBER = re.compile(
    rf"((?<!\d)(?<!\d )[-−]\s?|\bminus )?(\d+(?:\.\d+)?|\b(?:{_SPELLED})\b)( and a half)?",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SENTENCE = re.compile(r"\w[^.!?]*[.!?]")
_ASKING = re.compile(r"\?|\b(tell|show) me\b|\blet me know\b", re.IGNORECASE)
_NAME = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the examination, and what counts as right.

    `said` alternates between the user and le, and both begins and ends with the user. `good` and
    `bad` are examples of answers; they show what is meant, and the judgement is tested on them.
    """

    id: str
    kind: str
    said: tuple[str, ...]
    any: tuple[re.Pattern[str], ...]
    every: tuple[re.Pattern[str], ...]
    none: tuple[re.Pattern[str], ...]
    number: float | None
    kind_of_answer: Literal["", "question", "story"]
    good: tuple[str, ...]
    bad: tuple[str, ...]

    @property
    def messages(self) -> tuple[Message, ...]:
        """What was said as messages; the last one is the user's, to be answered."""
        roles = Role.USER, Role.ASSISTANT
        return tuple(Message(roles[n % 2], text) for n, text in enumerate(self.said))

    def right(self, answer: str) -> bool:
        """Whether a person would call the answer right, as far as patterns can tell."""
        answer = answer.strip().replace("’", "'")
        return (
            0 < len(answer) <= LONGEST_ANSWER
            and (not self.any or any(pattern.search(answer) for pattern in self.any))
            and all(pattern.search(answer) for pattern in self.every)
            and not any(pattern.search(answer) for pattern in self.none)
            and self._has_the_number(answer)
            and self._has_the_form(answer)
        )

    def _has_the_number(self, answer: str) -> bool:
        """The value stands there, and no figure besides it that the user has not written, in
        figures or in words.
        """
        if self.number is None:
            return True
        spelled, figures = _numbers(answer)
        written = (n for said in self.said for numbers in _numbers(said) for n in numbers)
        allowed = {abs(n) for n in written} | {abs(self.number)}
        return self.number in spelled | figures and all(abs(n) in allowed for n in figures)

    def _has_the_form(self, answer: str) -> bool:
        match self.kind_of_answer:
            case "question":
                return _ASKING.search(answer) is not None
            case "story":
                return len(_SENTENCE.findall(answer)) >= FEWEST_SENTENCES
            case _:
                return True


def chat_questions(today: datetime.date) -> tuple[Question, ...]:
    """The 200 questions of the examination, those about dates as they are answered `today`."""
    table = _read("chat.toml")
    names = table.pop("pattern") | _date_names(today)
    return tuple(
        _question(kind, entry, names) for kind, entries in table.items() for entry in entries
    )


def uncovered(half: Literal["calibration", "exam"]) -> tuple[str, ...]:
    """100 requests to decline: every second one, beginning with the first or with the second.

    Neighbours in the file are alike in subject and language, so that both halves are as hard.
    """
    requests: list[str] = _read("uncovered.toml")["requests"]
    return tuple(requests[{"calibration": 0, "exam": 1}[half] :: 2])


def covered_calibration() -> tuple[str, ...]:
    """100 openers that a starter should answer, none of them a question of the examination."""
    return tuple(_read("covered.toml")["openers"])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def _question(kind: str, entry: Mapping[str, Any], names: Mapping[str, str]) -> Question:
    def texts(key: str) -> tuple[str, ...]:
        return tuple(_NAME.sub(lambda name: names[name[1]], text) for text in entry.get(key, ()))

    def patterns(key: str) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(text, re.IGNORECASE | re.DOTALL) for text in texts(key))

    return Question(
        id=entry["id"],
        kind=kind,
        said=tuple(entry["said"]),
        any=patterns("any"),
        every=patterns("every"),
        none=patterns("none"),
        number=entry.get("number"),
        kind_of_answer=entry.get("kind_of_answer", ""),
        good=texts("good"),
        bad=texts("bad"),
    )


def _date_names(today: datetime.date) -> dict[str, str]:
    """English, whatever the locale."""
    christmas = datetime.date(today.year, 12, 25)
    if today > christmas:
        christmas = christmas.replace(year=today.year + 1)
    return {
        "weekday": WEEKDAYS[today.weekday()],
        "tomorrow": WEEKDAYS[(today.weekday() + 1) % 7],
        "yesterday": WEEKDAYS[(today.weekday() - 1) % 7],
        "day": str(today.day),
        "month": MONTHS[today.month - 1],
        "month_number": str(today.month),
        "next_month": MONTHS[today.month % 12],
        "year": str(today.year),
        "days_to_christmas": str((christmas - today).days),
    }


def _numbers(text: str) -> tuple[set[float], set[float]]:
    """The numbers in words, and the numbers in figures."""
    spelled, figures = set(), set()
    for sign, digits, half in _NUMBER.findall(_THOUSANDS.sub("", text)):
        factor, rest = -1.0 if sign else 1.0, 0.5 if half else 0.0
        if digits[0].isdigit():
            figures.add(factor * (float(digits) + rest))
        else:
            spelled.add(factor * (_WORDS[digits.lower()] + rest))
    return spelled, figures
