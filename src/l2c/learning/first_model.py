"""The model everybody begins with: `le`, from a starter checkpoint.

That is the one that came with the program, unless the settings name another one.
"""

from __future__ import annotations

from pathlib import Path

from l2c import starter
from l2c.engines.checkpoint_folder import CheckpointFolder, Elsewhere
from l2c.errors import CheckpointError, NotFound
from l2c.store.models import Models

NAME = "le"

OTHERS = {"htm": starter.HTM_PATH, "llama": starter.LLAMA_PATH}
"""The other starters, by name and family; not every program comes with every one."""


def open_folder(
    folder: Path, *, starter_file: Path = starter.PATH, elsewhere: Elsewhere | None = None
) -> CheckpointFolder:
    """The checkpoints of a data directory, with the starters among them."""
    files = (starter_file, *OTHERS.values())
    digests = {starter.digest(file): file for file in files}
    there = {own: file for own, file in digests.items() if own is not None}
    return CheckpointFolder(folder, there, elsewhere=elsewhere)


def begin(models: Models, folder: CheckpointFolder, name: str) -> None:
    """Make sure the model of the shipped starter `name` is there, beside `le`.

    Raises `NotFound` when no such starter came with the program.
    """
    file = OTHERS.get(name)
    own = None if file is None else starter.digest(file)
    if file is None or own is None:
        there = ", ".join(other for other, path in OTHERS.items() if path.exists())
        make = f" `python -m l2c.learning.{name}_starter` makes it." if file else ""
        raise NotFound(
            f"No starter called {name!r} came with this program.{make} There is {there}."
        )
    size = file.stat().st_size
    models.ensure(name, engine=name, starter=own, size_bytes=size, summary={})


def ensure(models: Models, folder: CheckpointFolder, *, starter_file: Path = starter.PATH) -> None:
    """Make sure `le` is there and can answer.

    A `le` that is there already goes on without the starter's file. Raises `CheckpointError` when
    it is to begin and the file is missing or damaged.
    """
    own = starter.digest(starter_file)
    if own is not None:
        models.ensure(
            NAME,
            engine=folder.load(own).engine.family,
            starter=own,
            size_bytes=starter_file.stat().st_size,
            summary={},
        )
    elif all(row.name != NAME for row in models.list()):
        raise CheckpointError(
            f"The starter checkpoint {starter_file} is missing; install L2C again, or run "
            "`make starter`."
        )
