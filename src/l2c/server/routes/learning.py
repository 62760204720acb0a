"""`/app/v1/learning`: what is being learned, what was, and how much the learner may do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

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
