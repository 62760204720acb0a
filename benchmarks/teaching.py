"""Ways of teaching facts, one against the other: the same facts, questions and steps.

    python -m benchmarks.teaching benchmarks/facts.jsonl --facts 20 --seeds 0 1 2 3 4

- *all weights*: the lesson as it is (`l2c.learning.lesson`): questions and answers made by grammar,
  half of every batch old text, every weight may move.
- *sparse rows*: the same, but only the rows of the tokens that are specific to the lesson move
  (highest TF-IDF against the corpus; after sparse memory fine-tuning, arXiv 2510.15103). This
  network has no memory table: its rows are those of what it reads and of what it writes.
- *from the window*: the same questions, answered not by grammar but by the model itself with the
  statement in its window (self-distillation).
- *stored logits*: the lesson as it is, and beside what old text says its rows read the logits
  that the incumbent had for it (DER++, arXiv 2004.07211). Those are computed when they are read,
  by the incumbent over the same rows, which gives what a store of them would hold. The kernels'
  loss takes tokens to predict and no distributions, so the NumPy twin takes these steps: their
  seconds are not comparable.

Asked as in `benchmarks.weights`; each run takes the place of its former one in
`results/teaching.json`; a seed is an order of the telling.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from benchmarks import record
from benchmarks.weights import HEARD, asked
from l2c import corpus
from l2c.conversation import Message, Role
from l2c.corpus.chance import Chance
from l2c.engines import checkpoint
from l2c.engines.adam import global_norm, take_step
from l2c.engines.engine import Batch, Sampler
from l2c.engines.lstm import reference
from l2c.engines.lstm.backend import Carried, ReferenceBackend
from l2c.engines.lstm.engine import LSTM
from l2c.engines.lstm.parameters import Config, Parameters
from l2c.engines.lstm.tensors import restore
from l2c.engines.model import LanguageModel
from l2c.engines.weights import Optimizer
from l2c.learning import quiz
from l2c.learning.evaluation import score_general
from l2c.learning.examples import Example, Source, evenly
from l2c.learning.lesson import RECIPE_VERSION, ROWS, Lesson, Training
from l2c.learning.quiz import Asked
from l2c.learning.recall import Told, read_facts
from l2c.starter import PATH
from l2c.store.states import LessonKind

SPECIFIC = 96
"""Tokens whose rows a sparse lesson may move."""

CORPUS_DOCUMENTS = 600
ANSWER_TOKENS = 48
STRATEGIES = ("all weights", "sparse rows", "from the window", "stored logits")

ALPHA = 0.5
"""What the squared distance of a logit from the stored one counts, beside a nat of the loss."""


class SparseRows(LSTM):
    """An LSTM of which only the rows of some tokens learn."""

    moving: Sequence[int] = ()

    def practise(self, batch: Batch, *, rate: float = 1.0) -> float:
        """One step, of which only what may move is kept."""
        before = {name: tensor.copy() for name, tensor in self._parameters.tensors.items()}
        loss = super().practise(batch, rate=rate)
        rows = np.array(self.moving)
        for name, tensor in self._parameters.tensors.items():
            kept = tensor[rows].copy() if len(tensor) == self.vocab_size else None
            tensor[...] = before[name]
            if kept is not None:
                tensor[rows] = kept
        return loss


class StoredLogits(ReferenceBackend):
    """Steps that also hold the logits of old text, a batch's last rows, to those of a parent."""

    def __init__(self, parent: Parameters, old_rows: int, *, alpha: float = ALPHA) -> None:
        super().__init__()
        self._parent, self._alpha, self._old = parent, alpha, slice(-old_rows, None)
        self._read = Carried.empty(parent.config, 0)

    def train(
        self,
        parameters: Parameters,
        optimizer: Optimizer[Parameters],
        carried: Carried,
        batch: Batch,
        *,
        rate: float,
        threads: int,  # NumPy's library has threads of its own
    ) -> tuple[float, Carried]:
        """One step on the weighted mean loss + alpha * the mean squared distance of the logits."""
        tokens = batch.tokens.T  # (T + 1, B)
        trace = reference.forward(parameters.tensors, tokens[:-1], carried.hidden, carried.cell)
        loss, d_logits = reference.cross_entropy(trace.logits, tokens[1:], batch.weights.T)
        distance = trace.logits[:, self._old] - self._logits_kept(batch)  # (T, old rows, V)
        d_logits[:, self._old] += self._alpha * 2 * distance / distance.size
        gradient = reference.backward(parameters.tensors, tokens[:-1], trace, d_logits)
        rate *= parameters.config.learning_rate
        take_step(parameters, optimizer, gradient, rate=rate, norm=global_norm(gradient))
        return loss + self._alpha * float(np.square(distance).mean()), _at_the_end(trace)

    def _logits_kept(self, batch: Batch) -> np.ndarray:
        """What the parent says to the old rows, (T, old rows, V)."""
        old = Batch(batch.tokens[self._old], batch.weights[self._old], batch.fresh[self._old])
        before = self._read.continued(old, self._parent.config)
        trace = reference.forward(
            self._parent.tensors, old.tokens.T[:-1], before.hidden, before.cell
        )
        self._read = _at_the_end(trace)
        return trace.logits


def world(told: Sequence[Told], strategy: str, *, seed: int, documents: int) -> dict[str, Any]:
    """One lesson taught in this way; how it is recalled, and what it cost."""
    ordered = Chance(seed).shuffled(list(told))
    starter = checkpoint.from_bytes(PATH.read_bytes())
    sources = tuple(Source(one.statement, HEARD) for one in ordered)
    lesson = Lesson(LessonKind.EXCHANGES, checkpoint.digest_of(PATH.read_bytes()), sources, ())
    began = time.process_time()
    if strategy == "from the window":
        distilled = _from_the_window(starter, sources, lesson.seed)
        with patch.object(quiz, "practice", lambda *_, **__: distilled):
            training = Training(lesson, starter)
    else:
        training = Training(lesson, starter)
    if strategy == "sparse rows":
        engine = SparseRows.from_tensors(starter.engine.config, training.candidate.engine.tensors())
        engine.moving = _specific(training, lesson.seed)
        training.candidate = LanguageModel(engine, training.candidate.tokenizer)
    if strategy == "stored logits":
        training.candidate = _holding_logits(training)
    for _ in training.run():
        pass
    spent = time.process_time() - began
    read = corpus.held_out()[:documents]
    before, after = (
        score_general(one, read).bits_per_byte for one in (starter, training.candidate)
    )
    return {
        "strategy": strategy,
        "seed": seed,
        "recipe": RECIPE_VERSION,
        **asked(training.candidate, ordered, " ".join(training.curriculum.texts())),
        "held_out_percent": round(100 * (after / before - 1), 2),
        "steps": training.steps,
        "cpu_s": round(spent, 1),
    }


def _holding_logits(training: Training, *, alpha: float = ALPHA) -> LanguageModel:
    """The candidate, as it is before the lesson, with an engine whose steps are `StoredLogits`."""
    model, size = training.candidate, training.size
    config = Config.from_mapping(model.engine.config)
    (parent, *_), mine = (restore(config, model.engine.tensors()) for _ in range(2))
    held = StoredLogits(parent, ROWS - size.fresh_rows - size.untold_rows, alpha=alpha)
    return LanguageModel(LSTM(*mine, held), model.tokenizer)


def _at_the_end(trace: reference.Trace) -> Carried:
    """The state every row ends with."""
    return Carried(
        np.stack([layer.hidden[-1] for layer in trace.layers]),
        np.stack([layer.cell[-1] for layer in trace.layers]),
    )


def _specific(training: Training, seed: int) -> list[int]:
    """The tokens that stand in the lesson more than in the corpus, by TF-IDF."""
    tokenizer = training.candidate.tokenizer
    fresh: Sequence[Example] = training.curriculum.fresh(tokenizer)
    often = Counter(int(token) for example in fresh for token in example.tokens)
    talks = corpus.training(seed, CORPUS_DOCUMENTS)
    holding = Counter(
        token for talk in talks for token in set(evenly(talk, tokenizer).tokens.tolist())
    )
    weight = {t: n * np.log(CORPUS_DOCUMENTS / (1 + holding[t])) for t, n in often.items()}
    return sorted(sorted(weight, key=lambda token: (-weight[token], token))[:SPECIFIC])


def _from_the_window(model: LanguageModel, sources: Sequence[Source], seed: int) -> list[Asked]:
    """The lesson's questions, answered by the model that has just been told."""
    told = quiz.read(sources).holding
    greedy, found = Sampler(temperature=0.0), []
    for one in quiz.practice(told, told):
        (fact,) = (fact for fact in told if fact.answer == one.answer)
        source = sources[fact.source]
        window = [*source.messages, Message(Role.USER, one.question)]
        pieces = model.answer(window, greedy, length=ANSWER_TOKENS, seed=seed)
        found.append(Asked(one.question, "".join(piece.text for piece in pieces).strip()))
    return found


def main() -> None:
    """Teach the facts in every way and write the figures."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file", nargs="?", default="odd")
    arguments.add_argument("--facts", type=int, default=6)
    arguments.add_argument("--seeds", type=int, nargs="*", default=[0], help="orders of telling")
    arguments.add_argument("--documents", type=int, default=20)
    arguments.add_argument("--strategies", nargs="*", default=STRATEGIES)
    given = arguments.parse_args()
    told = read_facts(Path(given.file))[: given.facts]
    path = record.RESULTS / "teaching.json"
    for strategy in given.strategies:
        name = f"{given.file}, {len(told)} facts, {strategy}"
        for seed in given.seeds:
            runs = json.loads(path.read_text())["runs"] if path.exists() else {}
            others = [one for one in runs.get(name, []) if one["seed"] != seed]
            runs[name] = [*others, world(told, strategy, seed=seed, documents=given.documents)]
            record.write("teaching", {"runs": runs})


if __name__ == "__main__":
    main()
