"""Values that nobody has told before: made-up names and places, numbers and dates.

A model that is asked for a name it has seen a thousand times can answer by heart. Names put
together from syllables are too many for that (hundreds of thousands of short ones alone), so
the only way to answer is to read them in the conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from l2c.corpus.chance import Chance

_ONSETS: tuple[str, ...] = (
    *(*"bdfghjklmnprstvwz", *"bdfghjklmnprstvwz"),
    *("br", "c", "ch", "dr", "fl", "gr", "kr", "sh", "st", "th"),
)
_VOWELS: tuple[str, ...] = (*"aeiouaeiouaeio", "ai", "ee", "ia")
_CODAS: tuple[str, ...] = (*[""] * 9, "l", "n", "r", "s", "m", "k", "nn", "ll", "tt")
_ENDINGS: tuple[str, ...] = (*[""] * 5, "n", "l", "r", "s", "m", "k", "y", "nda", "tte", "ra")
_TOWNS = ("ton", "field", "ford", "wick", "dale", "mouth", "bury", "ham", "stead", "by", "well")
_COMMON = """
    Ada Adam Agnes Alan Albert Alice Alma Amir Amy Ana Andrew Anna Anton Arthur Astrid Ben Bella
    Bertha Bruno Carla Carlos Cecil Chloe Clara Colin Cora Daisy Daniel David Dora Edgar Edith
    Elena Eliza Ella Emil Emma Eric Ernest Esther Eva Felix Fiona Frank Fred Freya George Gina
    Grace Greta Gus Hana Hannah Harold Harry Hazel Helen Henry Hugo Ida Igor Ines Ingrid Iris
    Isaac Ivan Jack Jacob James Jane Jasper Jean Jenny Joan John Jonas Joseph Julia Karl Kate
    Kim Lara Laura Lea Leo Leon Lena Lily Linda Lisa Lola Louis Lucy Luke Mara Marco Maria Mark
    Martha Martin Mary Matilda Max Maya Mia Mila Milo Mira Miriam Molly Nadia Nancy Nina Noah
    Nora Olga Oliver Omar Oscar Otto Pablo Paul Paula Peter Petra Philip Rita Robert Robin Rosa
    Rose Ruby Rufus Ruth Sam Samir Sara Selma Simon Sofia Sonia Stella Sue Susan Tanya Theo
    Thomas Tim Tina Toby Tom Uma Vera Victor Viola Walter Wanda Will Yara Yusuf Zara Zoe Biscuit
    Patch Shadow Snowy Rex Luna Misty Pepper Ginger Cookie Lucky
"""
_FIRST_NAMES = tuple(_COMMON.split())
_TITLES = ("Mr", "Mrs", "Ms", "Dr")
_UNKIND = (
    *("anal", "anus", "arse", "ass", "bitc", "bum", "coc", "cok", "crap", "cum", "cun", "dead"),
    *("dic", "dik", "dum", "fag", "fat", "fuc", "fuk", "gook", "hell", "hitl", "homo", "hor"),
    *("jap", "jew", "kik", "kil", "nazi", "nig", "pedo", "peni", "pis", "poo", "pus", "put"),
    *("rap", "seme", "sex", "shit", "slu", "stal", "sui", "tit", "tur", "twat", "vagi", "wank"),
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
MONTH_DAYS = dict(zip(_MONTHS, (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True))

_UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def made_up_name(chance: Chance) -> str:
    """A name of one to three syllables, mostly two, such as `Tavo` or `Brennik`."""
    length = chance.choice((1, 2, 2, 2, 2, 2, 2, 3))
    return _kind_word(lambda: _syllables(length, chance) + chance.choice(_ENDINGS))


def any_name(chance: Chance) -> str:
    """A name to be told: mostly made up, sometimes an ordinary one, now and then with a title."""
    if chance.one_in(4):
        return chance.choice(_FIRST_NAMES)
    if chance.one_in(16):
        return f"{chance.choice(_TITLES)} {made_up_name(chance)}"
    return made_up_name(chance)


def made_up_place(chance: Chance) -> str:
    """A place, such as `Melbury` or `Sotaviel`."""
    if chance.one_in(3):
        return _kind_word(lambda: _syllables(3, chance) + chance.choice(_ENDINGS))
    return _kind_word(lambda: _syllables(1, chance) + chance.choice(_TOWNS))


def nonsense(chance: Chance) -> str:
    """A word that means nothing, in small letters, such as `brolim`."""
    return made_up_name(chance).lower()


def made_up_date(chance: Chance) -> str:
    """A day of the year, such as `3 May`."""
    month = chance.choice(_MONTHS)
    return f"{chance.between(1, MONTH_DAYS[month])} {month}"


def in_words(number: int) -> str:
    """A number from 0 to 999 in words: `forty-two`, `one hundred and five`."""
    if number < len(_UNITS):
        return _UNITS[number]
    if number < 100:
        tens, unit = divmod(number, 10)
        return _TENS[tens] + (f"-{_UNITS[unit]}" if unit else "")
    hundreds, rest = divmod(number, 100)
    return f"{_UNITS[hundreds]} hundred" + (f" and {in_words(rest)}" if rest else "")


def in_digits_or_words(number: int, chance: Chance) -> str:
    """The number, in digits twice as often as in words."""
    return in_words(number) if chance.one_in(3) else str(number)


MAKERS: Mapping[str, Callable[[Chance], str]] = {
    "name": any_name,
    "place": made_up_place,
    "nonsense": nonsense,
    "date": made_up_date,
    "number": lambda chance: in_digits_or_words(chance.between(2, 30), chance),
    "age": lambda chance: in_digits_or_words(chance.between(2, 15), chance),
    "grown_age": lambda chance: in_digits_or_words(chance.between(3, 95), chance),
    "bus_number": lambda chance: str(chance.between(2, 99)),
}
"""What makes the value of a slot that no list holds."""


def _syllables(count: int, chance: Chance) -> str:
    """`count` syllables; the last one stays open, so that an ending fits."""
    closed = [
        chance.choice(_ONSETS) + chance.choice(_VOWELS) + chance.choice(_CODAS)
        for _ in range(count - 1)
    ]
    return "".join(closed) + chance.choice(_ONSETS) + chance.choice(_VOWELS)


def _kind_word(make: Callable[[], str]) -> str:
    """A made-up word without three equal letters in a row or any piece that would offend."""
    while True:
        word = make()
        tripled = any(letter * 3 in word for letter in word)
        if not tripled and not any(unkind in word for unkind in _UNKIND):
            return word.capitalize()
