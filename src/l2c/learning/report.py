"""How learning is going, in one value: what the panel, `/stats` and `l2c stats` show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from l2c.engines.model import LanguageModel
from l2c.learning.gate import USUAL, Thresholds
from l2c.learning.teacher import DRIFT
from l2c.store.learning import BitsPoint, LearnerStatus, Learning
from l2c.store.ledger import TAKEN_BACK
from l2c.store.lessons import LessonRow
from l2c.store.models import ModelRow
from l2c.store.states import LessonKind, LessonState

NEWEST_LESSONS = 20


@dataclass(frozen=True, slots=True)
class Now:
    """What the learner is doing."""

    doing: str
    lesson: int | None
    kind: LessonKind | None
    sources: int | None
    step: int | None
    steps: int | None
    loss: float | None
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class LearningView:
    """How learning is going. `status` is what it does, `learner` whether somebody is there.

    `bits_at_start` and `bits_now` are bits per byte of what the user taught lately, read by the
    starter and by the newest kept checkpoint; `general_percent` is how much worse held-out text
    has become since the starter, `drift_percent` the same of text that no verdict reads.
    `taken_back` says of the newest lesson that was taken back after it had been kept, why.
    """

    status: Literal["active", "idle"]
    learner: Literal["alive", "absent"]
    paused: bool
    cpu_share: float
    model: str
    engine: str
    checkpoint: str
    iterations: int
    loss: float | None
    vocabulary_size: int
    conversations_learned: int
    queue_size: int
    now: Now | None
    bits_at_start: float | None
    bits_now: float | None
    general_percent: float | None
    general_limit_percent: float
    drift_percent: float | None
    loss_curve: list[tuple[int, float]]
    bits_curve: list[BitsPoint]
    lessons: list[LessonRow]
    taken_back: str | None
    autosaved_at: str | None


def view(
    learning: Learning,
    model: ModelRow,
    loaded: LanguageModel,
    *,
    learner_is_alive: bool,
    thresholds: Thresholds = USUAL,
) -> LearningView:
    """Everything about the learning of `model`, whose live checkpoint is `loaded`."""
    status, control = learning.status(model.name), learning.control()
    lessons = learning.lessons(model.name, limit=NEWEST_LESSONS).lessons
    taught = _newest_kept(lessons)
    now = _now(status) if learner_is_alive else None
    curve = learning.loss_curve(model.name)
    return LearningView(
        status="idle" if now is None else "active",
        learner="alive" if learner_is_alive else "absent",
        paused=control.paused,
        cpu_share=control.cpu_share,
        model=model.name,
        engine=model.engine,
        checkpoint=model.live,
        iterations=0 if status is None else status.iterations,
        loss=curve[-1][1] if curve else None,
        vocabulary_size=loaded.tokenizer.vocab_size,
        conversations_learned=learning.conversations_learned(model.name),
        queue_size=learning.queue_size(model.name),
        now=now,
        bits_at_start=None if taught is None else taught.metrics.get("yours_starter"),
        bits_now=None if taught is None else taught.metrics.get("yours_now"),
        general_percent=None if taught is None else taught.general_percent,
        general_limit_percent=round(100 * thresholds.general, 6),
        drift_percent=None if taught is None else _percent(taught.metrics.get(DRIFT)),
        loss_curve=curve,
        bits_curve=learning.bits_curve(model.name),
        lessons=lessons,
        taken_back=_taken_back(lessons),
        autosaved_at=None if status is None else status.autosaved_at,
    )


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100 * fraction


def _taken_back(lessons: list[LessonRow]) -> str | None:
    notes = ((row.number, row.metrics.get(TAKEN_BACK)) for row in lessons)
    return next((f"lesson {number}: {note['reason']}" for number, note in notes if note), None)


def _newest_kept(lessons: list[LessonRow]) -> LessonRow | None:
    kept = (lesson for lesson in lessons if lesson.state is LessonState.KEPT)
    return next(kept, None)


def _now(status: LearnerStatus | None) -> Now | None:
    if status is None or status.doing is None:
        return None
    return Now(
        doing=status.doing,
        lesson=status.lesson,
        kind=status.kind,
        sources=status.sources,
        step=status.step,
        steps=status.steps,
        loss=status.loss,
        seconds_left=status.seconds_left,
    )
