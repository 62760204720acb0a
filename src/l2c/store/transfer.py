"""A whole store into another database: from SQLite to PostgreSQL, and back.

Every row is read in the order of its key, written, and read back; count and digest of both sides
must agree. Numbers go on where they were, so that a number of a deleted row never comes back. All
of it is one transaction of the target, so that an interrupted transfer has changed nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Table, delete, func, insert, select, text

from l2c.errors import Conflict, StoreError
from l2c.store import migration, sqlite
from l2c.store.schema import file_chunk, metadata, role, writing
from l2c.store.word_index import PASSAGES, TURNS, WordIndex

_AT_ONCE = 500
_INDEXES = (TURNS, PASSAGES)
_OF_RUNNING_SERVERS = (role, writing, file_chunk)
"""Tables about servers that run, and files, which are brought over by themselves."""

OnTable = Callable[[str, int], None]
"""Told the name of each table that came over, and how many rows."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows there are, and a digest of everything in them."""

    rows: int
    sha256: str


def is_empty(connection: Connection) -> bool:
    """Whether no row of any table is there; files do not count."""
    return not any(
        connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in brought_over()
    )


def brought_over() -> list[Table]:
    """The tables whose rows a transfer brings over."""
    return [table for table in metadata.tables.values() if table not in _OF_RUNNING_SERVERS]


def tally(connection: Connection, table: Table) -> Tally:
    """Count and digest of a table, in the order of its key."""
    digest, count = hashlib.sha256(), 0
    for rows in _rows(connection, table):
        for row in rows:
            digest.update(_told(row))
        count += len(rows)
    return Tally(count, digest.hexdigest())


def copy(source: Connection, target: Connection, on_table: OnTable | None = None) -> int:
    """Bring every row over, in the transaction of `target`; how many there are.

    Raises `Conflict` when the target is not empty, and `StoreError` when what arrived is not what
    was sent.
    """
    if not is_empty(target):
        raise Conflict("The store that is to be filled is not empty; name an empty database.")
    defer_references(target)
    total = 0
    for table in brought_over():
        sent = _send(source, target, table)
        _see_that_it_arrived(sent, tally(target, table), table.name)
        total += sent.rows
        if on_table is not None:
            on_table(table.name, sent.rows)
    for index in _INDEXES:
        _send_words(source, target, index)
    _go_on_counting(source, target)
    return total


def replace(source: Connection, target: Connection) -> int:
    """Let what the source holds take the place of everything in a PostgreSQL target."""
    defer_references(target)
    for table in [*brought_over(), writing, TURNS.table, PASSAGES.table]:
        target.execute(delete(table))
    return copy(source, target)


def to_file(source: Connection, target: Path) -> None:
    """Write everything that `source` sees to a new SQLite store, whole or not at all."""
    building = target.with_suffix(".building")
    _remove(building)
    engine = sqlite.writer_engine(building)
    try:
        sqlite.prepare(building)
        with engine.connect() as connection:
            migration.bring_up_to_date(connection, building, others=[], stamp="")
            with sqlite.schema_change(connection):
                copy(source, connection)
            sqlite.copy_into(connection, target)
    finally:
        engine.dispose()
        _remove(building)


def defer_references(target: Connection) -> None:
    """Let rows name rows that come later; looked at again when the transaction ends."""
    postgresql = target.dialect.name == "postgresql"
    target.execute(
        text("SET CONSTRAINTS ALL DEFERRED" if postgresql else "PRAGMA defer_foreign_keys = ON")
    )


def _send(source: Connection, target: Connection, table: Table) -> Tally:
    digest, count = hashlib.sha256(), 0
    for rows in _rows(source, table):
        for row in rows:
            digest.update(_told(row))
        count += len(rows)
        target.execute(insert(table), [dict(row._mapping) for row in rows])
    return Tally(count, digest.hexdigest())


def _send_words(source: Connection, target: Connection, index: WordIndex) -> None:
    sent = hashlib.sha256()
    for rows in _partitions(source, _words(index)):
        sent.update(b"".join(map(_told, rows)))
        for owner, theirs in groupby(rows, key=lambda row: row.owner if index.owned else None):
            index.add(target, [(row.rowid, row.words) for row in theirs], owner)
    arrived = hashlib.sha256()
    for rows in _partitions(target, _words(index)):
        arrived.update(b"".join(map(_told, rows)))
    if sent.digest() != arrived.digest():
        raise StoreError(f"{index.name} did not arrive as it was sent; nothing was changed.")


def _words(index: WordIndex) -> Any:
    return select(index.table).order_by(index.table.c.rowid)


def _rows(connection: Connection, table: Table) -> Iterator[list[Any]]:
    yield from _partitions(connection, select(table).order_by(*table.primary_key.columns))


def _partitions(connection: Connection, query: Any) -> Iterator[list[Any]]:
    result = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    for rows in result.partitions():
        yield list(rows)


def _told(row: Any) -> bytes:
    """A row as text that is the same whichever database it comes from."""
    return json.dumps([_plain(value) for value in row], sort_keys=True).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    # PostgreSQL has no NUL in text, see there.
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _see_that_it_arrived(sent: Tally, arrived: Tally, name: str) -> None:
    if sent != arrived:
        raise StoreError(
            f"Of {name} {arrived.rows} rows arrived and {sent.rows} were sent, or they differ; "
            "nothing was changed."
        )


def _numbered() -> Iterator[tuple[Table, Column[Any]]]:
    """The tables whose rows are numbered in the order they were written."""
    for table in metadata.tables.values():
        if table.dialect_options["sqlite"]["autoincrement"]:
            yield table, table.c.seq


def _go_on_counting(source: Connection, target: Connection) -> None:
    for table, seq in _numbered():
        last = _last_number(source, table)
        if last == 0:
            continue
        if target.dialect.name == "postgresql":
            target.execute(
                select(func.setval(func.pg_get_serial_sequence(table.name, seq.name), last))
            )
        else:
            with_it = {"name": table.name, "last": last}
            target.execute(
                text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
            )
            target.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), with_it)


def _last_number(connection: Connection, table: Table) -> int:
    if connection.dialect.name == "postgresql":
        sequence = connection.execute(
            select(func.pg_get_serial_sequence(table.name, "seq"))
        ).scalar_one()
        query = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"
        return int(connection.exec_driver_sql(query).scalar_one())
    query = "SELECT seq FROM sqlite_sequence WHERE name = :name"
    return int(connection.execute(text(query), {"name": table.name}).scalar() or 0)


def _remove(path: Path) -> None:
    for file in [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))]:
        file.unlink(missing_ok=True)
