"""Words made comparable: what a question and a passage have in common.

The words are those of `l2c.store.words`. A term is a word without its ending (a small English
stemmer after M. F. Porter, "An algorithm for suffix stripping", 1980, reduced to the endings that
occur in questions); of Chinese, Japanese and Korean text the pairs of characters are the terms.
Words that every text has carry nothing and are left out of questions. Two different terms can
still mean the same: by a shared beginning (`frist`, `fristen`), or by a short list of synonyms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from l2c.retrieval import relations, thesaurus
from l2c.store.words import pairs, words


@dataclass(frozen=True, slots=True)
class Term:
    """A term and where its word stood in the text; `word` is the word as it was written."""

    stem: str
    start: int
    end: int
    word: str


def terms(text: str) -> list[Term]:
    """Every term of a text in order, empty words included."""
    found = []
    for word in words(text):
        if word.unspaced:
            two = [pair for pair in pairs(word) if len(pair) == 2] or [word.folded]
            found += [
                Term(pair, word.start + i, min(word.start + i + 2, word.end), pair)
                for i, pair in enumerate(two)
            ]
        else:
            found.append(Term(stem(word.folded), word.start, word.end, text[word.start : word.end]))
    return found


def telling(found: Iterable[Term]) -> list[Term]:
    """The terms that carry meaning."""
    return [term for term in found if term.stem not in _EMPTY]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without its ending; one with a digit, and one of other scripts, stays as it is."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not _PLAIN.match(word):
        return word
    word = _singular(word)
    for ending, least in (("ingly", 1), ("edly", 1), ("ing", 1), ("ed", 1), ("ly", 1)):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 3 and _measure(base) >= least:
            word = base
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    for ending, rest in (("ational", "at"), ("ation", "at"), ("ement", ""), ("ment", "")):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 3:
            word = base + rest
            break
    if word.endswith(("tion", "sion")) and len(word) > 5:
        word = word[:-3]
    word = word.removesuffix("e") if len(word) > 4 else word
    if word.endswith("at") and _measure(word[:-2]) > 1:
        word = word[:-2]
    return word[:-1] + "i" if word.endswith("y") and len(word) > 3 else word


@lru_cache(maxsize=1 << 17)
def alike(one: str, other: str) -> float:
    """How much two terms mean the same: 1 the same, 0 nothing in common."""
    if one == other or other in forms(one):
        return 1.0
    if other in synonyms(one):
        return 0.8
    if _is_participle(one, other) or _is_participle(other, one):
        return 0.8
    short, long = sorted((one, other), key=len)
    if len(short) >= 4 and long in (f"{short}n", f"{short}en"):
        return 1.0  # Hecke and Hecken
    if len(short) >= 5 and len(long) >= len(short) + 3 and long.endswith(short):
        return DERIVED  # the last part of a compound says what it is: Kündigungsfrist
    if len(short) >= 5 and long.startswith(short) and len(long) - len(short) <= 3:
        return 0.8
    return DERIVED if one[:4] == other[:4] and _is_derived(short, long) else 0.0


def akin(one: str, other: str) -> float:
    """How much two terms belong together, for finding: as `alike`, or less if only related."""
    return alike(one, other) or (RELATED if other in related(one) else 0.0)


def roots(term: str) -> tuple[str, ...]:
    """What a German participle is made of, to look for: grill of gegrillt."""
    root = re.fullmatch(r"ge(\w{4,}?)(?:e?t|en)", term)
    return () if root is None else (root[1],)


def is_light(term: str) -> bool:
    """Whether a word goes with almost any question and hardly tells one from another."""
    return term in _LIGHT


def _is_participle(one: str, other: str) -> bool:
    """Whether a German word is the participle of another: gemäht of mäht, gegrillt of grillen."""
    if not one.startswith("ge"):
        return False
    root = re.fullmatch(r"ge(\w{3,}?)(?:e?t|en)", one)
    return other == one[2:] or (root is not None and other in (root[1], f"{root[1]}en"))


def _is_derived(one: str, other: str) -> bool:
    """Whether two terms are one word with different endings: leitet and Leitung."""
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if same >= 5 and one[same:] in _DERIVING and other[same:] in _DERIVING:
        return True
    return any(one[at:] in _INFLECTING and other[at:] in _INFLECTING for at in range(4, same + 1))


@lru_cache(maxsize=65536)
def synonyms(term: str) -> frozenset[str]:
    """Other terms that mean about the same."""
    return _neighbours(thesaurus.SYNONYMS).get(term, frozenset())


@lru_cache(maxsize=65536)
def related(term: str) -> frozenset[str]:
    """Other terms that a document may use where a question uses this one."""
    return _neighbours(relations.RELATED).get(term, frozenset())


@lru_cache(maxsize=65536)
def forms(term: str) -> frozenset[str]:
    """Other forms of the same word that endings do not tell: worn of wear."""
    return _neighbours(thesaurus.FORMS).get(term, frozenset())


@lru_cache(maxsize=3)
def _neighbours(groups: str) -> dict[str, frozenset[str]]:
    """The words that share a group with each word."""
    near: dict[str, frozenset[str]] = {}
    for line in re.split(r"[\n|]", groups):
        group = _stems(line)
        for one in group:
            near[one] = near.get(one, frozenset()) | (group - {one})
    return near


def _stems(text: str) -> frozenset[str]:
    """The stems of words, which are without case and accents as those of documents are."""
    return frozenset(stem(word.folded) for word in words(text))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _measure(word: str) -> int:
    """How many times vowels are followed by consonants: Porter's m."""
    return len(re.findall(r"[aeiouy]+[^aeiouy]+", word))


DERIVED = 0.7
RELATED = 0.5
"""How much alike two terms are that are made of one word, or that only go with one another."""

_DERIVING = frozenset(
    ("", "er", "or", "r", "al", "ion", "ation", "ance", "ence", "ant", "ent", "ive", "able", "ist",
     "ing", "ed", "iti", "ness", "ship")
)  # fmt: skip
"""Endings that make another word of a word, as far as `stem` leaves them."""

_PLAIN = re.compile(r"[a-z]+$")

_IRREGULAR = {
    irregular: stem_
    for line in """
        begin began begun beginning|build built|buy bought|choose chose chosen|find found
        |give gave given|grow grew grown|hold held|keep kept|know knew known|lead led|leave left
        |lose lost|make made making|meet met|pay paid|run ran running|sell sold|send sent
        |speak spoke spoken|spend spent|take took taken taking|feed fed|teach taught|tell told
        |think thought|win won|write wrote written writing|child children|person people persons
        |woman women|man men|foot feet|mouse mice|use used using uses|hire hired hiring
        |die died dying dies|grow grown growth|arrive arrival|long length|high height
        |deep depth|wide width|strong strength|weigh weight weighs weighed
    """.replace("\n", " ").split("|")
    for stem_ in [line.split()[0]]
    for irregular in line.split()
}

_INFLECTING = frozenset(("en", "et", "t", "ung", "te", "ten", "st", "n"))
"""Endings of German verbs, and of the noun that is made of one."""

_EMPTY = _stems(thesaurus.EMPTY)
_LIGHT = _stems(thesaurus.LIGHT)
