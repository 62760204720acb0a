"""The branches of a conversation: which one is active, and going to another.

A conversation is a tree of turns, of which nothing is ever overwritten. Editing a turn, answering
one again and continuing an answer add a turn beside it, a version, and make the branch through it
the active one. What is on the active branch may teach, what is off it may not: the functions here
that change the branch also set the queue right (`queue.follow_branch`).

They run inside a transaction of `l2c.store.conversations`, on rows of the user they are given.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    func,
    literal,
    select,
    update,
)

from l2c.conversation import Role, TurnStatus
from l2c.errors import Busy, Conflict
from l2c.store import queue, turns
from l2c.store.listing import ConversationRow
from l2c.store.places import Place
from l2c.store.schema import conversation, turn
from l2c.store.titles import LOOKED_AT, title_of


def see_that_nothing_is_being_written(connection: Connection, conversation_id: str) -> None:
    """Raise `Busy` while an answer is being written in the conversation."""
    writing = select(turn.c.id).where(
        turn.c.conversation_id == conversation_id, turn.c.status == TurnStatus.STREAMING
    )
    if connection.execute(writing).first() is not None:
        raise Busy("An answer is being written in this conversation; stop it or wait for its end.")


def see_that_it_ends_there(at: ConversationRow, last_turn_id: str | Place | None) -> None:
    """Raise `Conflict` when the active branch does not end in the turn the caller believes in."""
    if not isinstance(last_turn_id, Place) and last_turn_id != at.active_turn_id:
        raise Conflict(
            "The conversation has gone on elsewhere: its last turn is "
            f"{at.active_turn_id!r}, not {last_turn_id!r}. Load it again."
        )


def leaf_of(connection: Connection, turn_id: str) -> str:
    """The newest end of the branches through this turn."""
    below = select(turn.c.id, turn.c.seq).where(turn.c.id == turn_id).cte(recursive=True)
    below = below.union_all(
        select(turn.c.id, turn.c.seq).join(below, turn.c.parent_id == below.c.id)
    )
    # A child is always written after its parent, so the newest turn below has no children.
    newest = select(below.c.id).order_by(below.c.seq.desc()).limit(1)
    return str(connection.execute(newest).scalar_one())


def extend(
    connection: Connection, at: ConversationRow, user_id: str, *, leaf: str, now: str, **also: Any
) -> None:
    """Let the active branch go on to `leaf`, which stands below its end; nothing leaves it.

    `also` are other columns of the conversation that change with it.
    """
    if not at.titled and at.turn_count <= 2 * LOOKED_AT:
        also["title"] = title_of(_first_texts(connection, leaf))
    _change(connection, at.id, user_id, active_turn_id=leaf, updated_at=now, **also)


def activate(
    connection: Connection, at: ConversationRow, user_id: str, *, leaf: str, now: str, **also: Any
) -> None:
    """Let the active branch end in `leaf`; the queue and an automatic title follow.

    `also` are other columns of the conversation that change with it.
    """
    if not at.titled:
        also["title"] = title_of(_first_texts(connection, leaf))
    _change(connection, at.id, user_id, active_turn_id=leaf, updated_at=now, **also)
    queue.follow_branch(connection, user_id, at.id, now=now)


def retitle(connection: Connection, conversation_id: str, user_id: str, *, leaf: str) -> None:
    """Give a conversation the title its branch to `leaf` deserves."""
    title = title_of(_first_texts(connection, leaf))
    _change(connection, conversation_id, user_id, title=title)


def before_all(user_id: str) -> ColumnElement[int]:
    """The activity that puts a conversation before all others of the user."""
    return _HIGHEST.where(_every.c.user_id == user_id).scalar_subquery()


_every = conversation.alias("every")
_HIGHEST = select(func.coalesce(func.max(_every.c.activity), 0) + 1)


def versions(connection: Connection, user_id: str, turn_id: str) -> list[turns.TurnRow]:
    """The turn and the others in its place, in the order they were made. Raises `NotFound`."""
    return turns.siblings(connection, user_id, turns.get(connection, user_id, turn_id))


def _change(connection: Connection, conversation_id: str, user_id: str, **values: Any) -> None:
    connection.execute(
        update(conversation)
        .where(conversation.c.id == conversation_id, conversation.c.user_id == user_id)
        .values(**values)
    )


def _first_texts(connection: Connection, leaf: str) -> list[str]:
    """What the user said first on the branch to `leaf`; a title needs no more."""
    return list(connection.execute(_FIRST_TEXTS, {"leaf": leaf}).scalars())


def _texts_above() -> Select[Any]:
    line = select(turn.c.id, turn.c.parent_id, literal(1).label("place"))
    above = line.where(turn.c.id == bindparam("leaf")).cte(recursive=True)
    above = above.union_all(
        select(turn.c.id, turn.c.parent_id, above.c.place + 1).join(
            above, above.c.parent_id == turn.c.id
        )
    )
    return (
        select(turn.c.text)
        .join(above, above.c.id == turn.c.id)
        .where(turn.c.role == Role.USER)
        .order_by(turn.c.depth)
        .limit(LOOKED_AT)
    )


_FIRST_TEXTS = _texts_above()
