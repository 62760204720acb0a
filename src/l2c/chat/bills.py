"""Sums as they come up in a day: a bill among friends, something off, a price each, a rent a year.

What is bought, for whom and why does not matter; the numbers and the few words that say what is to
be done with them do. `answer` computes where every number has its part, and says nothing else.
"""

from __future__ import annotations

import re
from fractions import Fraction

from l2c.chat.phrasing import first_said, in_words, numeral, plain, readable
from l2c.chat.sums import MAX_CHARACTERS, said

_IN_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = re.compile(rf"(?<![\w.,:/-])(?:{_IN_DIGITS})(?![\w:/-]|[.,]\d)")
_MONEY = re.compile(
    r"[€$£](?=\d)|(?<=\d) ?(?:euros?|dollars?|pounds?|francs?|quid|bucks|eur|usd|gbp|chf|€|\$|£)"
    r"(?!\w)"
)
_WORDS_FOR_NUMBERS = re.compile(
    r"(?<![\w-])(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty)(?![\w-])"
)
_PERCENT = re.compile(rf"({_IN_DIGITS}) ?(?:%|percent\b|per cent\b)")
_SHARED = re.compile(
    r"\b(?:each|everyone|everybody|every one|per (?:person|head|capita)|a head|a person|apiece|"
    r"split\w*|shar(?:e|es|ed|ing)|divid(?:e|ed|ing) (?:it|this|that|the)|my (?:share|part))\b"
)
_PEOPLE = re.compile(
    r"\b(?:there (?:are|were|is|was) |we (?:are|were) |(?:between|among|amongst|by|with|for) "
    r"(?:the )?|split (?:it )?)?(\d+)"
    r"(?: of us| of them| people| persons| friends| guests| ways| colleagues| adults| kids|"
    r" children| flatmates| housemates| students| pupils| diners|(?= (?:on|at) the table))\b|"
    r"\b(?:between|among|amongst|by|with) (?:the )?(\d+)\b|\bwe (?:are|were) (\d+)\b"
)
_WANTS_A_SHARE = re.compile(
    r"^(?:split|divide|share)\b|\bhow much\b|"
    r"\bwhat(?:'s| (?:is|does|do|did|would|should|will|must))\b"
)
_TIP = re.compile(r"\b(?:tip|service|gratuity|tax|vat)\b")
_OFF = re.compile(
    rf"({_IN_DIGITS}) ?(?:%|percent|per cent) (?:off|discount|reduced|cheaper)\b|"
    rf"(?:reduced|discount(?:ed)?|cheaper|goes down|marked down|sale)(?: of| by)? "
    rf"({_IN_DIGITS}) ?(?:%|percent|per cent)"
)
_PRICE = re.compile(
    r"\b(?:costs?|price|priced|is|was|worth|for|from|originally|normally|pay|sale)\b"
)
_A = r"(?:a|an|per|every|each|one)"
_RATE = re.compile(
    rf"({_IN_DIGITS}) (?:{_A} (hour|day|week|month|year)|(hourly|daily|weekly|monthly|yearly))\b"
)
_WANTED = re.compile(
    rf"\bhow much\b.* (?:{_A}|in an?|for an?|over an?|in the) (?:whole |full )?"
    r"(day|week|month|year)$|\bhow much\b.*\b(yearly|annually|monthly|weekly|daily|per annum)$"
)
_FOR_SO_LONG = re.compile(
    r"\bhow much\b.*? (?:in|for|after|over) (\d+) (hour|day|week|month|year)s?$"
)
_SO_LONG_BEFORE = re.compile(
    r"\b(?:for|do|did|work|worked|and|times) (\d+) (hour|day|week|month|year)s?\b.*\bhow much\b"
)
_LY = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year",
       "annually": "year", "per annum": "year"}  # fmt: skip
TIMES = {
    ("month", "year"): Fraction(12), ("week", "year"): Fraction(52), ("day", "year"): Fraction(365),
    ("day", "week"): Fraction(7), ("year", "month"): Fraction(1, 12),
    ("year", "week"): Fraction(1, 52), ("week", "day"): Fraction(1, 7),
}  # fmt: skip
_PRICE_EACH = re.compile(
    rf"\b(\d+) (?:[a-z]+ ){{1,3}}?(?:at|for|cost(?:ing)?|are|is) ({_IN_DIGITS}) (?:each|apiece|"
    r"a piece|per piece)\b"
)


def answer(text: str) -> str | None:
    """The result as a sentence; None where not every number has its part.

    >>> answer("Dinner was 86.40 for 4 people with a 10% tip, what does each of us pay?")
    'With 10 percent it is 95.04; for 4 that is 23.76 each.'
    >>> answer("A coat costs £120 and is 35% off.")
    '120 minus 35 percent is 78.'
    """
    if not readable(text, MAX_CHARACTERS):
        return None
    asked = _WORDS_FOR_NUMBERS.sub(_in_digits, _MONEY.sub("", plain(text)))
    return first_said(attempt(asked) for attempt in (_split, _each, _off, _rate))


def _split(asked: str) -> str | None:
    """What everybody pays of a bill, with what is added in percent."""
    people, percents = _PEOPLE.search(asked), _PERCENT.findall(asked)
    wanted = _SHARED.search(asked) and _WANTS_A_SHARE.search(asked)
    if people is None or not wanted or len(percents) > 1:
        return None
    rest = _PERCENT.sub(" ", f"{asked[: people.start()]} {asked[people.end() :]}")
    amounts = _NUMBER.findall(rest)
    count = numeral(next(filter(None, people.groups())))
    total = numeral(amounts[0]) if len(amounts) == 1 else None
    if total is None or not count or (percents and not _TIP.search(asked)):
        return None
    if not percents:
        return f"{said(total)} divided by {count} is {money(total / count)} each."
    more = numeral(percents[0])
    assert more is not None
    total += total * more / 100
    return (
        f"with {said(more)} percent it is {money(total)}; "
        f"for {count} that is {money(total / count)} each."
    )


def _each(asked: str) -> str | None:
    """What so many cost together, at so much each."""
    found = _PRICE_EACH.search(asked)
    if found is None or len(_NUMBER.findall(asked)) != 2 or _PERCENT.search(asked):
        return None
    count, price = numeral(found[1]), numeral(found[2])
    if count is None or price is None:
        return None
    return f"{said(count)} times {said(price)} is {said(count * price)}."


def _off(asked: str) -> str | None:
    """What is left of a price when so many percent are off."""
    found = _OFF.search(asked)
    if found is None or len(_PERCENT.findall(asked)) > 1 or not _PRICE.search(asked):
        return None
    prices = _NUMBER.findall(_PERCENT.sub(" ", asked))
    percent = numeral(found[1] or found[2])
    price = numeral(prices[0]) if len(prices) == 1 else None
    if price is None or percent is None or percent > 100:
        return None
    return f"{said(price)} minus {said(percent)} percent is {money(price * (100 - percent) / 100)}."


def _rate(asked: str) -> str | None:
    """So much a month, and how much that is a year, or for so many months."""
    rate = _RATE.search(asked)
    wanted = _WANTED.search(asked)
    so_long = _FOR_SO_LONG.search(asked) or _SO_LONG_BEFORE.search(asked)
    amount = numeral(rate[1]) if rate else None
    if rate is None or amount is None or not (wanted or so_long):
        return None
    of = rate[2] or _LY[rate[3]]
    numbers = len(_NUMBER.findall(asked))
    if so_long and so_long[2] == of and numbers == 2:
        many = Fraction(so_long[1])
        return f"{said(amount)} times {said(many)} is {said(amount * many)}."
    into = (wanted[1] or _LY[wanted[2]]) if wanted else ""
    times = TIMES.get((of, into))
    if times is None or numbers != 1:
        return None
    result = money(amount * times)
    about = "about " if {of, into} == {"week", "year"} and not result.startswith("about") else ""
    return f"{said(amount)} a {of} is {about}{result} a {into}."


def _in_digits(found: re.Match[str]) -> str:
    spoken = in_words([found[0]])
    return found[0] if spoken is None else str(spoken[0])


def money(amount: Fraction) -> str:
    """A sum of money, to the cent where it does not end before."""
    if amount.denominator == 1:
        return said(amount)
    about = "" if (amount * 100).denominator == 1 else "about "
    return f"{about}{float(amount):.2f}"
