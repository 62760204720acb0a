"""Word problems of one step: so much each, so many in each, so many for so much, what is left.

A problem is read as quantities, each a number with the noun behind it, of which one may be a rate:
"65 g each", "4 per table", "a pack has 8". What is asked for decides what is done with them.
`answer` computes where there are just the quantities that this takes, and says nothing else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from l2c.chat.bills import TIMES, money
from l2c.chat.phrasing import first_said, in_words, numeral, plain, readable
from l2c.chat.sums import MAX_CHARACTERS, said
from l2c.text.lexicon import listed

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_TOKEN = re.compile(rf"{_DIGITS}(?![\d:/-])|[a-z]+(?:'[a-z]+)?|[^\w\s]|\S")
_DOZEN = re.compile(r"\bhalf a dozen\b|\b(?:(an?|\d+) )?dozen\b")
_IN_WORDS = re.compile(
    r"(?<![\w-])(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|"
    r"thirty|forty|fifty|sixty)(?![\w-])"
)
_SIGN = re.compile(rf"([€$£]) ?({_DIGITS})")
_GLUED = re.compile(r"(?<=\d)(?=(?:k?g|mg|km|c?m|mm|m?l|cl|min|h|oz|lbs?)\b)")
_SIGNS = {"€": "euros", "$": "dollars", "£": "pounds"}
_MONEY = frozenset((*_SIGNS.values(), "euro", "dollar", "pound", "francs", "franc", ""))

_ASKS = re.compile(
    r"\bhow (?P<much>much|many|long|far) ?(?P<of>.*)$|"
    r"\bwhat (?:do|does|would|will|is|are|should) (?P<what>.*)$"
)
_IF = re.compile(r"^((?:how|what) .+?),? if (.+)$")
_COMPARES = re.compile(r"\b(?:more|less|fewer|older|younger|percent|left|away|off)\b|%")
_TOGETHER = re.compile(r"\b(?:together|altogether|in total|in all|combined)\b")
_COSTS = re.compile(r"\b(?:for|costs?|takes?|needs?|uses?|weighs?|makes?|is|are|feeds?|serves?)\b")
_A = frozenset(("per", "a", "an", "each", "every"))
_EACH = frozenset(("each", "apiece"))
_HOLDS = listed("""
    cost costs take takes weigh weighs is has have hold holds need needs use uses makes with of
    contain contains get gets earns seats fits feeds lasts carries
    """)
_NO_NOUN = listed("""
    one and or in on at to for from how what which i we you it they do does did are if so then
    that by over between among across my the until till would will can should make
    """)
_NO_NOUN |= _A | _EACH | _HOLDS
_IRREGULAR = {"children": "child", "people": "person", "men": "man", "women": "woman",
              "loaves": "loaf", "knives": "knife", "feet": "foot"}  # fmt: skip
_PEOPLE = frozenset(("person", "serving", "guest", ""))
_PERIODS = frozenset(("minute", "hour", "day", "week", "month", "year"))

_GAINS = r"get|gets|got|buy|buys|bought|find|finds|found|receive|add|more"
_LOSSES = (
    r"eat|eats|ate|lose|loses|lost|give|gives|gave|sell|sells|sold|break|breaks|broke|use|used|"
    r"drink|drank|spend|spent|take away|took|fly away|flew away|run away|ran away|leave|leaves|left"
)

_SPLIT = re.compile(
    rf"(?:what(?:'s| is) |how much is )?(?:split |divide |spread |share )?({_DIGITS})"
    rf"(?: (?!split|divided|spread|shared)([a-z]+))?"
    rf"(?: is)?(?: split| divided| spread| shared)? (?:over|between|among|across|by|into) "
    rf"({_DIGITS}) ([a-z]+)"
)
_CHANGE = re.compile(
    rf".*\bpa(?:id|y) (?:with|using) (?:an? )?({_DIGITS})\b.*?({_DIGITS})\b.*\b(?:change|back)\b.*|"
    rf".*?({_DIGITS})\b.*\bpa(?:id|y) (?:with|using) (?:an? )?({_DIGITS})\b.*\b(?:change|back)\b.*"
)


@dataclass(frozen=True, slots=True)
class _Quantity:
    """So much of something; `per` is the thing of a rate, "each" where it is not named."""

    value: Fraction
    noun: str
    per: str = ""

    def __str__(self) -> str:
        return f"{said(self.value)} {self.noun}".rstrip()

    def of(self, value: Fraction) -> str:
        """Another value of the same noun."""
        number = money(value) if self.noun in _MONEY else said(value)
        return f"{number} {self.noun}".rstrip()

    @property
    def thing(self) -> str:
        """The noun of one."""
        return _one(self.noun)


def answer(text: str) -> str | None:
    """The result as a sentence; None when it is no such problem.

    >>> answer("I bake 48 rolls, each takes 65 g of flour. How much flour is that?")
    '48 times 65 g is 3120 g.'
    >>> answer("If 3 pens cost 6 dollars, how much do 5 pens cost?")
    'For 5 pens it is 10 dollars.'
    """
    if not readable(text, MAX_CHARACTERS):
        return None
    asked = _GLUED.sub(" ", _in_digits(plain(text)))
    return first_said(attempt(asked) for attempt in (_split, _change, _problem, _story))


def _split(asked: str) -> str | None:
    """So much over so many months, among so many people."""
    found = _SPLIT.fullmatch(asked)
    whole, parts = (numeral(found[1]), numeral(found[3])) if found else (None, None)
    if found is None or whole is None or not parts:
        return None
    of = _Quantity(whole, found[2] or "")
    each = f"a {_one(found[4])}" if _one(found[4]) in _PERIODS else "each"
    return f"{of} divided by {said(parts)} is {of.of(whole / parts)} {each}."


def _change(asked: str) -> str | None:
    """What comes back of a note."""
    found = _CHANGE.fullmatch(asked)
    if found is None or len(re.findall(_DIGITS, asked)) != 2:
        return None
    paid, price = numeral(found[1] or found[4]), numeral(found[2] or found[3])
    if paid is None or price is None or price > paid:
        return None
    return f"{said(paid)} minus {said(price)} is {money(paid - price)}."


def _problem(asked: str) -> str | None:
    """What the quantities come to, by what is asked for."""
    asked = _IF.sub(r"\2, \1", asked)
    question = _ASKS.search(asked)
    if question is None or _COMPARES.search(asked):
        return None
    much, of = question["much"] or "", question["of"] or question["what"] or ""
    given = list(_quantities(_TOKEN.findall(asked[: question.start()])))
    wanted = list(_quantities(_TOKEN.findall(question[0])))
    if len(given) == 2 and len(wanted) == 1 and not (given[1].per or wanted[0].per):
        return _rule_of_three(*given, *wanted) if _COSTS.search(asked) else None
    quantities = [*given, *wanted]
    match [one for one in quantities if one.per], [one for one in quantities if not one.per]:
        case [rate], []:
            return _over_time(rate, of)
        case [rate], [count]:
            return _in_each(rate, count, much, of) or _of_all(rate, count, much, of)
        case [rate, outer], [] if outer.thing == rate.per:
            total = f"{rate.of(rate.value * outer.value)} a {outer.per}"
            return f"{rate} times {said(outer.value)} is {total}." if outer.per in of else None
        case [], [first, second] if not wanted and _TOGETHER.search(asked):
            return _both(first, second)
        case [], [first, second] if not wanted and _COSTS.search(asked):
            return _of_one(first, second, much, of)
    return None


def _both(first: _Quantity, second: _Quantity) -> str | None:
    """Two quantities of one noun together."""
    if second.thing not in (first.thing, ""):
        return None
    return (
        f"{said(first.value)} plus {said(second.value)} is {first.of(first.value + second.value)}."
    )


def _over_time(rate: _Quantity, of: str) -> str | None:
    """So much a night is how much a week."""
    period = "day" if rate.per == "night" else rate.per
    named = re.findall(r"\b(?:an?|per|each|every|one|the whole) (day|week|month|year)\b", of)
    wanted = next((one for one in named if one != period), "")
    times = TIMES.get((period, wanted))
    if times is None:
        return None
    return f"{rate} a {rate.per} is {rate.of(rate.value * times)} a {wanted}."


def _in_each(rate: _Quantity, count: _Quantity, much: str, of: str) -> str | None:
    """How many it takes, or how long, where so much is in each."""
    alike = not (count.noun and rate.noun) or count.thing == rate.thing
    wanted = rate.per in _PERIODS if much == "long" else _one(of.split(" ")[0]) == rate.per
    if not (alike and wanted and rate.value) or count.thing == rate.per:
        return None
    exact = count.value / rate.value
    number = math.ceil(exact)
    several = {one: noun for noun, one in _IRREGULAR.items()}
    things = rate.per if number == 1 else several.get(rate.per, f"{rate.per}s")
    so = f"{said(exact)}, so {number}" if exact != number else str(number)
    return f"{said(count.value)} divided by {said(rate.value)} is {so} {things}."


def _of_all(rate: _Quantity, count: _Quantity, much: str, of: str) -> str | None:
    """So many at so much each."""
    same = rate.per == "each" or count.thing in (rate.per, "")
    wanted = _one(of.split(" ")[0]) if much == "many" else ""
    if not same or much == "long" or (wanted and wanted in (count.thing, rate.per)):
        return None
    return f"{said(count.value)} times {rate} is {rate.of(rate.value * count.value)}."


def _rule_of_three(first: _Quantity, second: _Quantity, third: _Quantity) -> str | None:
    """If so many are so much, so many others are in proportion."""
    if third.thing == second.thing != first.thing:
        first, second = second, first
    same = first.thing == third.thing or {first.thing, third.thing} <= _PEOPLE
    if not same or second.thing == first.thing or not first.value:
        return None
    things = _Quantity(third.value, third.noun or first.noun)
    return f"For {things} it is {second.of(second.value * third.value / first.value)}."


def _of_one(first: _Quantity, second: _Quantity, much: str, of: str) -> str | None:
    """What one is, where so many are so much."""
    one = re.search(rf"\b(?:one|each|apiece|(?:per|a|an) {re.escape(first.thing)})\b", of)
    if (
        one is None
        or not (much or "cost" in of)
        or not first.value
        or not first.noun
        or second.thing == first.thing
    ):
        return None
    return f"{second} divided by {said(first.value)} is {second.of(second.value / first.value)}."


def _story(asked: str) -> str | None:
    """Two numbers, and more or fewer of them: "I have 3 apples and eat 1, how many are left?"."""
    told = re.split("how (?:many|much)", asked)[0] or asked
    if told == asked or not re.search(r"\b(?:have|has|had|are|were|gave)\b", asked):
        return None
    numbers = _numbers_in(asked)
    gains, losses = re.search(rf"\b(?:{_GAINS})\b", asked), re.search(rf"\b(?:{_LOSSES})\b", told)
    if len(numbers) != 2 or bool(gains) == bool(losses):
        return None
    word, result = ("plus", sum(numbers)) if gains else ("minus", numbers[0] - numbers[1])
    return f"{said(numbers[0])} {word} {said(numbers[1])} is {said(Fraction(result))}."


def _quantities(tokens: list[str]) -> Iterator[_Quantity]:
    """Every number with its noun, and with what it is for each of."""
    for at, token in enumerate(tokens):
        value = numeral(token)
        if value is None:
            continue
        behind = tokens[at + 1 :]
        noun = behind[0] if behind and _is_noun(behind[0]) else ""
        behind = behind[1:] if noun else behind
        behind = behind[2:] if behind[:1] == ["of"] else behind
        behind = behind[1:] if behind[:1] in (["in"], ["for"], ["on"], ["to"]) else behind
        yield _Quantity(value, noun, _each_behind(behind) or _each_before(tokens[:at]))


def _each_behind(behind: list[str]) -> str:
    """ "table" of "per table", "each" of "each"; empty where there is nothing of the kind."""
    if behind and behind[0] in _A and len(behind) > 1 and _is_noun(behind[1]):
        return _one(behind[1])
    return "each" if behind and behind[0] in _EACH else ""


def _each_before(before: list[str]) -> str:
    """ "pack" of "a pack has", "each" of "each takes"; empty where there is nothing of the kind."""
    if len(before) < 2 or before[-1] not in _HOLDS:
        return ""
    if before[-2] in ("each", "one"):
        return "each"
    article = before[-3] if len(before) > 2 else ""
    return _one(before[-2]) if article in _A | {"one"} and _is_noun(before[-2]) else ""


def _is_noun(token: str) -> bool:
    return token[0].isalpha() and token not in _NO_NOUN


def _one(noun: str) -> str:
    """A noun of several as of one, as far as a rule can tell: "boxes", "berries", "kids"."""
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    for ending, instead in (("ies", "y"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("s", "")):
        if noun.endswith(ending) and not noun.endswith("ss") and len(noun) > len(ending) + 1:
            return noun.removesuffix(ending) + instead
    return noun


def _in_digits(asked: str) -> str:
    """Numbers in words, dozens and signs of money as digits and words behind them."""
    asked = _IN_WORDS.sub(lambda found: str((in_words([found[0]]) or ("",))[0]), asked)
    asked = _DOZEN.sub(_dozens, asked)
    return _SIGN.sub(lambda found: f"{found[2]} {_SIGNS[found[1]]}", asked)


def _dozens(found: re.Match[str]) -> str:
    if found[0] == "half a dozen":
        return "6"
    return str(12 * int(found[1]) if (found[1] or "").isdigit() else 12)


def _numbers_in(text: str) -> list[Fraction]:
    """Every number in a text, in digits or in words, in order."""
    words = re.findall(r"[a-z']+|\d+", text.replace("-", " "))
    numbers: list[Fraction] = []
    at = 0
    while at < len(words):
        digits, spoken = numeral(words[at]), in_words(words[at:])
        if digits is not None:
            numbers.append(digits)
        elif spoken is not None:
            numbers.append(spoken[0])
        at += spoken[1] if spoken is not None else 1
    return numbers
