"""`/app/v1/forget`: erase something for good, and follow what models learned from it out too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path
from pydantic import Field, model_validator

from l2c.runtime.forgetting import Forgettable, ForgettingRow
from l2c.server.access import Access
from l2c.server.values import ERRORS, Request, Value

router = APIRouter(prefix="/app/v1/forget", tags=["learning"], responses=ERRORS)

Id = Annotated[str, Field(min_length=1, max_length=64)]


class Wish(Request):
    """What is to be forgotten; one of the four."""

    conversation: Id | None = None
    turn: Id | None = None
    document: Id | None = None
    note: Id | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise ValueError("name one of `conversation`, `turn`, `document` and `note`")
        return self


class Left(Value):
    """Something beside the store that may still hold it, for its owner to remove."""

    name: str
    date: str


class Forgetting(Value):
    """A wish to forget and how far it is: `done` of `steps` lessons were carried out again.

    `rebuilding` means that the text is gone and a checkpoint that never read it answers.
    """

    id: str
    kind: Literal["conversation", "turn", "document", "note"]
    target: str
    state: Literal["erasing", "rebuilding", "done"]
    created_at: str
    finished_at: str | None
    done: int
    steps: int
    turns: int = 0
    exchanges: int = 0
    documents: int = 0
    notes: int = 0
    checkpoints: int = 0
    lessons_lost: int = 0
    copies_removed: Sequence[str] = ()
    left: Sequence[Left] = ()
    goes_on_in: str | None = None


class Forgettings(Value):
    """What was asked for, newest first."""

    forgettings: list[Forgetting]


@router.post("", status_code=202)
def forget(runtime: Access, wish: Wish) -> Forgetting:
    """Erase it now, and have the learner teach again without it what learned from it."""
    ((kind, target),) = wish.model_dump(exclude_none=True).items()
    return _value(runtime.forgetter.forget(Forgettable(kind), target))


@router.get("")
def forgettings(runtime: Access) -> Forgettings:
    """What was asked for, newest first."""
    return Forgettings(forgettings=[_value(row) for row in runtime.forgetter.wishes.all()])


@router.get("/{forgetting_id}")
def progress(
    runtime: Access, forgetting_id: Annotated[str, Path(min_length=1, max_length=64)]
) -> Forgetting:
    """How far it has come."""
    return _value(runtime.forgetter.wishes.get(forgetting_id))


def _value(row: ForgettingRow) -> Forgetting:
    own = {
        name: getattr(row, name)
        for name in ("id", "kind", "target", "state", "created_at", "finished_at", "done", "steps")
    }
    return Forgetting.model_validate({**row.report, **own})
