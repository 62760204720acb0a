"""Whether L2C can do its work, part by part.

`ok`: everything works. `degraded`: it answers, but somebody should look: a model that writes
noise, a file that is being rebuilt, a disk nearly full. `failed`: it cannot do its work, because
no model can write, or nothing can be stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from l2c import __version__, machine, starter
from l2c.chat.live import answering
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.errors import CheckpointError, L2CError, ProviderError
from l2c.learning import vitals
from l2c.learning.vitals import Vitals
from l2c.store.database import Database
from l2c.store.models import ModelRow, Models

LOW_SPACE_BYTES = 256 << 20
"""Free space under which health says so."""


class Status(StrEnum):
    """How it is, from good to bad."""

    OK = "ok"
    DEGRADED = "degraded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Health:
    """Whether everything works; `problems` says in words what does not.

    `vitals` are figures of the model's own writing, None when it cannot write; they are taken
    once of every checkpoint. `checkpoint_age_s` is how long ago the live checkpoint was made.
    """

    status: Status
    version: str
    model: str
    checkpoint: str
    checkpoint_age_s: float
    learner: Literal["alive", "absent"]
    store: Literal["writable", "failed"]
    free_bytes: int
    vitals: Vitals | None
    problems: list[str]


class Examiner:
    """Takes the health of one user's side of a data directory."""

    def __init__(
        self,
        models: Models,
        folder: CheckpointFolder,
        database: Database,
        *,
        learner_is_alive: Callable[[], bool],
    ) -> None:
        self._models = models
        self._folder = folder
        self._database = database
        self._data_dir = database.directory
        self._learner_is_alive = learner_is_alive
        self._taken: tuple[str, Vitals] | None = None

    def health(self, name: str) -> Health:
        """How it is, with the model of this name. Raises `NotFound`."""
        row = self._models.get(name)
        problems: list[str] = []
        writing = self._writing(row, problems)
        store = self._store(problems)
        free = machine.free_bytes(self._data_dir)
        if free < LOW_SPACE_BYTES:
            problems.append(f"Only {free >> 20} MB are free in the data directory.")
        works = writing is not None and store == "writable"
        made = self._models.checkpoint(name, row.live).created_at
        return Health(
            status=(Status.DEGRADED if problems else Status.OK) if works else Status.FAILED,
            version=__version__,
            model=row.name,
            checkpoint=row.live,
            checkpoint_age_s=self._database.seconds_since(made),
            learner="alive" if self._learner_is_alive() else "absent",
            store=store,
            free_bytes=free,
            vitals=writing,
            problems=problems,
        )

    def _writing(self, row: ModelRow, problems: list[str]) -> Vitals | None:
        """How whatever answers under this name writes now."""
        try:
            self._folder.load(row.live)
            if not self._folder.has(row.live):
                problems.append(
                    f"The file of {row.name}'s checkpoint is gone; it is being rebuilt."
                )
        except CheckpointError as error:
            problems.append(str(error))
        try:
            found = self._examined(row)
        except ProviderError as error:
            problems.append(str(error))
            return None
        problems += found.flaws()
        return found

    def _examined(self, row: ModelRow) -> Vitals:
        digest, model = answering(row, self._folder)
        taken = self._taken
        if taken is None or taken[0] != digest:
            familiar = row.starter == starter.digest(starter.PATH)
            self._taken = taken = digest, vitals.examine(model, familiar=familiar)
        return taken[1]

    def _store(self, problems: list[str]) -> Literal["writable", "failed"]:
        try:
            self._database.write(lambda connection: None)
        except L2CError as error:
            problems.append(str(error))
            return "failed"
        return "writable"
