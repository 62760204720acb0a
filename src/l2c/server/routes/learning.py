"""`/app/v1/learning`: what is being learned, what was, and how much the learner may do."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query
from pydantic import Field

from l2c.runtime.consenting import Asked, HoursChange, Redacted, Threshold
from l2c.server.access import Access
from l2c.server.values import ERRORS, Learning, Lesson, Request, Source, Value

router = APIRouter(prefix="/app/v1/learning", tags=["learning"], responses=ERRORS)


class Lessons(Value):
    """One page of lessons, newest first; `next` is given as `before` to get the following one."""

    lessons: list[Lesson]
    next: int | None


class LessonWithSources(Value):
    """A lesson and the exact text it taught."""

    lesson: Lesson
    sources: list[Source]


class Control(Request):
    """What the learner may do; what is left out stays."""

    paused: bool | None = None
    cpu_share: Annotated[float, Field(ge=0.05, le=1, allow_inf_nan=False)] | None = None


@router.get("")
def learning(runtime: Access) -> Learning:
    """Everything the learning panel shows."""
    return Learning.model_validate(runtime.learning_view())


@router.patch("")
def control(runtime: Access, wanted: Control) -> Learning:
    """Pause, go on, or change the share of one core the learner may use."""
    runtime.learning.set_control(**wanted.model_dump(exclude_none=True))
    return Learning.model_validate(runtime.learning_view())


class Redaction(Request):
    """Whether each kind is taken out of text before it teaches; what is left out stays."""

    email: bool | None = None
    card: bool | None = None
    phone: bool | None = None
    key: bool | None = None


Minute = Annotated[int, Field(ge=0, lt=1440)]


class Rules(Value):
    """What is taken out before it teaches, and when the learner rests; `resting` says why now."""

    redaction: dict[str, bool]
    quiet_from: int | None
    quiet_until: int | None
    only_when_idle: bool
    on_battery: bool
    resting: str | None


class RulesChange(Request):
    """What is to change of the rules; times are minutes since midnight, null for no quiet hours."""

    redaction: Redaction | None = None
    quiet_from: Minute | None = None
    quiet_until: Minute | None = None
    only_when_idle: bool | None = None
    on_battery: bool | None = None


class AskedFor(Value):
    """A threshold of the gate in percent, what the settings have, and its safe range."""

    percent: float
    usual: float
    least: float
    most: float


class Thresholds(Value):
    """What a verdict asks for, by name."""

    thresholds: dict[str, AskedFor]


Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class ThresholdsChange(Request):
    """Thresholds in percent; null is back to what the settings have, what is left out stays."""

    general: Percent | None = None
    general_night: Percent | None = None
    old_kept: Percent | None = None
    recalled: Percent | None = None
    recall_kept: Percent | None = None
    liked: Percent | None = None


class Text(Request):
    """A text to try the rules on."""

    text: Annotated[str, Field(max_length=32768)]


class RedactedText(Value):
    """What a lesson would read of it."""

    text: str


@router.get("/rules")
def rules(runtime: Access) -> Rules:
    """What is taken out of text before it teaches, and when the learner works."""
    return Rules.model_validate(runtime.consenting.rules())


@router.patch("/rules")
def change_rules(runtime: Access, wanted: RulesChange) -> Rules:
    """Change what is given, leave the rest."""
    given = wanted.model_dump(exclude_unset=True, exclude={"redaction"})
    hours = {name: value for name, value in given.items() if value is not None or "quiet" in name}
    kinds = {} if wanted.redaction is None else wanted.redaction.model_dump(exclude_none=True)
    changed = runtime.consenting.change(
        redaction={Redacted(kind): applied for kind, applied in kinds.items()},
        hours=cast("HoursChange", hours),
    )
    return Rules.model_validate(changed)


@router.get("/thresholds")
def thresholds(runtime: Access) -> Thresholds:
    """What a verdict asks for, and from where to where that may be set."""
    return _thresholds(runtime.consenting.asked())


@router.patch("/thresholds")
def change_thresholds(runtime: Access, wanted: ThresholdsChange) -> Thresholds:
    """Change what is given from the next verdict on; 400 outside of the safe range."""
    given = wanted.model_dump(exclude_unset=True)
    changes = {Threshold(name): percent for name, percent in given.items()}
    return _thresholds(runtime.consenting.ask(changes))


@router.post("/redact")
def redact(runtime: Access, wanted: Text) -> RedactedText:
    """Show what a lesson would read of a text; nothing is kept."""
    return RedactedText(text=runtime.consenting.redact(wanted.text))


@router.get("/lessons")
def lessons(
    runtime: Access,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
) -> Lessons:
    """The lessons of the default model."""
    found, following = runtime.lessons(limit=limit, before=before)
    return Lessons(lessons=[Lesson.model_validate(row) for row in found], next=following)


@router.get("/lessons/{number}")
def lesson(runtime: Access, number: Annotated[int, Path(ge=1, lt=2**31)]) -> LessonWithSources:
    """One lesson and the exact text it taught."""
    row, sources = runtime.lesson(number)
    return LessonWithSources(
        lesson=Lesson.model_validate(row),
        sources=[Source.model_validate(source) for source in sources],
    )


def _thresholds(asked: dict[str, Asked]) -> Thresholds:
    return Thresholds.model_validate({"thresholds": asked})
