"""Bringing a store to the newest schema: check, copy, change, all or nothing.

Every schema that was ever released is one file in `migrations/versions`, and Alembic runs the
ones a store lacks in a single transaction: a crash in between leaves the old schema. Before that
the store is copied to `backups/`, of which the newest three are kept.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from l2c.errors import Busy, StoreError
from l2c.store import sqlite

KEPT_BACKUPS = 3
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
        _see_that_it_is_known(current, path)
        if others:
            raise Busy(
                f"{path} must be brought from schema {current} to {newest}, but is open in process "
                f"{', '.join(map(str, others))}; stop it and try again."
            )
        _back_up(connection, path.parent / sqlite.BACKUPS, name=f"{current}-{stamp}.db")
    with sqlite.schema_change(connection):
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _see_that_it_is_known(current: str, path: Path) -> None:
    try:
        _scripts().get_revision(current)
    except CommandError as error:
        raise StoreError(
            f"{path} was written by a newer L2C (schema {current}; this one knows up to "
            f"{newest_schema()}). Install the newer version, or restore a file of "
            f"{path.parent / sqlite.BACKUPS}."
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
