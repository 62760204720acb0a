"""Whether L2C can do its work, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from l2c import __version__, machine
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.errors import CheckpointError, L2CError
from l2c.store.database import Database
from l2c.store.models import ModelRow

LOW_SPACE_BYTES = 256 << 20
"""Free space under which health says so."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether everything works; `problems` says in words what does not."""

    status: Literal["ok", "degraded"]
    version: str
    model: str
    checkpoint: str
    learner: Literal["alive", "absent"]
    store: Literal["writable", "failed"]
    free_bytes: int
    problems: list[str]


def examine_health(
    row: ModelRow,
    folder: CheckpointFolder,
    database: Database,
    data_dir: Path,
    *,
    learner_is_alive: bool,
) -> Health:
    """The health of a data directory, and of the model that answers when none is named."""
    problems = []
    try:
        folder.load(row.live)
        if not folder.has(row.live):
            problems.append(f"The file of {row.name}'s checkpoint is gone; it is being rebuilt.")
    except CheckpointError as error:
        problems.append(str(error))
    store: Literal["writable", "failed"] = "writable"
    try:
        database.write(lambda connection: None)
    except L2CError as error:
        store = "failed"
        problems.append(str(error))
    free = machine.free_bytes(data_dir)
    if free < LOW_SPACE_BYTES:
        problems.append(f"Only {free >> 20} MB are free in the data directory.")
    return Health(
        status="degraded" if problems else "ok",
        version=__version__,
        model=row.name,
        checkpoint=row.live,
        learner="alive" if learner_is_alive else "absent",
        store=store,
        free_bytes=free,
        problems=problems,
    )
