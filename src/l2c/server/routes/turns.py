"""`/app/v1/turns`: one turn, its versions, and the stream of an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from l2c.server import stream
from l2c.server.access import Access
from l2c.server.values import (
    ERRORS,
    Exchange,
    Length,
    MinP,
    ModelName,
    Penalty,
    Request,
    Seed,
    Temperature,
    Text,
    TopK,
    TopP,
    Turn,
    Value,
)

router = APIRouter(prefix="/app/v1", tags=["turns"], responses=ERRORS)

Id = Annotated[str, Path(min_length=1, max_length=64)]
Key = Annotated[str | None, Header(alias="idempotency-key", min_length=1, max_length=128)]

TurnFrom = Annotated[str, Field(pattern=r"^[^:]{1,64}:[0-9]{1,15}$")]

MOST_STREAMED = 64
"""Answers followed over one connection."""

STREAMED: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {}}, "description": "Server-sent events."}
}


class Versions(Value):
    """A turn and the others in its place, in the order they were made."""

    turns: list[Turn]


class How(Request):
    """How an answer is to be written; what is left out is as the conversation or settings say.

    With `anyway` the model answers, whatever the router thinks of the request.
    """

    model: ModelName | None = None
    temperature: Temperature | None = None
    top_k: TopK | None = None
    top_p: TopP | None = None
    min_p: MinP | None = None
    repetition_penalty: Penalty | None = None
    length: Length | None = None
    seed: Seed | None = None
    anyway: bool = False


class Again(How):
    """Another answer. `last_turn_id` is the turn the page shows last."""

    last_turn_id: str | None = None


class Edit(Again):
    """A turn in other words."""

    text: Text
    learn: bool | None = None


class ChangedTurn(Request):
    """What may be changed of a turn that was said; what is left out stays."""

    learn: bool = True
    pinned: bool = False
    rating: Annotated[Literal[-1, 1] | None, Field()] = None


def describe(turn: Any) -> dict[str, Any]:
    """A turn as JSON, for the stream."""
    return Turn.model_validate(turn).model_dump(mode="json")


@router.get("/turns/{turn_id}")
def get_turn(runtime: Access, turn_id: Id) -> Turn:
    """A turn as it stands now."""
    return Turn.model_validate(runtime.talking.of_turn(turn_id).turn(turn_id))


@router.get("/turns/{turn_id}/versions")
def versions(runtime: Access, turn_id: Id) -> Versions:
    """The turn and the others in its place, in the order they were made."""
    rows = runtime.talking.of_turn(turn_id).versions(turn_id)
    return Versions(turns=[Turn.model_validate(row) for row in rows])


@router.patch("/turns/{turn_id}")
def change_turn(runtime: Access, turn_id: Id, changed: ChangedTurn) -> Turn:
    """Say whether a turn may teach, keep it in the window, or rate an answer."""
    changes: Any = changed.model_dump(exclude_unset=True)
    return Turn.model_validate(runtime.talking.of_turn(turn_id).change_turn(turn_id, **changes))


@router.post("/turns/{turn_id}/edit", status_code=202)
def edit(runtime: Access, turn_id: Id, wanted: Edit, key: Key = None) -> Exchange:
    """Say it again in other words, beside what was said; a user's turn is answered anew."""
    return _exchange(runtime.talking.edit(turn_id, wanted.text, key=key, **_how(wanted)))


@router.post("/turns/{turn_id}/regenerate", status_code=202)
def regenerate(runtime: Access, turn_id: Id, wanted: Again, key: Key = None) -> Exchange:
    """Write another answer, beside this one or below this turn of the user."""
    return _exchange(runtime.talking.answer_again(turn_id, key=key, **_how(wanted)))


@router.post("/turns/{turn_id}/continue", status_code=202)
def go_on(runtime: Access, turn_id: Id, wanted: Again, key: Key = None) -> Exchange:
    """Write another answer, which begins with all of this one."""
    return _exchange(runtime.talking.go_on(turn_id, key=key, **_how(wanted)))


@router.post("/turns/{turn_id}/stop")
async def stop(runtime: Access, turn_id: Id) -> Turn:
    """Stop an answer and keep what was written. A finished answer stays as it is."""
    await run_in_threadpool(runtime.replies.stop, turn_id)
    return Turn.model_validate(await stream.finished(runtime, turn_id))


@router.get("/turns/{turn_id}/stream", response_class=StreamingResponse, responses=STREAMED)
def stream_turn(
    runtime: Access,
    turn_id: Id,
    after: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
    last_event_id: Annotated[str | None, Header(max_length=32)] = None,
) -> StreamingResponse:
    """An answer while it is written, from any character on."""
    stream.expect_an_answer(runtime, turn_id)
    if after is None:
        known = last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit()
        after = int(last_event_id) if known and last_event_id is not None else 0
    return _streaming(stream.events(runtime, turn_id, after, describe))


@router.get("/stream", response_class=StreamingResponse, responses=STREAMED)
def stream_several(
    runtime: Access,
    turn: Annotated[list[TurnFrom], Query(min_length=1, max_length=MOST_STREAMED)],
) -> StreamingResponse:
    """Several answers while they are written, over one connection; `turn` is `id:after`."""
    wanted = {name: int(after) for name, _, after in (one.rpartition(":") for one in turn)}
    return _streaming(stream.events_of_several(runtime, wanted, describe))


def _streaming(events: AsyncIterator[str]) -> StreamingResponse:
    return StreamingResponse(
        events,
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


def _how(wanted: Again) -> Any:
    """The fields that were given; where the page believes the branch ends among them."""
    fields = wanted.model_dump(exclude={"text"}, exclude_unset=True)
    if "last_turn_id" in fields:
        fields["parent_id"] = fields.pop("last_turn_id")
    return fields


def _exchange(begun: Any) -> Exchange:
    return Exchange(user=Turn.model_validate(begun.user), answer=Turn.model_validate(begun.answer))
