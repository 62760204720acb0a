"""Dreams: what a model wrote on its own, which checkpoint wrote it, and whether it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from l2c.conversation import Message, Role
from l2c.store.database import Database, new_id
from l2c.store.schema import dream, lesson_source
from l2c.store.turns import not_found

Said = tuple[tuple[str | None, str], ...]
"""What a dream says: role and text of each turn; the role is None for plain text."""


@dataclass(frozen=True, slots=True)
class DreamRow:
    """One dream. `entropy` is in bits per token, `repetition` a share from 0 to 1."""

    seq: int
    id: str
    model: str
    checkpoint: str
    seed: int
    temperature: float
    said: Said
    tokens: int
    entropy: float
    repetition: float
    kept: bool
    created_at: str

    @property
    def messages(self) -> tuple[Message, ...]:
        """The turns of a dreamt conversation; none of a plain text."""
        return tuple(Message(Role(role), text) for role, text in self.said if role is not None)


class DreamPage(NamedTuple):
    """Some dreams, newest first, and what to pass as `before` for the next, if there are any."""

    dreams: list[DreamRow]
    next: int | None


class Dreams:
    """The dreams of one user's models."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def add(self, model: str, *, checkpoint: str, said: Said, **figures: Any) -> DreamRow:
        """A new dream of the model; `figures` are the other fields of `DreamRow`."""

        def work(connection: Connection) -> DreamRow:
            dream_id = new_id()
            connection.execute(
                insert(dream).values(
                    id=dream_id,
                    user_id=self._user_id,
                    model=model,
                    checkpoint=checkpoint,
                    said=[list(turn) for turn in said],
                    kept=False,
                    created_at=self._database.now(),
                    **figures,
                )
            )
            return self._get(connection, dream_id)

        return self._database.write(work)

    def page(self, *, limit: int = 50, before: int | None = None) -> DreamPage:
        """Dreams, newest first; `before` is a former page's `next`."""
        query = select(dream).where(dream.c.user_id == self._user_id)
        if before is not None:
            query = query.where(dream.c.seq < before)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(dream.c.seq.desc()).limit(limit + 1)).all()
        found = [_dream(row) for row in rows]
        return DreamPage(found[:limit], found[limit - 1].seq if len(found) > limit else None)

    def kept(self, model: str, *, limit: int = 1000) -> list[DreamRow]:
        """The newest kept dreams of a model, oldest of them first."""
        query = select(dream).where(
            dream.c.user_id == self._user_id, dream.c.model == model, dream.c.kept
        )
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(dream.c.seq.desc()).limit(limit)).all()
        return [_dream(row) for row in reversed(rows)]

    def keep(self, dream_id: str, *, kept: bool) -> DreamRow:
        """Say whether a dream is kept. Raises `NotFound`."""

        def work(connection: Connection) -> DreamRow:
            self._get(connection, dream_id)
            connection.execute(update(dream).where(dream.c.id == dream_id).values(kept=kept))
            return self._get(connection, dream_id)

        return self._database.write(work)

    def get(self, dream_id: str) -> DreamRow:
        """A dream. Raises `NotFound`."""
        with self._database.read() as connection:
            return self._get(connection, dream_id)

    def discard(self, dream_id: str) -> None:
        """Erase a dream. Raises `NotFound`."""

        def work(connection: Connection) -> None:
            self._get(connection, dream_id)
            connection.execute(delete(dream).where(dream.c.id == dream_id))

        self._database.write(work)

    def _get(self, connection: Connection, dream_id: str) -> DreamRow:
        row = connection.execute(
            select(dream).where(dream.c.user_id == self._user_id, dream.c.id == dream_id)
        ).one_or_none()
        if row is None:
            raise not_found("dream", dream_id)
        return _dream(row)


def of_taught(
    database: Database, conversation_ids: Sequence[str], turn_ids: Sequence[str]
) -> list[str]:
    """The dreams, of anybody, of models that these conversations or turns have taught something."""
    taught = (
        select(lesson_source.c.model)
        .where(
            lesson_source.c.user_id == dream.c.user_id,
            lesson_source.c.model == dream.c.model,
            or_(
                lesson_source.c.conversation_id.in_(conversation_ids),
                lesson_source.c.user_turn_id.in_(turn_ids),
                lesson_source.c.answer_turn_id.in_(turn_ids),
            ),
        )
        .exists()
    )
    with database.read() as connection:
        return list(connection.execute(select(dream.c.id).where(taught)).scalars())


def among(database: Database, dream_ids: Iterable[str]) -> set[str]:
    """Which of these dreams the store has, anybody's."""
    with database.read() as connection:
        return {
            one
            for one in dream_ids
            if connection.execute(select(dream.c.seq).where(dream.c.id == one)).first()
        }


def erase(database: Database, dream_ids: Sequence[str]) -> None:
    """Erase these dreams, whoever's they are."""
    database.write(
        lambda connection: connection.execute(delete(dream).where(dream.c.id.in_(dream_ids)))
    )


def _dream(row: Row[Any]) -> DreamRow:
    values = {name: getattr(row, name) for name in DreamRow.__dataclass_fields__}
    return DreamRow(**values | {"said": tuple((role, text) for role, text in row.said)})
