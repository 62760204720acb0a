"""What goes when something is forgotten: every row that holds or tells about its text.

A conversation goes whole. A turn leaves its place empty, since others were said after it: the row
stays without text, and with it go the versions made from it and the answers to any of these. A
document goes with the conversation that taught it, and with every answer that quotes it. Facts
that were told go with their turns, and so do answers elsewhere that remember them. A page of the
notebook goes with the conversation in which it taught; when only that goes, the page stays, and
nothing of it is learned any more.

Of the ledger the rows go too, digests included: the digest of a short text can be guessed. The
functions run inside a transaction of `l2c.store.forgetting`; the statements at the end do the same
to copies of the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)

from l2c.store import branches, passages, search
from l2c.store.schema import (
    citation,
    conversation,
    document,
    exchange,
    lesson_source,
    metadata,
    note,
    recollection,
    turn,
)
from l2c.store.schema.forgetting import Forgettable
from l2c.store.turns import not_found

_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Aim:
    """The ids of everything that goes: whole conversations, emptied turns, documents, pages."""

    conversations: list[str] = field(default_factory=list)
    turns: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, plan: dict[str, Any]) -> Self:
        """The aim that a plan has kept."""
        return cls(**plan["aim"])

    @property
    def sources(self) -> ColumnElement[bool]:
        """Rows of the ledger that were made of it."""
        return or_(
            lesson_source.c.conversation_id.in_(self.conversations),
            lesson_source.c.user_turn_id.in_(self.turns),
            lesson_source.c.answer_turn_id.in_(self.turns),
        )

    @property
    def exchanges(self) -> ColumnElement[bool]:
        """Exchanges that can teach it."""
        return or_(
            exchange.c.conversation_id.in_(self.conversations),
            exchange.c.user_turn_id.in_(self.turns),
            exchange.c.answer_turn_id.in_(self.turns),
        )

    @property
    def pages(self) -> ColumnElement[bool]:
        """Pages of the notebook that go, or taught in what goes."""
        return or_(note.c.learned_in.in_(self.conversations), note.c.id.in_(self.notes))


def aim_at(connection: Connection, user_id: str, kind: Forgettable, target: str) -> Aim:
    """Everything that goes with this. Raises `NotFound` for what is not the user's.

    A conversation that was erased before, and taught something, can still be forgotten.
    """
    if kind is Forgettable.CONVERSATION:
        _see_that_there_was(connection, user_id, target)
        return Aim([target], _remembering_any_of(connection, user_id, [target]))
    if kind is Forgettable.TURN:
        mine = (turn.c.id == target) & (turn.c.user_id == user_id)
        if connection.execute(select(turn.c.seq).where(mine)).first() is None:
            raise not_found("turn", target)
        related = _with_versions_and_answers(connection, target)
        return Aim(turns=[*related, *_remembering(connection, user_id, related)])
    if kind is Forgettable.NOTE:
        taught_in = _taught_in(connection, user_id, note, target)
        elsewhere = _remembering_any_of(connection, user_id, taught_in)
        return Aim(taught_in, elsewhere, notes=[target])
    taught_in = _taught_in(connection, user_id, document, target)
    return Aim(taught_in, _quoting(connection, user_id, target), [target])


def erase(connection: Connection, user_id: str, aim: Aim) -> dict[str, int]:
    """Erase what was aimed at; how many of each kind went. Twice is once."""
    places = or_(turn.c.conversation_id.in_(aim.conversations), turn.c.id.in_(aim.turns))
    mine = and_(turn.c.user_id == user_id, places)
    seqs = connection.execute(select(turn.c.seq).where(mine)).scalars().all()
    search.remove(connection, seqs)
    known = select(func.count()).select_from(exchange)
    exchanges = connection.execute(
        known.where(exchange.c.user_id == user_id, aim.exchanges)
    ).scalar_one()
    connection.execute(delete(lesson_source).where(lesson_source.c.user_id == user_id, aim.sources))
    _empty(connection, user_id, aim.turns)
    connection.execute(
        delete(conversation).where(
            conversation.c.user_id == user_id, conversation.c.id.in_(aim.conversations)
        )
    )
    for document_id in aim.documents:
        passages.unindex(connection, document_id)
    gone = delete(document).where(document.c.user_id == user_id, document.c.id.in_(aim.documents))
    counted = {"turns": len(seqs), "exchanges": exchanges}
    counted["documents"] = connection.execute(gone).rowcount
    pages = delete(note).where(note.c.user_id == user_id, note.c.id.in_(aim.notes))
    return counted | {"notes": connection.execute(pages).rowcount}


def _taught_in(connection: Connection, user_id: str, table: Table, target: str) -> list[str]:
    """The conversation in which a document or page taught, if it did. Raises `NotFound`."""
    mine = (table.c.id == target) & (table.c.user_id == user_id)
    row = connection.execute(select(table.c.learned_in).where(mine)).one_or_none()
    if row is None:
        raise not_found(table.name, target)
    return [] if row.learned_in is None else [row.learned_in]


def _see_that_there_was(connection: Connection, user_id: str, conversation_id: str) -> None:
    for table, column in ((conversation, "id"), (lesson_source, "conversation_id")):
        mine = (table.c.user_id == user_id) & (table.c[column] == conversation_id)
        if connection.execute(select(table.c[column]).where(mine).limit(1)).first() is not None:
            return
    raise not_found("conversation", conversation_id)


def _with_versions_and_answers(connection: Connection, turn_id: str) -> list[str]:
    """The turn, what was made from it or it was made from, and the answers to these."""
    ids, new = {turn_id}, {turn_id}
    while new:
        related = or_(
            turn.c.made_from.in_(new),
            turn.c.id.in_(select(turn.c.made_from).where(turn.c.id.in_(new))),
            and_(turn.c.parent_id.in_(new), turn.c.role == "assistant"),
        )
        new = set(connection.execute(select(turn.c.id).where(related)).scalars()) - ids
        ids |= new
    return sorted(ids)


def _remembering_any_of(
    connection: Connection, user_id: str, conversations: Sequence[str]
) -> list[str]:
    """The answers elsewhere that rest on what these conversations told."""
    inside = select(turn.c.id).where(
        turn.c.user_id == user_id, turn.c.conversation_id.in_(conversations)
    )
    said = connection.execute(inside).scalars().all()
    return _remembering(connection, user_id, said, besides=conversations)


def _remembering(
    connection: Connection, user_id: str, turn_ids: Sequence[str], *, besides: Sequence[str] = ()
) -> list[str]:
    """The answers elsewhere that rest on what these turns told, but for some conversations."""
    found: set[str] = set()
    for first in range(0, len(turn_ids), _AT_ONCE):
        rows = connection.execute(
            select(recollection.c.answer_id)
            .join(turn, turn.c.id == recollection.c.answer_id)
            .where(
                recollection.c.user_id == user_id,
                recollection.c.turn_id.in_(turn_ids[first : first + _AT_ONCE]),
                turn.c.conversation_id.not_in(besides),
            )
        )
        found |= set(rows.scalars())
    return sorted(found - set(turn_ids))


def _quoting(connection: Connection, user_id: str, document_id: str) -> list[str]:
    """The answers that quote a document, or were read off it."""
    rows = connection.execute(
        select(citation.c.answer_id, citation.c.quotes).where(citation.c.user_id == user_id)
    )
    return sorted(
        row.answer_id
        for row in rows
        if any(quote["document_id"] == document_id for quote in row.quotes)
    )


def _empty(connection: Connection, user_id: str, turn_ids: Sequence[str]) -> None:
    """Take everything from these turns but their places."""
    mine = and_(turn.c.user_id == user_id, turn.c.id.in_(turn_ids))
    touched = set(connection.execute(select(turn.c.conversation_id).where(mine)).scalars())
    for table, column in _hanging_on_turns():
        connection.execute(delete(table).where(table.c[column].in_(turn_ids)))
    nothing = {"text": "", "learn": False, "pinned": False, "rating": None, "origin": None}
    nothing |= {"sampling": None, "window": None, "error": None, "source_id": None}
    connection.execute(update(turn).where(mine).values(**nothing))
    for conversation_id in touched:
        row = connection.execute(
            select(conversation.c.titled, conversation.c.active_turn_id).where(
                conversation.c.id == conversation_id
            )
        ).one()
        if not row.titled and row.active_turn_id is not None:
            branches.retitle(connection, conversation_id, user_id, leaf=row.active_turn_id)


def _hanging_on_turns() -> list[tuple[Table, str]]:
    """Every table whose rows would go with a turn, and the column that names the turn."""
    return [
        (table, constraint.column_keys[0])
        for table in metadata.tables.values()
        for constraint in table.foreign_key_constraints
        if constraint.referred_table is turn and constraint.ondelete == "CASCADE"
    ]


DREAMS = (
    "DELETE FROM dream WHERE (user_id, model) IN (SELECT user_id, model FROM lesson_source "
    "WHERE ? IN (conversation_id, user_turn_id, answer_turn_id))"
)
"""What erases the dreams of models that a conversation or turn has taught, from a copy."""

FORGOTTEN_CONVERSATION = (
    DREAMS,
    "DELETE FROM turn_search WHERE rowid IN (SELECT seq FROM turn WHERE conversation_id = ?)",
    "DELETE FROM lesson_source WHERE conversation_id = ?",
    "UPDATE note SET learned_text = NULL, learned_revision = NULL, learned_at = NULL, "
    "learned_in = NULL WHERE learned_in = ?",
    "DELETE FROM conversation WHERE id = ?",
)
"""What erases a conversation from a copy of the store."""


def forgotten_turn() -> tuple[str, ...]:
    """What empties a turn in a copy of the store that has the tables of this version."""
    hanging = (f"DELETE FROM {table.name} WHERE {name} = ?" for table, name in _hanging_on_turns())
    return (
        DREAMS,
        "DELETE FROM turn_search WHERE rowid IN (SELECT seq FROM turn WHERE id = ?)",
        "DELETE FROM lesson_source WHERE ? IN (user_turn_id, answer_turn_id)",
        *hanging,
        "UPDATE conversation SET title = '' "
        "WHERE NOT titled AND id = (SELECT conversation_id FROM turn WHERE id = ?)",
        "UPDATE turn SET text = '', sampling = NULL, \"window\" = NULL, error = NULL WHERE id = ?",
    )
