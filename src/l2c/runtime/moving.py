"""Moving a store: everything of one installation into a database, or back into a file.

The rows go over in one transaction, verified by count and digest (`l2c.store.transfer`). Before
them go the checkpoints, each named by its digest, so that an interrupted move goes on where it was
when it is begun again, and a store that was moved is never without a checkpoint it names.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from l2c import machine, starter
from l2c.errors import Conflict, InvalidInput, NotFound
from l2c.learning import first_model
from l2c.runtime.house import open_database
from l2c.settings import Settings
from l2c.store import postgresql, transfer
from l2c.store.database import FILE, Database
from l2c.store.files import SharedFiles
from l2c.store.schema import checkpoint

OnPart = Callable[[str, int], None]
"""Told what came over, and how many of it."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What came over."""

    source: str
    target: str
    rows: int
    checkpoints: int


def move(settings: Settings, to: str, *, on_part: OnPart = lambda name, count: None) -> Moved:
    """Copy the whole store to `to`: the address of a PostgreSQL database, or a new folder.

    The present store stays as it is. Raises `NotFound` when there is none, `Conflict` when the
    target is not empty, `Busy` when a server runs on this data directory, and `StoreError` when
    what arrived differs.
    """
    if settings.database_url is None and not (settings.data_dir / FILE).is_file():
        raise NotFound(f"There is no store in {settings.data_dir} yet.")
    with ExitStack() as stack:
        stack.enter_context(machine.RoleLock(settings.data_dir / "server.lock"))
        stack.enter_context(machine.RoleLock(settings.data_dir / "learner.lock"))
        source = stack.enter_context(open_database(settings))
        target = stack.enter_context(_target(settings, to))
        with target.read() as connection:
            if not transfer.is_empty(connection):
                raise Conflict(f"{_name(target)} holds a store already; name an empty one.")
        checkpoints = _share(settings, source, target)
        on_part("checkpoint files", checkpoints)
        with source.read() as reading:

            def work(connection: Connection) -> int:
                return transfer.copy(reading, connection, on_part)

            rows = target.write(work)
        return Moved(_name(source), _name(target), rows, checkpoints)


def _target(settings: Settings, to: str) -> Database:
    if postgresql.is_address(to):
        return Database.connect(to, settings.data_dir)
    folder = Path(to)
    if folder.resolve() == settings.data_dir.resolve() and settings.database_url is None:
        raise InvalidInput("The store lies there already; name another place.")
    return Database.open(folder)


def _name(database: Database) -> str:
    dialect = database.dialect
    return dialect.name if isinstance(dialect, postgresql.PostgreSQL) else str(database.directory)


def _share(settings: Settings, source: Database, target: Database) -> int:
    """Bring over the files of all checkpoints that there are; how many."""
    starter_file = settings.starter or starter.PATH
    there = first_model.open_folder(
        settings.data_dir / "checkpoints",
        starter_file=starter_file,
        elsewhere=SharedFiles(source) if source.shared else None,
    )
    here = first_model.open_folder(
        target.directory / "checkpoints",
        starter_file=starter_file,
        elsewhere=SharedFiles(target) if target.shared else None,
    )
    with source.read() as connection:
        digests = connection.execute(select(checkpoint.c.digest).distinct()).scalars().all()
    moved = 0
    for digest in sorted(digests):
        if there.has(digest):
            here.take(there.path(digest), digest)
            moved += 1
    return moved
