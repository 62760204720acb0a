"""PostgreSQL underneath: one store that several servers, on several machines, share.

Everything the store knows about PostgreSQL in particular is here, in `l2c.store.word_index`, and in
the migrations.

- **One writer at a time**, as in SQLite: every writing transaction first takes one advisory lock
  of the database, so what a repository reads before it writes cannot change in between. A server
  that hangs in a transaction loses its connection, and with it the lock.
- **One moment for each read**: readers are `REPEATABLE READ, READ ONLY`.
- **Durable**: `synchronous_commit` is on whatever the server's own setting is.
- **One clock**: moments are those of the database, so that leases and sessions mean the same on
  every machine. The distance to the machine's own clock is measured with every transaction.
- **One schema**: as long as a process has the store open it holds a second lock, shared; who
  wants to change the schema needs it alone.

A NUL character cannot be kept as text; U+FFFD stands in its place. Deleted text stays in
PostgreSQL's pages and logs until it overwrites them; see `docs/howto/postgresql.md`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from l2c.errors import Busy, InvalidConfig, StorageFull, StoreError
from l2c.store import migration, transfer
from l2c.store.dialect import Dialect

try:
    from psycopg import IsolationLevel
    from psycopg.types.string import StrDumper
except ImportError:
    if not TYPE_CHECKING:
        StrDumper = object

LOCKS = 0x4C324331
"""`L2C1`: the class of the store's advisory locks."""

WRITING, OPEN, OPENING = 1, 2, 3
"""Held by who writes; shared by all who have the store open; held while it is being opened."""

BUSY_TIMEOUT_S = 5
OPENING_WAIT_S = 60
_HANGING_S = 30
_READERS = 4
_EXTRA = "PostgreSQL needs the extra `postgres`: pip install 'l2c[postgres]'."

# SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
_DISK_FULL, _READ_ONLY, _LOCKED = "53100", "25006", "55P03"
_BUSY = ("40001", "40P01", _LOCKED)


class PostgreSQL(Dialect):
    """A database of a PostgreSQL server."""

    def __init__(self, url: str) -> None:
        """The database at `postgresql://…`. Raises `InvalidConfig` for another address."""
        self._url = _parsed(url)
        self.name = self._url.render_as_string(hide_password=True)
        """Where it is, without the password."""
        self._clock = (datetime.now(UTC), time.monotonic())

    def writer_engine(self) -> Engine:
        """Connections that keep the schema as it is; a transaction waits for its turn to write."""
        engine = self._engine(poolclass=NullPool)
        event.listen(engine, "connect", self._join)
        event.listen(engine, "begin", self._take_turn)
        return engine

    def reader_engine(self) -> Engine:
        """A small pool of connections that cannot write and see one moment."""
        engine = self._engine(
            poolclass=QueuePool, pool_size=_READERS, max_overflow=_READERS, pool_pre_ping=True
        )
        event.listen(engine, "connect", _only_read)
        return engine

    @contextmanager
    def opening(self) -> Iterator[None]:
        """See that the database holds a store of the newest schema; nobody else opens meanwhile.

        Raises `Busy` when the schema must change while another process has the store open.
        """
        engine = self._engine(poolclass=NullPool)
        try:
            with engine.connect() as connection:
                _execute(connection, f"SET lock_timeout = '{OPENING_WAIT_S}s'")
                _execute(connection, f"SELECT pg_advisory_lock({LOCKS}, {OPENING})")
                _execute(connection, f"SET lock_timeout = '{BUSY_TIMEOUT_S}s'")
                self._bring_up_to_date(connection)
                connection.rollback()
                yield
        finally:
            engine.dispose()

    def now(self) -> datetime:
        """The database's clock, as it was measured last."""
        moment, measured = self._clock
        return moment + timedelta(seconds=time.monotonic() - measured)

    def in_transaction(self, connection: Connection) -> bool:
        """Whether the connection still stands in its transaction, failed or not."""
        if connection.invalidated or connection.closed:
            return False
        raw: Any = connection.connection.dbapi_connection
        return raw.info.transaction_status.name in ("INTRANS", "INERROR")

    def translate(self, error: Exception) -> Exception:
        """The application's error for one of PostgreSQL's, with what to do next."""
        if isinstance(error, ModuleNotFoundError) and "psycopg" in str(error):
            return StoreError(_EXTRA)
        if not isinstance(error, DBAPIError):
            return error
        original: Any = error.orig
        if not type(original).__module__.startswith("psycopg"):
            return error
        state = getattr(original, "sqlstate", None)
        said = " ".join(str(original).split())
        if state == _DISK_FULL:
            return self.full()
        if state in _BUSY:
            return Busy(f"Another server keeps {self.name} busy; try again.")
        if state == _READ_ONLY:
            return StoreError(
                f"{self.name} cannot be opened for writing ({said}); name the primary server."
            )
        if error.connection_invalidated or state is None or state[:2] in ("08", "28", "3D", "57"):
            return StoreError(f"{self.name} cannot be used: {said}. What was acknowledged is safe.")
        return error

    def full(self) -> StorageFull:
        """The error for a server without space."""
        return StorageFull(
            f"No space is left for {self.name}; free some on its server. Nothing already stored "
            "was lost."
        )

    def shrink(self, connection: Connection) -> None:
        """Let the space of deleted rows be used again."""
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.autocommit = True
        try:
            raw.cursor().execute("VACUUM (SKIP_LOCKED, SKIP_DATABASE_STATS) turn, turn_search, "
                                 "conversation, journal, lesson_source, passage, passage_search, "
                                 "document_page, memory")  # fmt: skip
        finally:
            raw.autocommit = False

    def copy_into(self, target: Path) -> None:
        """Write one moment of the store to a SQLite file."""
        engine = self.reader_engine()
        try:
            with engine.connect() as connection:
                transfer.to_file(connection, target)
        finally:
            engine.dispose()

    def size_bytes(self, connection: Connection) -> int:
        """The size of the database."""
        query = "SELECT pg_database_size(current_database())"
        return int(connection.exec_driver_sql(query).scalar_one())

    def _engine(self, **how: Any) -> Engine:
        try:
            engine = create_engine(self._url, connect_args=_CONNECTION, **how)
        except ModuleNotFoundError as error:
            raise StoreError(_EXTRA) from error
        event.listen(engine, "connect", _keep_promises)
        return engine

    def _join(self, raw: Any, _: object) -> None:
        """Keep the schema as it is for as long as this connection lasts."""
        with raw.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_lock_shared({LOCKS}, {OPEN}), clock_timestamp()")
            self._note_time(cursor.fetchone()[1])
        raw.commit()

    def _take_turn(self, connection: Connection) -> None:
        """Wait until nobody else writes; released by the end of the transaction."""
        try:
            row = connection.exec_driver_sql(
                f"SELECT pg_advisory_xact_lock({LOCKS}, {WRITING}), clock_timestamp()"
            ).one()
        except DBAPIError as error:
            if not error.connection_invalidated:
                connection.connection.rollback()
            raise
        self._note_time(row[1])

    def _note_time(self, moment: datetime) -> None:
        self._clock = (moment.astimezone(UTC), time.monotonic())

    def _bring_up_to_date(self, connection: Connection) -> None:
        current = migration.version(connection)
        if current == migration.newest_schema():
            return
        if current is not None:
            migration.see_that_it_is_known(current, self.name)
        alone = f"SELECT pg_try_advisory_lock({LOCKS}, {OPEN})"
        if not connection.exec_driver_sql(alone).scalar_one():
            raise Busy(
                f"{self.name} must be brought from schema {current} to {migration.newest_schema()}"
                ", but another server has it open; stop all of them and try again."
            )
        connection.rollback()
        try:
            with connection.begin():
                migration.upgrade(connection)
        finally:
            _execute(connection, f"SELECT pg_advisory_unlock({LOCKS}, {OPEN})")


_CONNECTION = {
    "application_name": "l2c",
    "connect_timeout": 10,
    "target_session_attrs": "read-write",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InvalidConfig(f"A database's address is like {_EXAMPLE}.") from error
    if parsed.drivername.partition("+")[0] not in ("postgresql", "postgres"):
        raise InvalidConfig(
            f"The store can lie in PostgreSQL, at an address like {_EXAMPLE}; "
            f"found {parsed.drivername}."
        )
    return parsed.set(drivername="postgresql+psycopg")


_EXAMPLE = "postgresql://name:password@host/database"


def is_address(text: str) -> bool:
    """Whether this names a PostgreSQL database, and not a folder."""
    return text.startswith(("postgresql://", "postgres://", "postgresql+psycopg://"))


def _keep_promises(raw: Any, _: object) -> None:
    raw.adapters.register_dumper(str, _WithoutNul)
    with raw.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        cursor.execute(f"SET lock_timeout = '{BUSY_TIMEOUT_S}s'")
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{_HANGING_S}s'")
        cursor.execute("SET timezone = 'UTC'")
    raw.commit()


def _only_read(raw: Any, _: object) -> None:
    raw.isolation_level = IsolationLevel.REPEATABLE_READ
    raw.read_only = True


class _WithoutNul(StrDumper):
    """Text as PostgreSQL can keep it: it has no NUL, in whose place stands U+FFFD."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd"))


def _execute(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)
    connection.commit()
