"""The checkpoints of one user: whether they are what their ledger says."""

from __future__ import annotations

from l2c.chat.catalog import Catalog
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.learning import ledger
from l2c.learning.teacher import OnProgress
from l2c.learning.trainer import Progress
from l2c.store.learning import Learning
from l2c.store.models import Models


class Checkpoints:
    """What can be done with the versions of a model."""

    def __init__(
        self, models: Models, learning: Learning, catalog: Catalog, folder: CheckpointFolder
    ) -> None:
        self._models = models
        self._learning = learning
        self._catalog = catalog
        self._folder = folder

    def verify(
        self, name: str, checkpoint: str | None, *, on_progress: OnProgress
    ) -> ledger.Verification:
        """Whether a checkpoint, the live one for None, is what its ledger says; writes nothing.

        Raises `NotFound`, and `CheckpointError` when the starter's file is missing.
        """
        digest = self._models.live(name)
        if checkpoint is not None:
            digest = self._catalog.checkpoint_named(name, checkpoint)
        chain = ledger.entries(self._learning.ledger(name, digest))
        first = self._models.checkpoint(name, chain[0].digest if chain else digest)
        root = first.parent or digest

        def on_step(entry: ledger.Entry, progress: Progress) -> None:
            what = f"lesson {entry.number}"
            on_progress(what, progress.step, progress.steps, f"loss {progress.loss:.3f}")

        return ledger.verify(name, self._folder.load(root), root, chain, on_step=on_step)
