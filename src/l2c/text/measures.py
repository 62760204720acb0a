"""What can be said of a text by counting: how varied its characters are, how often it goes round.

Both are cheap, need no model, and tell writing from its two ways of breaking: a model that
collapsed says one thing over and over, one that lost its weights throws letters like dice.
"""

from __future__ import annotations

import math
from collections import Counter

SPAN = 4
"""Characters of which a repetition is made, at least."""


def character_entropy(text: str) -> float:
    """Shannon entropy of the characters, in bits per character; 0 for no text at all.

    English prose has about 4.2, one letter over and over 0.

    >>> character_entropy("abab")
    1.0
    """
    total = len(text)
    shares = [count / total for count in Counter(text).values()]
    return max(0.0, -sum(share * math.log2(share) for share in shares))


def repetition(text: str) -> float:
    """The share of spans of four words that stood in the text before, from 0 to 1.

    A text without so many words is measured in characters. Prose has about 0, a loop nearly 1.

    >>> repetition("so it is " * 50) > 0.9
    True
    """
    words: list[str] | str = text.split()
    units = words if len(words) > 2 * SPAN else text
    spans = [tuple(units[start : start + SPAN]) for start in range(len(units) - SPAN + 1)]
    return 1.0 - len(set(spans)) / len(spans) if spans else 0.0
