"""What the data directory takes of the disk, by kind, and giving back what can be spared.

Only files of older versions can be spared. What they were made of stays in the ledger, so the
learner can make one again; the versions that answer, those before them, those every model began
with and pinned ones stay as files. The learner does the same by itself once they take more than
the setting `checkpoint_mb` allows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from l2c import machine
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.store.database import FILE
from l2c.store.models import Models
from l2c.store.sqlite import BACKUPS


class StoredKind(StrEnum):
    """What files of a data directory are for."""

    STORE = "store"
    COPIES = "copies"
    CHECKPOINTS = "checkpoints"
    LOGS = "logs"
    DREAMS = "dreams"
    LEARNER = "learner"
    RESERVE = "reserve"
    OTHER = "other"


_PLACES = {
    BACKUPS: StoredKind.COPIES,
    "checkpoints": StoredKind.CHECKPOINTS,
    "logs": StoredKind.LOGS,
    "dreams": StoredKind.DREAMS,
    "learner": StoredKind.LEARNER,
    "ballast": StoredKind.RESERVE,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """What the files of one kind take."""

    kind: StoredKind
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Storage:
    """What is taken, the largest first; what is free; and what of `taken` can be given back."""

    taken: list[Taken]
    free_bytes: int
    spare_bytes: int


class Storeroom:
    """The disk under one data directory, as one of its users may use it."""

    def __init__(self, data_dir: Path, models: Models, folder: CheckpointFolder) -> None:
        self._data_dir = data_dir
        self._models = models
        self._folder = folder

    def look(self) -> Storage:
        """What is there now. Files that come and go meanwhile may be missed."""
        taken = dict.fromkeys(StoredKind, 0)
        for entry in _entries(self._data_dir):
            taken[_kind(entry.name)] += _size_bytes(entry)
        kinds = sorted(taken, key=lambda kind: -taken[kind])
        spare = self._folder.others(self._needed())
        return Storage(
            taken=[Taken(kind, taken[kind]) for kind in kinds if taken[kind]],
            free_bytes=machine.free_bytes(self._data_dir),
            spare_bytes=sum(size for _, size in spare),
        )

    def free(self) -> Storage:
        """Delete what can be spared; what is there then."""
        self._folder.keep_only(self._needed())
        return self.look()

    def _needed(self) -> set[str]:
        """The checkpoints whose files must stay."""
        needed = self._models.digests_of_others()
        for model in self._models.list():
            for row in self._models.checkpoints(model.name):
                if row.digest == model.live and row.parent is not None:
                    needed.add(row.parent)
                if row.pinned:
                    needed.add(row.digest)
            needed |= {model.live, model.starter}
        return needed


def _kind(name: str) -> StoredKind:
    return StoredKind.STORE if name.startswith(FILE) else _PLACES.get(name, StoredKind.OTHER)


def _size_bytes(entry: os.DirEntry[str]) -> int:
    """The bytes of a file, or of every file below a folder; links are not followed."""
    try:
        if entry.is_dir(follow_symlinks=False):
            return sum(map(_size_bytes, _entries(Path(entry.path))))
        return entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:  # it has gone meanwhile
        return 0


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except FileNotFoundError:
        return
