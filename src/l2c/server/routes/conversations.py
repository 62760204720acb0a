"""`/app/v1/conversations` and `/app/v1/search`: conversations, and finding what was said."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response
from pydantic import Field

from l2c.runtime import Order, Wanted
from l2c.server.access import Access
from l2c.server.routes.turns import How
from l2c.server.values import (
    ERRORS,
    MAX_CHARACTERS,
    Conversation,
    ConversationSampling,
    Exchange,
    Hit,
    ModelName,
    Request,
    Text,
    Turn,
    Value,
    Window,
)

router = APIRouter(prefix="/app/v1", tags=["conversations"], responses=ERRORS)

Id = Annotated[str, Path(min_length=1, max_length=64)]
Title = Annotated[str, Field(max_length=200)]
Draft = Annotated[str, Field(max_length=100_000)]
SystemPrompt = Annotated[str, Field(max_length=MAX_CHARACTERS)]
TagName = Annotated[str, Field(min_length=1, max_length=50)]
FolderId = Annotated[str, Field(min_length=1, max_length=64)]


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
    temporary: bool = False
    folder_id: FolderId | None = None
    system_prompt: SystemPrompt = ""
    sampling: ConversationSampling | None = None


class ChangedConversation(Request):
    """What may be changed; what is left out stays."""

    title: Title = ""
    learn: bool = True
    draft: Draft = ""
    model: ModelName = ""
    pinned: bool = False
    archived: bool = False
    folder_id: FolderId | None = None
    tags: Annotated[list[TagName], Field(max_length=32, default_factory=list)]
    system_prompt: SystemPrompt = ""
    sampling: ConversationSampling | None = None


class NewTurn(How):
    """A user's turn. `parent_id` is the turn it follows, null at the start."""

    text: Text
    parent_id: str | None = None
    learn: bool | None = None


class Branch(Request):
    """The branch to go to: one through this turn."""

    turn_id: Annotated[str, Field(min_length=1, max_length=64)]
    last_turn_id: str | None = None


class Kept(Request):
    """Whether what was said in a temporary conversation may teach from now on."""

    learn: bool = True


@router.get("/conversations")
def list_conversations(
    runtime: Access,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    archived: bool | None = None,
    pinned: bool | None = None,
    folder_id: Annotated[str | None, Query(max_length=64)] = None,
    tag: Annotated[str | None, Query(max_length=50)] = None,
    temporary: bool = False,
) -> Conversations:
    """Conversations, the newest activity first."""
    if temporary:
        rows = runtime.talking.temporary()
        return Conversations(conversations=[_conversation(row) for row in rows], next=None)
    wanted = Wanted(archived=archived, pinned=pinned, folder_id=folder_id, tag=tag)
    found, following = runtime.conversations.list(limit=limit, before=before, wanted=wanted)
    return Conversations(conversations=[_conversation(row) for row in found], next=following)


@router.post("/conversations", status_code=201)
def create_conversation(runtime: Access, wanted: NewConversation) -> Conversation:
    """A new, empty conversation."""
    return _conversation(runtime.talking.begin(**_plain(wanted)))


@router.get("/conversations/{conversation_id}")
def open_conversation(
    runtime: Access,
    conversation_id: Id,
    at: Annotated[str | None, Query(max_length=64)] = None,
) -> Opened:
    """A conversation and what was said in it: on its active branch, or on the one at a turn."""
    talks = runtime.talking.of(conversation_id)
    return Opened(
        conversation=_conversation(talks.get(conversation_id)),
        turns=[Turn.model_validate(turn) for turn in talks.turns(conversation_id, through=at)],
    )


@router.patch("/conversations/{conversation_id}")
def change_conversation(
    runtime: Access, conversation_id: Id, changed: ChangedConversation
) -> Conversation:
    """Change its name, place, tags, draft or model, how it is answered, or whether it may teach."""
    changes = _plain(changed, exclude_unset=True)
    return _conversation(runtime.talking.change(conversation_id, **changes))


@router.delete("/conversations/{conversation_id}", status_code=204)
def delete_conversation(runtime: Access, conversation_id: Id) -> Response:
    """Put it away; it can be restored for a short while, then it is really gone."""
    runtime.talking.delete(conversation_id)
    return Response(status_code=204)


@router.post("/conversations/{conversation_id}/restore")
def restore_conversation(runtime: Access, conversation_id: Id) -> Conversation:
    """Take a deletion back."""
    return _conversation(runtime.talking.restore(conversation_id))


@router.post("/conversations/{conversation_id}/keep")
def keep_conversation(runtime: Access, conversation_id: Id, wanted: Kept) -> Conversation:
    """Turn a temporary conversation into a kept one, under the same ids."""
    return _conversation(runtime.talking.keep(conversation_id, learn=wanted.learn))


@router.post("/conversations/{conversation_id}/branch")
def go_to_branch(runtime: Access, conversation_id: Id, wanted: Branch) -> Opened:
    """Make the branch through a turn the active one, down to its newest end."""
    talks = runtime.talking.of(conversation_id)
    talks.turns(conversation_id, through=wanted.turn_id)  # it is a turn of this conversation
    expected = wanted.model_dump(include={"last_turn_id"}, exclude_unset=True)
    row = talks.activate(wanted.turn_id, **expected)
    turns = talks.turns(conversation_id)
    return Opened(
        conversation=_conversation(row), turns=[Turn.model_validate(turn) for turn in turns]
    )


@router.get("/conversations/{conversation_id}/window")
def window(
    runtime: Access,
    conversation_id: Id,
    model: Annotated[str | None, Query(max_length=200)] = None,
) -> Window:
    """What a model would read if the draft were sent now."""
    return Window.model_validate(runtime.talking.window(conversation_id, model=model))


@router.post("/conversations/{conversation_id}/turns", status_code=202)
def say(
    runtime: Access,
    conversation_id: Id,
    turn: NewTurn,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=128)] = None,
) -> Exchange:
    """Say something. The turn is durable when this returns; its answer is being written."""
    begun = runtime.talking.say(
        conversation_id,
        turn.text,
        key=idempotency_key,
        **turn.model_dump(exclude={"text"}, exclude_unset=True),
    )
    return Exchange(user=Turn.model_validate(begun.user), answer=Turn.model_validate(begun.answer))


@router.get("/search")
def search(
    runtime: Access,
    q: Annotated[str, Query(min_length=1, max_length=200)],
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
    sort: Order = Order.RELEVANCE,
) -> Hits:
    """Turns that hold these words, best first."""
    return Hits(
        hits=[Hit.model_validate(hit) for hit in runtime.conversations.search(q, limit, order=sort)]
    )


def _conversation(row: Any) -> Conversation:
    return Conversation.model_validate(row)


def _plain(wanted: Request, *, exclude_unset: bool = False) -> dict[str, Any]:
    """The fields of a request; of sampling parameters those that are given."""
    fields = wanted.model_dump(exclude_unset=exclude_unset)
    if fields.get("sampling") is not None:
        given = {name: value for name, value in fields["sampling"].items() if value is not None}
        fields["sampling"] = given or None
    return fields
