"""When a starter had better decline: fitted once, where it is made.

`python -m l2c.learning.calibration` fits the records of the shipped starters again, which takes no
training and ends `make starter`.

Four kinds of messages are put to the new model: requests no small model can serve and openers it
should answer, both written blind to the corpus (`l2c.learning.questions`, the calibration halves
alone), and the user's turns of the corpus's held-out conversations, in their context, with the
answers that decline on one side and all others on the other. The logistic regression of
`l2c.engines.doubt` is fitted to their evidence, and the threshold is the lowest one at which almost
no opener is declined. Nothing of the examination is read.

The figures are rounded, so that the last bits of a linear algebra library do not show.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from l2c import corpus, starter
from l2c.conversation import Message, Role
from l2c.corpus.wordings import read_wordings
from l2c.engines import checkpoint
from l2c.engines.doubt import Doubt, Evidence, words_of
from l2c.engines.model import LanguageModel
from l2c.learning.practice import practice
from l2c.learning.questions import covered_calibration, uncovered

if TYPE_CHECKING:
    from jaxtyping import Float64

MOST_DECLINED = 0.01
"""The share of covered openers that may be declined."""

GENERATED = 20_000
"""Generated conversations whose words count as known, when they come often enough."""

SEEN_OFTEN = 5
"""Times a generated word must come; a made-up name hardly ever does."""

RIDGE = 1.0
"""How strongly weights are drawn to 0, in units of one example."""

STEPS = 50
DIGITS = 4

Case = tuple[Sequence[Message], bool]
"""What was said, and whether declining is right."""


SHIPPED = ((starter.PATH, starter.DOUBT), (starter.LLAMA_PATH, starter.LLAMA_DOUBT))
"""Every starter that declines, and its record."""


def main(shipped: Sequence[tuple[Path, Path]] = SHIPPED) -> int:
    """Fit the records of these starters again; the exit code says whether all came out the same."""
    changed = False
    for path, file in shipped:
        model, digest = checkpoint.load(path), checkpoint.digest_of(path.read_bytes())
        fitted = calibrate(model, digest).to_json()
        same = file.exists() and file.read_text(encoding="utf-8") == fitted
        if not same:
            file.write_text(fitted, encoding="utf-8")
        print(f"{file.name} is {'the recorded one' if same else 'NOT the recorded one'}.")
        changed |= not same
    return int(changed)


def calibrate(model: LanguageModel, digest: str) -> Doubt:
    """The record of doubt for the starter of this digest."""
    blank = Doubt(
        starter=digest,
        words=_known_words(),
        declines=declining_answers(),
        weights=(0.0,) * len(fields(Evidence)),
        bias=0.0,
        threshold=0.5,
    )
    own = [*_blind(uncovered("calibration"), True), *_blind(covered_calibration(), False)]
    cases = [*own, *_held_out(blank.declines)]
    seen = np.stack([_evidence(blank, model, said).vector() for said, _ in cases])
    right = np.array([float(declined) for _, declined in cases])
    weights, bias = fit(seen, right)
    fitted = Doubt(
        blank.starter, blank.words, blank.declines, tuple(weights.round(DIGITS).tolist()),
        round(bias, DIGITS), 0.5,
    )  # fmt: skip
    openers = [
        fitted.probability(Evidence(*figures))
        for figures, (_, declined) in zip(seen[: len(own)].tolist(), own, strict=True)
        if not declined
    ]
    return Doubt(
        fitted.starter, fitted.words, fitted.declines, fitted.weights, fitted.bias,
        _threshold(openers),
    )  # fmt: skip


def _evidence(doubt: Doubt, model: LanguageModel, said: Sequence[Message]) -> Evidence:
    similarity = practice().nearest(said[-1].text).similarity
    return doubt.evidence(model, said, similarity=similarity)


def declining_answers() -> tuple[str, ...]:
    """The first sentences with which `le` says, in the corpus, that something is beyond it."""
    answers = (le.partition("{")[0].strip() for reply in read_wordings().beyond for le in reply.le)
    return tuple(sorted({answer[: (answer + ".").index(".") + 1] for answer in answers}))


def fit(
    seen: Float64[np.ndarray, "N F"], right: Float64[np.ndarray, " N"]
) -> tuple[Float64[np.ndarray, " F"], float]:
    """Weights and bias of the logistic regression, by Newton's method.

    Both sides weigh the same, however many examples they have.
    """
    inputs = np.hstack([seen, np.ones((len(seen), 1))])
    balance = np.where(right > 0, 0.5 / right.mean(), 0.5 / (1 - right.mean()))
    ridge = RIDGE * np.eye(inputs.shape[1])
    ridge[-1, -1] = 0.0
    weights = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (balance * (p - right)) + ridge @ weights
        curvature = (inputs * (balance * p * (1 - p))[:, None]).T @ inputs + ridge
        weights = weights - np.linalg.solve(curvature, slope)
    return weights[:-1], float(weights[-1])


def _threshold(openers: Sequence[float]) -> float:
    """The lowest threshold that declines no more of the openers than may be."""
    allowed = int(MOST_DECLINED * len(openers))
    return round(sorted(openers, reverse=True)[allowed] + 0.1**DIGITS, DIGITS)


def _blind(texts: Sequence[str], declined: bool) -> Iterator[Case]:
    for text in texts:
        yield [Message(Role.USER, text)], declined


def _held_out(declines: tuple[str, ...]) -> Iterator[Case]:
    """Every user's turn of the held-out conversations, after what was said before it."""
    for conversation in corpus.held_out():
        for at in range(0, len(conversation) - 1, 2):
            answer = conversation[at + 1].text
            yield conversation[: at + 1], answer.startswith(declines)


def _known_words() -> frozenset[str]:
    """Every word of the handwritten conversations, and those the generator says often."""
    written = {
        word
        for conversation in corpus.handwritten()
        for message in conversation
        for word in words_of(message.text)
    }
    said = Counter(
        word
        for conversation in corpus.generated(0, GENERATED)
        for message in conversation
        for word in words_of(message.text)
    )
    return frozenset(written | {word for word, times in said.items() if times >= SEEN_OFTEN})


if __name__ == "__main__":
    sys.exit(main())
