"""What a user says about a conversation: its name, place, tags, model, and how it is answered.

`change` runs inside a transaction of `l2c.store.conversations`, on a row of the user it is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from sqlalchemy import Connection, delete, insert, update

from l2c.errors import InvalidInput
from l2c.store import branches, folders, queue
from l2c.store.exchanges import storable
from l2c.store.listing import ConversationRow
from l2c.store.schema import conversation, tag

MOST_TAGS = 32


class Changes(TypedDict, total=False):
    """What can be changed of a conversation."""

    title: str
    learn: bool
    draft: str
    model: str
    pinned: bool
    archived: bool
    folder_id: str | None
    tags: Sequence[str]
    system_prompt: str
    sampling: dict[str, Any] | None


def change(
    connection: Connection, at: ConversationRow, user_id: str, changes: Changes, *, now: str
) -> None:
    """Change what is given, leave the rest. Raises `NotFound` for the folder."""
    values: dict[str, Any] = {name: value for name, value in changes.items() if name != "tags"}
    if values.get("folder_id") is not None:
        folders.get(connection, user_id, values["folder_id"])
    if "title" in values:
        values["title"] = " ".join(values["title"].split())
        values["titled"] = values["title"] != ""
    if values:
        connection.execute(
            update(conversation)
            .where(conversation.c.id == at.id, conversation.c.user_id == user_id)
            .values(updated_at=now, **values)
        )
    if values.get("title") == "" and at.active_turn_id is not None:
        branches.retitle(connection, at.id, user_id, leaf=at.active_turn_id)
    if "tags" in changes:
        set_tags(connection, at.id, user_id, changes["tags"])
    if "folder_id" in values:
        queue.follow_folder(connection, user_id, at.id, now=now)
    if values.get("learn") is False:
        queue.withdraw_conversation(connection, user_id, at.id)
    elif values.get("learn") is True:
        queue.queue_conversation(connection, user_id, at.id, now=now)


def set_tags(
    connection: Connection, conversation_id: str, user_id: str, names: Sequence[str]
) -> None:
    """Give the conversation these tags and no others. Raises `InvalidInput` for too many."""
    wanted = {" ".join(storable(name, "tags").split()) for name in names} - {""}
    if len(wanted) > MOST_TAGS:
        raise InvalidInput(f"A conversation has at most {MOST_TAGS} tags; found {len(wanted)}.")
    connection.execute(delete(tag).where(tag.c.conversation_id == conversation_id))
    for name in sorted(wanted):
        row = {"user_id": user_id, "conversation_id": conversation_id, "name": name}
        connection.execute(insert(tag).values(**row))
