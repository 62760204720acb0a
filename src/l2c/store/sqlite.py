"""SQLite underneath: which library, which settings, what its errors mean.

Everything the store knows about SQLite in particular is here and in `l2c.store.word_index`.

- **The library.** SQLite before 3.51.3 can damage a database in WAL mode when two connections
  write at once (https://sqlite.org/wal.html#walresetbug), so the wheel `pysqlite3` brings a
  sound one. Where there is no wheel the interpreter's own is used, in WAL mode only if it is
  sound and with a rollback journal otherwise.
- **The settings.** `synchronous=FULL` makes a commit survive a power loss; `secure_delete`
  overwrites what is deleted; no memory-mapped reads, since a truncated file would be a SIGBUS.
- **The file.** Only SQLite opens it: POSIX drops all of a process's locks on a file as soon as
  the process closes any descriptor of it, so even reading its header would unlock the database.
"""

from __future__ import annotations

import logging
import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError

from l2c import machine
from l2c.errors import Busy, StorageFull, StoreError
from l2c.store.dialect import DeviceFailure

try:
    from pysqlite3 import dbapi2 as _installed
except ImportError:
    import sqlite3 as _installed

driver: Any = _installed
"""The SQLite in use, as a DB-API module."""

_logger = logging.getLogger(__name__)

SOUND_IN_WAL = (3, 51, 3)
"""The first SQLite whose WAL mode is safe with several writing connections."""

APPLICATION_ID = 0x4C324331
"""`L2C1` in the header of every store (https://sqlite.org/pragma.html#pragma_application_id)."""

BACKUPS = "backups"
"""The folder beside the store where copies are kept."""

BUSY_TIMEOUT_S = 5.0
_REPLACING_WAIT_S = 60.0
_PAGES_AT_ONCE = 1024
_LOG_LIMIT_BYTES = 16 * 1024 * 1024
_READERS = 8

# Primary result codes, https://sqlite.org/rescode.html
_BUSY, _LOCKED, _READONLY, _IOERR = 5, 6, 8, 10
_CORRUPT, _FULL, _CANTOPEN, _NOTADB = 11, 13, 14, 26


def memory() -> Path:
    """A path that names a new store in memory, which connections of this process can share."""
    return Path(f"file:/{uuid.uuid4().hex}?vfs=memdb")


def is_memory(path: Path) -> bool:
    """Whether a path is one of `memory`."""
    return path.parts[0] == "file:"


def journal_mode() -> str:
    """`wal` where this SQLite is sound in it, else `delete`, a rollback journal."""
    return "wal" if driver.sqlite_version_info >= SOUND_IN_WAL else "delete"


def writer_engine(path: Path) -> Engine:
    """Connections that may write; each transaction takes the write lock when it begins."""
    engine = create_engine(
        "sqlite+pysqlite://",
        module=driver,
        creator=lambda: _connect(path),
        poolclass=NullPool,
    )
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def reader_engine(path: Path) -> Engine:
    """A small pool of connections that cannot write; a transaction sees one moment of the store."""
    engine = create_engine(
        "sqlite+pysqlite://",
        module=driver,
        creator=lambda: _connect(path, "PRAGMA query_only=ON"),
        poolclass=QueuePool,
        pool_size=_READERS,
        max_overflow=0,  # one opened for a moment costs more than what it is asked
    )
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _connect(path: Path, *settings: str) -> Any:
    connection = driver.connect(
        str(path),
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
        uri=is_memory(path),
    )
    for setting in (
        "PRAGMA synchronous=FULL",
        "PRAGMA fullfsync=ON",
        "PRAGMA checkpoint_fullfsync=ON",
        "PRAGMA foreign_keys=ON",
        "PRAGMA trusted_schema=OFF",
        "PRAGMA secure_delete=ON",
        "PRAGMA temp_store=MEMORY",
        "PRAGMA mmap_size=0",
        f"PRAGMA journal_size_limit={_LOG_LIMIT_BYTES}",
        *settings,
    ):
        connection.execute(setting).close()
    return connection


def prepare(path: Path) -> None:
    """Create the file, or see that it is a store and sound; then set its journal mode.

    Raises `StoreError` for a file that is damaged or belongs to another program.
    """
    machine.create_private(path)
    connection = None
    try:
        connection = _connect(path)
        if _value(connection, "PRAGMA schema_version") == 0:
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
        elif _value(connection, "PRAGMA application_id") != APPLICATION_ID:
            raise StoreError(
                f"{path} is a database of another program; move it away, or choose another "
                "data directory."
            )
        mode = journal_mode()
        if mode != "wal":
            _logger.warning(
                "SQLite %s is older than %s and unsafe in WAL mode: using a rollback journal, "
                "which is slower. Installing the package pysqlite3 mends it.",
                driver.sqlite_version,
                ".".join(map(str, SOUND_IN_WAL)),
            )
        if _value(connection, f"PRAGMA journal_mode={mode}") != mode:
            raise StoreError(f"{path} could not be switched to journal mode {mode}.")
    except driver.Error as error:
        raise translate(error, path) from error
    finally:
        if connection is not None:
            connection.close()


def check(connection: Connection, path: Path) -> None:
    """Read the whole file once and see that its structure is sound. Raises `StoreError`."""
    problems = [row[0] for row in _raw(connection).execute("PRAGMA quick_check(5)")]
    if problems != ["ok"]:
        raise StoreError(
            f"{path} is damaged: {'; '.join(problems)}. Restore the newest file of "
            f"{path.parent / BACKUPS}, or ask for help before writing to it."
        )


def schema_version(connection: Connection) -> str | None:
    """The name of the schema the store has; None when it is empty."""
    raw = _raw(connection)
    if _value(raw, "SELECT count(*) FROM sqlite_schema WHERE name = 'alembic_version'") == 0:
        return None
    return str(_value(raw, "SELECT version_num FROM alembic_version"))


@contextmanager
def schema_change(connection: Connection) -> Iterator[None]:
    """A transaction in which tables may be rebuilt; foreign keys are checked at its end.

    Source: https://sqlite.org/lang_altertable.html#otheralter, steps 1 to 12.
    """
    raw = _raw(connection)
    raw.execute("PRAGMA foreign_keys=OFF").close()
    try:
        with connection.begin():
            yield
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise StoreError(f"The schema change would leave dangling rows: {broken[:5]}.")
    finally:
        raw.execute("PRAGMA foreign_keys=ON").close()


def copy_into(connection: Connection, target: Path) -> None:
    """Write a compact, consistent copy of the store to `target`, durably."""
    unfinished = target.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    machine.create_private(unfinished)
    raw = _raw(connection)
    raw.execute("VACUUM INTO ?", (str(unfinished),)).close()
    with open(unfinished, "rb+") as file:
        machine.flush_file(file.fileno())
    unfinished.replace(target)
    machine.fsync_directory(target.parent)


def rewrite(path: Path, table: str, statements: Sequence[str], ids: Sequence[str]) -> None:
    """Run the statements with each of the ids in a copy nobody has open, then put it in place.

    A file whose `table` has none of the ids stays as it is, and a statement about a table or a
    column that the file lacks does nothing. Raises `StoreError`, and leaves the file as it was.
    """
    unfinished = path.with_suffix(".unfinished")
    try:
        if not _holds(path, table, ids):
            return
        unfinished.unlink(missing_ok=True)
        machine.create_private(unfinished)
        shutil.copyfile(path, unfinished)
        with closing(_connect(unfinished, "PRAGMA journal_mode=MEMORY")) as raw:
            raw.execute("BEGIN IMMEDIATE")
            for one in ids:
                for statement in statements:
                    _execute_where_it_can(raw, statement, one)
            for index in _word_indexes(raw):
                raw.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
            raw.execute("COMMIT")
            raw.execute("VACUUM")
        with open(unfinished, "rb+") as file:
            machine.flush_file(file.fileno())
        unfinished.replace(path)
        machine.fsync_directory(path.parent)
    except driver.Error as error:
        raise StoreError(f"{path} cannot be rewritten: {error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _execute_where_it_can(raw: Any, statement: str, one: str) -> None:
    try:
        raw.execute(statement, (one,))
    except driver.OperationalError as error:
        if not str(error).startswith(("no such table", "no such column")):
            raise


def _holds(path: Path, table: str, ids: Sequence[str]) -> bool:
    """Whether a file nobody writes has rows of these ids in a table, which it may lack."""
    with closing(driver.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as raw:
        named = raw.execute("SELECT count(*) FROM sqlite_schema WHERE name = ?", (table,))
        if not named.fetchone()[0]:
            return False
        query = f"SELECT count(*) FROM {table} WHERE id = ?"
        return any(raw.execute(query, (one,)).fetchone()[0] for one in ids)


def _word_indexes(raw: Any) -> list[str]:
    query = "SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5%'"
    return [row[0] for row in raw.execute(query)]


def replace_content(path: Path, source: Path) -> None:
    """Make the store at `path` say what `source` says, while other processes have it open.

    One transaction (https://sqlite.org/c3ref/backup_finish.html): whoever reads sees the old store
    or the new one, and a crash leaves the old one. Raises `Busy` when a writer does not let go.
    """
    give_up = time.monotonic() + _REPLACING_WAIT_S

    def see_that_it_goes_on(status: int, remaining: int, _: int) -> None:
        if time.monotonic() > give_up and status in (_BUSY, _LOCKED):
            raise Busy(f"Another process has kept {path} for too long; try again.")

    try:
        with closing(_connect(source)) as new, closing(_connect(path)) as old:
            new.backup(old, pages=_PAGES_AT_ONCE, progress=see_that_it_goes_on)
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except driver.Error as error:
        raise translate(error, path) from error


def examine(connection: Connection, path: Path) -> None:
    """See that every page, index and reference of the store is sound. Raises `StoreError`."""
    raw = _raw(connection)
    problems = [row[0] for row in raw.execute("PRAGMA integrity_check(5)")]
    dangling = raw.execute("PRAGMA foreign_key_check").fetchmany(5)
    if problems != ["ok"] or dangling:
        raise StoreError(f"{path.name} is damaged: {'; '.join(problems)} {dangling or ''}.")


def shape(connection: Connection) -> set[tuple[str, str, str]]:
    """Everything the store is made of: kind, name and definition of tables, indexes, triggers."""
    rows = _raw(connection).execute("SELECT type, name, coalesce(sql, '') FROM sqlite_schema")
    return {(kind, name, sql) for kind, name, sql in rows}


def shrink(connection: Connection) -> None:
    """Give free pages back to the disk and empty the log, so that nothing deleted lingers.

    The log is emptied as far as readers at work allow; the next call or close does the rest.
    """
    raw = _raw(connection)
    raw.execute("PRAGMA incremental_vacuum").fetchall()
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def in_transaction(connection: Connection) -> bool:
    """Whether the transaction still stands; some errors make SQLite roll all of it back."""
    return bool(_raw(connection).in_transaction)


def translate(error: Exception, path: Path) -> Exception:
    """The application's error for one of SQLite's, with what to do next; others unchanged."""
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", 0) & 0xFF
    if code == _FULL or (code == _IOERR and _cannot_grow(path.parent)):
        return full(path)
    if code == _IOERR:
        return DeviceFailure(
            f"The disk failed under {path} ({original}). Nothing more is written until L2C starts "
            "again; check the disk and copy the data directory first."
        )
    if code in (_CORRUPT, _NOTADB):
        return DeviceFailure(
            f"{path} is damaged, or no database ({original}). Restore the newest file of "
            f"{path.parent / BACKUPS}."
        )
    if code in (_BUSY, _LOCKED):
        return Busy(
            f"Another process has kept {path} for more than {BUSY_TIMEOUT_S:.0f} s; try again."
        )
    if code in (_READONLY, _CANTOPEN):
        return StoreError(f"{path} cannot be opened for writing ({original}); check its rights.")
    return error


def full(path: Path) -> StorageFull:
    """The error for a disk without space."""
    return StorageFull(
        f"No space is left on the disk of {path.parent}. Delete conversations or free space; "
        "nothing already stored was lost."
    )


def _cannot_grow(directory: Path) -> bool:
    """Whether an I/O error was a full disk or quota, which SQLite tells apart for ENOSPC only."""
    probe = directory / f"probe-{uuid.uuid4().hex}"
    try:
        machine.occupy(probe, 64 * 1024)
    except StorageFull:
        return True
    except OSError:
        return False
    probe.unlink()
    return False


def _raw(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _value(connection: Any, query: str) -> Any:
    return connection.execute(query).fetchone()[0]
