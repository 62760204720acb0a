"""Writing an exchange: begin it, journal the answer, close it. Each is part of one promise.

They run inside a transaction of `l2c.store.conversations`, where the promises are described, and
see only rows of the user they are given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from l2c.conversation import Role, TurnStatus
from l2c.errors import Conflict, InvalidInput
from l2c.store import branches, queue, recollections, search, turns
from l2c.store import citations as cited
from l2c.store.database import new_id
from l2c.store.listing import ConversationRow
from l2c.store.schema import conversation, journal, request, role, turn, writing
from l2c.store.turns import not_found

_above = turn.alias("above")


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


@dataclass(frozen=True, slots=True)
class Asked:
    """How the turns an exchange begins with are to be made, and the request that asked for them."""

    model: str
    learn: bool
    key: Key | None
    now: str


def say(
    connection: Connection,
    at: ConversationRow,
    user_id: str,
    text: str,
    asked: Asked,
    *,
    parent_id: str | None,
    made_from: str | None = None,
) -> tuple[str, str]:
    """Add a turn of the user below `parent_id`, and the empty answer to it; their ids."""
    said = _add_turn(
        connection,
        at,
        user_id=user_id,
        parent_id=parent_id,
        made_from=made_from,
        role=Role.USER,
        text=text,
        status=TurnStatus.COMPLETE,
        learn=asked.learn,
        created_at=asked.now,
        finished_at=asked.now,
    )
    return said, _begin_answer(connection, at, user_id, asked, said=said, said_after=parent_id)


def answer(
    connection: Connection,
    at: ConversationRow,
    user_id: str,
    asked: Asked,
    *,
    said: str,
    continues: Row[Any] | None = None,
) -> str:
    """Add an answer that is to be written below the turn `said`, which was there; its id.

    One that continues another begins with the text of that.
    """
    return _begin_answer(connection, at, user_id, asked, said=said, said_after=said, of=continues)


def correct(
    connection: Connection,
    at: ConversationRow,
    user_id: str,
    wrong: Row[Any],
    text: str,
    *,
    key: Key | None,
    now: str,
) -> str:
    """Add an answer its user wrote in place of `wrong`; its id. It has no origin."""
    corrected = _add_turn(
        connection,
        at,
        user_id=user_id,
        parent_id=wrong.parent_id,
        made_from=wrong.id,
        role=Role.ASSISTANT,
        text=text,
        status=TurnStatus.COMPLETE,
        learn=wrong.learn,
        created_at=now,
        finished_at=now,
        model=wrong.model,
    )
    asked = Asked(wrong.model, wrong.learn, key, now)
    _go_on(connection, at, user_id, asked, answer=corrected, said_after=wrong.parent_id)
    queue.queue_answer(connection, user_id, corrected, now=now)
    return corrected


def _begin_answer(
    connection: Connection,
    at: ConversationRow,
    user_id: str,
    asked: Asked,
    *,
    said: str,
    said_after: str | None,
    of: Row[Any] | None = None,
) -> str:
    begun = _add_turn(
        connection,
        at,
        user_id=user_id,
        parent_id=said,
        made_from=None if of is None else of.id,
        role=Role.ASSISTANT,
        text="",
        status=TurnStatus.STREAMING,
        learn=True,
        created_at=asked.now,
        model=asked.model,
    )
    if of is not None and of.text:
        text = of.text
        connection.execute(
            insert(journal).values(answer_id=begun, start=0, length=len(text), text=text)
        )
    _go_on(connection, at, user_id, asked, answer=begun, said_after=said_after)
    return begun


def _go_on(
    connection: Connection,
    at: ConversationRow,
    user_id: str,
    asked: Asked,
    *,
    answer: str,
    said_after: str | None,
) -> None:
    """Let the conversation end with this answer and be the first in the list.

    `said_after` is the turn that what is new was said after.
    """
    goes_on = at.active_turn_id in (None, said_after)
    step = branches.extend if goes_on else branches.activate
    first = branches.before_all(user_id)
    step(connection, at, user_id, leaf=answer, now=asked.now, activity=first, draft="")
    if asked.key is not None:
        row = {"user_id": user_id, "key": asked.key.name, "digest": asked.key.digest}
        connection.execute(insert(request).values(**row, answer_id=answer, created_at=asked.now))


def _add_turn(
    connection: Connection, at: ConversationRow, *, parent_id: str | None, **values: Any
) -> str:
    turn_id = new_id()
    depth = select(_above.c.depth).where(_above.c.id == parent_id).scalar_subquery()
    seq = connection.execute(
        insert(turn)
        .values(
            id=turn_id,
            conversation_id=at.id,
            parent_id=parent_id,
            depth=func.coalesce(depth, 0) + 1,
            pinned=False,
            **values,
        )
        .returning(turn.c.seq)
    ).scalar_one()
    search.add(connection, values["user_id"], [(seq, values["text"])])
    return turn_id


def append(connection: Connection, user_id: str, answer_id: str, offset: int, text: str) -> None:
    """Add to the journal what it does not hold yet of `text`, which stands at `offset`."""
    if get_answer(connection, user_id, answer_id).status != TurnStatus.STREAMING:
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


def append_all(
    connection: Connection, user_id: str, pieces: Sequence[tuple[str, int, str]]
) -> None:
    """Add a piece to each of several answers, in one statement, where it fits exactly."""
    held = select(func.coalesce(func.max(journal.c.start + journal.c.length), 0)).where(
        journal.c.answer_id == bindparam("answer")
    )
    fitting = select(
        turn.c.id, bindparam("offset"), bindparam("characters"), bindparam("piece", type_=Text)
    ).where(
        turn.c.id == bindparam("answer"),
        turn.c.user_id == user_id,
        turn.c.role == Role.ASSISTANT,
        turn.c.status == TurnStatus.STREAMING,
        held.scalar_subquery() == bindparam("offset"),
    )
    columns = ["answer_id", "start", "length", "text"]
    connection.execute(
        insert(journal).from_select(columns, fitting),
        [
            {"answer": answer, "offset": offset, "characters": len(text), "piece": text}
            for answer, offset, text in pieces
        ],
    )


def finish(
    connection: Connection,
    user_id: str,
    answer_id: str,
    values: Mapping[str, Any],
    *,
    now: str,
    citations: Sequence[Mapping[str, Any]] = (),
    remembered: Sequence[str] = (),
) -> None:
    """Close the answer with these values of its row; without effect when it is closed.

    Raises `NotFound`.
    """
    row = connection.execute(
        update(turn)
        .where(
            turn.c.id == answer_id,
            turn.c.user_id == user_id,
            turn.c.role == Role.ASSISTANT,
            turn.c.status == TurnStatus.STREAMING,
        )
        .values(finished_at=now, **values)
        .returning(turn.c.seq, turn.c.conversation_id)
    ).one_or_none()
    if row is None:
        get_answer(connection, user_id, answer_id)
        return
    cited.add(connection, user_id, answer_id, citations)
    recollections.add(connection, user_id, answer_id, remembered)
    connection.execute(delete(journal).where(journal.c.answer_id == answer_id))
    connection.execute(delete(writing).where(writing.c.answer_id == answer_id))
    connection.execute(
        update(conversation).where(conversation.c.id == row.conversation_id).values(updated_at=now)
    )
    search.add(connection, user_id, [(row.seq, values["text"])])
    queue.queue_answer(connection, user_id, answer_id, now=now)


def sign(connection: Connection, answer_id: str, server: str) -> None:
    """Note which server writes an open answer."""
    connection.execute(insert(writing).values(answer_id=answer_id, role=server))


def ask_to_stop(connection: Connection, user_id: str, answer_id: str) -> None:
    """Let the server that writes an answer of the user know that it is to stop."""
    mine = select(turn.c.id).where(turn.c.id == answer_id, turn.c.user_id == user_id)
    connection.execute(update(writing).where(writing.c.answer_id.in_(mine)).values(stopping=True))


def to_stop(connection: Connection, user_id: str, answer_ids: Sequence[str]) -> set[str]:
    """Which of the user's answers they asked to stop, on whatever server."""
    mine = select(turn.c.id).where(turn.c.id.in_(answer_ids), turn.c.user_id == user_id)
    asked = select(writing.c.answer_id).where(writing.c.answer_id.in_(mine), writing.c.stopping)
    return set(connection.execute(asked).scalars())


def interrupt_all(connection: Connection, user_id: str, *, now: str) -> list[str]:
    """Close every open answer of the user with what its journal holds; their ids.

    Those stay open that another server writes, as long as that runs.
    """
    open_answers = connection.execute(
        select(turn.c.id).where(turn.c.user_id == user_id, _orphaned(now)).order_by(turn.c.seq)
    ).scalars()
    ids = list(open_answers)
    for answer_id in ids:
        values = {
            "status": TurnStatus.INTERRUPTED,
            "text": turns.journaled(connection, answer_id),
        }
        finish(connection, user_id, answer_id, values, now=now)
    return ids


def users_with_orphans(connection: Connection, *, now: str) -> list[str]:
    """Whose answers are open and written by nobody any more."""
    return list(
        connection.execute(select(turn.c.user_id).where(_orphaned(now)).distinct()).scalars()
    )


def _orphaned(now: str) -> ColumnElement[bool]:
    running = (
        select(writing.c.answer_id)
        .join(role, role.c.name == writing.c.role)
        .where(role.c.expires_at > now)
    )
    return and_(turn.c.status == TurnStatus.STREAMING, turn.c.id.not_in(running))


def get_answer(connection: Connection, user_id: str, answer_id: str) -> Row[Any]:
    """The row of an answer, also of one in a deleted conversation. Raises `NotFound`."""
    row = connection.execute(
        select(turn).where(
            turn.c.id == answer_id, turn.c.user_id == user_id, turn.c.role == Role.ASSISTANT
        )
    ).one_or_none()
    if row is None:
        raise not_found("answer", answer_id)
    return row
