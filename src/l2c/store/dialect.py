"""What the store asks of the database underneath, whichever that is.

Two are known: SQLite in a file (`l2c.store.embedded`), for one machine and without any set-up, and
PostgreSQL (`l2c.store.postgresql`), for several servers that share one store. Repositories speak
SQLAlchemy and are the same on both. What differs is here, and in the two indexes of words.

Both keep the same promises: a commit that was acknowledged survives a crash, one writer at a time
holds the store, so that whoever reads and then writes in one transaction is never overtaken, and
a `read` sees one moment.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from l2c.errors import StorageFull, StoreError


class DeviceFailure(StoreError):
    """The disk broke a promise; after this nothing more is written (a failed fsync is final)."""


class Dialect(ABC):
    """A database that can hold a store."""

    @abstractmethod
    def writer_engine(self) -> Engine:
        """Connections that may write; a transaction waits until no other one writes."""

    @abstractmethod
    def reader_engine(self) -> Engine:
        """A small pool of connections that cannot write."""

    @abstractmethod
    def now(self) -> datetime:
        """The present, the same for all who share the store."""

    @abstractmethod
    def in_transaction(self, connection: Connection) -> bool:
        """Whether the transaction still stands, and can go on from a savepoint."""

    @abstractmethod
    def translate(self, error: Exception) -> Exception:
        """The application's error for one of the database's, with what to do next; or itself."""

    @abstractmethod
    def full(self) -> StorageFull:
        """The error for a disk without space."""

    @abstractmethod
    def shrink(self, connection: Connection) -> None:
        """Give deleted space back, as far as others at work allow; outside of a transaction."""

    @abstractmethod
    def copy_into(self, target: Path) -> None:
        """Write one moment of the store to a SQLite file, whole or not at all."""

    @abstractmethod
    def size_bytes(self, connection: Connection) -> int:
        """What the store occupies."""
