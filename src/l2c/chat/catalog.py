"""The models a user can pick, their versions, and which of them answers."""

from __future__ import annotations

from dataclasses import dataclass

from l2c.chat.live import answering
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.model import LanguageModel
from l2c.errors import NotFound
from l2c.store.models import ModelRow, Models


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model as its user sees it; sizes are those of the version that answers."""

    name: str
    engine: str
    learns: bool
    parameters: int
    vocabulary_size: int
    window: int
    live: str
    starter: str
    checkpoints: int


@dataclass(frozen=True, slots=True)
class CheckpointView:
    """A version of a model; `available` when its file is there."""

    digest: str
    parent: str | None
    lesson: int | None
    created_at: str
    size_bytes: int
    live: bool
    available: bool


class Catalog:
    """The models of one user."""

    def __init__(self, models: Models, folder: CheckpointFolder, *, default: str) -> None:
        self._models = models
        self._folder = folder
        self._default = default

    def known(self, name: str | None) -> str:
        """The name of a model that is there; the default one for None. Raises `NotFound`."""
        return self.get(name).name

    def get(self, name: str | None = None) -> ModelRow:
        """The row of a model, the default one for None. Raises `NotFound`."""
        return self._models.get(name or self._default)

    def answering(self, name: str | None = None) -> tuple[str, LanguageModel]:
        """The version of a model that answers now, its digest first. Raises as `live.answering`."""
        return answering(self.get(name), self._folder)

    def views(self) -> list[ModelView]:
        """Every model."""
        return [self.view(row.name) for row in self._models.list()]

    def view(self, name: str) -> ModelView:
        """One model. Raises `NotFound`."""
        row, (_, model) = self.get(name), self.answering(name)
        return ModelView(
            name=row.name,
            engine=row.engine,
            learns=row.learns,
            parameters=model.parameters(),
            vocabulary_size=model.tokenizer.vocab_size,
            window=model.engine.window,
            live=row.live,
            starter=row.starter,
            checkpoints=row.checkpoints,
        )

    def checkpoints(self, name: str) -> list[CheckpointView]:
        """A model's versions, newest first. Raises `NotFound`."""
        return [
            CheckpointView(
                row.digest,
                row.parent,
                row.lesson,
                row.created_at,
                row.size_bytes,
                row.live,
                available=self._folder.has(row.digest),
            )
            for row in self._models.checkpoints(name)
        ]

    def checkpoint_named(self, name: str, beginning: str) -> str:
        """The one digest of a model that begins so. Raises `NotFound` for none or several."""
        digests = [row.digest for row in self._models.checkpoints(name)]
        found = [digest for digest in digests if digest.startswith(beginning.lower())]
        if len(found) != 1:
            count = "no checkpoint" if not found else f"{len(found)} checkpoints"
            raise NotFound(f"{name} has {count} whose digest begins with {beginning!r}.")
        return found[0]

    def promote(self, name: str, digest: str) -> ModelView:
        """Make a version answer from now on, once it is proven readable.

        Raises `NotFound` when it is none of the model's, and `CheckpointError`.
        """
        self._models.checkpoint(name, digest)
        self._folder.load(digest)
        self._models.promote(name, digest)
        return self.view(name)
