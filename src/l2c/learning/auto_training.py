"""Training on whatever is new: `l2c train --auto`.

    datasets/ and logs/conversations/ → what is new → datasets/NAME-….bin → a checkpoint → the log

What is new is known by SHA-256: each text and each exchange is learned once by a model, and the
store's ledger of texts says by which checkpoint. Half of every batch reads the new material, the
other half rehearses: what was read before, and, for a model that talks, the starter's corpus, and
its own kept dreams where that is wanted. So a model that learns somebody's notes still knows how
to talk. Conversations that the store holds are left to the learner, which asks their owner's
wishes and can forget them; only logs from elsewhere, such as the light server's, teach here.

A conversation is read through the template, with the core prompt at its head and the model's own
words without weight, as in a lesson.
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from l2c import corpus
from l2c.conversation import Message, Role
from l2c.engines.engine import Batch
from l2c.engines.model import LanguageModel
from l2c.errors import InvalidInput
from l2c.learning import datasets
from l2c.learning.datasets import Dataset
from l2c.learning.evaluation import score_general
from l2c.learning.examples import Example, evenly
from l2c.learning.material import Talk, Text
from l2c.learning.replay import batches as replayed
from l2c.learning.resume import Resumed, ResumePoint
from l2c.learning.teacher import OnProgress
from l2c.learning.trainer import train
from l2c.text.template import encode_conversation
from l2c.text.tokenizer import Control, Tokenizer

SEQUENCE = 64
FRESH_ROWS, OLD_ROWS = 8, 8
EARLIER_ROWS, DREAM_ROWS = 3, 2
PASSES = 8
"""About how often the new material is read, if the minutes allow it."""

FEWEST_STEPS = 50
RATE = 0.3
"""The learning rate of a model that goes on, as a fraction of its engine's own."""

TIMED_STEPS = 6
REHEARSED = 800
"""Conversations of the corpus to rehearse with."""

EXAM_CONVERSATIONS = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """A training that is to be: the model as it is now, its material, and what it rehearses.

    `talks` is whether the model was taught conversations; `core_prompt` stands at the head of
    those it reads now. `fresh` is whether the model is new and never trained.
    """

    name: str
    base: LanguageModel
    came_from: str
    material: Sequence[Text | Talk]
    earlier: Sequence[Path]
    dreams: Sequence[tuple[Message, ...]]
    talks: bool
    core_prompt: str
    untrained: bool


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training came to; bits are per byte of held-out conversations, before and after.

    `tokens` counts those of each material, in its order.
    """

    model: LanguageModel
    finished: bool
    step: int
    steps: int
    loss: float
    dataset: str
    tokens: tuple[int, ...]
    general_before: float | None
    general_after: float | None


def run(
    plan: Plan,
    *,
    folder: Path,
    resume_folder: Path,
    seconds: float,
    autosave_s: float,
    stop: threading.Event,
    on_progress: OnProgress,
) -> Trained:
    """Binarise the material into `folder`, and train on it for at most about `seconds`.

    A training that was stopped goes on where it stood. Raises `StorageFull`.
    """
    model = plan.base.copy()
    model.grow("".join(_characters(one) for one in plan.material) + plan.core_prompt)
    pieces = [_encoded(one, plan.core_prompt, model.tokenizer) for one in plan.material]
    path = datasets.write(
        folder,
        plan.name,
        model.tokenizer,
        tokens=[piece.tokens for piece in pieces],
        weights=[piece.weights for piece in pieces],
        sources=[one.sha256 for one in plan.material],
    )
    new = datasets.load(path)
    key = hashlib.sha256(json.dumps([path.name, plan.came_from]).encode()).hexdigest()
    resume = ResumePoint(resume_folder / f"auto-{key[:16]}")
    before = _general(model) if plan.talks else None
    saved = resume.load(key)
    model = model if saved is None else saved.model
    rate = 1.0 if plan.untrained else RATE
    if saved is None:
        for piece in pieces:
            model.engine.remember(piece.batch)
        steps = min(_wanted(new), _steps_in(seconds, model, _batches(plan, new, key)))
    else:
        steps = saved.steps
    done, loss, saved_at = 0 if saved is None else saved.step, math.nan, time.monotonic()
    for progress in train(model.engine, _batches(plan, new, key), steps, rate=rate, done=done):
        done, loss = progress.step, progress.loss
        on_progress(f"training {plan.name}", done, steps, f"loss {loss:.3f}")
        if done < steps and (stop.is_set() or time.monotonic() - saved_at > autosave_s):
            resume.save(key, Resumed(done, steps, model))
            saved_at = time.monotonic()
        if stop.is_set():
            break
    finished = done == steps
    if finished:
        resume.clear()
    after = _general(model) if plan.talks and finished else None
    counts = tuple(len(piece.tokens) for piece in pieces)
    return Trained(model, finished, done, steps, loss, path.name, counts, before, after)


def _encoded(one: Text | Talk, core_prompt: str, tokenizer: Tokenizer) -> Example:
    """What a material teaches: all of a text; of an exchange the user's words."""
    if isinstance(one, Text):
        ids = np.array([Control.START, *tokenizer.encode(one.text)], np.int32)
        weights = np.ones(len(ids), np.float32)
        weights[0] = 0
        return Example(ids, weights)
    head = [Message(Role.SYSTEM, core_prompt)] if core_prompt else []
    read = encode_conversation([*head, *one.before], tokenizer)
    user, answer = (encode_conversation([m], tokenizer)[1:] for m in one.source.messages)
    ids = np.array([*read, *user, *answer], np.int32)
    weights = np.zeros(len(ids), np.float32)
    weights[len(read) + 1 : len(read) + len(user)] = 1
    if one.source.answer_teaches:
        weights[len(read) + len(user) + 1 :] = 1
    return Example(ids, weights)


def _characters(one: Text | Talk) -> str:
    return one.text if isinstance(one, Text) else one.source.user + one.source.answer


def _batches(plan: Plan, new: Dataset, key: str) -> Iterator[Batch]:
    """Batches without end: rows of the new material over rows of what is rehearsed."""
    seed = int(key[:15], 16)
    fresh_rows = min(FRESH_ROWS, max(len(new.tokens) // 2, 1))
    pools = _rehearsed(plan, new, seed)
    old = replayed(pools, steps=1 << 40, sequence=SEQUENCE, seed=seed) if pools else None
    fresh = _rows(new, fresh_rows if old else fresh_rows + OLD_ROWS)
    for tokens, weights, begins in fresh:
        if old is None:
            yield Batch(tokens, weights, begins)
            continue
        beside = next(old)
        yield Batch(
            np.concatenate([tokens, beside.tokens]),
            np.concatenate([weights, beside.weights]),
            np.concatenate([begins, beside.fresh]),
        )


def _rehearsed(plan: Plan, new: Dataset, seed: int) -> list[Sequence[Example]]:
    """What each of the old rows reads; none when there is nothing to rehearse."""
    tokenizer = plan.base.tokenizer.grown("".join(_characters(one) for one in plan.material))
    earlier = [
        Example(np.asarray(known.tokens, np.int32), np.asarray(known.weights, np.float32))
        for known in map(datasets.load, plan.earlier)
        if known.tokenizer == new.tokenizer
    ]
    dreams = [evenly(messages, tokenizer) for messages in plan.dreams if messages]
    head = (Message(Role.SYSTEM, plan.core_prompt),) if plan.core_prompt else ()
    talks = corpus.training(seed, REHEARSED) if plan.talks else iter(())
    known = [
        # Half of them under the core prompt, so that it is at home there and without it.
        evenly((*head, *talk) if number % 2 else talk, tokenizer)
        for number, talk in enumerate(talks)
    ]
    pools = [earlier] * EARLIER_ROWS * bool(earlier) + [dreams] * DREAM_ROWS * bool(dreams)
    rest = known or dreams or earlier
    return [*pools, *[rest] * (OLD_ROWS - len(pools))] if rest else []


def _rows(new: Dataset, rows: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The dataset in `rows` rows side by side, each going round and round without end."""
    width = max(len(new.tokens) // rows, 2)
    starts = np.arange(rows)[:, None] * width
    position = 0
    while True:
        places = (starts + (position + np.arange(SEQUENCE + 1)) % width) % len(new.tokens)
        tokens = new.tokens[places].astype(np.int32)
        weights = new.weights[places[:, 1:]].astype(np.float32)
        yield tokens, weights, np.full(rows, position == 0)
        position += SEQUENCE


def _wanted(new: Dataset) -> int:
    rows = min(FRESH_ROWS, max(len(new.tokens) // 2, 1))
    return max(math.ceil(PASSES * len(new.tokens) / (rows * SEQUENCE)), FEWEST_STEPS)


def _steps_in(seconds: float, model: LanguageModel, batches: Iterator[Batch]) -> int:
    trial, began = model.copy().engine, time.perf_counter()
    for _ in train(trial, batches, TIMED_STEPS):
        pass
    return max(int(seconds / ((time.perf_counter() - began) / TIMED_STEPS)), 1)


def _general(model: LanguageModel) -> float:
    return score_general(model, corpus.held_out()[:EXAM_CONVERSATIONS]).bits_per_byte


def see_that_it_practises(model: LanguageModel) -> None:
    """Raise `InvalidInput` for an engine that reads once: `l2c train FILES` is its way."""
    if not model.engine.practises:
        raise InvalidInput(
            f"A model of the engine {model.engine.family} reads every text once; teach it files by "
            "`l2c train FILE…`."
        )
