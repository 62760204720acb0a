"""Units by code: a length, mass, volume, speed, time or temperature in another unit of its kind.

As `l2c.chat.sums`, `answer` understands the whole question or says nothing. Factors are exact: the
international yard and pound (1959), the litre, a thousand bytes to the kilobyte, and degrees as the
SI defines them; gallons and cups, which differ between countries, are those of the United States
and called so, pints those of Britain; spoons are metric.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from l2c.chat.phrasing import in_words, numeral, plain, readable

MAX_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Unit:
    """What it measures, how many of the base unit it is, and how one and many of it are called.

    `zero` is its zero in base units, for degrees.
    """

    kind: str
    factor: Fraction
    one: str
    many: str
    zero: Fraction = Fraction(0)


def _table(text: str) -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for line in text.strip().splitlines():
        kind, factor, zero, *names = (part.strip() for part in line.split("|"))
        unit = Unit(kind, Fraction(factor), names[0], names[1], Fraction(zero))
        units |= {name.lower(): unit for group in names for name in group.split(", ")}
    return units


_UNITS = _table("""
    length | 1/1000 | 0 | millimetre | millimetres | mm, millimeter, millimeters
    length | 1/100 | 0 | centimetre | centimetres | cm, cms, centimeter, centimeters
    length | 1 | 0 | metre | metres | m, meter, meters
    length | 1000 | 0 | kilometre | kilometres | km, kms, kilometer, kilometers
    length | 0.0254 | 0 | inch | inches | "
    length | 0.3048 | 0 | foot | feet | ft
    length | 0.9144 | 0 | yard | yards | yd, yds
    length | 1609.344 | 0 | mile | miles | mi
    mass | 1/1000 | 0 | milligram | milligrams | mg, mgs
    mass | 1 | 0 | gram | grams | g, gramme, grammes
    mass | 1000 | 0 | kilogram | kilograms | kg, kgs, kilo, kilos
    mass | 1000000 | 0 | tonne | tonnes | metric ton, metric tons
    mass | 28.349523125 | 0 | ounce | ounces | oz
    mass | 453.59237 | 0 | pound | pounds | lb, lbs
    mass | 6350.29318 | 0 | stone | stone | stones
    volume | 1/1000 | 0 | millilitre | millilitres | ml, milliliter, milliliters
    volume | 1/100 | 0 | centilitre | centilitres | cl
    volume | 1 | 0 | litre | litres | l, liter, liters
    volume | 0.005 | 0 | teaspoon | teaspoons | tsp, teaspoonful
    volume | 0.015 | 0 | tablespoon | tablespoons | tbsp, tablespoonful
    volume | 0.2365882365 | 0 | US cup | US cups | cup, cups, us cup, us cups
    volume | 0.473176473 | 0 | US pint | US pints | us pint, us pints, american pint
    volume | 0.56826125 | 0 | British pint | British pints | pint, pints, uk pint, imperial pint
    volume | 4.54609 | 0 | British gallon | British gallons | uk gallon, uk gallons, imperial gallon, imperial gallons
    volume | 3.785411784 | 0 | US gallon | US gallons | gallon, gallons, us gallon, us gallons
    data | 1 | 0 | byte | bytes | b
    data | 1000 | 0 | kilobyte | kilobytes | kb
    data | 1000000 | 0 | megabyte | megabytes | mb
    data | 1000000000 | 0 | gigabyte | gigabytes | gb
    data | 1000000000000 | 0 | terabyte | terabytes | tb
    time | 1 | 0 | second | seconds | s, sec, secs
    time | 60 | 0 | minute | minutes | min, mins
    time | 3600 | 0 | hour | hours | h, hr, hrs
    time | 86400 | 0 | day | days | days
    time | 604800 | 0 | week | weeks | weeks
    speed | 5/18 | 0 | kilometre an hour | kilometres an hour | km/h, kmh, kph, kilometers an hour
    speed | 0.44704 | 0 | mile an hour | miles an hour | mph, miles per hour
    speed | 1 | 0 | metre a second | metres a second | m/s
    degrees | 1 | 0 | degree Celsius | degrees Celsius | celsius, c, °c, degrees c, degrees celsius
    degrees | 5/9 | -160/9 | degree Fahrenheit | degrees Fahrenheit | fahrenheit, f, °f, degrees f, degrees fahrenheit
    degrees | 1 | -273.15 | kelvin | kelvin | k, kelvins
""")  # noqa: E501 (one unit a line)
_UNIT = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_AMOUNT = rf"(?P<amount>[\w,.\s-]*?[\w.])\s*(?P<of>{_UNIT})"
_INTO = rf"(?P<into>{_UNIT})"
_IN_TWO = re.compile(
    r".*?\b(?P<many>\d+) ?(?P<of>foot|feet|ft|stone|pounds?|lbs?|'|\u2032) ?"
    r"(?P<more>\d+)"
    r"(?: ?(?:inch(?:es)?|in(?= (?:in|to|as|into) )|ounces?|oz|pounds?|lbs?|\"|''|\u2033))?"
    rf"(?:[,.;]? (?:so |and )?(?:what(?:'s| is)|how much is) (?:that|this|it))?"
    rf" (?:in|into|to|as) {_INTO}"
)
"""Two units, the smaller one often unsaid: 5 foot 7, 11 stone 4."""
_PARTS = {"f": ("inch", 12), "'": ("inch", 12), "\u2032": ("inch", 12), "s": ("pound", 14),
          "p": ("ounce", 16), "l": ("ounce", 16)}  # fmt: skip
_LINK = r"(?:(?:is|are)(?: there)? in|is|are|there in|in|to|makes?|does|do)"
_ASKED = tuple(
    re.compile(shape)
    for shape in (
        rf"(?:convert |change |turn |what(?:'?s| is| are) |how (?:much|long|far|tall|heavy|hot|"
        rf"cold|warm|fast) (?:is|are) )?{_AMOUNT} (?:in|into|to|as) {_INTO}",
        rf"how many {_INTO} {_LINK} {_AMOUNT}(?: (?:make|have|equal))?",
        rf"{_AMOUNT} (?:is|are|equals?|makes?) how many {_INTO}",
        rf"(?:.*? )?(?P<amount>\d[\d,.]*)\s*(?P<of>{_UNIT})[,.;]? "
        rf"(?:so |and )?(?:what(?:'s| is)|how much is) (?:that|this|it) (?:in|into) {_INTO}",
    )
)


def answer(text: str) -> str | None:
    """The answer to a question about units, as a sentence; None when it is no such question.

    >>> answer("How many km is 5 miles?")
    '5 miles is about 8.05 kilometres.'
    >>> answer("100 F to C")
    '100 degrees Fahrenheit is about 37.78 degrees Celsius.'
    """
    if not readable(text, MAX_CHARACTERS):
        return None
    asked = plain(text)
    if (two := _in_two(asked)) is not None:
        return two
    for shape in _ASKED:
        found = shape.fullmatch(asked)
        amount = _amount(found["amount"]) if found else None
        if found is None or amount is None:
            continue
        of, into = _UNITS[found["of"]], _UNITS[found["into"]]
        if of.kind != into.kind or of == into or (amount < 0 and of.kind != "degrees"):
            return None
        result = (amount * of.factor + of.zero - into.zero) / into.factor
        sentence = f"{_quantity(amount, of)} is {_quantity(result, into)}."
        return sentence[:1].upper() + sentence[1:]
    return None


def _in_two(asked: str) -> str | None:
    """A quantity in two units in one other: "5 foot 7 in cm"."""
    found = _IN_TWO.fullmatch(asked)
    if found is None:
        return None
    part, size = _PARTS[found["of"][0]]
    many, more, into = int(found["many"]), int(found["more"]), _UNITS[found["into"]]
    of = _UNITS[part]
    if more >= size or into.kind != of.kind or into == of:
        return None
    result = (many * size + more) * of.factor / into.factor
    whole = next(unit for unit in _UNITS.values() if unit.kind == of.kind and
                 unit.factor == size * of.factor)  # fmt: skip
    return f"{_quantity(Fraction(many), whole)} {more} is {_quantity(result, into)}."


def _amount(text: str) -> Fraction | None:
    """A number in digits or words, "a" for one; None for anything else."""
    if halved := re.fullmatch(r"(.+?) and (?:a )?half(?: an?)?", text):
        number = _amount(halved[1])
        return None if number is None else number + Fraction(1, 2)
    below = re.match(r"(?:minus |negative |-)", text)
    said = text[below.end() :] if below else text
    if said in ("a", "an", "half a", "half an"):
        value = Fraction(1) if said[0] == "a" else Fraction(1, 2)
    else:
        words = said.replace("-", " ").split()
        spoken = in_words(words)
        digits = numeral(said)
        if digits is None and (spoken is None or spoken[1] != len(words)):
            return None
        value = spoken[0] if digits is None and spoken is not None else digits or Fraction(0)
    return -value if below else value


def _quantity(value: Fraction, unit: Unit) -> str:
    """A number of a unit: exact where that takes few decimals, else "about" and two that count."""
    digits = 3 if abs(value) >= 1 else 6
    exact = (value * 10**digits).denominator == 1
    digits = digits if exact else 2
    while not exact and abs(value) * 10**digits < 10 and digits < 12:
        digits += 1
    number = f"{float(round(value, digits)):.{digits}f}".rstrip("0").rstrip(".")
    about = "" if exact else "about "
    return f"{about}{number} {unit.one if value == 1 else unit.many}"
