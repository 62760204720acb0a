"""The checkpoints of one user: what they must keep to, and whether they are what they seem."""

from __future__ import annotations

from dataclasses import dataclass

from l2c.chat.catalog import Catalog
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.learning import ledger
from l2c.learning.curriculum import Curriculum
from l2c.learning.gate import Thresholds
from l2c.learning.learner import Limits
from l2c.learning.ledger import earlier_sources, source_of
from l2c.learning.teacher import OnProgress
from l2c.learning.trainer import Progress
from l2c.settings import Settings
from l2c.store.learning import Learning
from l2c.store.models import Models
from l2c.store.notes import Notes


@dataclass(frozen=True, slots=True)
class SourceView:
    """One exchange a lesson was made of; `text` is exactly what it read, None once erased.

    `note_id` is the page of the notebook whose words it is.
    """

    conversation_id: str | None
    turn_id: str | None
    note_id: str | None
    text: str | None
    sha256: str


def lesson_sources(learning: Learning, notes: Notes, model: str, number: int) -> list[SourceView]:
    """What a lesson was made of, as its owner reads it. Raises `NotFound`.

    That is every exchange, and the questions about its facts that were practised.
    """
    rows = learning.sources(model, number)
    lesson = learning.lesson(model, number)
    there = {row.position: one for row in rows if (one := source_of(row)) is not None}
    earlier = earlier_sources(learning.ledger(model, lesson.parent))
    taught = Curriculum(tuple(there.values()), earlier).texts()
    read = dict(zip(there, taught, strict=True))
    where = [row.conversation_id for row in rows if row.conversation_id is not None]
    pages = notes.teaching_in(where)
    return [
        SourceView(
            row.conversation_id,
            row.user_turn_id,
            pages.get(row.conversation_id or ""),
            read.get(row.position),
            row.sha256,
        )
        for row in rows
    ]


def limits(settings: Settings) -> Limits:
    """What the settings let the learner do by itself."""
    return Limits(
        settings.practice_tokens,
        settings.autosave_s,
        settings.checkpoint_mb << 20,
        Thresholds(
            general=settings.gate_general_percent / 100,
            general_night=settings.gate_night_percent / 100,
            old_kept=settings.gate_old_percent / 100,
            recalled=settings.gate_recall_percent / 100,
            recall_kept=settings.gate_recall_kept_percent / 100,
            liked=settings.liked_percent / 100,
        ),
        night_exchanges=settings.night_exchanges,
    )


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
