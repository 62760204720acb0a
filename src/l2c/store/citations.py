"""What an answer rests on: quotes from documents, kept with it.

They are part of the conversation. When a document is erased they stay, as what was said, and name
no document any more. An answer with citations never teaches: see `l2c.store.queue`. The functions
run inside a transaction of whoever writes or reads the turns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from l2c.store.schema import citation, document

_AT_ONCE = 400


def add(
    connection: Connection, user_id: str, answer_id: str, quotes: Sequence[Mapping[str, Any]]
) -> None:
    """Keep what an answer rests on; nothing is kept of one that rests on nothing."""
    if quotes:
        row = {"answer_id": answer_id, "user_id": user_id, "quotes": [dict(q) for q in quotes]}
        connection.execute(insert(citation).values(row))


def of(
    connection: Connection, user_id: str, answer_ids: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """The quotes of those of these answers that have some."""
    found: dict[str, list[dict[str, Any]]] = {}
    for first in range(0, len(answer_ids), _AT_ONCE):
        rows = connection.execute(
            select(citation.c.answer_id, citation.c.quotes).where(
                citation.c.user_id == user_id,
                citation.c.answer_id.in_(answer_ids[first : first + _AT_ONCE]),
            )
        )
        found |= {row.answer_id: row.quotes for row in rows}
    named = {quote["document_id"] for quotes in found.values() for quote in quotes}
    mine = select(document.c.id).where(document.c.user_id == user_id, document.c.id.in_(named))
    there = set(connection.execute(mine).scalars()) if named else set()
    for quotes in found.values():
        for quote in quotes:
            if quote["document_id"] not in there:
                quote["document_id"] = None
    return found
