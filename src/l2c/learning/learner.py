"""The learner: it waits for exchanges, makes lessons of them, and practises when nothing waits.

    pending exchanges → lesson → candidate → verdict → checkpoint, ledger and promotion at once

It runs in a process of its own, meets the server only in the store, and may be killed at any
moment: nothing is learned twice and nothing is forgotten, because whatever a lesson changes is
one transaction under a lease that a newer learner takes away. When nothing waits it practises on
old text as long as that helps, up to a number of tokens a day.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from l2c.conversation import Origin
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.errors import Conflict
from l2c.learning.examples import Source
from l2c.learning.gate import USUAL, Thresholds
from l2c.learning.hours import is_night, on_battery, why_rest
from l2c.learning.ledger import earlier_sources
from l2c.learning.lesson import ATTEMPTS, PRACTICE_TOKENS, Lesson
from l2c.learning.night import anchors, night
from l2c.learning.pace import Pace
from l2c.learning.rebuild import Outcome, rebuild
from l2c.learning.resume import ResumePoint
from l2c.learning.rollback import by_held_out_text, by_ratings
from l2c.learning.teacher import Desk, OnProgress, Stopped, teach, teach_night
from l2c.learning.unlearning import Attic, unlearn
from l2c.store.forgetting import ForgettingRow
from l2c.store.learning import Learning, PendingExchange
from l2c.store.lessons import JOINT
from l2c.store.models import ModelRow, Models
from l2c.store.schema.accounts import Speaker
from l2c.store.speakers import Speakers
from l2c.store.states import LessonKind, LessonState
from l2c.text.redaction import redact

log = logging.getLogger(__name__)

MOST_SOURCES = 64
"""Exchanges of one lesson; what waits beyond them is the next lesson's."""

REST = 32
"""Exchanges that are too few for a lesson of their own: where no more wait beyond, they join."""

LOOK_S = 0.5
"""How often the queue is looked at while nothing waits."""

LOCK_WAIT_S = 1.0
"""How long the lock may be held by somebody who only looks whether a learner is there."""

KEPT_CHECKPOINTS = 32
"""Files kept of each model, so that the disk does not fill with the past."""

QUIET_S = 20.0
"""How long nothing must have waited before the learner practises."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the learner may do by itself: tokens of practice a day, seconds between autosaves.

    `checkpoint_bytes` is what the files of one model's older checkpoints may take,
    `night_exchanges` how many exchanges one night learns again.
    """

    practice_tokens: int
    autosave_s: float
    checkpoint_bytes: int = 1 << 30
    thresholds: Thresholds = USUAL
    night_exchanges: int = 2_000


class Role(Protocol):
    """What one process has at a time."""

    def acquire(self, *, wait_s: float = 0.0) -> None:
        """Take the role, trying for `wait_s` seconds. Raises `Busy`."""

    def release(self) -> None:
        """Give it back; without effect when it is not held."""


class Learner:
    """Teaches one model of one user. Only one at a time can: `lock` and lease see to that."""

    def __init__(
        self,
        name: str,
        *,
        models: Models,
        learning: Learning,
        speakers: Speakers,
        folder: CheckpointFolder,
        resume: ResumePoint,
        stop: threading.Event,
        limits: Limits,
        lock: Role,
        attic: Attic,
    ) -> None:
        """Become the learner. Raises `Busy`, naming its process, when there is one already."""
        self._name = name
        self._models = models
        self._learning = learning
        self._speakers = speakers
        self._limits = limits
        self._attic = attic
        self._quiet_since = time.monotonic()
        self._read: set[str] = set()
        self._had_its_night: str | None = None
        self._lock = lock
        lock.acquire(wait_s=LOCK_WAIT_S)
        lease = learning.acquire(name, holder=f"process {os.getpid()}")
        lease.abandon_unfinished(reason="Interrupted. It goes on now that the learner is back.")
        status = learning.status(name)
        self._desk = Desk(
            lease=lease,
            folder=folder,
            resume=resume,
            pace=Pace(stop),
            stop=stop,
            autosave_s=limits.autosave_s,
            on_progress=lambda what, step, steps, detail: None,
            iterations=0 if status is None else status.iterations,
            thresholds=limits.thresholds,
        )

    def watch(self, on_progress: OnProgress) -> None:
        """Tell `on_progress` about the work from now on."""
        self._desk.on_progress = on_progress

    def close(self) -> None:
        """Let another learner in."""
        self._lock.release()

    def rebuild(self, name: str) -> Outcome:
        """Make the live checkpoint of model `name` again. Raises `Stopped` when asked to stop."""
        try:
            return rebuild(self._desk, self._learning, self._models.get(name))
        finally:
            self._desk.lease.report(None)

    def night(self) -> str | None:
        """One joint lesson over everything learned, or as much as fits; what came of it.

        None when there are too few lessons for it to bring anything, or when it was stopped.
        """
        model = self._models.get(self._name)
        chain = self._learning.ledger(self._name, model.live)
        wanted = night(
            chain,
            starter=model.starter,
            live=model.live,
            most=self._limits.night_exchanges,
            has=self._desk.folder.has,
        )
        if wanted is None:
            self._had_its_night = model.live
            return None
        self._desk.thresholds = self._thresholds()
        try:
            return teach_night(self._desk, wanted, starter=model.starter)
        except Stopped:
            return None
        finally:
            self._desk.lease.report(None, iterations=self._desk.iterations)
            self._tidy()

    def forget(self) -> None:
        """Go on with what is to be forgotten until nothing is, or until asked to stop."""
        while not self._desk.stop.is_set() and self._attic.forgetting.under_way() is not None:
            self.run_once()

    def run(self) -> list[str]:
        """Learn what comes until asked to stop; the verdicts of all lessons."""
        verdicts: list[str] = []
        while not self._desk.stop.is_set():
            verdict = self.run_once(practise=time.monotonic() - self._quiet_since > QUIET_S)
            if verdict is None and self._night_is_due():
                verdict = self.night()
            if verdict is not None:
                verdicts.append(verdict)
            else:
                self._desk.stop.wait(LOOK_S)
        return verdicts

    def run_until_idle(self) -> list[str]:
        """Learn everything that waits, without practice; the verdicts of all lessons."""
        verdicts: list[str] = []
        while not self._desk.stop.is_set() and (verdict := self.run_once()) is not None:
            verdicts.append(verdict)
        return verdicts

    def run_once(self, *, practise: bool = False) -> str | None:
        """One lesson, rebuild or forgetting, if there is any; what came of it in a sentence.

        Forgetting comes first, and is done while the learner is paused too.
        """
        control = self._learning.control()
        self._desk.pace.share = control.cpu_share
        self._desk.thresholds = self._thresholds()
        wish = self._attic.forgetting.under_way()
        if wish is not None:
            return self._forget(wish)
        if control.paused or self.resting() is not None:
            return None
        model = self._models.get(self._name)
        broken = model.rebuild_requested or not self._desk.folder.has(model.live)
        if not broken and (gone_back := self._taken_back(model, reading=practise)) is not None:
            return gone_back
        lesson, exchanges = (None, ()) if broken else self._next_lesson(model, practise)
        if lesson is None and not broken:
            return None
        try:
            if lesson is None:
                return rebuild(self._desk, self._learning, model).reason
            return teach(self._desk, lesson, exchanges, starter=model.starter)
        except Stopped:
            return None
        finally:
            self._desk.lease.report(None, iterations=self._desk.iterations)
            self._tidy()

    def resting(self) -> str | None:
        """Why it does not work now, by the hours its user keeps; None when it may."""
        return rests(self._learning)

    def _thresholds(self) -> Thresholds:
        """What a verdict asks for: the settings', where the user has not set another."""
        return replace(self._limits.thresholds, **self._learning.consent.thresholds())

    def _forget(self, wish: ForgettingRow) -> str | None:
        try:
            return unlearn(
                self._desk, self._attic, self._learning, self._models, wish, of=self._name
            )
        except Stopped:
            return None
        finally:
            self._desk.lease.report(None, iterations=self._desk.iterations)

    def _taken_back(self, model: ModelRow, *, reading: bool) -> str | None:
        """What was said of going back to an older checkpoint; None when there is no need to.

        With `reading` held-out text is read too, once for each checkpoint.
        """
        desk, thresholds = self._desk, self._desk.thresholds
        seen = (self._models, self._learning, desk.folder, model)
        found = by_ratings(*seen, thresholds.liked)
        if found is None and reading and model.live not in self._read:
            self._read.add(model.live)
            found = by_held_out_text(*seen, thresholds)
        if found is None:
            return None
        try:
            desk.lease.take_back(found.number, found.was, found.to, reason=found.reason)
        except Conflict:
            return None  # somebody promoted another one meanwhile
        log.warning("Lesson %d was taken back: %s", found.number, found.reason)
        return f"Taken back. {found.reason} The checkpoint before answers again."

    def _next_lesson(
        self, model: ModelRow, practise: bool
    ) -> tuple[Lesson | None, Sequence[PendingExchange]]:
        """What is to be learned next: the oldest exchanges that wait, or practice, or nothing."""
        rules = self._speakers.rules()
        may_teach, own_words = rules[Speaker.USER].training, rules[Speaker.ASSISTANT].training
        pending = next_exchanges(self._learning, self._name) if may_teach else []
        if pending:
            self._quiet_since = time.monotonic()
        elif not (practise and self._practice_is_due(model)):
            return None, ()
        redacted = self._learning.consent.redacted()
        attempt = pending[0].attempts if pending else 0
        together = [exchange for exchange in pending if exchange.attempts == attempt]
        lesson = Lesson(
            kind=LessonKind.EXCHANGES if pending else LessonKind.PRACTICE,
            parent=model.live,
            sources=tuple(source_of(e, redacted, own_words=own_words) for e in together),
            earlier=earlier_sources(self._learning.ledger(self._name, model.live)),
            attempt=min(attempt, ATTEMPTS - 1),
        )
        return lesson, together

    def _tidy(self) -> None:
        """Keep the files of the newest checkpoints of every model within the budget of the disk.

        Those that answer, starters, pinned ones and what a night may stand on are kept whatever
        they take. The rows of the others stay; the ledger can make them again.
        """
        wanted = self._models.digests_of_others()
        for model in self._models.list():
            wanted |= {model.live, model.starter}
            chain = self._learning.ledger(model.name, model.live)
            wanted |= {chain[at].digest for at in anchors(chain)}
            room = self._limits.checkpoint_bytes
            for number, row in enumerate(self._models.checkpoints(model.name)):
                room -= row.size_bytes
                if row.pinned or (number < KEPT_CHECKPOINTS and room >= 0):
                    wanted.add(row.digest)
        self._desk.folder.keep_only(wanted)

    def _night_is_due(self) -> bool:
        """Whether it is night, nobody has talked for long, no night was refused since, and the live
        checkpoint is not one for which there was nothing to do."""
        quiet_for_s = self._learning.consent.quiet_for_s()
        if not is_night(time.localtime().tm_hour, quiet_for_s) or self.resting() is not None:
            return False
        if self._learning.control().paused or self._models.live(self._name) == self._had_its_night:
            return False
        newest = self._learning.lessons(self._name, limit=1).lessons
        return bool(newest) and not (
            newest[0].state is LessonState.REFUSED and newest[0].metrics.get(JOINT)
        )

    def _practice_is_due(self, model: ModelRow) -> bool:
        """Whether lessons have changed the starter, which has practised enough, today's budget has
        room, and practice from this checkpoint was not refused."""
        if model.live == model.starter:
            return False
        status = self._learning.status(self._name)
        spent = 0 if status is None else status.practice_tokens_today
        if spent + PRACTICE_TOKENS > self._limits.practice_tokens:
            return False
        newest = self._learning.lessons(self._name, limit=1).lessons
        return not (
            newest
            and newest[0].kind is LessonKind.PRACTICE
            and newest[0].state is LessonState.REFUSED
            and newest[0].parent == model.live
        )


def next_exchanges(learning: Learning, name: str) -> list[PendingExchange]:
    """The oldest exchanges that wait, as many as one lesson takes."""
    waiting = learning.pending(name, limit=MOST_SOURCES + REST + 1)
    return waiting if len(waiting) <= MOST_SOURCES + REST else waiting[:MOST_SOURCES]


def source_of(exchange: PendingExchange, redacted: Collection[str], *, own_words: bool) -> Source:
    """What an exchange that waits would teach, without what is to be taken out.

    With `own_words` so do the answers that the model wrote itself, if nobody called them bad.
    """
    written = exchange.answer_origin is Origin.GENERATED and exchange.answer_rating != -1
    return Source(
        redact(exchange.user_text, redacted),
        redact(exchange.answer_text, redacted),
        answer_teaches=exchange.answer_teaches or (own_words and written),
        conversation=exchange.conversation_id,
    )


def rests(learning: Learning) -> str | None:
    """Why the learner of these models does not work now, by the hours their user keeps."""
    consent, now = learning.consent, time.localtime()
    return why_rest(
        consent.hours(),
        minute=60 * now.tm_hour + now.tm_min,
        quiet_for_s=consent.quiet_for_s(),
        on_battery=on_battery(),
    )
