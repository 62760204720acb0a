"""Sums by code: exact, in digits or in words, answered in one plain sentence.

A network of a few megabytes learns the look of a sum and not its result. So before it is asked,
this reads the question: `answer` either understands the whole of it and computes, in fractions and
without rounding on the way, or says nothing at all. There is no guessing and no `eval`; the
grammar is the functions below, in the order of their binding.

    sum      product (("plus" | "minus") product)*
    product  power (("times" | "divided by" | "percent of") power)*
    power    signed ("squared" | "to the power of" signed)*
    signed   "minus" signed | "half of" signed | "twice" signed | number | "(" sum ")"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from l2c.chat.phrasing import first_said, in_words, numeral, plain, readable, whole

MAX_CHARACTERS = 300
MAX_POWER = 64
MAX_BITS = 512
"""Sums with results of more bits than this are not computed."""

_ASKING = re.compile(
    r"^(?:what do you get (?:for|if you)|what(?:'s| is| are| does| would| will|s)?(?: the)?"
    r"(?: (?:result|answer|value) (?:of|to))?|how much(?: is| are| does| would| do you get for)?|"
    r"how many (?:is|are)|calculate|compute|work out|solve|evaluate|result of|do)\b\s*"
)
_MADE = re.compile(r"\s+(?:is|are|be|equals?|makes?|give(?:s)?)$|\s*=\s*$")
_TOKEN = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+|[a-z']+|[-+*/^%()×÷−]")
_MONEY = re.compile(
    r"(?<=\d) ?(euros?|dollars?|pounds?|francs?|€|\$|£|bucks|cents?)(?![\w])|([€$£])(?=\d)"
)
_NUMBERED = re.compile(r"\d{3,}(?:-\d{2,})+")
"""A date or a telephone number, which no one wants subtracted."""
_PERCENT = r"[\d.]+ ?(?:%|percent|per cent)"
_REWRITTEN = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (
            r"^(?:add up|add together|add|sum up|sum) (.+), (.+),? and (.+)$",
            r"(\1) plus (\2) plus (\3)",
        ),
        (r"^(?:add up|add together|add) (.+) (?:and|to|with) (.+)$", r"(\1) plus (\2)"),
        (r"^(?:subtract|take) (.+?)(?: away)? from (.+)$", r"(\2) minus (\1)"),
        (r"^multiply (.+) (?:by|and|with) (.+)$", r"(\1) times (\2)"),
        (r"^divide (.+) by (.+)$", r"(\1) divided by (\2)"),
        (r"^(.+) and (.+?),? (?:together|altogether|in total|in all|combined)$", r"(\1) plus (\2)"),
        (
            rf"^(?:an? )?({_PERCENT}) (?:tip|tax|vat|interest|fee) (?:on|for|of) (.+)$",
            r"\1 of (\2)",
        ),
        (rf"^({_PERCENT}) off (.+)$", r"(\2) minus \1 of (\2)"),
        (r"^(?:the )?sum of (.+) and (.+)$", r"(\1) plus (\2)"),
        (r"^(?:the )?difference (?:of|between) (.+) and (.+)$", r"(\1) minus (\2)"),
        (r"^(?:the )?product of (.+) and (.+)$", r"(\1) times (\2)"),
        (r"^(?:the )?double (?:of )?(.+)$", r"twice \1"),
        (r"^(.+) (?:doubled)$", r"twice (\1)"),
        (rf"^(.+) (plus|minus) ({_PERCENT})$", r"(\1) \2 \3 of (\1)"),
        (r"^([\d.,]+) and ([\d.,]+)$", r"\1 plus \2"),
        (
            r"^(?:how many years )?(?:is it |are there |passed |lie )?(?:from|between|since) "
            r"(\d{4}) (?:to|until|till|and) (\d{4})$",
            r"\2 minus \1",
        ),
        (r"^(.+) more than (.+)$", r"(\2) plus (\1)"),
        (r"^(.+) (?:less|fewer) than (.+)$", r"(\2) minus (\1)"),
    )
)
_INFIX = {
    "+": "plus", "plus": "plus", "-": "minus", "−": "minus", "minus": "minus", "less": "minus",
    "*": "times", "×": "times", "x": "times", "times": "times",
    "/": "divided by", "÷": "divided by", "over": "divided by",
}  # fmt: skip
_SHARES = {
    "half": Fraction(1, 2), "third": Fraction(1, 3), "quarter": Fraction(1, 4),
    "fifth": Fraction(1, 5), "tenth": Fraction(1, 10),
}  # fmt: skip


class _NotASum(Exception):
    """The text is something else; nobody is told, the model answers."""


@dataclass(frozen=True, slots=True)
class _Value:
    """A number, how it is said, and whether it needs brackets inside something else."""

    number: Fraction
    said: str
    compound: bool = False

    @property
    def inside(self) -> str:
        return f"({self.said})" if self.compound else self.said


def answer(text: str) -> str | None:
    """The result of the sum in `text`, as a sentence; None when it is no sum.

    >>> answer("What is seven times 8?")
    '7 times 8 is 56.'
    >>> answer("Tell me about numbers") is None
    True
    """
    if not readable(text, MAX_CHARACTERS) or _NUMBERED.search(text):
        return None
    asked = _without_money(plain(text))
    attempts = (_parity, _neighbour, _count, _root, _sum)
    return first_said(attempt(asked) for attempt in attempts)


def _without_money(asked: str) -> str:
    """A sum of money of one kind without its name: "37 euro and 48 euro"."""
    kinds = {(found[1] or found[2])[:4] for found in _MONEY.finditer(asked)}
    return _MONEY.sub("", asked) if len(kinds) == 1 else asked


def said(number: Fraction) -> str:
    """A number as people write it; what never ends is rounded to six figures."""
    if number.denominator == 1:
        return str(number.numerator)
    rest, places = number.denominator, 0
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
            places += 1
    if rest == 1 and places <= 12:
        text = f"{float(number):.12f}" if places > 6 else _decimal(number, places)
        return text.rstrip("0").rstrip(".")
    return "about " + f"{float(number):.6g}"


def _decimal(number: Fraction, places: int) -> str:
    scaled = number * 10**places
    digits = str(abs(int(scaled))).rjust(places + 1, "0")
    return ("-" if number < 0 else "") + digits[:-places] + "." + digits[-places:]


def _sum(asked: str) -> str | None:
    begun = _MADE.sub("", _ASKING.sub("", asked, count=1)).strip()
    begun = begun.replace("multiplied by", "times").replace("divided by", "/")
    begun = begun.replace("take away", "minus").replace("taken from", "minus")
    begun = next((p.sub(new, begun) for p, new in _REWRITTEN if p.match(begun)), begun)
    try:
        tokens = _tokens(begun)
        value, rest = _read_sum(tokens)
        if rest or not value.compound:
            return None
    except _NotASum:
        return None
    except ZeroDivisionError:
        return "nothing can be divided by zero."
    if value.number.numerator.bit_length() > MAX_BITS:
        return None
    return f"{value.said} is {said(value.number)}."


def _tokens(text: str) -> list[str]:
    found = _TOKEN.findall(text.replace("-", " - "))
    if not found or "".join(found) != re.sub(r"[\s]", "", text):
        raise _NotASum
    return _without_hyphens(found)


def _without_hyphens(tokens: list[str]) -> list[str]:
    """`twenty - one` in words is one number; between digits the line stays a minus."""
    kept: list[str] = []
    for i, token in enumerate(tokens):
        joins = token == "-" and 0 < i < len(tokens) - 1 and tokens[i - 1].endswith("ty")
        if not (joins and in_words([tokens[i + 1]])):
            kept.append(token)
    return kept


def _read_sum(tokens: list[str]) -> tuple[_Value, list[str]]:
    left, tokens = _read_product(tokens)
    while tokens and _INFIX.get(tokens[0]) in ("plus", "minus"):
        word = _INFIX[tokens[0]]
        right, tokens = _read_product(tokens[1:])
        signed = right.number if word == "plus" else -right.number
        left = _Value(left.number + signed, f"{left.said} {word} {right.said}", True)
    return left, tokens


def _read_product(tokens: list[str]) -> tuple[_Value, list[str]]:
    left, tokens = _read_power(tokens)
    while tokens:
        word = _INFIX.get(tokens[0])
        if word in ("times", "divided by"):
            right, tokens = _read_power(tokens[1:])
            number = left.number * right.number if word == "times" else left.number / right.number
            left = _Value(number, f"{left.said} {word} {right.said}", True)
        elif tokens[:2] in (["percent", "of"], ["%", "of"]) or tokens[:3] == ["per", "cent", "of"]:
            right, tokens = _read_power(tokens[3 if tokens[0] == "per" else 2 :])
            number = left.number * right.number / 100
            left = _Value(number, f"{left.inside} percent of {right.inside}", True)
        else:
            break
    return left, tokens


def _read_power(tokens: list[str]) -> tuple[_Value, list[str]]:
    value, tokens = _read_signed(tokens)
    while tokens:
        if tokens[0] in ("squared", "cubed"):
            power = 2 if tokens[0] == "squared" else 3
            value = _Value(value.number**power, f"{value.inside} {tokens[0]}", True)
            tokens = tokens[1:]
        elif tokens[0] == "^" or tokens[:4] == ["to", "the", "power", "of"]:
            exponent, tokens = _read_signed(tokens[1 if tokens[0] == "^" else 4 :])
            n = exponent.number
            if n.denominator != 1 or not 0 <= n <= MAX_POWER:
                raise _NotASum
            value = _Value(
                value.number ** int(n), f"{value.inside} to the power of {exponent.inside}", True
            )
        else:
            break
        if value.number.numerator.bit_length() > MAX_BITS:
            raise _NotASum
    return value, tokens


def _read_signed(tokens: list[str]) -> tuple[_Value, list[str]]:
    if not tokens:
        raise _NotASum
    first, rest = tokens[0], tokens[1:]
    if first in ("-", "−", "minus"):
        value, rest = _read_signed(rest)
        return _Value(-value.number, f"minus {value.inside}", value.compound), rest
    if first == "(":
        value, rest = _read_sum(rest)
        if rest[:1] != [")"]:
            raise _NotASum
        # A pair of brackets that only a rewriting put there leaves no mark on a plain number.
        return _Value(value.number, value.inside, value.compound), rest[1:]
    if first in ("twice", "double"):
        value, rest = _read_signed(rest[1:] if rest[:1] == ["of"] else rest)
        return _Value(2 * value.number, f"twice {value.inside}", True), rest
    shared = _share(tokens)
    if shared is not None:
        share, name, rest = shared
        value, rest = _read_signed(rest)
        return _Value(share * value.number, f"{name} of {value.inside}", True), rest
    return _read_number(tokens)


def _share(tokens: list[str]) -> tuple[Fraction, str, list[str]] | None:
    """`half of`, `a third of`: what part, how it is said, and the tokens after it."""
    words = tokens[1:] if tokens[0] in ("a", "one", "the") else tokens
    if words and words[0] in _SHARES:
        rest = words[1:]
        if rest[:1] == ["of"] or words[0] == "half":
            article = "" if words[0] == "half" else "a "
            rest = rest[1:] if rest[:1] == ["of"] else rest
            return _SHARES[words[0]], article + words[0], rest
    return None


def _read_number(tokens: list[str]) -> tuple[_Value, list[str]]:
    value = numeral(tokens[0])
    if value is not None:
        return _Value(value, tokens[0].replace(",", "")), tokens[1:]
    if tokens[0] == "a" and tokens[1:2] == ["dozen"]:
        return _Value(Fraction(12), "12"), tokens[2:]
    found = in_words(tokens)
    if found is None:
        raise _NotASum
    number, read = found
    if tokens[read : read + 1] == ["point"]:
        digits = [in_words([word]) for word in tokens[read + 1 : read + 7]]
        decimals = [str(d[0]) for d in digits if d is not None and d[0] < 10]
        if decimals and len(decimals) == len(digits):
            text = f"{number}.{''.join(decimals)}"
            return _Value(Fraction(text), text), tokens[read + 1 + len(decimals) :]
    return _Value(number, str(number)), tokens[read:]


def _number(text: str) -> int | None:
    return whole(text.strip())


def _parity(asked: str) -> str | None:
    """Whether a number is even or odd."""
    found = re.fullmatch(
        r"is (?:the number )?(.+?) (?:an? )?(even|odd)(?: number)?(?: or .+)?", asked
    )
    number = _number(found[1]) if found else None
    if number is None:
        return None
    return f"{number} is {'even' if number % 2 == 0 else 'odd'}."


def _neighbour(asked: str) -> str | None:
    """The number after or before another."""
    found = re.fullmatch(
        r"(?:what|which)?(?: is)?(?: the)? ?number (?:comes |is |that comes )?(?:right |just )?"
        r"(after|before) (.+)",
        asked,
    ) or re.fullmatch(r"what comes (?:right |just )?(after|before) (?:the number )?(.+)", asked)
    number = _number(found[2]) if found else None
    if found is None or number is None:
        return None
    step = 1 if found[1] == "after" else -1
    return f"{number + step} comes {found[1]} {number}."


def _count(asked: str) -> str | None:
    """Up or down between two numbers not far apart."""
    found = re.fullmatch(
        r"count (?:up |down |back |backwards )?(?:(?:from )?(.+?) )?(?:down )?(?:up )?to (.+)",
        asked,
    )
    if not found:
        return None
    start = 1 if found[1] is None else _number(found[1])
    end = _number(found[2])
    if start is None or end is None or abs(start - end) > 100:
        return None
    step = 1 if end >= start else -1
    return ", ".join(str(n) for n in range(start, end + step, step)) + "."


def _root(asked: str) -> str | None:
    """The square root of a whole number."""
    found = re.fullmatch(
        r"(?:what(?:'s| is) )?(?:the )?(?:(?:square )?root of |sqrt(?: of)? ?)\(?([^()]+)\)?", asked
    )
    number = _number(found[1]) if found else None
    if number is None or number < 0:
        return None
    root = isqrt(number)
    exact = said(Fraction(root)) if root * root == number else f"about {number**0.5:.6g}"
    return f"the square root of {number} is {exact}."
