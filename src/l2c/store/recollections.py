"""Which turns an answer remembers, kept with it.

Only the turns are named, nothing of them is copied: once one is erased, no answer names it any
more. The functions run inside a transaction of whoever writes or reads the turns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from l2c.conversation import Origin
from l2c.store.schema import conversation, recollection, turn

_AT_ONCE = 400

BEGINNING = 120
"""How many characters of a turn tell which it is."""


def add(connection: Connection, user_id: str, answer_id: str, turn_ids: Sequence[str]) -> None:
    """Note which turns of the user an answer remembers; those that are gone are left out."""
    if not turn_ids:
        return
    there = select(turn.c.id).where(turn.c.user_id == user_id, turn.c.id.in_(turn_ids))
    rows = [
        {"user_id": user_id, "answer_id": answer_id, "turn_id": turn_id}
        for turn_id in connection.execute(there).scalars()
    ]
    if rows:
        connection.execute(insert(recollection), rows)


def of(
    connection: Connection, user_id: str, rows: Sequence[Row[Any]]
) -> Mapping[str, list[dict[str, Any]]]:
    """Of those of these answers that remember: the turns they do with their beginnings, newest
    first.
    """
    answers = [row.id for row in rows if row.origin == Origin.REMEMBERED]
    found: dict[str, list[dict[str, Any]]] = {}
    for start in range(0, len(answers), _AT_ONCE):
        told = connection.execute(
            select(
                recollection.c.answer_id,
                turn.c.id,
                turn.c.conversation_id,
                turn.c.created_at,
                func.substr(turn.c.text, 1, BEGINNING).label("said"),
            )
            .join(turn, turn.c.id == recollection.c.turn_id)
            .join(conversation, conversation.c.id == turn.c.conversation_id)
            .where(
                recollection.c.user_id == user_id,
                recollection.c.answer_id.in_(answers[start : start + _AT_ONCE]),
                conversation.c.deleted_at.is_(None),
            )
            .order_by(turn.c.seq.desc())
        )
        for row in told:
            found.setdefault(row.answer_id, []).append(
                {
                    "turn_id": row.id,
                    "conversation_id": row.conversation_id,
                    "told_at": row.created_at,
                    "said": row.said,
                }
            )
    return found
