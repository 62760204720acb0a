"""Bringing a store to the newest schema: check, copy, change, all or nothing.

Every schema that was ever released is one file in `migrations/versions`, and Alembic runs the
ones a store lacks in a single transaction: a crash in between leaves the old schema. Before that
a store in a file is copied to `backups/`, of which the newest three are kept.

PostgreSQL came later, so a store there begins with `FIRST_ON_POSTGRESQL`, made in one step, and
goes the same way from then on.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect

from l2c.errors import Busy, StoreError
from l2c.store import sqlite
from l2c.store.migrations import statements

KEPT_BACKUPS = 3
FIRST_ON_POSTGRESQL = "0007"
"""The oldest schema a store in PostgreSQL can have."""

SCRIPTS = "l2c.store:migrations"
"""Where Alembic finds the migrations: a folder of a package, or a path."""


def newest_schema() -> str:
    """The name of the schema this version of L2C writes."""
    head = _scripts().get_current_head()
    assert head is not None, "migrations/versions has at least one file"
    return head


def bring_up_to_date(connection: Connection, path: Path, *, others: list[int], stamp: str) -> None:
    """Give the store the newest schema, keeping a copy of the older one named by `stamp`.

    Raises `StoreError` for a schema this version does not know, and `Busy` when a change is due
    while the processes `others` have the store open.
    """
    current, newest = sqlite.schema_version(connection), newest_schema()
    if current == newest:
        return
    if current is not None:
        see_that_it_is_known(current, str(path), copies=path.parent / sqlite.BACKUPS)
        if others:
            raise Busy(
                f"{path} must be brought from schema {current} to {newest}, but is open in process "
                f"{', '.join(map(str, others))}; stop it and try again."
            )
        _back_up(connection, path.parent / sqlite.BACKUPS, name=f"{current}-{stamp}.db")
    with sqlite.schema_change(connection):
        upgrade(connection)


def version(connection: Connection) -> str | None:
    """The name of the schema a store in PostgreSQL has; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").one_or_none()
    return None if row is None else str(row[0])


def upgrade(connection: Connection) -> None:
    """Run what the store lacks, in the transaction that was begun."""
    config = _config()
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql" and version(connection) is None:
        statements.run_file(connection, FIRST_ON_POSTGRESQL)
        command.stamp(config, FIRST_ON_POSTGRESQL)
    command.upgrade(config, "head")


def see_that_it_is_known(current: str, where: str, *, copies: Path | None = None) -> None:
    """Raise `StoreError` for a schema that only a newer L2C has."""
    try:
        _scripts().get_revision(current)
    except CommandError as error:
        otherwise = "" if copies is None else f", or restore a file of {copies}"
        raise StoreError(
            f"{where} was written by a newer L2C (schema {current}; this one knows up to "
            f"{newest_schema()}). Install the newer version{otherwise}."
        ) from error


def _back_up(connection: Connection, directory: Path, *, name: str) -> None:
    directory.mkdir(mode=0o700, exist_ok=True)
    sqlite.copy_into(connection, directory / name)
    # Copies of the store's own making only, oldest first by their stamp.
    copies = sorted(directory.glob("*-*.db"), key=lambda copy: copy.stem.partition("-")[2])
    for old in copies[:-KEPT_BACKUPS]:
        old.unlink()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
