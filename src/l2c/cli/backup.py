"""`l2c backup` and `l2c restore`: everything in one file, and back, also while the server runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from l2c.cli.options import DataDir, Json, print_json, say, settings_from
from l2c.runtime import archive


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist yet.")],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Write everything to one file: store, checkpoints, logs, dreams, datasets, core prompt.

    The server may run. A store in PostgreSQL is written as a SQLite file, so that the backup can be
    restored anywhere; this is no substitute for the database server's own backups.
    """
    _tell(archive.back_up(settings_from(data_dir=data_dir), file), "Backed up", as_json=as_json)


def restore(
    file: Annotated[
        Path, typer.Argument(help="A backup, or a copy from `backups` in the data directory.")
    ],
    data_dir: DataDir = None,
    as_json: Json = False,
) -> None:
    """Put back what a backup holds, in place of everything there is. The server may run."""
    _tell(archive.restore(settings_from(data_dir=data_dir), file), "Restored", as_json=as_json)


def _tell(contents: archive.Contents, done: str, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "file": str(contents.path),
                "size_bytes": contents.size_bytes,
                "conversations": contents.conversations,
                "checkpoints": contents.checkpoints,
            }
        )
    else:
        say(
            f"{done}: {contents.conversations} conversations and {contents.checkpoints} "
            f"checkpoints, {contents.size_bytes / 1e6:.1f} MB in {contents.path}"
        )
