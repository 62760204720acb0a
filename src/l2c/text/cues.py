"""A text as cues read it: what people leave out and draw out when they type is put right."""

from __future__ import annotations

import re

_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_APART = {
    "im": "i'm", "ive": "i've", "dont": "don't", "doesnt": "doesn't", "didnt": "didn't",
    "cant": "can't", "wont": "won't", "isnt": "isn't", "wasnt": "wasn't", "arent": "aren't",
    "havent": "haven't", "hasnt": "hasn't", "couldnt": "couldn't", "shouldnt": "shouldn't",
    "wouldnt": "wouldn't", "thats": "that's", "theres": "there's", "whats": "what's",
    "u": "you", "ur": "you're", "wot": "what",
}  # fmt: skip
_ILL = re.compile(
    r"\bill(?= (?:leave|do|try|see|tell|ask|be|make|take|get|call|come|let|give|go|just|never|"
    r"always|write|buy|eat|wait|stay|keep|think|stop|start|need|have|bring|send|show|put)\b)"
)
"""What is typed for "I'll": no illness."""
_RUN_TOGETHER = re.compile(rf"\b(?:{'|'.join(_APART)})\b")


def cue_text(text: str) -> str:
    """The text as cues read it: small letters, whole contractions, drawn-out letters once.

    >>> cue_text("Im sooo tired, I can\u2019t sleep")
    "i'm so tired, i can't sleep"
    """
    plain = text.lower().replace("\u2019", "'").strip()
    plain = _DRAWN_OUT.sub(r"\1", plain)
    return _RUN_TOGETHER.sub(lambda word: _APART[word[0]], _ILL.sub("i'll", plain))
