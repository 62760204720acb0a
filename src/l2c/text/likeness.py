"""Which of many known lines a text is most like, whatever its spelling and its manners.

People say one thing in many ways: "thx!", "Thanks a lot". Here a line is a bag of its words, its
pairs of words and the threes of letters in its words, each weighing more the rarer it is among the
lines (inverse document frequency), and likeness is the cosine of two bags. Threes of letters
forgive a slip of the finger, pairs prefer the same order, and what is only manner (lol, ugh) or
another spelling of the same (u, gonna) is written out before.

>>> Likeness(["Thank you very much", "Where is the sea?"]).nearest("thank u so much!!").line
'Thank you very much'
"""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int32

PAIR = 0.5
THREE = 0.35
"""What a pair of words, and three letters, weigh beside a word."""

SPELT_OUT = {
    "u": "you", "ur": "you are", "r": "are", "thx": "thanks", "ty": "thank you",
    "pls": "please", "plz": "please", "idk": "i do not know", "gotta": "have to",
    "gonna": "going to", "wanna": "want to", "cannot": "can not", "can't": "can not",
    "cant": "can not", "won't": "will not", "don't": "do not", "dont": "do not",
    "doesn't": "does not", "didn't": "did not", "isn't": "is not", "i'm": "i am", "im": "i am",
    "i've": "i have", "i'll": "i will", "you're": "you are", "it's": "it is", "that's": "that is",
    "thats": "that is", "what's": "what is", "whats": "what is", "who's": "who is",
    "where's": "where is", "sup": "what is up",
    "lol": "", "haha": "", "ugh": "", "aww": "", "hmm": "", "um": "", "ok": "",
    "okay": "", "hey": "",
}  # fmt: skip
"""Short and spoken spellings; what is only manner says nothing."""

_WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")


@dataclass(frozen=True, slots=True)
class Near:
    """A known line, and how like it a text is: 0 not at all, 1 in every word."""

    line: str
    similarity: float


class Likeness:
    """An index of known lines. Built once, about 0.1 ms a line; read by many threads."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = list(lines)
        places: dict[str, list[int]] = defaultdict(list)
        bags = [_bag(line) for line in self._lines]
        for at, bag in enumerate(bags):
            for feature in bag:
                places[feature].append(at)
        self._places: dict[str, Int32[np.ndarray, " N"]] = {
            feature: np.array(where, np.int32) for feature, where in places.items()
        }
        self._rarity = {
            feature: math.log(1 + len(self._lines) / len(where))
            for feature, where in places.items()
        }
        norms = [self._norm(bag) for bag in bags]
        self._inverse: Float32[np.ndarray, " L"] = 1 / np.array(norms or [1.0], np.float32)

    def nearest(self, text: str) -> Near:
        """The line most like the text, the first of equals; no line at 0 where nothing is alike."""
        bag = _bag(text)
        scores = np.zeros(len(self._inverse), np.float32)
        for feature, weight in bag.items():
            if feature in self._places:
                scores[self._places[feature]] += (weight * self._rarity[feature]) ** 2
        best = int(np.argmax(scores * self._inverse))
        similarity = float(scores[best] * self._inverse[best]) / self._norm(bag)
        if similarity == 0:
            return Near("", 0.0)
        return Near(self._lines[best], min(similarity, 1.0))

    def _norm(self, bag: dict[str, float]) -> float:
        """The length of a bag; what no known line has is as rare as can be."""
        unknown = math.log(1 + len(self._lines))
        weights = (w * self._rarity.get(feature, unknown) for feature, w in bag.items())
        return math.sqrt(sum(weight * weight for weight in weights)) or 1.0


def _bag(text: str) -> dict[str, float]:
    """What a line is made of, and how much of it counts."""
    said = _WORD.findall(text.lower().replace("\u2019", "'"))
    words = [part for word in said for part in SPELT_OUT.get(word, word).split()]
    bag: dict[str, float] = {}
    for word in words:
        bag[word] = 1
        framed = f"^{word}$"
        for at in range(len(framed) - 2):
            bag[f"~{framed[at : at + 3]}"] = THREE
    for pair in itertools.pairwise(words):
        bag[" ".join(pair)] = PAIR
    return bag
