"""Finding the passages that may answer a question: by words always, by meaning where possible.

By words: BM25 (S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework", 2009), with
the statistics of one user's passages. The store's index proposes candidates; what decides is
computed here, because a word of the context (heading, name of the document) counts less than one
of the passage, and because a synonym counts less than the word itself. By meaning: the cosine of
sentence vectors. The two orders are fused by reciprocal rank (G. Cormack et al., 2009), which
needs no common scale.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from l2c.retrieval.embedding import Embedding
from l2c.retrieval.terms import (
    Term,
    akin,
    forms,
    is_light,
    related,
    roots,
    synonyms,
    telling,
    terms,
)
from l2c.store.passages import PassageRow, Passages

CANDIDATES = 80
K1, B = 1.2, 0.6
CONTEXT_WEIGHT = 0.6
"""What a word in the context counts, against one in the passage itself."""

RANK_CONSTANT = 30
"""The k of reciprocal rank fusion: the larger, the less the very first places matter."""


OTHERS = 60
"""Passages that are thought to be there besides: in a few, no word would be rare or common."""

FRAMING = 0.5
"""What `long` counts in "how long", which says what kind of answer is wanted."""

_FRAME = re.compile(
    r"\b(?:how|wie)\s+\w+|\bnumber\s+of\b|\b(?:what|which|welche\w*)\s+(?:kind|sort|time|date|day|year|number|amount|"
    r"percentage|town|city|country|place|colour|color)\b",
    re.IGNORECASE,
)
_ACTS = re.compile(
    r"\b(?:i|you|we|they|one|ich|wir|man)\s+(?:\w+ly\s+|also\s+)?(\w+)", re.IGNORECASE
)
"""What somebody does: where a text says it of nobody, it uses another verb as easily."""

LIGHT = 0.4
"""What a word counts that goes with almost any question, such as `need` or `new`."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the terms that carry its meaning, and how rare each is, in nats."""

    text: str
    terms: tuple[Term, ...]
    weights: Mapping[str, float]
    framing: frozenset[str] = frozenset()
    """Those of the terms that say what kind of answer is wanted, as `long` in "how long"."""

    absent: frozenset[str] = frozenset()
    """Those that no passage has, nor a word that means the same."""

    @property
    def total(self) -> float:
        """The weight of everything that is asked for."""
        return sum(self.weights.values())


@dataclass(frozen=True, slots=True)
class Found:
    """A passage and its score; larger is better, and scores of two questions do not compare."""

    passage: PassageRow
    score: float


class Retriever:
    """Finds passages of one user."""

    def __init__(self, passages: Passages, embedding: Embedding | None) -> None:
        self._passages = passages
        self._embedding = embedding

    def understand(self, question: str) -> Question:
        """The question's terms with their weights among the user's passages."""
        asked = tuple({term.stem: term for term in telling(terms(question))}.values())
        counts = self._passages.count(term.stem for term in asked)
        others = {stem: _same(stem) for stem, count in counts.items() if not count}
        instead = self._passages.count(one for group in others.values() for one in group)
        counts |= {
            stem: max((instead[one] for one in group), default=0) for stem, group in others.items()
        }
        number, _ = self._passages.size()
        framing = frozenset(
            term.stem for found in _FRAME.finditer(question) for term in terms(found[0])
        )
        light = {term.stem for found in _ACTS.finditer(question) for term in terms(found[1])}
        weights = {
            stem: _rarity(count, number)
            * (FRAMING if stem in framing else LIGHT if stem in light or is_light(stem) else 1.0)
            for stem, count in counts.items()
        }
        absent = frozenset(stem for stem, count in counts.items() if not count)
        return Question(question, asked, weights, framing, absent)

    def find(self, question: Question, *, among: Sequence[str] | None, limit: int) -> list[Found]:
        """The passages that may answer, best first; `among` names the documents to look in."""
        stems = [term.stem for term in question.terms]
        same = [one for stem in stems for one in _same(stem)]
        near = [one for stem in stems if stem in question.absent for one in sorted(related(stem))]
        wanted = dict.fromkeys([*stems, *same, *near])
        rows = self._passages.find(list(wanted), among=among, limit=CANDIDATES)
        by_words = self._by_words(question, rows)
        if self._embedding is None:
            return by_words[:limit]
        return self._fused(question, by_words, among=among)[:limit]

    def _by_words(self, question: Question, rows: Sequence[PassageRow]) -> list[Found]:
        _, mean_words = self._passages.size()
        found = [Found(row, _bm25(question, row, mean_words)) for row in rows]
        return sorted(found, key=lambda one: (-one.score, one.passage.seq))

    def _fused(
        self, question: Question, by_words: Sequence[Found], *, among: Sequence[str] | None
    ) -> list[Found]:
        """Both orders as one: a passage scores by its places in them."""
        assert self._embedding is not None
        stored = self._passages.vectors(self._embedding.name, among=among)
        if not stored:
            return list(by_words)
        matrix = np.frombuffer(b"".join(vector for _, vector in stored), "<f4")
        (asked,) = self._embedding.embed([question.text])
        nearness = matrix.reshape(len(stored), -1) @ asked
        nearest = np.argsort(-nearness, kind="stable")[:CANDIDATES]
        orders = [
            [one.passage.seq for one in by_words],
            [stored[index][0] for index in nearest],
        ]
        scores: dict[int, float] = {}
        for order in orders:
            for place, seq in enumerate(order, 1):
                scores[seq] = scores.get(seq, 0.0) + 1 / (RANK_CONSTANT + place)
        known = {one.passage.seq: one.passage for one in by_words}
        missing = [seq for seq in scores if seq not in known]
        known |= {row.seq: row for row in self._passages.passages(missing)}
        found = [Found(known[seq], score) for seq, score in scores.items() if seq in known]
        return sorted(found, key=lambda one: (-one.score, one.passage.seq))


def _same(stem: str) -> list[str]:
    """Other beginnings of words by which a term is looked for: its root, forms and synonyms."""
    return [*roots(stem), *sorted(forms(stem) | synonyms(stem))]


def _rarity(count: int, number: int) -> float:
    """The weight of a word that is in `count` of `number` passages, among `OTHERS` without it."""
    return math.log(1 + (OTHERS + number - count + 0.5) / (count + 0.5))


def _bm25(question: Question, row: PassageRow, mean_words: float) -> float:
    inside, around = _stems(row.text), _stems(row.context)
    saturation = K1 * (1 - B + B * row.words / mean_words)
    score = 0.0
    for stem, weight in question.weights.items():
        frequency = sum(akin(stem, other) * times for other, times in inside.items())
        frequency += CONTEXT_WEIGHT * max((akin(stem, other) for other in around), default=0.0)
        score += weight * frequency * (K1 + 1) / (frequency + saturation)
    return score


def _stems(text: str) -> dict[str, int]:
    counted: dict[str, int] = {}
    for term in terms(text):
        counted[term.stem] = counted.get(term.stem, 0) + 1
    return counted
