"""Chance on request: a coin, dice, a number, one of several.

`answer` draws with the generator it is given, so the same seed has the same answer.
"""

from __future__ import annotations

import re
from random import Random

from l2c.chat.phrasing import plain, readable, whole
from l2c.chat.sums import MAX_CHARACTERS

MOST_DICE = 20
_WILL = r"(?:(?:let us|let's|now|just|go on|you) )*"
_COIN = re.compile(
    rf"{_WILL}(?:(?:flip|toss|throw) (?:me )?(?:a|the|your|another) coin"
    r"(?: for me| again)?|heads or tails|coin (?:flip|toss))"
)
_DICE = re.compile(
    rf"{_WILL}(?:roll|throw|cast|toss) (?:me )?(?:(?P<many>[\w-]+) )?(?:six-sided )?"
    r"(?:dice|die|d6)(?: for me| again)?"
)
_NUMBER = re.compile(
    rf"{_WILL}(?:pick|choose|give me|say|tell me|think of|take|name|draw|generate)(?: me)? "
    r"(?:an? |any |some )?(?:random |lucky )?number"
    r"(?: (?:between|from) (?P<low>[\w,-]+?) (?:and|to|up to) (?P<high>[\w,-]+))?"
)
_ONE_OF = re.compile(
    rf"{_WILL}(?:pick|choose|decide)(?: (?:one|for me|between|one of(?: them| these)?))*[,:]? "
    r"(?P<these>[\w' ,-]+ (?:or|and) [\w' -]+)"
)
_TO_CHOOSE = re.compile(r"\b(?:between|one|for me|or)\b")


def answer(text: str, rng: Random) -> str | None:
    """What chance says, as a sentence; None where nothing is to be drawn.

    >>> answer("Flip a coin", Random(1))
    'Heads.'
    """
    if not readable(text, MAX_CHARACTERS):
        return None
    asked = plain(text)
    if _COIN.fullmatch(asked):
        return rng.choice(("Heads.", "Tails."))
    if found := _DICE.fullmatch(asked):
        return _dice(found["many"], rng)
    if found := _NUMBER.fullmatch(asked):
        low, high = (whole(found["low"]), whole(found["high"])) if found["low"] else (1, 100)
        return f"{rng.randint(low, high)}." if low is not None and high and low < high else None
    if (found := _ONE_OF.fullmatch(asked)) and _TO_CHOOSE.search(asked):
        several = [one.strip() for one in re.split(r",(?: or| and)? | or | and ", found["these"])]
        chosen = rng.choice([one for one in several if one])
        return f"{chosen[:1].upper()}{chosen[1:]}."
    return None


def _dice(many: str | None, rng: Random) -> str | None:
    count = {None: 1, "a": 1, "the": 1, "your": 1, "some": 2}.get(many) or whole(many or "")
    if count is None or not 1 <= count <= MOST_DICE:
        return None
    rolled = [rng.randint(1, 6) for _ in range(count)]
    if count == 1:
        return f"{rolled[0]}."
    return f"{', '.join(map(str, rolled[:-1]))} and {rolled[-1]}, together {sum(rolled)}."
