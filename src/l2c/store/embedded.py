"""The store in a file of its own, or in memory: SQLite, which needs no server and no set-up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from l2c.errors import StorageFull
from l2c.store import sqlite
from l2c.store.dialect import Dialect


class Embedded(Dialect):
    """SQLite at one path."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def writer_engine(self) -> Engine:
        """Connections whose transactions take the file's write lock when they begin."""
        return sqlite.writer_engine(self.path)

    def reader_engine(self) -> Engine:
        """A small pool of connections that cannot write."""
        return sqlite.reader_engine(self.path)

    def now(self) -> datetime:
        """The machine's clock."""
        return datetime.now(UTC)

    def in_transaction(self, connection: Connection) -> bool:
        """Whether the transaction stands; some errors make SQLite roll all of it back."""
        return sqlite.in_transaction(connection)

    def translate(self, error: Exception) -> Exception:
        """The application's error for one of SQLite's."""
        return sqlite.translate(error, self.path)

    def full(self) -> StorageFull:
        """The error for a full disk."""
        return sqlite.full(self.path)

    def shrink(self, connection: Connection) -> None:
        """Give free pages back and empty the log."""
        sqlite.shrink(connection)

    def copy_into(self, target: Path) -> None:
        """Write a compact copy."""
        engine = self.writer_engine()
        try:
            with engine.connect() as connection:
                sqlite.copy_into(connection, target)
        finally:
            engine.dispose()

    def size_bytes(self, connection: Connection) -> int:
        """The size of the file."""
        return self.path.stat().st_size
