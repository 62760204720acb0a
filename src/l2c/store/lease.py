"""The right to teach a model, and everything its holder writes.

Taking the lease counts the model's epoch up. Every write here names the epoch it was taken with
and is refused with `Conflict` once the model has another: a learner that was suspended while a
second one took over can wake up at any time and do no harm. (A fencing token: Kleppmann,
"How to do distributed locking", 2016.)

The promise that matters is `keep_lesson`: checkpoint, ledger, verdict, the exchanges' state and
the promotion are one transaction, and it happens only if the live checkpoint is still the one the
lesson started from and every source may still teach. A crash before it has taught nothing, a
crash after it has forgotten nothing, so no exchange is learned twice or lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, insert, select, update

from l2c.store import curve, ledger, lessons, replaying
from l2c.store.database import Database
from l2c.store.ledger import Figures, NewCheckpoint, NewSource, Scope
from l2c.store.lessons import LessonRow
from l2c.store.replaying import Replayed
from l2c.store.schema import learner, lesson, model
from l2c.store.states import ExchangeState, LessonKind, LessonState
from l2c.store.turns import not_found

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Remade:
    """A kept lesson computed again that came out with another digest."""

    lesson: int
    made: NewCheckpoint


@dataclass(frozen=True, slots=True)
class Doing:
    """What a learner does now: `reading`, `training`, `judging`, `saving` or `rebuilding`."""

    what: str
    lesson: int | None = None
    step: int | None = None
    steps: int | None = None
    loss: float | None = None
    seconds_left: float | None = None


class Lease:
    """The right to teach one model, under one epoch."""

    def __init__(self, database: Database, scope: Scope) -> None:
        self._database = database
        self._scope = scope

    @classmethod
    def acquire(cls, database: Database, user_id: str, name: str, *, holder: str) -> Self:
        """Take the model over, from whoever has it. Raises `NotFound` for an unknown model."""
        return cls(
            database,
            Scope(
                user_id,
                name,
                epoch=database.write(
                    lambda connection: _next_epoch(
                        connection, user_id, name, holder=holder, now=database.now()
                    )
                ),
            ),
        )

    @property
    def epoch(self) -> int:
        """How many leases the model has had, this one included."""
        return self._scope.epoch

    def start_lesson(
        self,
        *,
        kind: LessonKind,
        parent: str,
        recipe_version: int,
        attempt: int = 0,
        sources: Sequence[NewSource] = (),
    ) -> int:
        """Record that a lesson begins, with exactly what it will teach; its number.

        Raises `Conflict` when `parent` is not live, or a source may not teach (any more), and
        `NotFound` for an exchange that is not the model's.
        """

        def work(connection: Connection) -> int:
            ledger.see_that_it_is_live(connection, self._scope, parent)
            return ledger.begin(
                connection,
                self._scope,
                sources,
                kind=kind,
                parent=parent,
                recipe_version=recipe_version,
                attempt=attempt,
                now=self._database.now(),
            )

        return self._write(work)

    def keep_lesson(
        self,
        number: int,
        made: NewCheckpoint,
        *,
        verdict: str,
        figures: Figures,
        metrics: Mapping[str, Any] | None = None,
        spans: Sequence[tuple[int, int]] = (),
    ) -> LessonRow:
        """Keep the lesson and make its checkpoint live, all in one transaction.

        `spans` says of each source, in order, the first and last step that read it. Raises
        `Conflict`, and changes nothing, when another checkpoint has become live meanwhile, a
        source was withdrawn or deleted, or the lease is lost.
        """

        def work(connection: Connection) -> LessonRow:
            parent = ledger.in_training(connection, self._scope, number).parent
            ledger.see_that_it_is_live(connection, self._scope, parent)
            pending, now = ExchangeState.PENDING, self._database.now()
            ledger.keep(connection, self._scope, number, made, metrics or {}, spans, pending, now)
            values = {"checkpoint": made.digest, "verdict": verdict, "metrics": metrics or {}}
            return self._close(connection, number, LessonState.KEPT, **values, **asdict(figures))

        return self._write(work)

    def refuse_lesson(
        self,
        number: int,
        *,
        verdict: str,
        figures: Figures,
        metrics: Mapping[str, Any] | None = None,
    ) -> LessonRow:
        """Record that the gate refused the candidate.

        Its exchanges wait for another attempt; after `ledger.MOST_ATTEMPTS` they are set aside.
        """

        def work(connection: Connection) -> LessonRow:
            ledger.in_training(connection, self._scope, number)
            ledger.count_attempt(connection, self._scope, number)
            values = {"verdict": verdict, "metrics": metrics or {}}
            return self._close(connection, number, LessonState.REFUSED, **values, **asdict(figures))

        return self._write(work)

    def start_joint_lesson(
        self, *, parent: str, recipe_version: int, attempt: int, sources: Sequence[NewSource]
    ) -> int:
        """Record that a lesson begins over everything learned since `parent`, often the starter.

        Raises `Conflict` when a source was withdrawn or deleted meanwhile.
        """

        def work(connection: Connection) -> int:
            return ledger.begin(
                connection,
                self._scope,
                sources,
                kind=LessonKind.EXCHANGES,
                parent=parent,
                recipe_version=recipe_version,
                attempt=attempt,
                now=self._database.now(),
                may_teach=ExchangeState.LEARNED,
            )

        return self._write(work)

    def keep_joint_lesson(
        self,
        number: int,
        made: NewCheckpoint,
        *,
        was: str,
        verdict: str,
        figures: Figures,
        metrics: Mapping[str, Any],
        spans: Sequence[tuple[int, int]],
    ) -> LessonRow:
        """Keep it and make its checkpoint live in place of `was`, all in one transaction.

        Raises `Conflict`, and changes nothing, when another checkpoint than `was` is live, a
        source was withdrawn or deleted meanwhile, or the lease is lost.
        """

        def work(connection: Connection) -> LessonRow:
            ledger.see_that_it_is_live(connection, self._scope, was)
            learned = ExchangeState.LEARNED
            ledger.keep(
                connection, self._scope, number, made, metrics, spans, learned, self._database.now()
            )
            values = {"checkpoint": made.digest, "verdict": verdict, "metrics": metrics}
            return self._close(connection, number, LessonState.KEPT, **values, **asdict(figures))

        return self._write(work)

    def fail_lesson(self, number: int, *, reason: str) -> LessonRow:
        """Record that a lesson broke off; its exchanges wait as before."""

        def work(connection: Connection) -> LessonRow:
            ledger.in_training(connection, self._scope, number)
            return self._close(connection, number, LessonState.FAILED, verdict=reason)

        return self._write(work)

    def abandon_unfinished(self, *, reason: str) -> list[int]:
        """Close as failed what earlier learners left in training; the lessons' numbers."""

        def work(connection: Connection) -> list[int]:
            unfinished = (
                select(lesson.c.number)
                .where(self._scope.its(lesson), lesson.c.state == LessonState.TRAINING)
                .order_by(lesson.c.number)
            )
            numbers = list(connection.execute(unfinished).scalars())
            for number in numbers:
                self._close(connection, number, LessonState.FAILED, verdict=reason)
            return numbers

        return self._write(work)

    def replace_live(self, was: str, remade: Sequence[Remade]) -> None:
        """Make a chain of remade lessons live in place of the checkpoint `was`.

        For a rebuild that did not come out bit for bit (another recipe, erased text): the first
        link follows the starter, each next one the link before. Raises `Conflict` when `was` is
        not live any more.
        """

        def work(connection: Connection) -> None:
            scope, now = self._scope, self._database.now()
            ledger.see_that_it_is_live(connection, scope, was)
            parent = connection.execute(select(model.c.starter).where(scope.itself)).scalar_one()
            for link in remade:
                lessons.get(connection, scope.user_id, scope.name, link.lesson)
                ledger.add_checkpoint(
                    connection,
                    scope,
                    link.made,
                    parent=parent,
                    number=link.lesson,
                    metrics={},
                    now=now,
                )
                parent = link.made.digest
            ledger.make_live(connection, scope, parent)

        self._write(work)

    def take_back(self, number: int, was: str, to: str, *, reason: str) -> None:
        """Let an older checkpoint answer in place of `was`, which lesson `number` made.

        The lesson's verdict says so from now on. Raises `Conflict` when `was` is not live any more,
        and `NotFound` for a lesson or checkpoint of somebody else.
        """

        def work(connection: Connection) -> None:
            ledger.see_that_it_is_live(connection, self._scope, was)
            note = {"to": to, "at": self._database.now(), "reason": reason}
            ledger.take_back(connection, self._scope, number, to, note)

        self._write(work)

    def put_in_place(self, forgetting_id: str, step: str, new: Replayed | str) -> None:
        """Let a replayed lesson, or an earlier checkpoint, take the place of a step for good.

        Raises `Conflict` when the wish to forget is not under way any more, or something that was
        set aside may not teach any more.
        """
        scope, now = self._scope, self._database.now()
        self._write(
            lambda connection: replaying.put_in_place(
                connection, scope, forgetting_id, step, new, now=now
            )
        )

    def finish_forgetting(self, forgetting_id: str) -> list[str]:
        """Promote what was replayed and remove what knew; the digests that went."""
        return self._write(
            lambda connection: replaying.finish(connection, self._scope, forgetting_id)
        )

    def finish_rebuild(self) -> None:
        """Say that the rebuild somebody asked for is done."""
        self._write(
            lambda connection: connection.execute(
                update(model).where(self._scope.itself).values(rebuild_requested=False)
            )
        )

    def report(self, doing: Doing | None, *, iterations: int | None = None) -> None:
        """Say what the learner does now (None: it waits), which also says that it is alive.

        `iterations` are the steps the model has taken in all; left out, they stay.
        """
        values: dict[str, Any] = {"doing": None} | _NOTHING
        if doing is not None:
            values = asdict(doing)
            values["doing"] = values.pop("what")
        if iterations is not None:
            values["iterations"] = iterations
        self._write(lambda connection: self._note(connection, **ledger.finite(values)))

    def note_autosave(self) -> None:
        """Say that the resume point was written just now."""
        self._write(lambda connection: self._note(connection, autosaved_at=self._database.now()))

    def count_practice(self, tokens: int) -> int:
        """Add to the tokens of today's practice (days are UTC); today's sum."""

        def work(connection: Connection) -> int:
            today = self._database.now()[:10]
            row = connection.execute(
                select(learner.c.practice_day, learner.c.practice_tokens).where(
                    self._scope.its(learner)
                )
            ).one()
            total = tokens + (row.practice_tokens if row.practice_day == today else 0)
            self._note(connection, practice_day=today, practice_tokens=total)
            return total

        return self._write(work)

    def add_to_loss_curve(self, points: Sequence[tuple[int, float]]) -> None:
        """Add points of iteration and loss; older points are thinned out when there are many."""

        self._write(lambda connection: curve.add(connection, self._scope, points))

    def _write(self, work: Callable[[Connection], T]) -> T:
        """Do the work in one transaction if the lease still holds."""

        def fenced(connection: Connection) -> T:
            ledger.see_that_it_holds(connection, self._scope)
            return work(connection)

        return self._database.write(fenced)

    def _close(
        self, connection: Connection, number: int, state: LessonState, **values: Any
    ) -> LessonRow:
        values["finished_at"] = self._database.now()
        ledger.close(connection, self._scope, number, state, **values)
        return lessons.get(connection, self._scope.user_id, self._scope.name, number)

    def _note(self, connection: Connection, **values: Any) -> None:
        connection.execute(
            update(learner)
            .where(self._scope.its(learner))
            .values(heartbeat_at=self._database.now(), **values)
        )


_NOTHING = {"lesson": None, "step": None, "steps": None, "loss": None, "seconds_left": None}


def _next_epoch(connection: Connection, user_id: str, name: str, *, holder: str, now: str) -> int:
    its = Scope(user_id, name, epoch=0)
    if connection.execute(select(model.c.seq).where(its.itself)).first() is None:
        raise not_found("model", name)
    taken = {"holder": holder, "acquired_at": now, "heartbeat_at": now, "doing": None} | _NOTHING
    last = connection.execute(select(learner.c.epoch).where(its.its(learner))).scalar()
    if last is None:
        row = {"epoch": 1, "iterations": 0, "practice_tokens": 0} | its.owner | taken
        connection.execute(insert(learner).values(**row))
        return 1
    connection.execute(update(learner).where(its.its(learner)).values(epoch=last + 1, **taken))
    return int(last) + 1
