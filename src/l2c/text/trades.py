"""What somebody lives on, where it is told as what they do: "my dad drives a lorry"."""

from __future__ import annotations

import re

from l2c.text.facts import Fact
from l2c.text.lexicon import PLAIN_PAST, listed, stem, tokens


def is_a_trade(fact: Fact) -> bool:
    """Whether what somebody does is how they earn their living: "my dad drives a lorry"."""
    drives = _VEHICLE.search(fact.value) is not None
    craft = fact.relation in _CRAFTS and any(map(_is_habit, tokens(fact.said)))
    return craft or fact.relation == "teach" or (fact.relation == stem("drive") and drives)


def is_a_field(fact: Fact) -> bool:
    """Whether a line of work is told, and no place: "I work in marketing"."""
    return _FIELD.search(fact.said) is not None


def _is_habit(word: str) -> bool:
    """Whether a word says what somebody does as a craft, and not that they did it once."""
    low = word.lower()
    return stem(low) in _CRAFTS and low not in PLAIN_PAST and not low.endswith(("ed", "ing"))


_CRAFTS = frozenset(map(stem, listed("repair build fix bake sell translate design")))
"""What somebody does for a living, if it is all that is told of it."""
_FIELD = re.compile(
    r"^(?:I|my [\w' -]+) works? in (?!town\b|bed\b)[a-z]+(?: [a-z]+)?$", re.IGNORECASE
)
_VEHICLE = re.compile(r"\b(?:lorry|bus|buses|taxi|cab|train|tram|truck|van|crane|ambulance)\b")
