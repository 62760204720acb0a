"""What speaks for a sentence as the answer to a question, and how likely that makes it.

Every sentence of the passages that were found competes with every other, and with silence. What
speaks for it and against it is a list of signs, most of them from 0 to 1: how much of what is asked
stands in it, over it, or before it; whether it has the form that is asked for; which names are
missing. Its score is the weighed sum, silence has 0, and chances go with the exponential of the
score: a conditional logit (D. McFadden, "Conditional logit analysis of qualitative choice
behavior", 1974). So two sentences of different pages that speak for themselves equally well take
each other's chances, and neither is quoted. The weights are those under which the answers of
`benchmarks.weighing` are likeliest; the half of the questions that is held out had no part in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from l2c.retrieval.expectation import Expectation, counts, expectation
from l2c.retrieval.retriever import Found, Question
from l2c.retrieval.splitter import is_heading_line, sentences
from l2c.retrieval.terms import Term, alike, terms
from l2c.store.passages import PassageRow

REFERS_BACK = re.compile(r"(?:It|They|This|These|That|Those|He|She|Both|Es|Sie|Er|Dies\w*)\b")
LEAST_SAID = 0.21
"""A sentence that says less of what is asked hardly answers, whatever stands around it."""

FAR = 10
"""Words behind which what has the form that is asked for is no nearer to what is asked."""

NEAR = 3
"""Words within which two neighbours of a question are neighbours in a sentence, too."""

_GERMAN = re.compile(
    r"\b(?:der|das|dem|ein|eine[mnrs]?|ist|sind|wer|wie|wann|warum|wohin|welche[mnrs]?|ich|wir|und|für|"
    r"kann|darf|muss|gibt|habe)\b",
    re.IGNORECASE,
)

WEIGHTS: Mapping[str, float] = {
    "rank": 3.44,
    "inside": 2.54,
    "over": 1.80,
    "phrase": 1.53,
    "linked": 1.52,
    "met": 1.10,
    "formless": 0.88,
    "answering": 0.71,
    "asking": -0.28,
    "lost": -0.35,
    "apart": -0.38,
    "silent": -1.28,
    "before": -1.83,
    "heading": -2.00,
    "unnamed": -2.37,
    "unlikely": -2.39,
    "near": -3.10,
    "always": -3.71,
    "missing": -4.64,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Characters `start` to `end` of a passage, and the signs that it answers a question."""

    row: PassageRow
    start: int
    end: int
    signs: Mapping[str, float]

    @property
    def score(self) -> float:
        """What its signs weigh together; silence has 0."""
        return sum(WEIGHTS[sign] * value for sign, value in self.signs.items())


def candidates(question: Question, found: Sequence[Found]) -> list[Candidate]:
    """Every sentence of the passages found for a question."""
    if not question.terms:
        return []
    highest = max((place.score for place in found), default=0.0) or 1.0
    wanted = expectation(question.text)
    return [
        one
        for place in found
        for one in _of(question, wanted, place.passage, place.score / highest)
    ]


def chances(rivals: Sequence[Candidate]) -> list[float]:
    """How likely each candidate is the answer; what is missing to 1 is that there is none."""
    scores = [one.score for one in rivals]
    highest = max([0.0, *scores])
    powers = [math.exp(score - highest) for score in scores]
    whole = sum(powers) + math.exp(-highest)
    return [power / whole for power in powers]


def _of(
    question: Question, wanted: Expectation | None, row: PassageRow, rank: float
) -> Iterator[Candidate]:
    """The sentences of one passage."""
    spans = list(sentences(row.text))
    found = [terms(row.text[start:end]) for start, end in spans]
    said = [[term.stem for term in one] for one in found]
    over = [term.stem for term in terms(row.context)]
    everywhere = [stem for one in said for stem in one]
    for index, (start, end) in enumerate(spans):
        sentence = row.text[start:end]
        before = said[index - 1] if index else []
        asked = index > 0 and row.text[spans[index - 1][0] : spans[index - 1][1]].endswith("?")
        back = index > 0 and REFERS_BACK.match(sentence) is not None
        heading = _announces(row, start, end) or _is_header(sentence, said[index], over)
        forms = list(wanted.places(sentence, question.text)) if wanted and not heading else []
        met = bool(forms)
        if wanted is not None and wanted.sure and not met and not _is_cells(sentence, question):
            continue
        granted = question.framing if met and wanted and wanted.telling else frozenset[str]()
        places = {
            "inside": said[index],
            "over": over,
            "linked" if asked or back else "before": before,
            "near": everywhere,
        }
        signs = _covered(question, places, granted)
        signs |= _formed(wanted, sentence, met=met)
        if met:
            signs["apart"] = _apart(question, found[index], forms)
        signs |= {
            "rank": rank,
            "phrase": _phrases(question, said[index]),
            "asking": float(sentence.endswith("?")),
            "heading": float(heading),
            "answering": float(asked),
            "silent": float(not asked and signs["inside"] < LEAST_SAID),
            "always": 1.0,
        }
        yield Candidate(row, start, end, signs)


def _covered(
    question: Question, places: Mapping[str, Sequence[str]], granted: frozenset[str]
) -> dict[str, float]:
    """Where what is asked is said: the share of each place, the best of a word's counting."""
    shares = dict.fromkeys(["inside", "over", "linked", "before", "near", "missing"], 0.0)
    total = max(question.total, 1e-9)
    heaviest = max(question.weights.values(), default=0.0)
    named = lost = 0.0
    for term in question.terms:
        share = question.weights[term.stem] / total
        found = {
            place: 1.0 if place == "inside" and term.stem in granted else _said(term.stem, stems)
            for place, stems in places.items()
        }
        place = next((place for place, quality in found.items() if quality), "missing")
        quality = found.get(place, 1.0)
        shares[place] += share * quality
        shares["missing"] += share * (1.0 - quality)
        if place == "missing":
            named += _names(term, question)
            lost = max(lost, float(question.weights[term.stem] == heaviest))
    return shares | {"unnamed": min(named, 2.0), "lost": lost}


def _said(stem: str, among: Sequence[str]) -> float:
    return max((alike(stem, other) for other in among), default=0.0)


def _names(term: Term, question: Question) -> bool:
    """Whether a word is a name or a number; in German every noun is written like a name."""
    if any(c.isdigit() for c in term.word):
        return True
    return term.word[:1].isupper() and term.start > 0 and not _GERMAN.search(question.text)


def _formed(wanted: Expectation | None, sentence: str, *, met: bool) -> dict[str, float]:
    """Whether it has the form that is asked for; of a row of a table that cannot be told."""
    if wanted is None:
        return {"formless": 1.0}
    if "\t" in sentence:
        return {}
    if met:
        return {"met": 1.0}
    return {"unlikely": 1.0}


def _apart(question: Question, found: Sequence[Term], forms: Sequence[tuple[int, int]]) -> float:
    """How far what has the form stands from what was asked, from 0 beside it to 1."""
    asked = [
        number
        for number, one in enumerate(found)
        if any(alike(term.stem, one.stem) for term in question.terms)
    ]
    if not asked:
        return 1.0
    there = [
        number
        for number, one in enumerate(found)
        if any(start < one.end and one.start < end for start, end in forms)
    ]
    near = min((abs(i - j) for i in asked for j in there), default=FAR)
    return min(near, FAR) / FAR


def _phrases(question: Question, said: Sequence[str]) -> float:
    """How many neighbours among the question's words are neighbours in the sentence."""
    stems = [term.stem for term in sorted(question.terms, key=lambda term: term.start)]
    pairs = list(pairwise(stems))
    places = {stem: [i for i, one in enumerate(said) if alike(stem, one)] for stem in stems}
    near = sum(
        any(0 < abs(i - j) <= NEAR for i in places[one] for j in places[other])
        for one, other in pairs
    )
    return near / max(len(pairs), 1)


def _announces(row: PassageRow, start: int, end: int) -> bool:
    """Whether a sentence is a heading or the beginning of a letter, and says nothing itself."""
    if row.text[:end].endswith("?"):
        return False
    alone = row.text[end : end + 2] in ("", "\n\n") and row.text[:start][-2:] in ("", "\n\n")
    line = row.text[start:end]
    return alone and (
        is_heading_line(line, title=row.place.page == 1 and start == 0) or line.endswith(",")
    )


def _is_header(sentence: str, said: Sequence[str], over: Sequence[str]) -> bool:
    """Whether a row of a table is that of its columns' names, which stand over all of its rows."""
    return "\t" in sentence and set(said) <= set(over)


def _is_cells(sentence: str, question: Question) -> bool:
    """Whether it is a row of a table, whose columns' names may say what its cells do not."""
    return "\t" in sentence and not counts(question.text)
