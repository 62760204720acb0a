"""`/app/v1/memory`: what was told and is remembered, to read, mend and forget."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import Field

from l2c.server.access import Access
from l2c.server.values import ERRORS, Request, Value

router = APIRouter(prefix="/app/v1/memory", tags=["memory"], responses=ERRORS)

Id = Annotated[str, Path(min_length=1, max_length=64)]


class Fact(Value):
    """A fact: what it is about (empty: the user), the values it had before, and its turn."""

    id: str
    subject: str
    relation: str
    value: str
    said: str
    history: list[str]
    edited: bool
    told_at: str
    turn_id: str
    conversation_id: str


class Facts(Value):
    """Everything remembered, the newest first."""

    facts: list[Fact]


class NewValue(Request):
    """Another value for a fact."""

    value: Annotated[str, Field(min_length=1, max_length=200)]


@router.get("")
def remembered(runtime: Access) -> Facts:
    """Everything remembered, the newest first."""
    return Facts(facts=[_fact(one) for one in runtime.memory.all()])


@router.patch("/{memory_id}")
def change(runtime: Access, memory_id: Id, wanted: NewValue) -> Fact:
    """Give a fact another value: it is said anew in its conversation, and so is another fact.

    Where no words do that alone, only this list changes, and the fact is `edited`.
    """
    return _fact(runtime.memory.change(memory_id, wanted.value))


@router.delete("/{memory_id}", status_code=204)
def forget(runtime: Access, memory_id: Id) -> Response:
    """Forget a fact and its former values; its turn stays in the conversation."""
    runtime.memory.delete(memory_id)
    return Response(status_code=204)


def _fact(one: Any) -> Fact:
    row, fact = one.row, one.fact
    return Fact(
        id=row.id,
        subject=fact.subject,
        relation=fact.relation,
        value=fact.value,
        said=fact.said,
        history=list(one.history),
        edited=row.edited,
        told_at=row.told_at,
        turn_id=row.turn_id,
        conversation_id=row.conversation_id,
    )
