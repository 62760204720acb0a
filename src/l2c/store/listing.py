"""Conversations as rows: one of them, or a page of the list in the order of their last activity.

The functions run inside a transaction of `l2c.store.conversations` and see only rows of the user
they are given. Deleted conversations are seen by none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, bindparam, false, func, select

from l2c.store.schema import conversation, tag, turn
from l2c.store.turns import not_found

_BETWEEN_TAGS = "\n"
"""No tag holds a line break."""


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One conversation as the store has it.

    `titled` says that its user named it, `temporary` that it is kept in memory alone.
    `turn_count` is that of the active branch, which ends in `active_turn_id`.
    """

    id: str
    title: str
    titled: bool
    model: str
    learn: bool
    pinned: bool
    archived: bool
    folder_id: str | None
    tags: tuple[str, ...]
    system_prompt: str
    sampling: dict[str, Any] | None
    draft: str
    created_at: str
    updated_at: str
    deleted_at: str | None
    active_turn_id: str | None
    turn_count: int
    temporary: bool

    @property
    def deleted(self) -> bool:
        """Whether it is hidden and waits to be purged."""
        return self.deleted_at is not None


class ConversationPage(NamedTuple):
    """Some conversations, and what to pass as `before` for the next ones, if there are any."""

    conversations: list[ConversationRow]
    next: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations a list is to show; None shows both kinds."""

    archived: bool | None = None
    pinned: bool | None = None
    folder_id: str | None = None
    tag: str | None = None


def get(
    connection: Connection, user_id: str, conversation_id: str, *, temporary: bool
) -> ConversationRow:
    """The conversation. Raises `NotFound`, also for a deleted one."""
    row = connection.execute(
        _select(user_id).where(
            conversation.c.id == conversation_id, conversation.c.deleted_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        raise not_found("conversation", conversation_id)
    return _conversation(row, temporary=temporary)


def system_prompt(connection: Connection, user_id: str, conversation_id: str) -> str:
    """The system prompt of a conversation. Raises `NotFound`, also for a deleted one."""
    found = connection.execute(_PROMPT, {"user": user_id, "here": conversation_id}).scalar()
    if found is None:
        raise not_found("conversation", conversation_id)
    return str(found)


_PROMPT = select(conversation.c.system_prompt).where(
    conversation.c.id == bindparam("here"),
    conversation.c.user_id == bindparam("user"),
    conversation.c.deleted_at.is_(None),
)


def page(
    connection: Connection,
    user_id: str,
    wanted: Wanted,
    *,
    limit: int,
    before: int | None,
    temporary: bool,
) -> ConversationPage:
    """The conversations last spoken in, newest first; `before` is a former page's `next`."""
    query = (
        _select(user_id)
        .where(conversation.c.deleted_at.is_(None))
        .order_by(conversation.c.activity.desc())
        .limit(limit + 1)
    )
    if before is not None:
        query = query.where(conversation.c.activity < before)
    rows = connection.execute(_narrowed(query, wanted)).all()
    following = rows[limit - 1].activity if len(rows) > limit else None
    shown = [_conversation(row, temporary=temporary) for row in rows[:limit]]
    return ConversationPage(shown, following)


def _narrowed(query: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.archived is not None:
        query = query.where(conversation.c.archived.is_(wanted.archived))
    if wanted.pinned is True:
        query = query.where(conversation.c.pinned)
    elif wanted.pinned is False:
        query = query.where(conversation.c.pinned == false())
    if wanted.folder_id is not None:
        query = query.where(conversation.c.folder_id == wanted.folder_id)
    if wanted.tag is not None:
        tagged = select(tag.c.conversation_id).where(
            tag.c.user_id == conversation.c.user_id, tag.c.name == wanted.tag
        )
        query = query.where(conversation.c.id.in_(tagged))
    return query


def _select(user_id: str) -> Select[Any]:
    return _ROWS.where(conversation.c.user_id == user_id)


_last = turn.alias("last")
_tags = (
    select(func.aggregate_strings(tag.c.name, _BETWEEN_TAGS))
    .where(tag.c.conversation_id == conversation.c.id)
    .scalar_subquery()
)
_ROWS = select(
    conversation,
    func.coalesce(_last.c.depth, 0).label("turn_count"),
    func.coalesce(_tags, "").label("tags"),
).outerjoin(_last, _last.c.id == conversation.c.active_turn_id)
"""Every conversation; put together once, which costs ten times as much as asking."""


def _conversation(row: Row[Any], *, temporary: bool) -> ConversationRow:
    names = ConversationRow.__dataclass_fields__.keys() - {"tags", "temporary"}
    return ConversationRow(
        **{name: getattr(row, name) for name in names},
        tags=tuple(sorted(filter(None, row.tags.split(_BETWEEN_TAGS)))),
        temporary=temporary,
    )
