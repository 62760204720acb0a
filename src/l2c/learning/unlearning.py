"""Unlearning: what models learned from a forgotten text, computed again without it.

A checkpoint is a function of its starter and its ledger. So forgetting has an exact meaning: every
lesson from the first that read the text is carried out again with the sources that are left, with
the batches, seeds, vocabulary and verdicts that follow from them, each under the thresholds it was
judged by, and the result is bit for bit what a ledger would have given that never held it. A
lesson of which nothing is left is left out; one that the gate would not have kept at first is tried
more gently, as a new lesson is, and set aside when that does not help either. What was set aside
with the text, or after it, is tried again in its place: without it the gate may keep it.

Each lesson that is done is committed with its file, so a kill costs one lesson at most. Meanwhile
a checkpoint answers that never read the text. At the end the old files are gone, and with them
everything that may hold a trace: resume points, exports, files nobody names.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l2c.engines.model import LanguageModel
from l2c.errors import Busy, Conflict
from l2c.learning.ledger import Entry, earlier_sources, entries
from l2c.learning.lesson import ATTEMPTS, RECIPE_VERSION, Lesson, Training
from l2c.learning.teacher import Desk, Stopped, figures_of, metrics_of
from l2c.store.copies import Copies
from l2c.store.forgetting import Forgetting, ForgettingRow, ForgettingState
from l2c.store.learning import Learning
from l2c.store.lease import Lease
from l2c.store.ledger import NewCheckpoint
from l2c.store.lessons import JOINT, LedgerEntry, SourceRow
from l2c.store.models import CheckpointRow, Models
from l2c.store.replaying import Replayed
from l2c.store.states import LessonKind
from l2c.store.taint import number_of

log = logging.getLogger(__name__)

LEARNER = "learner"
"""The folder of unfinished trainings, in the data directory."""

REPORT_STEPS = 10
"""Steps between two reports of how a lesson is going."""

EXPORTS = "exports"
"""The folder of exports on their way to somebody, in the data directory."""

DAMAGED = "damaged-*"
"""Folders with a store that could not be opened, which a restore put aside."""


@dataclass(frozen=True, slots=True)
class Attic:
    """Everything forgetting reaches beside the models: rows, copies, and the data directory."""

    forgetting: Forgetting
    copies: Copies
    home: Path


def unlearn(
    desk: Desk, attic: Attic, learning: Learning, models: Models, row: ForgettingRow, *, of: str
) -> str:
    """Go on with what is to be forgotten until it is; what came of it in a sentence.

    `of` is the model whose lease the desk holds. Raises `Stopped` when asked to stop; what was
    done by then stays done.
    """
    if row.state is ForgettingState.ERASING:
        row = attic.forgetting.erase(row.id, attic.copies)
    try:
        knew = attic.forgetting.settle(row.id, has=desk.folder.has)["models"]
        tainted = _files(attic, knew)
        desk.resume.clear()
        desk.folder.remove(tainted)
        leases = {
            name: desk.lease if name == of else learning.acquire(name, holder="forgetting")
            for name in sorted(knew)
        }
        for name, lease in leases.items():
            _Replay(desk, learning, models, lease, row.id, name).run(knew[name])
        done = attic.forgetting.plan(row.id)["models"]
        for lease in leases.values():
            lease.finish_forgetting(row.id)
        if knew:
            sweep(desk, attic, models)
    except (Conflict, Busy) as changed:
        log.info("Forgetting goes on: %s", changed)
        return f"Forgetting goes on. {changed}"
    lost = sum(one["lost"] for one in done.values())
    report = {"checkpoints": len(tainted), "lessons_lost": lost, "left": leftovers(attic.home)}
    attic.forgetting.close(row.id, report)
    return _said(row, len(tainted), lost)


def sweep(desk: Desk, attic: Attic, models: Models) -> None:
    """Remove every file that may hold a trace: candidates nobody kept, resume points, exports.

    Raises `Busy` while somebody brings in checkpoint files.
    """
    with desk.folder.adding():
        named = {row.digest for model in models.list() for row in models.checkpoints(model.name)}
        desk.folder.keep_only(named | models.digests_of_others(), grace_s=0.0)
    for path in (attic.home / LEARNER).glob("text-*"):
        path.unlink(missing_ok=True)
    for path in (attic.home / EXPORTS).glob("*"):
        path.unlink(missing_ok=True)


def leftovers(home: Path) -> list[dict[str, str]]:
    """What may still hold the text and is not a program's to remove: name and date of each."""
    return [
        {"name": path.name, "date": time.strftime("%Y-%m-%d", time.gmtime(path.stat().st_mtime))}
        for path in sorted(home.glob(DAMAGED))
    ]


class _Replay:
    """The lessons of one model, carried out again one after the other."""

    def __init__(
        self,
        desk: Desk,
        learning: Learning,
        models: Models,
        lease: Lease,
        forgetting_id: str,
        name: str,
    ) -> None:
        self._desk = desk
        self._learning = learning
        self._models = models
        self._lease = lease
        self._forgetting_id = forgetting_id
        self._name = name

    def run(self, knew: Mapping[str, Any]) -> None:
        """Put another in the place of every step of the plan, in its order."""
        places: dict[str, str] = dict(knew["map"])
        for step in knew["order"]:
            if step not in places:
                stands_on = knew["on"][step]
                parent = self._there(places.get(stands_on, stands_on), places)
                aside = number_of(step) if step in knew["aside"] else None
                new = self._kept(step, parent) if aside is None else self._set_aside(aside, parent)
                self._put(step, new, places)

    def _put(self, step: str, new: Replayed | str, places: dict[str, str]) -> None:
        self._lease.put_in_place(self._forgetting_id, step, new)
        places[step] = new if isinstance(new, str) else new.digest

    def _there(self, digest: str, places: dict[str, str]) -> str:
        """A checkpoint whose file is there: this one, made again if need be, or what it became."""
        if self._desk.folder.has(digest):
            return digest
        line = [link.digest for link in self._learning.ledger(self._name, digest)]
        there = [number for number, one in enumerate(line, 1) if self._desk.folder.has(one)]
        for old in line[max(there, default=0) :]:
            row = self._models.checkpoint(self._name, old)
            entry, parent = self._entry_of(row), places.get(str(row.parent), str(row.parent))
            if parent != row.parent or not self._same(entry, parent):
                self._put(old, self._learn(entry, parent), places)
        return places.get(digest, digest)

    def _kept(self, old: str, parent: str) -> Replayed | str:
        """What takes the place of `old` now that its lesson starts from `parent`.

        Itself where nothing changes; an attempt before it may have been refused for what is
        forgotten.
        """
        row = self._models.checkpoint(self._name, old)
        entry = self._entry_of(row)
        unchanged = parent == row.parent and entry.attempt == 0
        return old if unchanged and self._same(entry, parent) else self._learn(entry, parent)

    def _set_aside(self, number: int, parent: str) -> Replayed | str:
        """What becomes of a lesson that was set aside, tried again from `parent`."""
        sources = self._learning.set_aside(self._name, number)
        return self._learn(self._entry("", number, sources), parent)

    def _entry_of(self, row: CheckpointRow) -> Entry:
        assert row.lesson is not None, "only checkpoints that lessons made are made again"
        sources = self._learning.sources(self._name, row.lesson)
        return self._entry(row.digest, row.lesson, sources)

    def _entry(self, digest: str, number: int, sources: Sequence[SourceRow]) -> Entry:
        lesson = self._learning.lesson(self._name, number)
        (entry,) = entries([LedgerEntry(digest, lesson, tuple(sources))])
        return entry

    def _same(self, entry: Entry, parent: str) -> bool:
        """Whether the lesson gives what it gave, and its file is there or made again."""
        if entry.missing:
            return False
        if self._desk.folder.has(entry.digest):
            return True
        _, training, _ = self._train(self._lesson(entry, parent, entry.attempt), entry.number)
        digest, _ = self._desk.folder.save(training.candidate)
        return digest == entry.digest

    def _learn(self, entry: Entry, parent: str) -> Replayed | str:
        """The lesson from its first attempt on; `parent` when there is no lesson any more."""
        if entry.kind is LessonKind.EXCHANGES and not entry.sources:
            return parent
        starter = self._desk.folder.load(self._models.get(self._name).starter)
        thresholds = entry.thresholds or self._desk.thresholds
        joint = self._learning.lesson(self._name, entry.number).metrics.get(JOINT)
        attempts = ATTEMPTS if entry.kind is LessonKind.EXCHANGES else 1
        for attempt in range(attempts):
            began = time.thread_time()
            incumbent, training, losses = self._train(
                self._lesson(entry, parent, attempt), entry.number
            )
            verdict = training.judge(starter, incumbent, thresholds)
            if verdict.kept:
                break
        if not verdict.kept and (joint or entry.kind is LessonKind.PRACTICE):
            return parent
        metrics = metrics_of(verdict, training, starter, thresholds)
        saved = self._desk.folder.save(training.candidate) if verdict.kept else None
        return Replayed(
            parent,
            entry.number,
            None if saved is None else NewCheckpoint(*saved),
            attempt,
            RECIPE_VERSION,
            len(entry.sources),
            verdict.reason,
            figures_of(verdict, training, losses, cpu_seconds=time.thread_time() - began),
            metrics | ({JOINT: True} if joint else {}),
        )

    def _lesson(self, entry: Entry, parent: str, attempt: int) -> Lesson:
        earlier = earlier_sources(self._learning.ledger(self._name, parent))
        return Lesson(entry.kind, parent, entry.sources, earlier, attempt)

    def _train(self, lesson: Lesson, number: int) -> tuple[LanguageModel, Training, list[float]]:
        """What it started from, what it has become, and the loss of every step."""
        incumbent = self._desk.folder.load(lesson.parent)
        training, losses = Training(lesson, incumbent), []
        for progress in training.run():
            losses.append(progress.loss)
            self._desk.pace.rest()
            if progress.step % REPORT_STEPS == 0:
                self._desk.report("forgetting", number, progress, 0.0)
            if self._desk.stop.is_set():
                raise Stopped
        return incumbent, training, losses or [math.nan]


def _files(attic: Attic, knew: Mapping[str, Any]) -> list[str]:
    """The digests of what knew, without those that took a place, or are somebody else's too."""
    kept = {new for one in knew.values() for new in one["map"].values()}
    digests = {digest for one in knew.values() for digest in one["tainted"]} - kept
    return sorted(digests - attic.forgetting.digests_of_others(sorted(digests)))


def _said(row: ForgettingRow, checkpoints: int, lost: int) -> str:
    said = f"Forgotten. No file holds that {row.kind} any more"
    if checkpoints:
        said += f"; {checkpoints} checkpoints that knew of it are gone"
    if row.steps:
        said += f" and {row.steps} lessons were carried out again without it"
    if lost:
        said += f", of which the gate did not keep {lost}"
    return said + "."
