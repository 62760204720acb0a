"""The queue of exchanges a model is to learn.

An exchange enters the queue in the transaction that closes its answer, once for every model of
the user that learns. What may teach is asked of the rows, not remembered: it stands on the active
branch of its conversation, the answer is complete or was stopped by the user, both sides have
text, and neither turn, conversation nor folder says "do not learn". Taking that word back
withdraws the exchange; giving it again queues it anew.

What leaves the active branch is withdrawn. Where that is too late, because it was learned, it is
marked: `exchange.forget_at` says since when a model knows something that no longer stands. Coming
back to the branch takes the mark away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    insert,
    literal,
    select,
    update,
)

from l2c.conversation import Role, TurnStatus
from l2c.store.database import new_id
from l2c.store.schema import citation, conversation, exchange, model, turn, unlearned_folder
from l2c.store.states import ExchangeState

_UNLEARNED = select(unlearned_folder.c.folder_id)
_said = turn.alias("said")
_answer = turn.alias("answer")


def queue_answer(connection: Connection, user_id: str, answer_id: str, *, now: str) -> None:
    """Queue the exchange this answer closes, if it may teach and a model learns."""
    found = connection.execute(_CLOSED, {"user": user_id, "answer": answer_id}).all()
    _put(connection, user_id, found, now=now)


def queue_turn(connection: Connection, user_id: str, turn_id: str, *, now: str) -> None:
    """Queue the exchanges of this turn, either side of them, that may teach again."""
    either = (_answer.c.id == turn_id) | (_said.c.id == turn_id)
    _queue(connection, user_id, either, now=now, within=_around(turn_id))


def queue_conversation(
    connection: Connection, user_id: str, conversation_id: str, *, now: str
) -> None:
    """Queue every exchange of the conversation that may teach again."""
    here = conversation.c.id == conversation_id
    _queue(connection, user_id, _answer.c.conversation_id == conversation_id, now=now, within=here)


def follow_branch(connection: Connection, user_id: str, conversation_id: str, *, now: str) -> None:
    """Set right what waits and what is to be forgotten after the active branch changed.

    Exchanges that were never queued stay out: a change of branch does not begin to teach what was
    imported without that wish.
    """
    here = conversation.c.id == conversation_id
    on_branch = exchange.c.answer_turn_id.in_(_active(literal(user_id), here))
    of_it = (exchange.c.user_id == user_id) & (exchange.c.conversation_id == conversation_id)
    learned = of_it & (exchange.c.state == ExchangeState.LEARNED)
    _withdraw(connection, user_id, of_it & ~on_branch)
    connection.execute(
        update(exchange)
        .where(learned, ~on_branch, exchange.c.forget_at.is_(None))
        .values(forget_at=now)
    )
    connection.execute(update(exchange).where(learned, on_branch).values(forget_at=None))
    known = (_answer.c.conversation_id == conversation_id) & exchange.c.id.is_not(None)
    _queue(connection, user_id, known, now=now, within=here)


def follow_folder(connection: Connection, user_id: str, conversation_id: str, *, now: str) -> None:
    """Set right what waits after the conversation went to another folder.

    Exchanges that were never queued stay out, as with a change of branch.
    """
    folder = select(conversation.c.folder_id).where(conversation.c.id == conversation_id)
    withheld = select(unlearned_folder.c.folder_id).where(
        unlearned_folder.c.folder_id == folder.scalar_subquery()
    )
    if connection.execute(withheld).first() is not None:
        withdraw_conversation(connection, user_id, conversation_id)
        return
    known = (_answer.c.conversation_id == conversation_id) & exchange.c.id.is_not(None)
    _queue(connection, user_id, known, now=now, within=conversation.c.id == conversation_id)


def withdraw_turn(connection: Connection, user_id: str, turn_id: str) -> None:
    """Take the exchanges of this turn, either side of them, from the queue."""
    _withdraw(
        connection,
        user_id,
        (exchange.c.user_turn_id == turn_id) | (exchange.c.answer_turn_id == turn_id),
    )


def withdraw_conversation(connection: Connection, user_id: str, conversation_id: str) -> None:
    """Take every exchange of the conversation from the queue."""
    _withdraw(connection, user_id, exchange.c.conversation_id == conversation_id)


def _withdraw(connection: Connection, user_id: str, which: ColumnElement[bool]) -> None:
    connection.execute(
        update(exchange)
        .where(
            exchange.c.user_id == user_id,
            exchange.c.state.in_([ExchangeState.PENDING, ExchangeState.REFUSED]),
            which,
        )
        .values(state=ExchangeState.WITHDRAWN)
    )


def _around(turn_id: str | ColumnElement[str]) -> ColumnElement[bool]:
    """The conversation of a turn."""
    of_it = select(turn.c.conversation_id).where(turn.c.id == turn_id)
    return conversation.c.id == of_it.scalar_subquery()


def _active(user_id: ColumnElement[str], within: ColumnElement[bool]) -> Select[Any]:
    """The turns on the active branches of the user's conversations that fulfil `within`."""
    last = (
        select(turn.c.id, turn.c.parent_id)
        .join(conversation, conversation.c.active_turn_id == turn.c.id)
        .where(conversation.c.user_id == user_id, within)
    )
    branch = last.cte("branch", recursive=True)
    branch = branch.union_all(
        select(turn.c.id, turn.c.parent_id).join(branch, branch.c.parent_id == turn.c.id)
    )
    return select(branch.c.id)


def _queue(
    connection: Connection,
    user_id: str,
    which: ColumnElement[bool],
    *,
    now: str,
    within: ColumnElement[bool],
) -> None:
    """Queue the exchanges `which`, if they may teach; `within` bounds the conversations to read."""
    found = connection.execute(_may_teach(literal(user_id), within).where(which)).all()
    _put(connection, user_id, found, now=now)


def _put(connection: Connection, user_id: str, found: Sequence[Row[Any]], *, now: str) -> None:
    """Queue exchanges that may teach, and stand there not yet."""
    for row in found:
        if row.known is None:
            connection.execute(
                insert(exchange).values(
                    id=new_id(),
                    user_id=user_id,
                    model=row.model,
                    conversation_id=row.conversation_id,
                    user_turn_id=row.user_turn_id,
                    answer_turn_id=row.answer_turn_id,
                    state=ExchangeState.PENDING,
                    attempts=0,
                    queued_at=now,
                )
            )
        elif row.state == ExchangeState.WITHDRAWN:
            connection.execute(
                update(exchange)
                .where(exchange.c.id == row.known)
                .values(state=ExchangeState.PENDING, attempts=0, queued_at=now)
            )


def _may_teach(user_id: ColumnElement[str], within: ColumnElement[bool]) -> Select[Any]:
    """Every exchange of the user that may teach, once for each model that learns."""
    its_place = and_(exchange.c.answer_turn_id == _answer.c.id, exchange.c.model == model.c.name)
    return (
        select(
            _answer.c.id.label("answer_turn_id"),
            _said.c.id.label("user_turn_id"),
            _answer.c.conversation_id,
            model.c.name.label("model"),
            exchange.c.id.label("known"),
            exchange.c.state,
        )
        .select_from(_answer)
        .join(_said, _said.c.id == _answer.c.parent_id)
        .join(conversation, conversation.c.id == _answer.c.conversation_id)
        .join(model, model.c.user_id == _answer.c.user_id)
        .outerjoin(exchange, its_place)
        .where(
            _answer.c.user_id == user_id,
            _answer.c.id.in_(_active(user_id, within)),
            _said.c.role == Role.USER,
            _answer.c.role == Role.ASSISTANT,
            _answer.c.status.in_([TurnStatus.COMPLETE, TurnStatus.STOPPED]),
            _answer.c.text != "",
            _said.c.text != "",
            _answer.c.learn,
            _said.c.learn,
            conversation.c.learn,
            conversation.c.folder_id.is_(None) | conversation.c.folder_id.not_in(_UNLEARNED),
            model.c.learns,
            ~exists().where(citation.c.answer_id == _answer.c.id),
        )
        .order_by(_answer.c.seq, model.c.seq)
    )


# Asked for with every answer, and so put together once.
_CLOSED = _may_teach(bindparam("user"), _around(bindparam("answer"))).where(
    _answer.c.id == bindparam("answer")
)
