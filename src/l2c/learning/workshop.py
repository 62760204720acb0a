"""Where new models are made of a user's own text, a few seconds at a time between lessons.

The learner comes here when no lesson waits. One training is worked on at a time, in the order they
were asked for; what it has reached is told to the store, with a sample of what the model writes so
far. A paused training, like one whose process ends, is saved and goes on from the same step; one
that is deleted leaves nothing behind. The model appears when the last step is taken, in one
transaction with the end of the training, and from then on its text is nowhere but in its weights.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from pathlib import Path

from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.model import LanguageModel
from l2c.errors import Conflict, L2CError, NotFound, StorageFull
from l2c.learning.pace import Pace
from l2c.learning.resume import ResumePoint
from l2c.learning.texts import TextTraining
from l2c.store.copies import Copies
from l2c.store.models import Models
from l2c.store.trainings import Reached, TrainingRow, Trainings
from l2c.text.characters import CharacterTokenizer
from l2c.text.sentencepiece_training import FEWEST_TOKENS, can_train_pieces, train_sentencepiece
from l2c.text.tokenizer import Tokenizer

log = logging.getLogger(__name__)

SLICE_S = 2.0
"""How long it is worked on before lessons are looked for again."""

POINTS = 200
"""Points of the curve, about."""

SAMPLED = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""After which parts of the steps the model writes a sample."""

SAMPLE_CHARACTERS = 160
SEED_CHARACTERS = 20
"""How much of the text's beginning a sample begins with."""

PIECE_EVERY, MOST_PIECES = 100, 4096
"""Characters of a text for each piece of a Llama's vocabulary, and the most pieces."""


class Workshop:
    """The trainings of one user, worked on one at a time."""

    def __init__(
        self,
        trainings: Trainings,
        models: Models,
        *,
        folder: CheckpointFolder,
        resume_folder: Path,
        copies: Copies,
        autosave_s: float,
    ) -> None:
        self._trainings = trainings
        self._models = models
        self._folder = folder
        self._resume_folder = resume_folder
        self._copies = copies
        self._autosave_s = autosave_s
        self._bench: _Bench | None = None
        self._sweep()

    def wanted(self) -> TrainingRow | None:
        """The training to be worked on next; what lies on the bench and is another is put away."""
        row = self._trainings.next()
        if self._bench is not None and (row is None or row.id != self._bench.row.id):
            self._put_away()
        return row

    def work(self, row: TrainingRow, pace: Pace) -> None:
        """Work on a training for a moment and say in the store what came of it."""
        try:
            bench = self._bench = self._bench or self._begin(row)
            if bench.run(pace, SLICE_S):
                self._publish(bench)
            elif not self._trainings.report(row.id, bench.reached()):
                self._put_away()
            elif time.monotonic() - bench.saved_at > self._autosave_s:
                bench.save()
        except (Conflict, NotFound) as changed:
            log.info("The training of %s goes no further: %s", row.model, changed)
            self._put_away()
        except (L2CError, MemoryError) as broken:
            log.exception("The training of %s broke off.", row.model)
            self._trainings.fail(row.id, f"It broke off. {broken}")
            self._bench = None

    def leave(self) -> None:
        """Save what lies on the bench; it goes on when somebody comes back."""
        self._put_away()

    def _begin(self, row: TrainingRow) -> _Bench:
        text = self._trainings.text(row.id)
        if text is None:
            raise NotFound("Its text is gone.")
        return _Bench(row, text, self._resume(row.id))

    def _publish(self, bench: _Bench) -> None:
        """Make the model, and the training done, at once."""
        row = bench.row
        with self._folder.adding():
            digest, size = self._folder.save(bench.training.model)
            self._models.begin_from(
                row.model,
                engine=row.engine,
                checkpoint=digest,
                size_bytes=size,
                also=self._trainings.finishing(row.id, bench.reached()),
            )
        bench.resume.clear()
        self._bench = None
        self._copies.forget_training(row.id)
        log.info("%s is trained: %d steps.", row.model, bench.training.progress.steps)

    def _put_away(self) -> None:
        """Save what lies on the bench if its training is still wanted, else leave nothing."""
        bench, self._bench = self._bench, None
        if bench is None:
            return
        try:
            if self._is_wanted(bench.row.id):
                bench.save()
        except StorageFull as full:
            log.warning("The training of %s goes on from before: %s", bench.row.model, full)
        if not self._is_wanted(bench.row.id):
            bench.resume.clear()

    def _is_wanted(self, training_id: str) -> bool:
        return self._trainings.text(training_id) is not None

    def _resume(self, training_id: str) -> ResumePoint:
        return ResumePoint(self._resume_folder / training_id)

    def _sweep(self) -> None:
        """Remove the resume points of trainings that were deleted while nobody was here."""
        for path in self._resume_folder.glob("*"):
            if not self._is_wanted(path.name):
                path.unlink(missing_ok=True)


class _Bench:
    """The one training that is worked on, as it is in memory."""

    def __init__(self, row: TrainingRow, text: str, resume: ResumePoint) -> None:
        self.row = row
        self.resume = resume
        base = LanguageModel.create(row.engine, {}, _tokenizer(row, text), seed=row.seed)
        key = hashlib.sha256(row.id.encode()).hexdigest()
        seconds = 60 * row.minutes
        self.training = TextTraining(text, base, seconds=seconds, resume=resume, key=key)
        self.saved_at = time.monotonic()
        self._seed_text = text[:SEED_CHARACTERS]
        done = self.training.progress.step
        self._curve = [point for point in row.curve if point[0] <= done]
        self._samples = [sample for sample in row.samples if sample[0] <= done]
        self._losses: list[float] = []
        self._worked_s, self._worked_steps = 0.0, 0

    def run(self, pace: Pace, seconds: float) -> bool:
        """Take steps for about `seconds`; whether the last one is taken."""
        began = time.monotonic()
        for progress in self.training:
            self._note(progress.step, progress.loss)
            self._worked_steps += 1
            pace.rest()
            if pace.stopping or time.monotonic() - began > seconds:
                break
        self._worked_s += time.monotonic() - began
        return self.training.finished

    def reached(self) -> Reached:
        """How far it is. The time left counts the learner's rests."""
        progress = self.training.progress
        each_s = self._worked_s / max(self._worked_steps, 1)
        left_s = each_s * (progress.steps - progress.step)
        loss = self._curve[-1][1] if self._curve else None
        return Reached(progress.step, progress.steps, loss, left_s, self._curve, self._samples)

    def save(self) -> None:
        """Remember where it stands."""
        self.training.save()
        self.saved_at = time.monotonic()

    def _note(self, step: int, loss: float) -> None:
        if not math.isfinite(loss):
            raise L2CError(f"Its loss is no number any more, at step {step}.")
        steps = self.training.progress.steps
        self._losses.append(loss)
        if len(self._losses) >= math.ceil(steps / POINTS) or step == steps:
            self._curve.append([step, sum(self._losses) / len(self._losses)])
            self._losses.clear()
        if any(step == math.ceil(part * steps) for part in SAMPLED):
            written = self.training.model.complete(
                self._seed_text, length=SAMPLE_CHARACTERS, temperature=0.6, seed=step
            )
            self._samples.append([step, written])


def _tokenizer(row: TrainingRow, text: str) -> Tokenizer:
    """Characters; for a Llama pieces, where they can be made: other programs know no other."""
    if row.engine != "llama" or not can_train_pieces():
        return CharacterTokenizer()
    return train_sentencepiece([text], min(FEWEST_TOKENS + len(text) // PIECE_EVERY, MOST_PIECES))
