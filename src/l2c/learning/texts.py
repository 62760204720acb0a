"""Training on text files: read side by side in rows, round and round, resumable at any step.

This is how a new model begins (`l2c train`) and what `CharLSTM.fit` does. Plain text has no
turns: it is read as it is, after one mark of its start.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from l2c.engines.engine import Batch, Engine
from l2c.engines.model import LanguageModel
from l2c.errors import InvalidInput
from l2c.learning.resume import Resumed, ResumePoint
from l2c.learning.trainer import Progress, train
from l2c.text.tokenizer import Control

ROWS = 16
SEQUENCE = 64
TIMED_STEPS = 8
"""Steps measured, on a copy, to learn how many fit the time a user gives."""

READ_TOKENS = 512
"""Tokens of a step where every text is read once, one after the other."""

MAX_FILE_BYTES = 200 << 20


@dataclass(frozen=True, slots=True)
class TextRun:
    """What one call of `train_on` did. `finished` when all `steps` are taken."""

    step: int
    steps: int
    loss: float
    model: LanguageModel

    @property
    def finished(self) -> bool:
        """Whether the training is complete."""
        return self.step == self.steps


def read_files(files: Sequence[Path]) -> str:
    """The text of all files, one after the other.

    Raises `InvalidInput`, naming the file, for one that cannot be read, is not UTF-8 text, is
    too large, or when there is nothing to learn in all of them.
    """
    texts = []
    for file in files:
        try:
            if not stat.S_ISREG(file.stat().st_mode):
                raise InvalidInput(f"{file.name} is no file.")
            if file.stat().st_size > MAX_FILE_BYTES:
                raise InvalidInput(f"{file.name} is larger than {MAX_FILE_BYTES >> 20} MB.")
            texts.append(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise InvalidInput(f"{file.name} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise InvalidInput(f"{file.name} is no UTF-8 text.") from error
    text = "\n".join(texts)
    if len(text) < 2:
        raise InvalidInput("A text to learn needs at least 2 characters; these files have fewer.")
    return text


def rounds(tokens: np.ndarray, rows: int, sequence: int) -> Iterator[Batch]:
    """A text cut into `rows` rows side by side, `sequence` tokens a batch, round and round.

    Every row is as long as the others; the few tokens that are left over at the end are not
    read. The text must have at least two tokens for each row.
    """
    width = len(tokens) // rows
    table = tokens[: rows * width].reshape(rows, width)
    while True:
        for start in range(0, width - 1, sequence):
            cut = np.ascontiguousarray(table[:, start : start + sequence + 1])
            weights = np.ones((rows, cut.shape[1] - 1), np.float32)
            yield Batch(cut, weights, fresh=np.full(rows, start == 0))


def one_round(tokens: np.ndarray, rows: int, sequence: int) -> Iterator[Batch]:
    """The batches of the first round: the whole text, once."""
    count = len(range(0, len(tokens) // rows - 1, sequence))
    return itertools.islice(rounds(tokens, rows, sequence), count)


class TextTraining:
    """A training on a text, step by step, from where `resume` has it or from the beginning.

    How many steps the `seconds` are is measured once, at the beginning, and then fixed; an engine
    that does not practise reads the text once, however long that takes.
    """

    def __init__(
        self, text: str, base: LanguageModel, *, seconds: float, resume: ResumePoint, key: str
    ) -> None:
        self._resume, self._key = resume, key
        saved = resume.load(key)
        self.model = base if saved is None else saved.model
        self.model.grow(text)
        tokens = np.array([Control.START, *self.model.tokenizer.encode(text)], np.int32)
        rows = min(ROWS, len(tokens) // 2)
        done = 0 if saved is None else saved.step
        engine = self.model.engine
        if engine.practises:
            if saved is None:
                for batch in one_round(tokens, rows, SEQUENCE):
                    engine.remember(batch)
                steps = _steps_in(seconds, self.model, tokens, rows)
            else:
                steps = saved.steps
            self._run = train(engine, rounds(tokens, rows, SEQUENCE), steps, done=done)
        else:
            steps = len(range(0, len(tokens) - 1, READ_TOKENS))
            self._run = _read_once(engine, one_round(tokens, 1, READ_TOKENS), steps, done)
        self.progress = Progress(done, steps, float("nan"))

    def __iter__(self) -> Iterator[Progress]:
        """The steps that are left, each taken when it is asked for; goes on where it was left."""
        for progress in self._run:
            self.progress = progress
            yield progress

    @property
    def finished(self) -> bool:
        """Whether all steps are taken."""
        return self.progress.step == self.progress.steps

    def save(self) -> None:
        """Remember, durably, how far it has come. Raises `StorageFull`."""
        progress = self.progress
        self._resume.save(self._key, Resumed(progress.step, progress.steps, self.model))


def train_on(
    text: str,
    base: LanguageModel,
    *,
    seconds: float,
    resume: ResumePoint,
    key: str,
    autosave_s: float,
    stop: threading.Event,
    on_step: Callable[[Progress], None],
) -> TextRun:
    """Train `base` on `text` for about `seconds`, or go on with what `resume` has of `key`.

    When `stop` is set the training saves where it stands and returns unfinished.
    """
    training = TextTraining(text, base, seconds=seconds, resume=resume, key=key)
    saved_at = time.monotonic()
    for progress in training:
        on_step(progress)
        late = time.monotonic() - saved_at > autosave_s
        if (late or stop.is_set()) and not training.finished:
            training.save()
            saved_at = time.monotonic()
        if stop.is_set():
            break
    progress = training.progress
    return TextRun(progress.step, progress.steps, progress.loss, training.model)


def _read_once(
    engine: Engine, batches: Iterable[Batch], steps: int, done: int
) -> Iterator[Progress]:
    for step, batch in enumerate(batches):
        if step >= done:
            loss = engine.train(batch)
            yield Progress(step + 1, steps, loss, batch.weights.size, engine.progress())


def key_of(text: str, base: str) -> str:
    """The name of a training: what is read, and what it starts from."""
    return hashlib.sha256(json.dumps([base, ROWS, SEQUENCE, text]).encode()).hexdigest()


def _steps_in(seconds: float, model: LanguageModel, tokens: np.ndarray, rows: int) -> int:
    trial = model.copy().engine
    started = time.perf_counter()
    for _ in train(trial, rounds(tokens, rows, SEQUENCE), TIMED_STEPS):
        pass
    per_step = (time.perf_counter() - started) / TIMED_STEPS
    return max(int(seconds / per_step), 1)
