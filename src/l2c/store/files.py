"""Files that every server on one store needs: checkpoints, and what binds the page.

They are kept in pieces, whole or not at all, under a name that says what they are: a checkpoint's
is its digest, which whoever reads it checks. Each machine keeps what it has read on its own disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import Connection, delete, func, insert, select

from l2c.store.database import Database
from l2c.store.schema import file_chunk

CHUNK_BYTES = 1 << 20


class SharedFiles:
    """The files in one store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def has(self, name: str) -> bool:
        """Whether a file of this name is there."""
        return name in self.among([name])

    def among(self, names: Iterable[str]) -> set[str]:
        """Those of the names that are there."""
        first = (file_chunk.c.number == 0) & file_chunk.c.name.in_(list(names))
        with self._database.read() as connection:
            return set(connection.execute(select(file_chunk.c.name).where(first)).scalars())

    def get(self, name: str) -> bytes | None:
        """The content of a file; None when there is none."""
        pieces = (
            select(file_chunk.c.content)
            .where(file_chunk.c.name == name)
            .order_by(file_chunk.c.number)
        )
        with self._database.read() as connection:
            found = connection.execute(pieces).scalars().all()
        return b"".join(found) if found else None

    def put(self, name: str, content: bytes) -> bytes:
        """Keep a file, unless one of this name is there already; what is there now."""

        def work(connection: Connection) -> bool:
            there = select(func.count()).where(file_chunk.c.name == name)
            if connection.execute(there).scalar_one():
                return False
            now = self._database.now()
            for number, start in enumerate(range(0, max(1, len(content)), CHUNK_BYTES)):
                piece = content[start : start + CHUNK_BYTES]
                connection.execute(
                    insert(file_chunk).values(name=name, number=number, content=piece, added_at=now)
                )
            return True

        if self._database.write(work):
            return content
        return self.get(name) or content

    def remove(self, names: Iterable[str]) -> None:
        """Delete files; without effect for those that are not there."""
        gone = delete(file_chunk).where(file_chunk.c.name.in_(list(names)))
        self._database.write(lambda connection: connection.execute(gone), reserve=True)

    def names(self, *, older_than: timedelta) -> set[str]:
        """The files that were added at least so long ago."""
        deadline = self._database.ago(older_than)
        old = select(file_chunk.c.name).where(
            file_chunk.c.number == 0, file_chunk.c.added_at <= deadline
        )
        with self._database.read() as connection:
            return set(connection.execute(old).scalars())
