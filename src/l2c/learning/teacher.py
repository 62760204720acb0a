"""One lesson carried out under a lease: trained, judged, and kept or refused in the store.

The lesson itself is a pure function (`l2c.learning.lesson`); this is everything around it that
may be interrupted: progress in the store, rest between steps, the resume point, and the one
transaction at the end that makes the outcome true.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError, Conflict, StorageFull
from l2c.learning.baseline import counting_alone
from l2c.learning.gate import USUAL, Thresholds, Verdict
from l2c.learning.lesson import RECIPE_VERSION, Lesson, Training
from l2c.learning.night import Night, at_night, judge
from l2c.learning.pace import Pace
from l2c.learning.resume import Resumed, ResumePoint
from l2c.learning.trainer import Progress
from l2c.store.learning import PendingExchange
from l2c.store.lease import Doing, Lease
from l2c.store.ledger import Figures, NewCheckpoint, NewSource
from l2c.store.lessons import COUNTED, JOINT, THRESHOLDS
from l2c.store.states import LessonKind

log = logging.getLogger(__name__)

DRIFT = "drift"
"""How much worse sealed text is than with the starter, as a fraction, among a lesson's metrics."""

REPORT_S = 0.5
"""How often progress is written to the store."""

CURVE_EVERY = 10
"""Steps between two points of the loss curve."""

OnProgress = Callable[[str, int, int, str], None]
"""What is being done, step, steps, and a detail in words: what a progress bar shows."""


class Stopped(Exception):
    """The learner was asked to stop in the middle of a lesson; its resume point is saved."""


@dataclass(slots=True)
class Desk:
    """What a lesson is carried out with. `iterations` are the steps the model has taken in all."""

    lease: Lease
    folder: CheckpointFolder
    resume: ResumePoint
    pace: Pace
    stop: threading.Event
    autosave_s: float
    on_progress: OnProgress
    iterations: int = 0
    thresholds: Thresholds = USUAL

    def report(self, what: str, number: int | None, progress: Progress, left_s: float) -> None:
        """Say in the store, and to the progress bar, what is being done."""
        doing = Doing(what, number, progress.step, progress.steps, progress.loss, left_s)
        self.lease.report(doing, iterations=self.iterations)
        self.on_progress(what, progress.step, progress.steps, f"loss {progress.loss:.3f}")


def teach(desk: Desk, lesson: Lesson, exchanges: Sequence[PendingExchange], *, starter: str) -> str:
    """Carry the lesson out and store what came of it; the verdict in one sentence.

    `exchanges` are where the lesson's sources come from, in their order. Raises `Stopped` when
    the desk's stop is set meanwhile. A lesson that breaks is stored as failed, and its exchanges
    wait as before.
    """
    number = desk.lease.start_lesson(
        kind=lesson.kind,
        parent=lesson.parent,
        recipe_version=RECIPE_VERSION,
        attempt=lesson.attempt,
        sources=[
            NewSource(exchange.id, source.user, source.answer, source.answer_teaches, source.sha256)
            for exchange, source in zip(exchanges, lesson.sources, strict=True)
        ],
    )
    try:
        return _carry_out(desk, lesson, number, starter)
    except Stopped:
        desk.lease.fail_lesson(number, reason="Interrupted. It goes on when the learner is back.")
        raise
    except Conflict as changed:
        log.info("Lesson %d was not kept: %s", number, changed)
        reason = "Not kept. Something it was made of changed meanwhile."
    except (CheckpointError, StorageFull, MemoryError) as broken:
        log.exception("Lesson %d broke off.", number)
        reason = f"Broke off. {broken}"
    desk.lease.fail_lesson(number, reason=reason)
    return reason


def teach_night(desk: Desk, night: Night, *, starter: str) -> str:
    """Carry out the joint lesson of a night; what came of it in one sentence.

    Raises `Stopped` when the desk's stop is set meanwhile.
    """
    lesson = night.lesson
    number = desk.lease.start_joint_lesson(
        parent=lesson.parent,
        recipe_version=RECIPE_VERSION,
        attempt=lesson.attempt,
        sources=night.sources,
    )
    try:
        began = time.thread_time()
        first, begun = desk.folder.load(starter), desk.folder.load(lesson.parent)
        training = Training(lesson, begun)
        losses = _train(desk, number, training)
        thresholds = at_night(desk.thresholds)
        verdict = judge(training, first, begun, desk.folder.load(night.was), thresholds)
        figures = figures_of(verdict, training, losses, cpu_seconds=time.thread_time() - began)
        metrics = metrics_of(verdict, training, first, thresholds) | {JOINT: True}
        how_many = len(lesson.sources)
        reason = f"Rebuilt from {night.begins} over {how_many} exchanges. {verdict.reason}"
        if not verdict.kept:
            desk.lease.refuse_lesson(number, verdict=reason, figures=figures, metrics=metrics)
            return reason
        desk.lease.keep_joint_lesson(
            number,
            NewCheckpoint(*desk.folder.save(training.candidate)),
            was=night.was,
            verdict=reason,
            figures=figures,
            metrics=metrics,
            spans=[(1, training.steps)] * len(lesson.sources),
        )
        desk.resume.clear()
    except Stopped:
        desk.lease.fail_lesson(number, reason="Interrupted. It goes on when the learner is back.")
        raise
    except Conflict as changed:
        log.info("Lesson %d was not kept: %s", number, changed)
        reason = "Not kept. Something it was made of changed meanwhile."
        desk.lease.fail_lesson(number, reason=reason)
    except (CheckpointError, StorageFull, MemoryError) as broken:
        log.exception("Lesson %d broke off.", number)
        reason = f"Broke off. {broken}"
        desk.lease.fail_lesson(number, reason=reason)
    return reason


def _carry_out(desk: Desk, lesson: Lesson, number: int, starter: str) -> str:
    began = time.thread_time()
    incumbent = desk.folder.load(lesson.parent)
    training = Training(lesson, incumbent)
    losses = _train(desk, number, training)
    end = Progress(training.steps, training.steps, losses[-1])
    desk.report("judging", number, end, 0.0)
    first = desk.folder.load(starter)
    thresholds = desk.thresholds
    verdict = training.judge(first, incumbent, thresholds)
    figures = figures_of(verdict, training, losses, cpu_seconds=time.thread_time() - began)
    metrics = metrics_of(verdict, training, first, thresholds)
    if lesson.kind is LessonKind.PRACTICE:
        desk.lease.count_practice(training.tokens)
    if verdict.kept:
        desk.report("saving", number, end, 0.0)
        made = NewCheckpoint(*desk.folder.save(training.candidate))
        desk.lease.keep_lesson(
            number,
            made,
            verdict=verdict.reason,
            figures=figures,
            metrics=metrics,
            spans=[(1, training.steps)] * len(lesson.sources),
        )
    else:
        desk.lease.refuse_lesson(number, verdict=verdict.reason, figures=figures, metrics=metrics)
    desk.resume.clear()
    log.info("Lesson %d: %s", number, verdict.reason)
    return verdict.reason


def _train(desk: Desk, number: int, training: Training) -> list[float]:
    """Every step of the lesson, from its resume point where there is one; the loss of each."""
    saved = desk.resume.load(training.lesson.key)
    done = 0
    if saved is not None:
        training.candidate, done = saved.model, saved.step
    losses: list[float] = []
    curve: list[tuple[int, float]] = []
    began = reported_at = saved_at = time.monotonic()
    for progress in training.run(done=done):
        losses.append(progress.loss)
        desk.iterations += 1
        if desk.iterations % CURVE_EVERY == 0:
            curve.append((desk.iterations, progress.loss))
        desk.pace.rest()
        now = time.monotonic()
        if now - reported_at > REPORT_S:
            left_s = (now - began) / len(losses) * (progress.steps - progress.step)
            desk.report("training", number, progress, left_s)
            reported_at = now
        if desk.stop.is_set() or now - saved_at > desk.autosave_s:
            resumed = Resumed(progress.step, progress.steps, training.candidate)
            desk.resume.save(training.lesson.key, resumed)
            desk.lease.note_autosave()
            saved_at = now
        if desk.stop.is_set():
            raise Stopped
    desk.lease.add_to_loss_curve(curve)
    return losses or [float("nan")]


def metrics_of(
    verdict: Verdict, training: Training, starter: LanguageModel, thresholds: Thresholds
) -> dict[str, Any]:
    """What the gate measured and asked for, and what counting alone makes of the lesson's text.

    Of a candidate that is kept, also how far it drifted unseen.
    """
    measured = {} if verdict.figures is None else asdict(verdict.figures)
    drifted = {DRIFT: training.drift(starter)} if verdict.kept else {}
    counted = counting_alone(training.lesson.sources, training.lesson.earlier)
    beside = {} if counted is None else {COUNTED: asdict(counted)}
    return measured | drifted | beside | {THRESHOLDS: asdict(thresholds)}


def figures_of(
    verdict: Verdict, training: Training, losses: Sequence[float], *, cpu_seconds: float
) -> Figures:
    """The lesson in numbers, as its row keeps them. Losses are means of a tenth of the steps."""
    tenth = max(1, len(losses) // 10)
    measured = verdict.figures
    nan = float("nan")
    return Figures(
        steps=training.steps,
        tokens=training.tokens,
        cpu_seconds=cpu_seconds,
        loss_before=sum(losses[:tenth]) / tenth,
        loss_after=sum(losses[-tenth:]) / tenth,
        bits_before=nan if measured is None else measured.fresh_before,
        bits_after=nan if measured is None else measured.fresh_after,
        general_percent=nan if measured is None else 100 * measured.general,
    )
