"""The store: opened with care, written by one thread, read by many.

    with Database.open(directory) as database:  # or Database.connect("postgresql://…", directory)
        conversations = Conversations(database, Accounts(database).local())

What is promised:

- **Acknowledged is durable.** When `write` returns, the change survives a kill, a crash of the
  system and a power loss.
- **A transaction is whole.** Work given to `write` happens entirely or not at all.
- **Readers never wait for the writer**, and one `read` sees one moment of the store.
- **Several processes** (server, learner, command line) may have the same store open. Each has one
  writer thread; the database lets one of them write at a time.

Opening a file is where trouble is found: a network disk, a foreign, damaged or newer file, an
unclean stop. Each process leaves a locked file in `open/` while it has the store open. The kernel
drops the lock when the process dies, so a file there that nobody holds means that a process ended
without closing, and the whole store is checked before anybody uses it.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection

from l2c import machine
from l2c.errors import StoreError
from l2c.store import migration, sqlite
from l2c.store.ballast import Ballast
from l2c.store.dialect import Dialect
from l2c.store.embedded import Embedded
from l2c.store.postgresql import PostgreSQL
from l2c.store.presence import Presence
from l2c.store.writer import Work, Writer

T = TypeVar("T")
Clock = Callable[[], datetime]

FILE = "l2c.db"
BALLAST_BYTES = 16 * 1024 * 1024
LINGER_S = 0.2
_OPENING_WAIT_S = 60.0


def utc_now() -> datetime:
    """The present, with its time zone."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """A moment as RFC 3339 text in UTC with microseconds; as text it sorts as it does in time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def new_id() -> str:
    """A fresh opaque id, 32 hexadecimal digits."""
    return uuid.uuid4().hex


class Database:
    """An open store. Make one with `open`; use the repositories to read and write it."""

    def __init__(
        self,
        dialect: Dialect,
        directory: Path,
        *,
        clock: Clock | None,
        ballast: Ballast,
        linger_s: float,
        presence: Presence | None = None,
    ) -> None:
        self.directory = directory
        """Where what lies beside the store is kept: copies, checkpoints, logs."""
        self.in_memory = isinstance(dialect, Embedded) and sqlite.is_memory(dialect.path)
        self.shared = isinstance(dialect, PostgreSQL)
        """Whether servers on other machines may have the same store open."""
        self.dialect = dialect
        self.writes_as: str | None = None
        """The name under which this process writes answers, where others must know."""
        self._clock = clock or dialect.now
        self._presence = presence
        self._process = os.getpid()
        self._closed = False
        self._readers = dialect.reader_engine()
        self._writing = dialect.writer_engine()
        self._writer = Writer(self._writing, dialect=dialect, ballast=ballast, linger_s=linger_s)

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        clock: Clock = utc_now,
        ballast_bytes: int = BALLAST_BYTES,
        linger_s: float = LINGER_S,
    ) -> Self:
        """The store in `directory`, created or brought up to date where needed.

        A store of an older schema is copied to `backups/` before it is changed. Raises
        `StoreError` for a network disk or a foreign, damaged or newer file, and `Busy` when
        another process has it open and it must be changed first.
        """
        try:
            with ExitStack() as undo:
                presence = _enter(directory, stamp=clock().strftime("%Y%m%dT%H%M%S%f"))
                undo.callback(presence.leave)
                ballast = Ballast(directory / "ballast", size_bytes=ballast_bytes)
                ballast.hold()
                database = cls(
                    Embedded(directory / FILE),
                    directory,
                    clock=clock,
                    ballast=ballast,
                    linger_s=linger_s,
                    presence=presence,
                )
                undo.pop_all()
                return database
        except OSError as error:
            if error.errno in machine.NO_SPACE:
                raise sqlite.full(directory / FILE) from error
            raise StoreError(
                f"{directory} cannot be used for the store: {error}. Choose a data directory that "
                "can be written to."
            ) from error

    @classmethod
    def connect(
        cls,
        url: str,
        directory: Path,
        *,
        clock: Clock | None = None,
        linger_s: float = LINGER_S,
    ) -> Self:
        """The store in a PostgreSQL database, made or brought up to date where needed.

        `directory` is this machine's, for what lies beside the store. Without a `clock` the
        database's is the time. Raises `StoreError` when the database cannot be used or has a newer
        schema, `InvalidConfig` for another address, and `Busy` when the schema must change while
        another process has the store open.
        """
        dialect = PostgreSQL(url)
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            with dialect.opening():
                boundless = _Boundless(directory / "ballast", size_bytes=0)
                return cls(dialect, directory, clock=clock, ballast=boundless, linger_s=linger_s)
        except Exception as error:
            translated = dialect.translate(error)
            if translated is error:
                raise
            raise translated from error

    @classmethod
    def temporary(cls, *, clock: Clock = utc_now) -> Self:
        """A store in memory: nothing of it reaches a disk, and closing it is its end.

        Readers wait for its writer and the other way round, unlike in a file.
        """
        path = sqlite.memory()
        ballast = _Boundless(path, size_bytes=0)
        database = cls(Embedded(path), path.parent, clock=clock, ballast=ballast, linger_s=LINGER_S)
        database._writer.submit_maintenance(
            lambda connection: migration.bring_up_to_date(connection, path, others=[], stamp="")
        ).result()
        return database

    def now(self) -> str:
        """The present by the store's clock, RFC 3339."""
        return rfc3339(self._clock())

    def ago(self, span: timedelta) -> str:
        """The moment `span` before now by the store's clock, RFC 3339."""
        return rfc3339(self._clock() - span)

    def seconds_since(self, moment: str) -> float:
        """How long ago an RFC 3339 moment was by the store's clock."""
        return (self._clock() - datetime.fromisoformat(moment)).total_seconds()

    def write(self, work: Work[T], *, reserve: bool = False) -> T:
        """Run `work` in a transaction and return its result once that is committed durably.

        An exception from `work` takes its changes back and is raised here. `reserve` is for work
        that makes room or closes what is open: it may go on when the disk is full. Raises
        `StorageFull`, `Busy` when another process kept the store for seconds, or `StoreError`.
        """
        return self._live()._writer.submit(work, urgent=True, reserve=reserve).result()

    def write_later(self, work: Work[T], *, reserve: bool = False) -> Future[T]:
        """Queue `work`; it is committed within a quarter of a second, together with others.

        Order is kept: what is written after this is written behind it.
        """
        return self._live()._writer.submit(work, urgent=False, reserve=reserve)

    def write_all(self, works: Sequence[Work[T]]) -> list[Future[T]]:
        """Run all of `works`, in their order, and wait until they are committed together.

        They have a transaction to themselves. Where one of them fails it is taken back, and they
        run again, each in a savepoint: then the future of the one that fails alone raises.
        """
        if not works:
            return []
        writer = self._live()._writer
        together = writer.submit_apart(lambda connection: [work(connection) for work in works])
        if together.exception() is None:
            return [_done(value) for value in together.result()]
        last = len(works) - 1
        futures = [
            writer.submit(work, urgent=number == last, reserve=False)
            for number, work in enumerate(works)
        ]
        wait(futures)
        return futures

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that cannot write and sees the store as it is at its first query."""
        self._live()
        try:
            with self._readers.connect() as connection:
                yield connection
        except Exception as error:
            translated = self.dialect.translate(error)
            if translated is error:
                raise
            raise translated from error

    def shrink(self) -> None:
        """Give deleted space back to the disk and empty the log of deleted text."""
        self._live()._writer.submit_maintenance(self.dialect.shrink).result()

    def copy_to(self, target: Path) -> None:
        """Write a compact copy of one moment of the store to `target`, while everybody works.

        The copy is there whole or not at all. Raises `StorageFull`, also when the copy would leave
        less than the reserve, and `StoreError`.
        """
        with self.read() as connection:
            size = self.dialect.size_bytes(connection)
        if machine.free_bytes(target.parent) < size + BALLAST_BYTES:
            raise sqlite.full(target)
        try:
            self.dialect.copy_into(target)
        except Exception as error:
            target.with_suffix(".unfinished").unlink(missing_ok=True)
            translated = self.dialect.translate(error)
            if translated is error:
                raise
            raise translated from error

    @property
    def size_bytes(self) -> int:
        """What the store occupies."""
        with self.read() as connection:
            return self.dialect.size_bytes(connection)

    def close(self) -> None:
        """Commit what is queued and close the file. Closing twice is allowed."""
        if self._closed:
            return
        self._closed = True
        self._writer.close()
        self._readers.dispose()
        self._writing.dispose()
        if self._presence is not None:
            self._presence.leave()

    def _live(self) -> Self:
        if self._process != os.getpid():
            raise StoreError("A store opened before fork() cannot be used after it; open it anew.")
        if self._closed:
            raise StoreError("The store is closed; open it again.")
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _done(value: T) -> Future[T]:
    future = Future[T]()
    future.set_result(value)
    return future


class _Boundless(Ballast):
    """The reserve of a store in memory, which needs none."""

    def hold(self) -> bool:
        return True

    def release(self) -> None:
        pass


def _enter(directory: Path, *, stamp: str) -> Presence:
    """Join the processes that have the store open, once it is ready to be used."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if machine.is_network_filesystem(directory):
        raise StoreError(
            f"{directory} is on a network disk, where SQLite loses data. Choose a data "
            "directory on a local disk."
        )
    presence = Presence(directory / "open")
    opening = machine.RoleLock(directory / "opening.lock")
    opening.acquire(wait_s=_OPENING_WAIT_S)
    try:
        presence.enter()
        _make_ready(directory / FILE, presence, stamp=stamp)
    except BaseException:
        presence.leave()
        raise
    finally:
        opening.release()
    return presence


def _make_ready(path: Path, presence: Presence, *, stamp: str) -> None:
    """See that the file is a sound store of the newest schema, or make it one."""
    engine = sqlite.writer_engine(path)
    try:
        sqlite.prepare(path)
        with engine.connect() as connection:
            if presence.somebody_died:
                sqlite.check(connection, path)
            migration.bring_up_to_date(connection, path, others=presence.living, stamp=stamp)
    except Exception as error:
        translated = sqlite.translate(error, path)
        if translated is error:
            raise
        raise translated from error
    finally:
        engine.dispose()
    presence.forget_the_dead()
