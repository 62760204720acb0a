"""The model everybody begins with: `le`, from the starter checkpoint that came with the program."""

from __future__ import annotations

from pathlib import Path

from l2c import starter
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.store.models import Models

NAME = "le"


def open_folder(folder: Path) -> CheckpointFolder:
    """The checkpoints of a data directory, with the shipped starter among them."""
    own = starter.digest()
    return CheckpointFolder(folder, {} if own is None else {own: starter.PATH})


def ensure(models: Models, folder: CheckpointFolder) -> None:
    """Make sure `le` is there and can answer; nothing happens without the starter's file."""
    own = starter.digest()
    if own is not None:
        models.ensure(
            NAME,
            engine=folder.load(own).engine.family,
            starter=own,
            size_bytes=starter.PATH.stat().st_size,
            summary={},
        )
