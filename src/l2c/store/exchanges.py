"""Writing an exchange: begin it, journal the answer, close it. Each function is one promise.

They run inside a transaction of `l2c.store.conversations`, where the promises are described, and
see only rows of the user they are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from l2c.conversation import Role, TurnStatus
from l2c.errors import Busy, Conflict, InvalidInput
from l2c.store import queue, search, turns
from l2c.store.database import new_id
from l2c.store.schema import conversation, journal, request, turn
from l2c.store.turns import not_found

TITLE_CHARACTERS = 48


class Place(Enum):
    """A place in a conversation that is found, not named."""

    AT_THE_END = "at the end"


AT_THE_END: Final = Place.AT_THE_END
"""Says "after whatever is last now" where the parent of a turn can be named."""


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One conversation as the store has it."""

    id: str
    title: str
    model: str
    learn: bool
    draft: str
    created_at: str
    updated_at: str
    deleted_at: str | None
    active_turn_id: str | None
    turn_count: int

    @property
    def deleted(self) -> bool:
        """Whether it is hidden and waits to be purged."""
        return self.deleted_at is not None


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a request recognisable when it is repeated, and a digest of what it asked."""

    name: str
    digest: str | None


def storable(text: str, what: str) -> str:
    """The text itself. Raises `InvalidInput` for half a surrogate pair, which is no character."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"`{what}` must be Unicode text; found half of a surrogate pair at {error.start}."
        ) from error
    return text


def title_from(text: str) -> str:
    """A title for a conversation that begins with `text`: its first words, on one line."""
    line = " ".join(text.split())
    if len(line) <= TITLE_CHARACTERS:
        return line
    head = line[:TITLE_CHARACTERS]
    words, _, cut = head.rpartition(" ")
    return (words if len(words) > len(cut) else head[:-1]) + "…"


def next_activity(connection: Connection, user_id: str) -> int:
    """The number that puts a conversation before all others of the user."""
    highest = select(func.coalesce(func.max(conversation.c.activity), 0))
    return (
        int(connection.execute(highest.where(conversation.c.user_id == user_id)).scalar_one()) + 1
    )


def repeated(
    connection: Connection, user_id: str, conversation_id: str, key: Key | None
) -> tuple[str, str] | None:
    """The two turns an earlier request with this key has made, if there was one.

    Raises `Conflict` when that request asked for something else.
    """
    if key is None:
        return None
    row = connection.execute(
        select(request.c.digest, turn.c.conversation_id, turn.c.parent_id, turn.c.id)
        .join(turn, turn.c.id == request.c.answer_id)
        .where(request.c.user_id == user_id, request.c.key == key.name)
    ).one_or_none()
    if row is None:
        return None
    if row.digest != key.digest or row.conversation_id != conversation_id:
        raise Conflict(
            f"The idempotency key {key.name!r} was used for another request; use a new one."
        )
    return row.parent_id, row.id


def begin(
    connection: Connection,
    at: ConversationRow,
    user_id: str,
    text: str,
    *,
    model: str,
    parent_id: str | Place | None,
    learn: bool,
    key: Key | None,
    now: str,
) -> tuple[str, str]:
    """Append the user's turn and the empty answer to the conversation; their ids."""
    _see_that_it_can_follow(connection, at, parent_id)
    said = _add_turn(
        connection,
        at,
        user_id=user_id,
        parent_id=at.active_turn_id,
        depth=at.turn_count + 1,
        role=Role.USER,
        text=text,
        status=TurnStatus.COMPLETE,
        learn=learn,
        created_at=now,
        finished_at=now,
    )
    answer = _add_turn(
        connection,
        at,
        user_id=user_id,
        parent_id=said,
        depth=at.turn_count + 2,
        role=Role.ASSISTANT,
        text="",
        status=TurnStatus.STREAMING,
        learn=True,
        created_at=now,
        model=model,
    )
    _go_on(connection, at, user_id, text, answer=answer, now=now)
    if key is not None:
        row = {"user_id": user_id, "key": key.name, "digest": key.digest}
        connection.execute(insert(request).values(**row, answer_id=answer, created_at=now))
    return said, answer


def _go_on(
    connection: Connection,
    at: ConversationRow,
    user_id: str,
    text: str,
    *,
    answer: str,
    now: str,
) -> None:
    """Let the conversation end with this answer and be the first in the list."""
    changes = {
        "active_turn_id": answer,
        "title": at.title or title_from(text),
        "draft": "",
        "activity": next_activity(connection, user_id),
        "updated_at": now,
    }
    connection.execute(update(conversation).where(conversation.c.id == at.id).values(**changes))


def _add_turn(connection: Connection, at: ConversationRow, **values: Any) -> str:
    turn_id = new_id()
    seq = connection.execute(
        insert(turn)
        .values(id=turn_id, conversation_id=at.id, pinned=False, **values)
        .returning(turn.c.seq)
    ).scalar_one()
    search.add(connection, values["user_id"], seq, values["text"])
    return turn_id


def _see_that_it_can_follow(
    connection: Connection, at: ConversationRow, parent_id: str | Place | None
) -> None:
    writing = select(turn.c.id).where(
        turn.c.conversation_id == at.id, turn.c.status == TurnStatus.STREAMING
    )
    if connection.execute(writing).first() is not None:
        raise Busy("An answer is being written in this conversation; stop it or wait for its end.")
    if parent_id is not AT_THE_END and parent_id != at.active_turn_id:
        raise Conflict(
            "The conversation has gone on elsewhere: its last turn is "
            f"{at.active_turn_id!r}, not {parent_id!r}. Load it again."
        )


def append(connection: Connection, user_id: str, answer_id: str, offset: int, text: str) -> None:
    """Add to the journal what it does not hold yet of `text`, which stands at `offset`."""
    if _answer(connection, user_id, answer_id).status != TurnStatus.STREAMING:
        raise Conflict(f"The answer {answer_id!r} is finished; nothing can be appended to it.")
    held = connection.execute(
        select(func.coalesce(func.max(journal.c.start + journal.c.length), 0)).where(
            journal.c.answer_id == answer_id
        )
    ).scalar_one()
    if not 0 <= offset <= held:
        raise InvalidInput(
            f"The journal of {answer_id!r} holds {held} characters; found a piece at {offset}."
        )
    fresh = text[held - offset :]
    if fresh:
        connection.execute(
            insert(journal).values(answer_id=answer_id, start=held, length=len(fresh), text=fresh)
        )


def finish(
    connection: Connection,
    user_id: str,
    answer_id: str,
    values: Mapping[str, Any],
    *,
    now: str,
) -> None:
    """Close the answer with these values of its row; without effect when it is closed."""
    answer = _answer(connection, user_id, answer_id)
    if answer.status != TurnStatus.STREAMING:
        return
    connection.execute(update(turn).where(turn.c.id == answer_id).values(finished_at=now, **values))
    connection.execute(delete(journal).where(journal.c.answer_id == answer_id))
    connection.execute(
        update(conversation)
        .where(conversation.c.id == answer.conversation_id)
        .values(updated_at=now)
    )
    search.add(connection, user_id, answer.seq, values["text"])
    queue.queue_answer(connection, user_id, answer_id, now=now)


def interrupt_all(connection: Connection, user_id: str, *, now: str) -> list[str]:
    """Close every open answer of the user with what its journal holds; their ids."""
    open_answers = connection.execute(
        select(turn.c.id)
        .where(turn.c.user_id == user_id, turn.c.status == TurnStatus.STREAMING)
        .order_by(turn.c.seq)
    ).scalars()
    ids = list(open_answers)
    for answer_id in ids:
        values = {
            "status": TurnStatus.INTERRUPTED,
            "text": turns.journaled(connection, answer_id),
        }
        finish(connection, user_id, answer_id, values, now=now)
    return ids


def _answer(connection: Connection, user_id: str, answer_id: str) -> Row[Any]:
    row = connection.execute(
        select(turn).where(
            turn.c.id == answer_id, turn.c.user_id == user_id, turn.c.role == Role.ASSISTANT
        )
    ).one_or_none()
    if row is None:
        raise not_found("answer", answer_id)
    return row
