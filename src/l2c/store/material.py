"""The ledger of texts: which file, or exchange of a log, taught which model in which dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from l2c.store.database import Database
from l2c.store.schema import conversation, lesson_source, material


@dataclass(frozen=True, slots=True)
class MaterialRow:
    """A text that was read, by its digest; `checkpoint` is what the model became by it."""

    model: str
    sha256: str
    name: str
    characters: int
    tokens: int
    dataset: str
    checkpoint: str
    read_at: str


class Material:
    """What the models of one user have read."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def read_by(self, model: str | None = None) -> list[MaterialRow]:
        """What a model, or every one, has read, the oldest first."""
        query = select(material).where(material.c.user_id == self._user_id)
        if model is not None:
            query = query.where(material.c.model == model)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(material.c.seq)).all()
        names = MaterialRow.__dataclass_fields__
        return [MaterialRow(**{name: getattr(row, name) for name in names}) for row in rows]

    def lessons_know(self) -> set[str]:
        """The digests of all exchanges that lessons were made of."""
        mine = lesson_source.c.user_id == self._user_id
        with self._database.read() as connection:
            return set(connection.execute(select(lesson_source.c.sha256).where(mine)).scalars())

    def conversations(self) -> set[str]:
        """The ids of all conversations in the store, deleted ones too."""
        mine = conversation.c.user_id == self._user_id
        with self._database.read() as connection:
            return set(connection.execute(select(conversation.c.id).where(mine)).scalars())

    def adding(self, rows: Sequence[dict[str, Any]], *, model: str, anew: bool) -> Any:
        """What writes these rows within another transaction; with `anew` in place of the old."""

        def work(connection: Connection) -> None:
            mine = (material.c.user_id == self._user_id) & (material.c.model == model)
            if anew:
                connection.execute(delete(material).where(mine))
            now, whose = self._database.now(), {"user_id": self._user_id, "model": model}
            for row in rows:
                connection.execute(insert(material).values(**whose, read_at=now, **row))

        return work
