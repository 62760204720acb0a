"""Which of many known lines a text is most like, whatever its spelling and its manners.

People say one thing in many ways: "thx!", "Thanks a lot". Here a line is a bag of its words, of
what they mean (words of one meaning count as one, "laptop" is a computer), of the pairs these
make and of the threes of letters in its words, each weighing more the rarer it is among the lines
(inverse document frequency), and likeness is the cosine of two bags. Threes of letters forgive a
slip of the finger, pairs prefer the same order, and what is only manner (lol, ugh, please) or
another spelling of the same (u, gonna) is written out before. A question is less like a remark
than like another question.

>>> Likeness.of(["Thank you very much", "Where is the sea?"]).nearest("thank u so much!!").line
'Thank you very much'
"""

from __future__ import annotations

import itertools
import math
import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from l2c.text.pooled import Arrays, Pool, nested, within

if TYPE_CHECKING:
    from jaxtyping import Bool, Float32, Float64, Int32, UInt

SPELLING = 0.4
PAIR = 0.4
THREE = 0.22
"""What the spelling of a word, a pair of meanings, and three letters weigh beside a meaning."""

OTHER_MOOD = 0.8
"""What is left of the likeness of a question and a remark."""

SPELT_OUT = {
    "u": "you", "ur": "you are", "r": "are", "thx": "thanks", "ty": "thank you",
    "tysm": "thank you", "tnx": "thanks", "thanx": "thanks", "ta": "thanks",
    "thnx": "thanks", "thnks": "thanks", "thks": "thanks", "wat": "what", "wut": "what",
    "pls": "", "plz": "", "please": "",
    "idk": "i do not know", "dunno": "do not know", "gotta": "have to", "gtg": "have to go",
    "gonna": "going to", "wanna": "want to", "gimme": "give me", "lemme": "let me",
    "cannot": "can not", "can't": "can not", "cant": "can not", "won't": "will not",
    "don't": "do not", "dont": "do not", "doesn't": "does not", "doesnt": "does not",
    "didn't": "did not", "didnt": "did not", "isn't": "is not", "isnt": "is not",
    "aren't": "are not", "wasn't": "was not", "weren't": "were not", "couldn't": "could not",
    "shouldn't": "should not", "wouldn't": "would not", "haven't": "have not",
    "hasn't": "has not", "i'm": "i am", "im": "i am", "i've": "i have", "ive": "i have",
    "i'll": "i will", "i'd": "i would", "you're": "you are", "youre": "you are",
    "you've": "you have", "you'll": "you will", "we're": "we are", "we've": "we have",
    "they're": "they are", "he's": "he is", "she's": "she is", "it's": "it is",
    "that's": "that is", "thats": "that is", "there's": "there is", "what's": "what is",
    "whats": "what is", "who's": "who is", "where's": "where is", "how's": "how is",
    "when's": "when is", "let's": "let us", "sup": "what is up", "wassup": "what is up",
    "goodnight": "good night", "nite": "night", "tmrw": "tomorrow", "bday": "birthday",
    "lol": "", "haha": "", "hahaha": "", "ugh": "", "aww": "", "hmm": "", "um": "", "uh": "",
    "oh": "", "ok": "", "okay": "", "hey": "", "well": "", "just": "", "really": "",
    "very": "", "quite": "", "pretty": "", "totally": "", "actually": "",
}  # fmt: skip
"""Short and spoken spellings; what is only manner says nothing."""

_SAME = {
    word: line.split()[0]
    for line in """
    sad unhappy miserable gloomy downhearted heartbroken
    happy glad cheerful delighted thrilled overjoyed
    tired exhausted sleepy weary knackered worn
    angry mad furious annoyed cross pissed
    afraid scared frightened terrified fear
    nervous anxious tense jittery
    stressed overwhelmed stress
    ill sick unwell poorly
    bad awful terrible horrible lousy rotten dreadful rubbish
    great wonderful fantastic amazing awesome excellent brilliant superb marvellous lovely
    lonely alone lonesome
    story tale stories tales
    little small tiny wee short brief
    big large huge enormous
    program software app bot
    delete erase remove
    forget unlearn
    keep store save record retain
    private confidential secure
    chat conversation talk
    chats conversations talks
    computer laptop machine pc device
    smart clever intelligent bright
    mother mum mom mummy mama mam
    father dad daddy papa
    grandmother grandma granny gran nan
    grandfather grandpa granddad grandad
    colour color
    favourite favorite
    begin start commence
    finish end
    buy purchase
    bought purchased got
    cinema movies
    film movie
    holiday vacation
    shop store
    kid child
    kids children
    job work
    boss manager chief
    thanks thank cheers grateful
    bye goodbye farewell
    hello hi greetings hiya howdy
    help assist
    reply answer respond
    explain describe
    internet web online net
    read see view
    yelled shouted screamed
    rest relax
    fight quarrel argument row
    fought quarrelled argued
    meal dinner supper
    died dead passed
    pet animal
    quick fast
    error mistake
    errors mistakes
    understand comprehend
    amusing funny
    weird strange odd
    bike bicycle
    person human
    creator maker inventor
    """.strip().splitlines()
    for word in line.split()
}
"""Words of one meaning, as a message to a chat means them."""

_WORD = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_ASKS = re.compile(
    r"\?\s*$|^\W*(?:(?:and|so|but|hey|le|well|ok|lol|then)\W+)*"
    r"(?:(?:in|on|at|to|from|with|for|by|since|until) (?:what|which|whom|whose)|"
    r"what(?! an?\b)|wot|who|whose|whom|where|when|"
    r"whats|whos|wheres|whens|hows|why|how|which|"
    r"(?:tell|remind) me (?:what|who|where|when|why|how|which|the|your|about)|"
    r"explain|define|name (?:a|the)|r(?= u\b)|is|are|am|was|were|do|does|did|"
    r"can(?!['\u2019]t)|could|will|would|shall|"
    r"should|have you|has)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Near:
    """A known line, and how like it a text is: 0 not at all, 1 in every word."""

    line: str
    similarity: float


class Likeness:
    """An index of known lines. Built once, about 0.1 ms a line; read by many threads.

    Letters in shapes: L lines, F features, N pairs of a feature and a line that has it.
    """

    def __init__(self, arrays: Arrays) -> None:
        """What `arrays` gave. Raises `KeyError` where one is missing; use `of` for lines."""
        self._lines = Pool(within("lines", arrays))
        self._features = Pool(within("features", arrays))
        self._ends: Int32[np.ndarray, " F"] = arrays["ends"]
        self._at: UInt[np.ndarray, " N"] = arrays["at"]
        self._rarity: Float64[np.ndarray, " F"] = arrays["rarity"]
        self._inverse: Float32[np.ndarray, " L"] = arrays["inverse"]
        self._asks: Bool[np.ndarray, " L"] = arrays["asks"]

    @classmethod
    def of(cls, lines: Sequence[str]) -> Self:
        """The index of these lines."""
        known: dict[str, int] = {}
        features, weights, sizes = array("i"), array("d"), array("i")
        for line in lines:
            bag = _bag(line)
            features.extend(known.setdefault(feature, len(known)) for feature in bag)
            weights.extend(bag.values())
            sizes.append(len(bag))
        place = {feature: at for at, feature in enumerate(sorted(known))}
        feature = np.array([place[each] for each in known], np.int32)[np.array(features, np.int32)]
        smallest = np.min_scalar_type(len(lines))
        at = np.repeat(np.arange(len(lines), dtype=smallest), np.array(sizes, np.int32))
        where = np.bincount(feature, minlength=len(known))
        rarity = np.log(1 + len(lines) / where)
        squares = (np.array(weights, np.float64) * rarity[feature]) ** 2
        norms = np.sqrt(np.bincount(at, squares, minlength=len(lines)))
        norms[norms == 0] = 1
        arrays = {
            "ends": where.cumsum().astype(np.int32),
            "at": at[feature.argsort(kind="stable")],
            "rarity": rarity,
            "inverse": 1 / norms.astype(np.float32),
            "asks": np.array([asks(line) for line in lines], bool),
        }
        return cls(arrays | nested({"lines": Pool.of(lines), "features": Pool.of(place)}))

    def arrays(self) -> dict[str, np.ndarray]:
        """What it is made of, by name."""
        pools = nested({"lines": self._lines, "features": self._features})
        return pools | {
            "ends": self._ends,
            "at": self._at,
            "rarity": self._rarity,
            "inverse": self._inverse,
            "asks": self._asks,
        }

    def nearest(self, text: str) -> Near:
        """The line most like the text, the first of equals; no line at 0 where nothing is alike."""
        return (self.nearest_of(text, 1) or [Near("", 0.0)])[0]

    def nearest_of(self, text: str, most: int) -> list[Near]:
        """At most so many lines that have something in common with the text, the likest first."""
        scores = np.zeros(len(self._lines), np.float32)
        norm = 0.0
        for feature, weight in _bag(text).items():
            which = self._features.find(feature)
            if which is not None:
                begin = self._ends[which - 1] if which else 0
                square = (weight * float(self._rarity[which])) ** 2
                scores[self._at[begin : self._ends[which]]] += square
            else:  # what no known line has is as rare as can be
                square = (weight * math.log(1 + len(self._lines))) ** 2
            norm += square
        scores *= self._inverse / (math.sqrt(norm) or 1.0)
        scores *= np.where(self._asks == asks(text), np.float32(1), np.float32(OTHER_MOOD))
        best = np.argsort(-scores, kind="stable")[:most]
        found = (int(at) for at in best if scores[at] > 0)
        return [Near(self._lines[at], min(float(scores[at]), 1.0)) for at in found]


def asks(text: str) -> bool:
    """Whether a text is a question, with or without its mark."""
    return _ASKS.search(text) is not None


def spelt_out(text: str) -> list[str]:
    """The words of a text in small letters, short and spoken spellings written out."""
    said = _WORD.findall(text.lower().replace("\u2019", "'"))
    return [part for word in said for part in SPELT_OUT.get(word, word).split()] or said


def key_of(text: str) -> str:
    """What is the same for two wordings that differ in spelling and manner alone."""
    return " ".join(spelt_out(text))


def meanings(text: str) -> set[str]:
    """What the words of a text mean, words of one meaning as one and without their endings."""
    return {_meaning(word) for word in spelt_out(text)}


def _bag(text: str) -> dict[str, float]:
    """What a line is made of, and how much of it counts."""
    words = spelt_out(text)
    meanings = [_meaning(word) for word in words]
    bag: dict[str, float] = {}
    for word in words:
        bag[f"'{word}"] = SPELLING
        framed = f"^{word}$"
        for at in range(len(framed) - 2):
            bag[f"~{framed[at : at + 3]}"] = THREE
    for meaning in meanings:
        bag[meaning] = 1
    for pair in itertools.pairwise(meanings):
        bag[" ".join(pair)] = PAIR
    return bag


def _meaning(word: str) -> str:
    """What stands for a word and all that mean the same: their first, without its ending."""
    word = _SAME.get(word, word)
    for ending in ("'s", "ing", "ies", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return _SAME.get(word, word)[: -len(ending)]
    return word
