"""`/app/v1/dreams`: what the models wrote on their own, kept or discarded."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from l2c.runtime import DreamView
from l2c.server.access import Access
from l2c.server.values import ERRORS, ModelName, Request, Seed, Temperature, Value

router = APIRouter(prefix="/app/v1/dreams", tags=["dreams"], responses=ERRORS)

DreamId = Annotated[str, Path(min_length=1, max_length=64)]


class Dream(Value):
    """A dream; `entropy` is in bits per token, `repetition` a share."""

    id: str
    model: str
    checkpoint: str
    seed: int
    temperature: float
    text: str
    tokens: int
    entropy: float
    repetition: float
    kept: bool
    created_at: str


class Dreams(Value):
    """One page of dreams, newest first; `next` is given as `before` to get the following one."""

    dreams: list[Dream]
    next: int | None


class Wish(Request):
    """What is to be dreamt."""

    model: ModelName | None = None
    count: Annotated[int, Field(ge=1, le=5)] = 1
    length: Annotated[int, Field(ge=1, le=1000)] = 200
    temperature: Temperature | None = None
    seed: Seed | None = None


class Keeping(Request):
    """Whether a dream is kept."""

    kept: bool


@router.get("")
def dreams(
    runtime: Access,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[int | None, Query(ge=1, lt=2**31)] = None,
) -> Dreams:
    """The dreams of this user's models, newest first."""
    found, following = runtime.dreaming.page(limit=limit, before=before)
    return Dreams(dreams=[_shown(view) for view in found], next=following)


@router.post("", status_code=201)
def dream(runtime: Access, wanted: Wish) -> Dreams:
    """Let a model dream now; the new dreams, newest first."""
    found = runtime.dreaming.dream(**wanted.model_dump(exclude_none=True))
    return Dreams(dreams=[_shown(view) for view in reversed(found)], next=None)


@router.patch("/{dream_id}")
def keep(runtime: Access, dream_id: DreamId, wanted: Keeping) -> Dream:
    """Keep a dream, or keep it no longer."""
    return _shown(runtime.dreaming.keep(dream_id, kept=wanted.kept))


@router.delete("/{dream_id}", status_code=204)
def discard(runtime: Access, dream_id: DreamId) -> None:
    """Erase a dream for good."""
    runtime.dreaming.discard(dream_id)


def _shown(view: DreamView) -> Dream:
    names = Dream.model_fields.keys() - {"text"}
    return Dream(text=view.text, **{name: getattr(view.row, name) for name in names})
