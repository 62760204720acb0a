"""Reading turns: one, a branch, the newest; each with its mark of learning.

A branch is followed from its end to its beginning over `parent_id`. A turn that is still being
written shows what its journal holds. The functions here run inside a transaction of
`l2c.store.conversations`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    literal,
    select,
    true,
)

from l2c.conversation import Origin, Role, TurnStatus
from l2c.errors import NotFound
from l2c.store import citations, recollections
from l2c.store.database import Database
from l2c.store.schema import conversation, exchange, journal, turn, unlearned_folder
from l2c.store.states import ExchangeState


class LearningMark(StrEnum):
    """What became of a user's turn as something to learn from."""

    QUEUED = "queued"
    LEARNED = "learned"
    TO_FORGET = "to_forget"
    OFF = "off"
    REFUSED = "refused"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One turn as the store has it; `text` of a streaming turn is what its journal holds.

    It is number `version` (from 1) of the `versions` turns in its place, in the order they were
    made. `made_from` names the turn it began as: of an edit, or of an answer that goes on.
    `rating` is 1, -1 or None; `sampling` is how an answer was written; `citations` are the quotes
    it rests on, `remembered` the turns it remembers.
    """

    id: str
    conversation_id: str
    parent_id: str | None
    version: int
    versions: int
    made_from: str | None
    role: Role
    text: str
    status: TurnStatus
    created_at: str
    finished_at: str | None
    learn: bool
    learning: LearningMark
    lesson: int | None
    pinned: bool
    rating: int | None
    model: str | None
    checkpoint: str | None
    origin: Origin | None
    sampling: dict[str, Any] | None
    window: dict[str, Any] | None
    error: str | None
    citations: list[dict[str, Any]] | None = None
    remembered: list[dict[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What was said in a turn, without what became of it."""

    id: str
    role: Role
    text: str
    pinned: bool


def get(connection: Connection, user_id: str, turn_id: str) -> TurnRow:
    """The turn. Raises `NotFound`, also when its conversation is deleted."""
    return _one(connection, _visible(user_id).where(turn.c.id == turn_id), turn_id)


def those(connection: Connection, user_id: str, turn_ids: Sequence[str]) -> list[TurnRow]:
    """A few turns, in the order of their ids. Raises `NotFound` where one is missing."""
    rows = _read(connection, _visible(user_id).where(turn.c.id.in_(turn_ids)))
    by_id = {row.id: row for row in rows}
    for turn_id in turn_ids:
        if turn_id not in by_id:
            raise not_found("turn", turn_id)
    return [by_id[turn_id] for turn_id in turn_ids]


def role_of(connection: Connection, user_id: str, turn_id: str) -> Role:
    """Whose words a turn has. Raises `NotFound`, also when its conversation is deleted."""
    found = connection.execute(_ROLE, {"user": user_id, "turn": turn_id}).scalar()
    if found is None:
        raise not_found("turn", turn_id)
    return Role(found)


def said_through(
    connection: Connection, user_id: str, conversation_id: str, last_turn_id: str | None
) -> list[Said]:
    """What was said from the beginning of the conversation to this turn, which is finished."""
    which = {"user": user_id, "here": conversation_id, "turn": last_turn_id}
    rows = connection.execute(_SAID, which)
    return [Said(row.id, Role(row.role), row.text, row.pinned) for row in rows]


def get_even_if_deleted(connection: Connection, user_id: str, turn_id: str) -> TurnRow:
    """The turn, whether or not its conversation is deleted meanwhile. Raises `NotFound`."""
    return _one(connection, _turns(user_id).where(turn.c.id == turn_id), turn_id)


def branch(
    connection: Connection, user_id: str, last_turn_id: str | None, *, limit: int | None = None
) -> list[TurnRow]:
    """The turns from the beginning of the conversation (or the last `limit`) to this one."""
    above = _line(literal(last_turn_id, Text), limit=limit)
    return _read(
        connection, _turns(user_id).join(above, above.c.id == turn.c.id).order_by(turn.c.depth)
    )


def _line(last_turn_id: ColumnElement[str | None], *, limit: int | None = None) -> CTE:
    """The turns from this one up to the beginning of its conversation, or the last `limit`."""
    last = select(turn.c.id, turn.c.parent_id, literal(1).label("place"))
    line = last.where(turn.c.id == last_turn_id).cte(recursive=True)
    next_above = select(turn.c.id, turn.c.parent_id, line.c.place + 1).join(
        line, line.c.parent_id == turn.c.id
    )
    if limit is not None:
        next_above = next_above.where(line.c.place < limit)
    return line.union_all(next_above)


def siblings(connection: Connection, user_id: str, one: TurnRow) -> list[TurnRow]:
    """The turns in the place of this one, itself among them, in the order they were made."""
    beside = _turns(user_id).where(turn.c.conversation_id == one.conversation_id)
    return _read(connection, beside.where(turn.c.parent_id == one.parent_id).order_by(turn.c.seq))


def newest(connection: Connection, user_id: str, *, limit: int) -> list[TurnRow]:
    """The user's last `limit` turns over all conversations that are not deleted, newest last."""
    rows = _read(connection, _visible(user_id).order_by(turn.c.seq.desc()).limit(limit))
    return rows[::-1]


def journaled(connection: Connection, answer_id: str) -> str:
    """What the journal of an unfinished answer holds."""
    pieces = connection.execute(
        select(journal.c.text).where(journal.c.answer_id == answer_id).order_by(journal.c.start)
    )
    return "".join(pieces.scalars())


def not_found(what: str, name: str) -> NotFound:
    """The error for an id that is unknown, or somebody else's."""
    return NotFound(f"There is no {what} {name!r}.")


def _turns(user_id: str) -> Select[Any]:
    return (
        select(
            turn,
            and_(conversation.c.learn, unlearned_folder.c.folder_id.is_(None)).label(
                "conversation_learns"
            ),
        )
        .join(conversation, conversation.c.id == turn.c.conversation_id)
        .outerjoin(unlearned_folder, unlearned_folder.c.folder_id == conversation.c.folder_id)
        .where(turn.c.user_id == user_id)
    )


def _visible(user_id: str) -> Select[Any]:
    return _turns(user_id).where(conversation.c.deleted_at.is_(None))


def _one(connection: Connection, query: Select[Any], turn_id: str) -> TurnRow:
    rows = _read(connection, query)
    if not rows:
        raise not_found("turn", turn_id)
    return rows[0]


_MAY_REST_ON_DOCUMENTS = (Origin.QUOTED, Origin.COMPUTED, Origin.GENERATED)


def _read(connection: Connection, query: Select[Any]) -> list[TurnRow]:
    rows = connection.execute(query).all()
    learned = _exchange_states(connection, [row.id for row in rows if row.role == Role.USER])
    places = _places(connection, rows)
    resting = [row for row in rows if row.origin in _MAY_REST_ON_DOCUMENTS]
    quotes = (
        citations.of(connection, resting[0].user_id, [row.id for row in resting]) if resting else {}
    )
    told = recollections.of(connection, rows[0].user_id, rows) if rows else {}
    return [
        replace(
            _turn(connection, row, learned.get(row.id, {}), places[row.id]),
            citations=quotes.get(row.id),
            remembered=told.get(row.id),
        )
        for row in rows
    ]


def _places(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, tuple[int, int]]:
    """Of each turn, the number of its version and how many there are."""
    below = sorted({row.parent_id for row in rows if row.parent_id is not None})
    first = sorted({row.conversation_id for row in rows if row.parent_id is None})
    beside: dict[str, list[str]] = {}
    for column, names, more in (
        (turn.c.parent_id, below, true()),
        (turn.c.conversation_id, first, turn.c.parent_id.is_(None)),
    ):
        for start in range(0, len(names), _AT_ONCE):
            found = connection.execute(
                select(column.label("place"), turn.c.id)
                .where(column.in_(names[start : start + _AT_ONCE]), more)
                .order_by(turn.c.seq)
            )
            for place, turn_id in found:
                beside.setdefault(place, []).append(turn_id)
    places = {}
    for ids in beside.values():
        places.update({turn_id: (number, len(ids)) for number, turn_id in enumerate(ids, 1)})
    return places


def _exchange_states(
    connection: Connection, turn_ids: Sequence[str]
) -> dict[str, dict[str, int | None]]:
    """Of each user's turn, the states its exchanges are in, with the first lesson of each."""
    states: dict[str, dict[str, int | None]] = {}
    for start in range(0, len(turn_ids), _AT_ONCE):
        rows = connection.execute(
            select(
                exchange.c.user_turn_id,
                exchange.c.state,
                exchange.c.lesson,
                exchange.c.forget_at,
            )
            .where(exchange.c.user_turn_id.in_(turn_ids[start : start + _AT_ONCE]))
            .order_by(exchange.c.lesson)
        )
        for row in rows:
            state = _TO_FORGET if row.forget_at is not None else ExchangeState(row.state)
            states.setdefault(row.user_turn_id, {}).setdefault(state, row.lesson)
    return states


_TO_FORGET = "to forget"
"""Stands for learned exchanges that are marked to be forgotten."""

_AT_ONCE = 500
"""Ids in one query; libraries differ in how many parameters they allow."""


def _turn(
    connection: Connection, row: Row[Any], states: dict[str, int | None], place: tuple[int, int]
) -> TurnRow:
    status = TurnStatus(row.status)
    streaming = status == TurnStatus.STREAMING
    return TurnRow(
        id=row.id,
        conversation_id=row.conversation_id,
        parent_id=row.parent_id,
        version=place[0],
        versions=place[1],
        made_from=row.made_from,
        role=Role(row.role),
        text=journaled(connection, row.id) if streaming else row.text,
        status=status,
        created_at=row.created_at,
        finished_at=row.finished_at,
        learn=row.learn,
        learning=_mark(row, states),
        lesson=states.get(ExchangeState.LEARNED, states.get(_TO_FORGET)),
        pinned=row.pinned,
        rating=row.rating,
        model=row.model,
        checkpoint=row.checkpoint,
        origin=None if row.origin is None else Origin(row.origin),
        sampling=row.sampling,
        window=row.window,
        error=row.error,
    )


def _mark(row: Row[Any], states: dict[str, int | None]) -> LearningMark:
    if row.role != Role.USER:
        return LearningMark.NONE
    if ExchangeState.LEARNED in states:
        return LearningMark.LEARNED
    if _TO_FORGET in states:
        return LearningMark.TO_FORGET
    if not (row.learn and row.conversation_learns):
        return LearningMark.OFF
    if ExchangeState.PENDING in states:
        return LearningMark.QUEUED
    if ExchangeState.REFUSED in states:
        return LearningMark.REFUSED
    return LearningMark.NONE


# Statements that every answer asks for are put together once.
_OF_USER = turn.c.user_id == bindparam("user")
_ROLE = (
    select(turn.c.role)
    .join(conversation, conversation.c.id == turn.c.conversation_id)
    .where(_OF_USER, turn.c.id == bindparam("turn"), conversation.c.deleted_at.is_(None))
)
_ABOVE = _line(bindparam("turn"))
_SAID = (
    select(turn.c.id, turn.c.role, turn.c.text, turn.c.pinned)
    .join(_ABOVE, _ABOVE.c.id == turn.c.id)
    .where(_OF_USER, turn.c.conversation_id == bindparam("here"))
    .order_by(turn.c.depth)
)


def conversations_of(database: Database, turn_ids: Sequence[str]) -> list[str]:
    """The conversations these turns stand in, whoever's they are."""
    query = select(turn.c.conversation_id).where(turn.c.id.in_(turn_ids)).distinct()
    with database.read() as connection:
        return list(connection.execute(query).scalars())
