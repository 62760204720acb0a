"""What a user told: facts found in their turns, kept as long as those turns are.

The rows are an index of the turns and nothing of their own: a fact counts while its turn is on the
branch that is shown, of a conversation that is not deleted, and neither was kept out of learning.
Erasing a conversation erases its facts with it. How far the turns were looked through is written
in the same transaction as what was found, so that a crash loses nothing and nothing is found twice;
finding is done above (`l2c.chat.memory`), which may read English.

A user may give a fact another value, or delete it; then its words are gone from the row, and its
turn is not looked through again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, ScalarSelect, Select, func, insert, select, update

from l2c.conversation import Role
from l2c.errors import NotFound
from l2c.store.database import Database, new_id
from l2c.store.exchanges import storable
from l2c.store.schema import conversation, document, memory, memory_progress, turn

MOST_BEFORE = 32
"""Facts of a conversation that later words of it may refer to."""


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """One fact as the store has it; `told_at` is when its turn was said."""

    seq: int
    id: str
    conversation_id: str
    turn_id: str
    subject: str
    relation: str
    value: str
    said: str
    replaces: bool
    ended: bool
    edited: bool
    told_at: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A turn of the user that was not looked through yet."""

    seq: int
    id: str
    conversation_id: str
    depth: int
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A fact that was found in a turn."""

    turn: Unread
    subject: str
    relation: str
    value: str
    said: str
    replaces: bool
    ended: bool


class Memories:
    """The facts of one user."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def unread(self, *, limit: int) -> list[Unread]:
        """The oldest turns of the user that were not looked through yet."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(turn.c.seq, turn.c.id, turn.c.conversation_id, turn.c.depth, turn.c.text)
                .where(
                    turn.c.user_id == self._user_id,
                    turn.c.role == Role.USER,
                    turn.c.seq > func.coalesce(self._progress(), 0),
                )
                .order_by(turn.c.seq)
                .limit(limit)
            )
            return [Unread(*row) for row in rows]

    def before(self, one: Unread) -> list[MemoryRow]:
        """What its conversation told last before a turn, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(
                self._rows()
                .where(
                    memory.c.conversation_id == one.conversation_id,
                    turn.c.depth < one.depth,
                    memory.c.deleted_at.is_(None),
                )
                .order_by(memory.c.seq.desc())
                .limit(MOST_BEFORE)
            ).all()
        return [_memory(row) for row in rows[::-1]]

    def keep(self, read: Unread, found: Sequence[Found]) -> None:
        """Note what was found in a turn, and that it and all before it were looked through.

        Without effect when somebody else did so before, or the turn is gone meanwhile.
        """

        def work(connection: Connection) -> None:
            if not self._go_on_to(connection, read.seq):
                return
            there = select(turn.c.id).where(turn.c.id == read.id, turn.c.user_id == self._user_id)
            if found and connection.execute(there).first() is not None:
                now = self._database.now()
                rows = [self._row(one, place, now) for place, one in enumerate(found)]
                connection.execute(insert(memory), rows)

        self._database.write(work)

    def pass_over(self, read: Unread) -> None:
        """Note soon that a turn and all before it were looked through; nobody waits for that.

        What is lost of it is looked through again.
        """
        self._database.write_later(lambda connection: self._go_on_to(connection, read.seq))

    def told(self) -> list[MemoryRow]:
        """Every fact that counts now, in the order they were told."""
        with self._database.read() as connection:
            return [_memory(row) for row in connection.execute(self._counting).all()]

    def get(self, memory_id: str) -> MemoryRow:
        """The fact. Raises `NotFound`, also for one that does not count now."""
        with self._database.read() as connection:
            return self._get(connection, memory_id)

    def change(self, memory_id: str, *, value: str, said: str) -> MemoryRow:
        """Give a fact another value. Raises `NotFound`."""
        values = {"value": storable(value, "value"), "said": storable(said, "said")}

        def work(connection: Connection) -> MemoryRow:
            self._get(connection, memory_id)
            connection.execute(
                update(memory)
                .where(memory.c.id == memory_id, memory.c.user_id == self._user_id)
                .values(edited_at=self._database.now(), **values)
            )
            return self._get(connection, memory_id)

        return self._database.write(work)

    def delete(self, memory_ids: Sequence[str]) -> None:
        """Delete facts for good; what the turns say stays in the turns. Raises `NotFound`."""

        def work(connection: Connection) -> None:
            for memory_id in memory_ids:
                self._get(connection, memory_id)
                connection.execute(
                    update(memory)
                    .where(memory.c.id == memory_id, memory.c.user_id == self._user_id)
                    .values(
                        subject="", relation="", value="", said="",
                        deleted_at=self._database.now(),
                    )
                )  # fmt: skip

        self._database.write(work, reserve=True)

    def turns_with_deleted(self) -> set[str]:
        """The turns of which a fact was deleted: they are quoted no more."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(memory.c.turn_id).where(
                    memory.c.user_id == self._user_id, memory.c.deleted_at.is_not(None)
                )
            )
            return set(rows.scalars())

    @cached_property
    def _counting(self) -> Select[Any]:
        """The facts of turns that are shown and may teach, without what documents taught."""
        having = select(memory.c.conversation_id).where(memory.c.user_id == self._user_id)
        of_documents = select(document.c.learned_in).where(
            document.c.user_id == self._user_id, document.c.learned_in.is_not(None)
        )
        shown = (
            select(turn.c.id, turn.c.parent_id)
            .join(conversation, conversation.c.active_turn_id == turn.c.id)
            .where(
                conversation.c.user_id == self._user_id,
                conversation.c.deleted_at.is_(None),
                conversation.c.learn,
                conversation.c.id.in_(having),
                conversation.c.id.not_in(of_documents),
            )
            .cte(recursive=True)
        )
        shown = shown.union_all(
            select(turn.c.id, turn.c.parent_id).join(shown, shown.c.parent_id == turn.c.id)
        )
        return (
            self._rows()
            .join(shown, shown.c.id == turn.c.id)
            .where(turn.c.learn, memory.c.deleted_at.is_(None))
            .order_by(memory.c.seq)
        )

    def _rows(self) -> Select[Any]:
        return (
            select(memory, turn.c.created_at.label("told_at"))
            .join(turn, turn.c.id == memory.c.turn_id)
            .where(memory.c.user_id == self._user_id)
        )

    def _get(self, connection: Connection, memory_id: str) -> MemoryRow:
        row = connection.execute(self._counting.where(memory.c.id == memory_id)).one_or_none()
        if row is None:
            raise NotFound(f"There is no memory {memory_id!r}.")
        return _memory(row)

    def _progress(self) -> ScalarSelect[int]:
        """The number of the last turn that was looked through; none when there is none."""
        mine = memory_progress.c.user_id == self._user_id
        return select(memory_progress.c.turn_seq).where(mine).scalar_subquery()

    def _go_on_to(self, connection: Connection, seq: int) -> bool:
        """Note that a turn was looked through; false where somebody did so before."""
        mine = memory_progress.c.user_id == self._user_id
        behind = update(memory_progress).where(mine, memory_progress.c.turn_seq < seq)
        if connection.execute(behind.values(turn_seq=seq)).rowcount:
            return True
        if connection.execute(select(self._progress())).scalar() is not None:
            return False
        connection.execute(insert(memory_progress).values(user_id=self._user_id, turn_seq=seq))
        return True

    def _row(self, one: Found, place: int, now: str) -> dict[str, Any]:
        return {
            "id": new_id(),
            "user_id": self._user_id,
            "conversation_id": one.turn.conversation_id,
            "turn_id": one.turn.id,
            "place": place,
            "subject": one.subject,
            "relation": one.relation,
            "value": one.value,
            "said": one.said,
            "replaces": one.replaces,
            "ended": one.ended,
            "created_at": now,
        }


def _memory(row: Row[Any]) -> MemoryRow:
    return MemoryRow(
        seq=row.seq,
        id=row.id,
        conversation_id=row.conversation_id,
        turn_id=row.turn_id,
        subject=row.subject,
        relation=row.relation,
        value=row.value,
        said=row.said,
        replaces=row.replaces,
        ended=row.ended,
        edited=row.edited_at is not None,
        told_at=row.told_at,
    )
