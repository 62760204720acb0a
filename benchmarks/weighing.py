"""Fits the weights of `l2c.retrieval.evidence`: what speaks for a sentence as an answer.

    python -m benchmarks.weighing

Asks the questions that may be tuned on (the tuned half of `benchmarks.grounding`,
`more_questions.txt`, and those to the documents of `library/further`), takes every candidate with
its signs, and finds the weights under which the right ones, or silence where there is none, are
likeliest, less a penalty on their squares. The half that is held out is not asked. Printed are the
weights, and what they make of questions they were not fitted on: five folds, cut by document, so
that no fold knows another's words.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks import bindery, grounding
from benchmarks.bindery import Asked
from l2c.retrieval import answer, evidence
from l2c.retrieval.retriever import Retriever

FOLDS, STEPS, RATE = 5, 1500, 0.02
PENALTY = 0.0005
"""On the squared weights, for each question."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A question's candidates: signs (N, S), which answer it rightly (N,), and their pages."""

    asked: Asked
    signs: np.ndarray
    right: np.ndarray
    pages: tuple[tuple[str, int], ...]


def main() -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    names, choices = gathered()
    folds = np.array([_fold(choice.asked) for choice in choices])
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7):
        counted = [0, 0, 0]
        for fold in range(FOLDS):
            weights = fitted([c for c, f in zip(choices, folds, strict=True) if f != fold])
            for choice, other in zip(choices, folds, strict=True):
                if other == fold:
                    counted = [
                        a + b
                        for a, b in zip(counted, _judged(choice, weights, threshold), strict=True)
                    ]
        print(threshold, "right, refused, wrong page:", counted, "of", len(choices))
    for name, weight in zip(names, fitted(choices), strict=True):
        print(f'    "{name}": {weight:.2f},')


def gathered() -> tuple[list[str], list[Choice]]:
    """Every question that may be tuned on, with its candidates; the names of the signs."""
    documents = bindery.library()
    asked = [q for one in documents for q in one.questions if not grounding.is_held_out(q)]
    further = bindery.library(bindery.FURTHER)
    found = [
        *_asked(documents, [*asked, *bindery.more_questions()]),
        *_asked(further, [q for one in further for q in one.questions]),
    ]
    names = list(dict.fromkeys(sign for _, rivals in found for r in rivals for sign in r.signs))
    return names, [_choice(one, rivals, names) for one, rivals in found]


def _asked(
    documents: Sequence[bindery.Written], questions: Sequence[Asked]
) -> list[tuple[Asked, list[evidence.Candidate]]]:
    """The candidates for each question to the documents, but for those a table computes."""
    with grounding.shelved(documents, None) as (_, passages):
        retriever = Retriever(passages, None)
        found = []
        for one in questions:
            if not one.answers or one.page is not None:
                question = retriever.understand(one.question)
                places = retriever.find(question, among=None, limit=answer.CONSIDERED)
                found.append((one, evidence.candidates(question, places)))
    return found


def _choice(asked: Asked, rivals: Sequence[evidence.Candidate], names: Sequence[str]) -> Choice:
    signs = np.array([[one.signs.get(name, 0.0) for name in names] for one in rivals])
    return Choice(
        asked,
        signs.reshape(len(rivals), len(names)),
        np.array([grounding.is_right(asked, answer.quoted(one)) for one in rivals], bool),
        tuple((one.row.document_id, one.row.place.page) for one in rivals),
    )


def fitted(choices: Sequence[Choice]) -> np.ndarray:
    """The weights (S,) under which the right choices are likeliest, by gradient ascent (Adam)."""
    choices = [choice for choice in choices if len(choice.signs)]
    signs = np.concatenate([choice.signs for choice in choices])  # (all candidates, S)
    right = np.concatenate([choice.right for choice in choices])
    number = [len(choice.signs) for choice in choices]
    first_of = np.cumsum([0, *number[:-1]])
    answered = np.repeat([choice.right.any() for choice in choices], number)
    weights = np.zeros(signs.shape[1])
    mean, spread = np.zeros_like(weights), np.zeros_like(weights)
    for _ in range(STEPS):
        powers = np.exp(np.minimum(signs @ weights, 50.0))
        wholes = np.repeat(np.add.reduceat(powers, first_of) + 1.0, number)
        wanted = np.where(right, powers, 0.0)
        among = np.repeat(np.add.reduceat(wanted, first_of), number)
        wanted = np.divide(wanted, among, out=np.zeros_like(wanted), where=answered)
        gradient = (wanted - powers / wholes) @ signs / len(choices) - 2 * PENALTY * weights
        mean += 0.1 * (gradient - mean)
        spread += 0.01 * (gradient**2 - spread)
        weights += RATE * mean / (np.sqrt(spread) + 1e-6)
    return weights


def _chances(choice: Choice, weights: np.ndarray) -> np.ndarray:
    """How likely each candidate is the answer, (N,); silence has the rest."""
    scores = choice.signs @ weights
    highest = max(0.0, float(scores.max(initial=0.0)))
    powers = np.exp(scores - highest)
    chances: np.ndarray = powers / (powers.sum() + np.exp(-highest))
    return chances


def _judged(choice: Choice, weights: np.ndarray, threshold: float) -> tuple[int, int, int]:
    """Whether it is answered rightly, refused rightly, and answered from a wrong page."""
    answerable = bool(choice.asked.answers)
    if not len(choice.signs):
        return 0, int(not answerable), 0
    chances = _chances(choice, weights)
    best = int(chances.argmax())
    there = np.array([page == choice.pages[best] for page in choice.pages])
    if chances[there].sum() < threshold:
        return 0, int(not answerable), 0
    placed = bool(choice.right[there].any())
    return int(choice.right[best]), 0, int(not placed)


def _fold(asked: Asked) -> int:
    name = asked.document or asked.question
    return hashlib.sha256(name.encode()).digest()[0] % FOLDS


if __name__ == "__main__":
    main()
