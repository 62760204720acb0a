"""`/app/v1/conversations` and `/app/v1/turns`: what is said, and the stream of an answer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from l2c.conversation import Role
from l2c.errors import InvalidInput
from l2c.server import stream
from l2c.server.access import Access
from l2c.server.values import (
    ERRORS,
    Conversation,
    Exchange,
    Hit,
    ModelName,
    Request,
    Seed,
    Temperature,
    Text,
    Turn,
    Value,
)

router = APIRouter(prefix="/app/v1", tags=["conversations"], responses=ERRORS)

Id = Annotated[str, Path(min_length=1, max_length=64)]
Title = Annotated[str, Field(max_length=200)]
Draft = Annotated[str, Field(max_length=100_000)]


class Conversations(Value):
    """One page of the list; `next` is given as `before` to get the following one."""

    conversations: list[Conversation]
    next: int | None


class Opened(Value):
    """A conversation with the turns of its active branch, oldest first."""

    conversation: Conversation
    turns: list[Turn]


class Hits(Value):
    """What a search found, best first."""

    hits: list[Hit]


class NewConversation(Request):
    """How a conversation begins."""

    title: Title = ""
    model: ModelName | None = None
    learn: bool = True


class ChangedConversation(Request):
    """What may be changed; what is left out stays."""

    title: Title | None = None
    learn: bool | None = None
    draft: Draft | None = None
    model: ModelName | None = None


class NewTurn(Request):
    """A user's turn. `parent_id` is the turn it follows, null at the start.

    With `anyway` the model answers, whatever the router thinks of the request.
    """

    text: Text
    parent_id: str | None = None
    model: ModelName | None = None
    temperature: Temperature | None = None
    learn: bool | None = None
    seed: Seed | None = None
    anyway: bool = False


class ChangedTurn(Request):
    """Whether a turn may teach."""

    learn: bool


def describe(turn: Any) -> dict[str, Any]:
    """A turn as JSON, for the stream."""
    return Turn.model_validate(turn).model_dump(mode="json")


@router.get("/conversations")
def list_conversations(
    runtime: Access,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
) -> Conversations:
    """Conversations, the newest activity first."""
    found, following = runtime.conversations.list(limit=limit, before=before)
    return Conversations(
        conversations=[Conversation.model_validate(row) for row in found], next=following
    )


@router.post("/conversations", status_code=201)
def create_conversation(runtime: Access, wanted: NewConversation) -> Conversation:
    """A new, empty conversation."""
    model = runtime.catalog.known(wanted.model)
    row = runtime.conversations.create(title=wanted.title, model=model, learn=wanted.learn)
    return Conversation.model_validate(row)


@router.get("/conversations/{conversation_id}")
def open_conversation(runtime: Access, conversation_id: Id) -> Opened:
    """A conversation and what was said in it."""
    row = runtime.conversations.get(conversation_id)
    turns = runtime.conversations.turns(conversation_id)
    return Opened(
        conversation=Conversation.model_validate(row),
        turns=[Turn.model_validate(turn) for turn in turns],
    )


@router.patch("/conversations/{conversation_id}")
def change_conversation(
    runtime: Access, conversation_id: Id, changed: ChangedConversation
) -> Conversation:
    """Rename it, keep a draft, pick its model, or say whether it may teach."""
    if changed.model is not None:
        runtime.catalog.known(changed.model)
    fields = changed.model_dump(exclude_none=True)
    row = runtime.conversations.update(conversation_id, **fields)
    return Conversation.model_validate(row)


@router.delete("/conversations/{conversation_id}", status_code=204)
def delete_conversation(runtime: Access, conversation_id: Id) -> Response:
    """Put it away; it can be restored for a short while, then it is really gone."""
    runtime.delete_conversation(conversation_id)
    return Response(status_code=204)


@router.post("/conversations/{conversation_id}/restore")
def restore_conversation(runtime: Access, conversation_id: Id) -> Conversation:
    """Take a deletion back."""
    return Conversation.model_validate(runtime.conversations.restore(conversation_id))


@router.post("/conversations/{conversation_id}/turns", status_code=202)
def say(
    runtime: Access,
    conversation_id: Id,
    turn: NewTurn,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=128)] = None,
) -> Exchange:
    """Say something. The turn is durable when this returns; its answer is being written."""
    begun = runtime.say(
        conversation_id,
        turn.text,
        key=idempotency_key,
        **turn.model_dump(exclude={"text"}, exclude_unset=True),
    )
    return Exchange(user=Turn.model_validate(begun.user), answer=Turn.model_validate(begun.answer))


@router.get("/turns/{turn_id}")
def get_turn(runtime: Access, turn_id: Id) -> Turn:
    """A turn as it stands now."""
    return Turn.model_validate(runtime.conversations.turn(turn_id))


@router.patch("/turns/{turn_id}")
def change_turn(runtime: Access, turn_id: Id, changed: ChangedTurn) -> Turn:
    """Say whether a turn may teach."""
    return Turn.model_validate(runtime.conversations.change_turn(turn_id, learn=changed.learn))


@router.post("/turns/{turn_id}/stop")
async def stop(runtime: Access, turn_id: Id) -> Turn:
    """Stop an answer and keep what was written. A finished answer stays as it is."""
    await run_in_threadpool(runtime.replies.stop, turn_id)
    return Turn.model_validate(await stream.finished(runtime, turn_id))


@router.get(
    "/turns/{turn_id}/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "Server-sent events."}},
)
def stream_turn(
    runtime: Access,
    turn_id: Id,
    after: Annotated[int | None, Query(ge=0, lt=2**53)] = None,
    last_event_id: Annotated[str | None, Header(max_length=32)] = None,
) -> StreamingResponse:
    """An answer while it is written, from any character on."""
    turn = runtime.conversations.turn(turn_id)
    if turn.role is not Role.ASSISTANT:
        raise InvalidInput("Only answers are streamed; this is a user's turn.")
    if after is None:
        known = last_event_id is not None and last_event_id.isascii() and last_event_id.isdigit()
        after = int(last_event_id) if known and last_event_id is not None else 0
    return StreamingResponse(
        stream.events(runtime, turn_id, after, describe),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


@router.get("/search")
def search(
    runtime: Access,
    q: Annotated[str, Query(min_length=1, max_length=200)],
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> Hits:
    """Turns that hold these words, best first."""
    return Hits(
        hits=[Hit.model_validate(hit) for hit in runtime.conversations.search(q, limit=limit)]
    )
