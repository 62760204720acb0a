"""Answers in the words of the documents: the best sentence, quoted, or an honest "not in there".

No model is asked. Every sentence of the passages that were found has a chance of being the answer
(`l2c.retrieval.evidence`). The likeliest is quoted if the answer is likely enough to stand on its
page; if none is, or if two pages are about as likely, it is said that it is not in the documents.

Questions that count, list or compare are answered over tables by `l2c.retrieval.computation`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from l2c.conversation import Origin
from l2c.retrieval import computation, evidence
from l2c.retrieval.evidence import REFERS_BACK, Candidate
from l2c.retrieval.retriever import Found, Question, Retriever
from l2c.retrieval.splitter import sentences
from l2c.store.passages import PassageRow, Passages

DECLINED = "That is not in your documents."
THRESHOLD = 0.65
"""How likely a sentence must be the answer to be quoted."""

CONSIDERED = 10
QUOTE_CHARACTERS = 400
ENUMERATES = re.compile(r"\s+(?:First(?:ly)?|Zuerst|Erstens)\b,?\s")
"""What begins a list in words: the sentence before it announced one."""


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


def answer(
    text: str, *, retriever: Retriever, passages: Passages, among: Sequence[str] | None = None
) -> Answer:
    """The answer to a question from the documents `among`, or from all of them."""
    question = retriever.understand(text)
    found = retriever.find(question, among=among, limit=CONSIDERED)
    considered = tuple(Considered(_whole(one.passage), round(one.score, 4)) for one in found)
    computed = computation.compute(question, passages.tables(among))
    best, chance = _best(question, found)
    if computed is not None and not _is_better(best, chance, computed.certainty):
        quotes = tuple(
            Quote(row.document_id, row.name, row.page, row.start, row.end, row.text)
            for row in computed.rows
        )
        origin = Origin.COMPUTED
        confidence = min(computed.certainty, 1.0)
        return Answer(text, origin, computed.text, quotes, confidence, considered)
    if best is None or chance < THRESHOLD:
        return Answer(text, Origin.DECLINED, DECLINED, (), round(chance, 2), considered)
    quote = quoted(best)
    said = f"“{quote.text}”\n— {quote.name}, page {quote.page}"
    return Answer(text, Origin.QUOTED, said, (quote,), round(chance, 2), considered)


def _best(question: Question, found: Sequence[Found]) -> tuple[Candidate | None, float]:
    """The likeliest sentence, and how likely the answer is on its page."""
    rivals = evidence.candidates(question, found)
    chances = evidence.chances(rivals)
    if not rivals:
        return None, 0.0
    best = max(range(len(rivals)), key=chances.__getitem__)
    chosen = rivals[best]
    return chosen, sum(
        chance for one, chance in zip(rivals, chances, strict=True) if _same_page(one, chosen)
    )


def _same_page(one: Candidate, other: Candidate) -> bool:
    there, here = (one.row.document_id, one.row.place.page), other.row
    return there == (here.document_id, here.place.page)


def _is_better(best: Candidate | None, chance: float, certainty: float) -> bool:
    """Whether a sentence answers better than a table does; a row of a table never does."""
    if best is None or "\t" in best.row.text[best.start : best.end]:
        return False
    return chance > certainty


def quoted(best: Candidate) -> Quote:
    """The sentence; with the one before when it refers back, with the list it announces."""
    row, spans = best.row, list(sentences(best.row.text))
    index = spans.index((best.start, best.end))
    start, end = spans[index]
    if index and REFERS_BACK.match(row.text[start:]):
        start = spans[index - 1][0]
    following = row.text[end : spans[index + 1][1]] if index + 1 < len(spans) else ""
    if row.text[start:end].endswith(":") or ENUMERATES.match(following):
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
