"""A document's most telling sentences, in its own words: TextRank over its first pages.

Sentences that share rare words support each other, and the best supported ones are the summary
(R. Mihalcea and P. Tarau, "TextRank: Bringing Order into Texts", 2004). Nothing is written that
does not stand in the document, and every sentence can be opened where it stands.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from l2c.retrieval.splitter import Passage, sentences
from l2c.retrieval.terms import telling, terms
from l2c.store.passages import Place

SENTENCES = 4
CONSIDERED = 400
"""Sentences that stand for election; a long document is judged by its beginning."""

FEWEST_TERMS, MOST_CHARACTERS = 4, 400
DAMPING, ROUNDS = 0.85, 30


def summarize(pages: Sequence[str], passages: Sequence[Passage]) -> list[Place]:
    """Up to four sentences of a document, in its order; rows of tables and headings never."""
    places: list[Place] = []
    bags: list[Counter[str]] = []
    for passage in passages:
        text = pages[passage.page - 1][passage.start : passage.end]
        for start, end in sentences(text):
            words = Counter(term.stem for term in telling(terms(text[start:end])))
            if len(words) >= FEWEST_TERMS and words not in bags and _tells(text[start:end]):
                places.append(Place(passage.page, passage.start + start, passage.start + end))
                bags.append(words)
        if len(places) >= CONSIDERED:
            break
    if not places:
        return []
    support = _rank(_similarity(bags))
    # A beginning is written to tell what a text is about.
    support *= 1 + 0.5 * np.exp(-np.arange(len(places)) / 5)
    best = np.argsort(-support, kind="stable")[:SENTENCES]
    return [places[index] for index in sorted(best)]


def _tells(sentence: str) -> bool:
    """Whether it is a whole sentence, and no row of a table."""
    ended = sentence.rstrip("\"”’')]").endswith((".", "!", "。"))
    return ended and "\t" not in sentence and len(sentence) <= MOST_CHARACTERS


def _similarity(bags: Sequence[Counter[str]]) -> np.ndarray:
    """Cosine of tf-idf, (N, N), zeros on the diagonal."""
    occurs = Counter(word for bag in bags for word in bag)
    column = {word: index for index, word in enumerate(occurs)}
    matrix = np.zeros((len(bags), len(column)), np.float32)
    for row, bag in enumerate(bags):
        for word, count in bag.items():
            matrix[row, column[word]] = count * math.log(1 + len(bags) / occurs[word])
    matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)
    similar = matrix @ matrix.T
    np.fill_diagonal(similar, 0.0)
    return similar


def _rank(similar: np.ndarray) -> np.ndarray:
    """The stationary weights of a walk from sentence to similar sentence."""
    total = similar.sum(axis=1, keepdims=True)
    walk = np.divide(similar, total, out=np.full_like(similar, 1 / len(similar)), where=total > 0)
    weight = np.full(len(similar), 1 / len(similar), np.float32)
    for _ in range(ROUNDS):
        weight = (1 - DAMPING) / len(similar) + DAMPING * (weight @ walk)
    return weight
