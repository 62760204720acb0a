"""Answers in the words of the documents: the best sentence, quoted, or an honest "not in there".

No model is asked. Every sentence of the passages that were found is weighed: how much of what the
question asks for is said in it, by their rarity; in the sentences around it; in what stands over
it. A sentence that lacks the kind of thing asked for (`l2c.retrieval.expectation`), or a name or
number the question names, is held back. If the best sentence weighs too little, the answer is that
it is not in the documents. The weights and the threshold were set on one half of the questions of
`benchmarks.grounding`, and on more written for it; the other half only counts.

Questions that count, list or compare are answered over tables by `l2c.retrieval.computation`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from l2c.conversation import Origin
from l2c.retrieval import computation
from l2c.retrieval.expectation import Expectation, expectation
from l2c.retrieval.retriever import Found, Question, Retriever
from l2c.retrieval.splitter import is_heading_line, sentences
from l2c.retrieval.terms import Term, alike, terms
from l2c.store.passages import PassageRow, Passages

DECLINED = "That is not in your documents."
THRESHOLD = 0.6
"""Below this weight a sentence is no answer."""

CONSIDERED = 10
QUOTE_CHARACTERS = 400
IN_CONTEXT, BEFORE, NEARBY = 0.92, 0.6, 0.35
"""What a word weighs that stands over the sentence, in the one before, or near it."""

AFTER_A_QUESTION = 0.95
MET, MET_RARE, UNMET, UNLIKELY = 0.12, 0.24, -0.7, -0.2
UNNAMED, HEADING, ASKING, SILENT = -0.44, -0.4, -0.3, -0.54
MISSING = -0.78
"""What a question's word takes, by its share, that is nowhere near the sentence."""

SAID = 0.15
"""Extra weight of what is said in the sentence itself; an answer repeats what it answers."""

LEAST_SAID = 0.21
"""A sentence that says less of what is asked is no answer, whatever stands around it."""

REFERS_BACK = re.compile(r"(?:It|They|This|These|That|Those|He|She|Both|Es|Sie|Er|Dies\w*)\b")


@dataclass(frozen=True, slots=True)
class Quote:
    """Characters `start` to `end` of a page of a document; `text` has its line breaks as spaces."""

    document_id: str
    name: str
    page: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Considered:
    """A passage that was looked at, and its score."""

    quote: Quote
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and what it rests on. `confidence` is 0 to 1; `origin` says how it was made."""

    question: str
    origin: Origin
    text: str
    quotes: tuple[Quote, ...]
    confidence: float
    considered: tuple[Considered, ...]


@dataclass(frozen=True, slots=True)
class _Weighed:
    row: PassageRow
    start: int
    end: int
    weight: float


def answer(
    text: str, *, retriever: Retriever, passages: Passages, among: Sequence[str] | None = None
) -> Answer:
    """The answer to a question from the documents `among`, or from all of them."""
    question = retriever.understand(text)
    found = retriever.find(question, among=among, limit=CONSIDERED)
    considered = tuple(Considered(_whole(one.passage), round(one.score, 4)) for one in found)
    computed = computation.compute(question, passages.tables(among))
    best = _best(question, found)
    if computed is not None and not _is_better(best, computed.certainty):
        quotes = tuple(
            Quote(row.document_id, row.name, row.page, row.start, row.end, row.text)
            for row in computed.rows
        )
        origin = Origin.COMPUTED
        confidence = min(computed.certainty, 1.0)
        return Answer(text, origin, computed.text, quotes, confidence, considered)
    if best is None or best.weight < THRESHOLD:
        confidence = 0.0 if best is None else _confidence(best.weight)
        return Answer(text, Origin.DECLINED, DECLINED, (), confidence, considered)
    quote = _quote(best)
    said = f"“{quote.text}”\n— {quote.name}, page {quote.page}"
    return Answer(text, Origin.QUOTED, said, (quote,), _confidence(best.weight), considered)


def _best(question: Question, found: Sequence[Found]) -> _Weighed | None:
    weighed = [one for place in found for one in _weigh(question, place.passage)]
    return max(weighed, key=lambda one: one.weight, default=None)


def _weigh(question: Question, row: PassageRow) -> list[_Weighed]:
    """Every sentence of a passage with its weight for the question."""
    if not question.terms:
        return []
    wanted = expectation(question.text)
    spans = list(sentences(row.text))
    said = [[term.stem for term in terms(row.text[start:end])] for start, end in spans]
    over = [term.stem for term in terms(row.context)]
    everywhere = [stem for one in said for stem in one]
    weighed = []
    for index, (start, end) in enumerate(spans):
        before = said[index - 1] if index else []
        asked = index > 0 and row.text[spans[index - 1][0] : spans[index - 1][1]].endswith("?")
        around = (
            (said[index], 1.0),
            (over, IN_CONTEXT),
            (before, AFTER_A_QUESTION if asked else BEFORE),
            (everywhere, NEARBY),
        )
        met = wanted is not None and wanted.met_by(row.text[start:end], question.text)
        granted = question.framing if met and wanted and wanted.telling else frozenset[str]()
        inside = _coverage(question, around[:1], granted)
        weight = _coverage(question, around, granted) + SAID * inside
        weight += _form(wanted, row, start, end, met=met)
        weight += _missing(question, around, granted)
        if not asked and inside < LEAST_SAID:
            weight += SILENT
        weighed.append(_Weighed(row, start, end, weight))
    return weighed


def _coverage(
    question: Question, around: Sequence[tuple[Sequence[str], float]], granted: frozenset[str]
) -> float:
    """How much of what is asked for is said, or `granted`: 0 to 1."""
    covered = sum(
        weight * (1.0 if stem in granted else _said(stem, around))
        for stem, weight in question.weights.items()
    )
    return covered / max(question.total, 1e-9)


def _said(stem: str, around: Sequence[tuple[Sequence[str], float]]) -> float:
    return max(
        (counts * alike(stem, other) for stems, counts in around for other in stems), default=0.0
    )


def _form(wanted: Expectation | None, row: PassageRow, start: int, end: int, *, met: bool) -> float:
    """What the form of a sentence adds or takes: headings and questions answer nothing."""
    sentence = row.text[start:end]
    weight = 0.0
    if sentence.endswith("?"):
        weight += ASKING
    elif _announces(row, start, end):
        weight += HEADING
    if wanted is None or "\t" in sentence:
        return weight
    if met:
        return weight + (MET_RARE if wanted.rare else MET)
    return weight + (UNMET if wanted.sure else UNLIKELY)


def _announces(row: PassageRow, start: int, end: int) -> bool:
    """Whether a sentence is a heading or the beginning of a letter, and says nothing itself."""
    alone = row.text[end : end + 2] in ("", "\n\n") and row.text[:start][-2:] in ("", "\n\n")
    line = row.text[start:end]
    return alone and (
        is_heading_line(line, title=row.place.page == 1 and start == 0) or line.endswith(",")
    )


def _missing(
    question: Question, around: Sequence[tuple[Sequence[str], float]], granted: frozenset[str]
) -> float:
    """What it takes that words of the question, names and numbers above all, are not near."""
    absent = [
        term
        for term in question.terms
        if term.stem not in granted and _said(term.stem, around) == 0.0
    ]
    share = sum(question.weights[term.stem] for term in absent) / max(question.total, 1e-9)
    return MISSING * share + UNNAMED * sum(map(_names, absent))


def _names(term: Term) -> bool:
    return any(c.isdigit() for c in term.word) or (term.word[:1].isupper() and term.start > 0)


def _is_better(best: _Weighed | None, certainty: float) -> bool:
    """Whether a sentence answers better than a table does; a row of a table never does."""
    if best is None or "\t" in best.row.text[best.start : best.end]:
        return False
    return best.weight > certainty


def _quote(best: _Weighed) -> Quote:
    """The sentence; with the one before when it refers back, with the list it announces."""
    row, spans = best.row, list(sentences(best.row.text))
    index = spans.index((best.start, best.end))
    start, end = spans[index]
    if index and REFERS_BACK.match(row.text[start:]):
        start = spans[index - 1][0]
    if row.text[start:end].endswith(":"):
        for _, last in spans[index + 1 :]:
            if last - start <= QUOTE_CHARACTERS:
                end = last
    return _place(row, start, min(end, start + max(QUOTE_CHARACTERS, best.end - best.start)))


def _place(row: PassageRow, start: int, end: int) -> Quote:
    text = " ".join(row.text[start:end].replace("\t", " | ").split())
    at = row.place
    return Quote(row.document_id, row.name, at.page, at.start + start, at.start + end, text)


def _whole(row: PassageRow) -> Quote:
    return _place(row, 0, len(row.text))


def _confidence(weight: float) -> float:
    """The weight of a sentence as a number from 0 to 1, a half at the threshold."""
    return round(min(max(0.5 + (weight - THRESHOLD), 0.0), 1.0), 2)
