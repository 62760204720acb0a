"""What somebody told, said back to them in the second person.

Only the persons change; every other word stays as it was told.
"""

from __future__ import annotations

import re

from l2c.text.verbs import finite

MOST_WORDS = 12
"""A longer remark is not said back."""

_TURNED = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself",
    "we": "you", "us": "you", "our": "your", "ours": "yours", "ourselves": "yourselves",
    "am": "are",
}  # fmt: skip
_OF_ONESELF = re.compile(r"(?:i|we|my|our)\b[^.!?;:]*[.!]*", re.IGNORECASE)
_YOU = re.compile(r"\b(?:you|your|yours|u|ur)\b", re.IGNORECASE)
_SHORT = re.compile(r"\b(?:i|we)['\u2019](?:m|ve|re|ll)\b", re.IGNORECASE)
_LONG = {
    "i'm": "I am", "i've": "I have", "i'll": "I will",
    "we're": "we are", "we've": "we have", "we'll": "we will",
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


def as_told(sentence: str) -> str:
    """A sentence in the second person as whoever it is about would say it.

    >>> as_told("Your sister taught you to swim.")
    'My sister taught me to swim.'
    >>> as_told("You are a potter.")
    'I am a potter.'
    """
    turned = _YOU_ARE.sub(_turn_back, sentence.strip())
    turned = _YOURS.sub(lambda found: _TOLD[found[0].lower()], turned)
    return f"{turned[:1].upper()}{turned[1:]}"


def said_back(text: str) -> str:
    """What somebody tells of oneself in few words, as one says it who has listened.

    Empty where it is longer than `MOST_WORDS`, of more than one part, or not of oneself.

    >>> said_back("I'm back from the dentist!")
    'So you are back from the dentist. '
    """
    said = _SHORT.sub(lambda found: _LONG[found[0].lower().replace("\u2019", "'")], text.strip())
    if _OF_ONESELF.fullmatch(said) is None or _YOU.search(said) or len(said.split()) > MOST_WORDS:
        return ""
    back = restate(said)
    return f"So {back[:1].lower()}{back[1:]} "


_YOU_ARE = re.compile(r"(^|\b)you(?: (are|were)\b|(?= ([a-z]+)))", re.IGNORECASE)
_YOURS = re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)
_TOLD = {"you": "me", "your": "my", "yours": "mine", "yourself": "myself"}


def _turn_back(found: re.Match[str]) -> str:
    """ "you" before a verb is who does it, and elsewhere whom it is done to."""
    if found[2]:
        return "I am" if found[2].lower() == "are" else "I was"
    does = found.start() == 0 or finite(found[3], "they s")
    return "I" if does else found[0]


def _turn(word: re.Match[str]) -> str:
    low = word[0].lower()
    if low.endswith(" was"):
        return "you were"
    if low in ("us", "am") and word[0].isupper():
        return word[0]  # the country, the time of day
    return _TURNED[low]
