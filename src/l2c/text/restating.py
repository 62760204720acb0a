"""What somebody told, said back to them in the second person.

Only the persons change; every other word stays as it was told.
"""

from __future__ import annotations

import re

_TURNED = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself",
    "we": "you", "us": "you", "our": "your", "ours": "yours", "ourselves": "yourselves",
    "am": "are",
}  # fmt: skip
_WORD = re.compile(
    r"\b(?:I|we) was\b|\b(?:i|me|my|mine|myself|we|us|our|ours|ourselves|am)\b", re.I
)


def restate(said: str) -> str:
    """The clause in the second person, as a sentence.

    >>> restate("my sister taught me to swim")
    'Your sister taught you to swim.'
    """
    turned = _WORD.sub(_turn, said.strip().rstrip(" .!;,"))
    return f"{turned[:1].upper()}{turned[1:]}."


def _turn(word: re.Match[str]) -> str:
    low = word[0].lower()
    if low.endswith(" was"):
        return "you were"
    if low in ("us", "am") and word[0].isupper():
        return word[0]  # the country, the time of day
    return _TURNED[low]
