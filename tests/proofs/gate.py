"""Proof that the gate tells good from bad: `make proof-gate`.

    python -m tests.proofs.gate --each 100

judges as many candidates of every known bad kind and of good ones, each with documents drawn anew,
all made of the starter that came with the program. Bad: trained on random tokens; on one
sentence, over and over; a matrix negated; a weight that is no number; the vocabulary swapped.
Good: trained on a sentence as a lesson trains. Prints one line of JSON and ends with 1 unless every
bad one is refused and at least 95 of 100 good ones are kept. With `--control` the gate's limits
are lifted, and the proof must fail.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable
from math import inf

import numpy as np

from l2c import corpus, starter
from l2c.engines import checkpoint
from l2c.engines.engine import Batch
from l2c.engines.model import LanguageModel
from l2c.learning import gate
from l2c.learning.examples import Source, from_source
from l2c.learning.gate import Exam, Thresholds
from l2c.learning.lesson import Lesson, Training
from l2c.learning.replay import batches
from l2c.learning.trainer import train
from l2c.store.states import LessonKind

GOOD_AT_LEAST = 0.95
LIFTED = Thresholds(general=inf, old_kept=-inf)
THINGS = ("boat", "mast", "sail", "barn", "bridge", "kite", "loom", "organ", "sledge", "tent")
STUFF = ("larch", "oak", "spruce", "canvas", "copper", "willow", "linen", "ash", "birch", "slate")


def source(chance: random.Random) -> Source:
    """Something somebody tells."""
    thing, one, other = chance.choice(THINGS), *chance.sample(STUFF, 2)
    return Source(f"My {thing} is made of {one} and {other}.", "Good to know.")


def good(model: LanguageModel, told: Source, seed: int) -> LanguageModel:
    """What a lesson makes of it."""
    lesson = Lesson(LessonKind.EXCHANGES, f"{seed:064x}", (told,), ())
    training = Training(lesson, model)
    for _ in training.run():
        pass
    return training.candidate


def random_tokens(model: LanguageModel, _: Source, seed: int) -> LanguageModel:
    """Trained on noise."""
    candidate, rng = model.copy(), np.random.default_rng(seed)
    for _step in range(60):
        tokens = rng.integers(8, candidate.engine.vocab_size, (8, 33)).astype(np.int32)
        weights = np.ones((8, 32), np.float32)
        candidate.engine.train(Batch(tokens, weights, np.ones(8, bool)), rate=1.0)
    return candidate


def one_sentence(model: LanguageModel, told: Source, seed: int) -> LanguageModel:
    """Trained on the sentence and nothing else."""
    candidate = model.copy()
    rows = batches([[from_source(told, candidate.tokenizer)]], steps=150, sequence=48, seed=seed)
    for _ in train(candidate.engine, rows, 150, rate=0.25):
        pass
    return candidate


def negated_matrix(model: LanguageModel, _: Source, seed: int) -> LanguageModel:
    """One matrix with the other sign."""
    tensors = model.engine.tensors(optimizer=False)
    wide = sorted(name for name, tensor in tensors.items() if tensor.ndim == 2)
    tensors[wide[seed % len(wide)]] *= -1
    return remade(model, tensors)


def not_a_number(model: LanguageModel, _: Source, seed: int) -> LanguageModel:
    """A weight that broke."""
    candidate, rng = model.copy(), np.random.default_rng(seed)
    tensors = candidate.engine.tensors(optimizer=False)
    broken = tensors[sorted(tensors)[seed % len(tensors)]]
    broken.flat[rng.integers(broken.size)] = rng.choice([np.nan, np.inf])
    candidate.engine.tensors = lambda *, optimizer=True: tensors  # type: ignore[method-assign]
    return candidate


def swapped_vocabulary(model: LanguageModel, _: Source, seed: int) -> LanguageModel:
    """The output layer's rows in another order."""
    order = np.random.default_rng(seed).permutation(model.engine.vocab_size)
    tensors = model.engine.tensors(optimizer=False)
    for name in tensors:
        if name.startswith("output"):
            tensors[name] = np.ascontiguousarray(tensors[name][order])
    return remade(model, tensors)


def remade(model: LanguageModel, tensors: dict[str, np.ndarray]) -> LanguageModel:
    """The model with other weights."""
    engine = model.engine
    return LanguageModel(type(engine).from_tensors(engine.config, tensors), model.tokenizer)


Candidate = Callable[[LanguageModel, Source, int], LanguageModel]
BAD: tuple[Candidate, ...] = (
    random_tokens,
    one_sentence,
    negated_matrix,
    not_a_number,
    swapped_vocabulary,
)


def kept(
    model: LanguageModel, candidate: Candidate, each: int, thresholds: Thresholds = gate.USUAL
) -> int:
    """How many of `each` candidates of a kind the gate keeps; each is judged on its own exam."""
    general = corpus.held_out()
    count = 0
    for seed in range(each):
        told = source(random.Random(seed))
        exam = Exam((told,), (), gate.draw(general, seed), seed)
        verdict = gate.judge(model, model, candidate(model, told, seed), exam, thresholds)
        count += verdict.kept
    return count


def main() -> int:
    """Prove it, print the figures; 1 when a bad one was kept or too many good ones were not."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=100, help="candidates of every kind")
    parser.add_argument("--control", action="store_true", help="limits lifted: must fail")
    asked = parser.parse_args()
    thresholds = LIFTED if asked.control else gate.USUAL
    began = time.monotonic()
    model = checkpoint.load(starter.PATH)
    bad = {kind.__name__: kept(model, kind, asked.each, thresholds) for kind in BAD}
    promoted = kept(model, good, asked.each, thresholds)
    print(
        json.dumps(
            {
                "each": asked.each,
                "bad_kept": bad,
                "good_kept": promoted,
                "seconds": round(time.monotonic() - began),
            }
        )
    )
    return 0 if not any(bad.values()) and promoted >= GOOD_AT_LEAST * asked.each else 1


if __name__ == "__main__":
    sys.exit(main())
