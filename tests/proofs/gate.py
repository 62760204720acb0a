"""Proof that the gate tells good from bad: `make proof-gate`.

    python -m tests.proofs.gate --each 100

judges as many candidates of every known bad kind and of good ones, each with documents drawn anew,
all made of the starter that came with the program. Bad: trained on random tokens; on one
sentence, over and over; a matrix negated; a weight that is no number; the vocabulary swapped; each
of them once made of the starter and once of what a lesson made of it. Good: lessons of invented
facts (`benchmarks.invented`) among other talk, as they are taught to a user: of 1, 5, 25 and 50
exchanges, in any order, each on top of those before it that were kept. Prints one line of JSON with
the reasons of all refusals and ends with 1 unless every bad one is refused and at least 95 of 100
good ones are kept at the first attempt. With `--control` the gate's limits are lifted, and the
proof must fail.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from math import inf

import numpy as np

from benchmarks.invented import facts
from l2c import corpus, starter
from l2c.corpus.chance import Chance
from l2c.engines import checkpoint
from l2c.engines.engine import Batch
from l2c.engines.model import LanguageModel
from l2c.learning import gate
from l2c.learning.examples import Source, from_source
from l2c.learning.gate import Exam, Thresholds, Verdict
from l2c.learning.lesson import ATTEMPTS, Lesson, Training
from l2c.learning.recall import other_talk
from l2c.learning.replay import batches
from l2c.learning.trainer import train
from l2c.store.states import LessonKind

GOOD_AT_LEAST = 0.95
SIZES = (1, 5, 25, 50)
"""Exchanges of the lessons of one life."""

TALK_EVERY = 4
"""One exchange in so many tells nothing."""

LIFTED = Thresholds(general=inf, old_kept=-inf)
THINGS = ("boat", "mast", "sail", "barn", "bridge", "kite", "loom", "organ", "sledge", "tent")
STUFF = ("larch", "oak", "spruce", "canvas", "copper", "willow", "linen", "ash", "birch", "slate")


def source(chance: random.Random) -> Source:
    """Something somebody tells."""
    thing, one, other = chance.choice(THINGS), *chance.sample(STUFF, 2)
    return Source(f"My {thing} is made of {one} and {other}.", "Good to know.")


def life(
    starter_model: LanguageModel, seed: int, thresholds: Thresholds, sizes: Sequence[int] = SIZES
) -> Iterator[tuple[int, int, LanguageModel, Verdict]]:
    """Lessons of facts and talk, each on top of those that were kept.

    Yields for each attempt its size, the attempt, the candidate, and the verdict.
    """
    chance = Chance(seed)
    told = iter(chance.shuffled([one.statement for one in facts(seed)]))
    talk = itertools.cycle(chance.shuffled(other_talk()))
    model, parent = starter_model, f"{seed:064x}"
    earlier: tuple[Source, ...] = ()
    for size in chance.shuffled(sizes):
        said = [next(talk if at % TALK_EVERY == TALK_EVERY - 1 else told) for at in range(size)]
        sources = tuple(Source(text, "Good to know.") for text in said)
        for attempt in range(ATTEMPTS):
            lesson = Lesson(LessonKind.EXCHANGES, parent, sources, earlier, attempt)
            training = Training(lesson, model)
            for _ in training.run():
                pass
            verdict = training.judge(starter_model, model, thresholds)
            yield size, attempt, training.candidate, verdict
            if verdict.kept:
                model, earlier = training.candidate, (*earlier, *sources)
                parent = checkpoint.digest_of(checkpoint.to_bytes(model))
                break


@dataclass(slots=True)
class Good:
    """What became of good lessons."""

    lessons: int = 0
    kept_at_first: int = 0
    set_aside: int = 0
    refusals: list[str] = field(default_factory=list)


def good(
    model: LanguageModel,
    lessons: int,
    thresholds: Thresholds = gate.USUAL,
    sizes: Sequence[int] = SIZES,
) -> Good:
    """So many good lessons, in lives of one lesson of each size."""
    done = Good()
    for seed in range(-(-lessons // len(sizes))):
        for size, attempt, _, verdict in life(model, seed, thresholds, sizes):
            done.lessons += attempt == 0
            done.kept_at_first += attempt == 0 and verdict.kept
            done.set_aside += attempt == ATTEMPTS - 1 and not verdict.kept
            if not verdict.kept:
                done.refusals.append(f"life {seed}, {size}, attempt {attempt}: {verdict.reason}")
        said = f"{done.kept_at_first} of {done.lessons} good ones kept at the first attempt"
        print(said, file=sys.stderr, flush=True)
    return done


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
    models: Sequence[LanguageModel],
    candidate: Candidate,
    each: int,
    thresholds: Thresholds = gate.USUAL,
) -> int:
    """How many of `each` candidates of a kind the gate keeps; each is judged on its own exam.

    They are made of these models in turn, of which the first is the starter.
    """
    general = corpus.held_out()
    count = 0
    for seed in range(each):
        told, model = source(random.Random(seed)), models[seed % len(models)]
        exam = Exam((told,), (), gate.draw(general, seed), seed)
        verdict = gate.judge(models[0], model, candidate(model, told, seed), exam, thresholds)
        count += verdict.kept
    print(f"{count} of {each} kept: {candidate.__name__}", file=sys.stderr, flush=True)
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
    taught = [made for size, _, made, verdict in life(model, 0, thresholds) if verdict.kept]
    bad = {kind.__name__: kept([model, taught[-1]], kind, asked.each, thresholds) for kind in BAD}
    promoted = good(model, asked.each, thresholds)
    print(
        json.dumps(
            {
                "each": asked.each,
                "bad_kept": bad,
                "good": asdict(promoted),
                "seconds": round(time.monotonic() - began),
            }
        )
    )
    enough = promoted.kept_at_first >= GOOD_AT_LEAST * promoted.lessons
    return 0 if enough and not any(bad.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
