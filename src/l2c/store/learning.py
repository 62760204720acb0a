"""What is to be learned, what was, and how it is going: the side of learning everybody reads.

A lesson is one run of the learner. The ledger of a checkpoint is the chain of kept lessons from
its starter to it, with the sources of each: what it takes to make the checkpoint again. What the
learner writes, it writes through a `Lease`, see `l2c.store.lease`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from l2c.conversation import Message, Origin
from l2c.errors import InvalidInput
from l2c.store import lessons, turns
from l2c.store.consent import Consent
from l2c.store.database import Database
from l2c.store.lease import Lease
from l2c.store.lessons import LedgerEntry, LessonRow, SourceRow
from l2c.store.schema import (
    conversation,
    curve_point,
    exchange,
    learner,
    learning_control,
    lesson,
    lesson_source,
    model,
    turn,
)
from l2c.store.states import ExchangeState, LessonKind, LessonState
from l2c.store.turns import not_found

HISTORY_TURNS = 32
"""At most so many turns before an exchange come with it."""


@dataclass(frozen=True, slots=True)
class PendingExchange:
    """An exchange that waits to be learned, with what was said before it, oldest first.

    `answer_origin` is None for an answer that a person gave, `answer_rating` is 1 for one that a
    person called good and -1 for one called bad.
    """

    id: str
    conversation_id: str
    user_turn_id: str
    answer_turn_id: str
    user_text: str
    answer_text: str
    answer_origin: Origin | None
    answer_rating: int | None
    history: tuple[Message, ...]
    attempts: int
    queued_at: str

    @property
    def answer_teaches(self) -> bool:
        """Whether the answer is good to learn: a person gave it, or called it good."""
        return self.answer_rating == 1 or (
            self.answer_origin is None and self.answer_rating is None
        )


class BitsPoint(NamedTuple):
    """Of a kept lesson: bits per byte of what it taught, by the model and by counting alone.

    Before it and after it; those of counting are None where they were not measured.
    """

    lesson: int
    before: float
    after: float
    counted_before: float | None
    counted_after: float | None


class Ratings(NamedTuple):
    """How many answers were called good, and how many bad."""

    good: int
    bad: int


class LessonPage(NamedTuple):
    """Some lessons, newest first, and what to pass as `before` for the next, if there are any."""

    lessons: list[LessonRow]
    next: int | None


@dataclass(frozen=True, slots=True)
class LearnerStatus:
    """What the learner of a model does now; `doing` is None when it is idle.

    `heartbeat_age_s` says how long ago it last wrote.
    """

    epoch: int
    holder: str
    acquired_at: str
    heartbeat_at: str
    heartbeat_age_s: float
    doing: str | None
    lesson: int | None
    kind: LessonKind | None
    sources: int | None
    step: int | None
    steps: int | None
    loss: float | None
    seconds_left: float | None
    iterations: int
    practice_tokens_today: int
    autosaved_at: str | None


@dataclass(frozen=True, slots=True)
class Control:
    """What the user allows the learner: whether to rest, and how much of one core to use."""

    paused: bool = False
    cpu_share: float = 1.0


class Learning:
    """What the models of one user learn."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    @property
    def consent(self) -> Consent:
        """What the learner may have, and when it may work."""
        return Consent(self._database, self._user_id)

    def acquire(self, name: str, *, holder: str) -> Lease:
        """The sole right to teach the model; whoever had it before is refused from now on."""
        return Lease.acquire(self._database, self._user_id, name, holder=holder)

    def pending(self, name: str, *, limit: int) -> list[PendingExchange]:
        """The exchanges the model is to learn, the oldest first; none of deleted conversations."""
        user_turn, answer = turn.alias("user_turn"), turn.alias("answer")
        query = (
            select(
                exchange,
                user_turn.c.text.label("user_text"),
                user_turn.c.parent_id.label("before"),
                answer.c.text.label("answer_text"),
                answer.c.origin.label("answer_origin"),
                answer.c.rating.label("answer_rating"),
            )
            .join(user_turn, user_turn.c.id == exchange.c.user_turn_id)
            .join(answer, answer.c.id == exchange.c.answer_turn_id)
            .join(conversation, conversation.c.id == exchange.c.conversation_id)
            .where(self._waits(name))
            .order_by(exchange.c.seq)
            .limit(limit)
        )
        with self._reading(name) as connection:
            return [self._pending(connection, row) for row in connection.execute(query).all()]

    def queue_size(self, name: str) -> int:
        """How many exchanges the model is still to learn."""
        query = (
            select(func.count())
            .select_from(exchange)
            .join(conversation, conversation.c.id == exchange.c.conversation_id)
            .where(self._waits(name))
        )
        with self._reading(name) as connection:
            return int(connection.execute(query).scalar_one())

    def conversations_learned(self, name: str) -> int:
        """From how many conversations the model has learned something, erased ones included."""
        query = (
            select(func.count(lesson_source.c.conversation_id.distinct()))
            .select_from(lesson_source)
            .join(
                lesson,
                and_(
                    lesson.c.user_id == lesson_source.c.user_id,
                    lesson.c.model == lesson_source.c.model,
                    lesson.c.number == lesson_source.c.lesson,
                ),
            )
            .where(self._kept(name))
        )
        with self._reading(name) as connection:
            return int(connection.execute(query).scalar_one())

    def lessons(self, name: str, *, limit: int = 20, before: int | None = None) -> LessonPage:
        """The model's lessons, newest first; `before` is a former page's `next`."""
        with self._reading(name) as connection:
            rows = lessons.newest(connection, self._user_id, name, limit=limit + 1, before=before)
        more = len(rows) > limit
        return LessonPage(rows[:limit], rows[limit - 1].number if more else None)

    def lesson(self, name: str, number: int) -> LessonRow:
        """One lesson of the model. Raises `NotFound`."""
        with self._reading(name) as connection:
            return lessons.get(connection, self._user_id, name, number)

    def sources(self, name: str, number: int) -> list[SourceRow]:
        """Exactly what a lesson taught, in its order. Raises `NotFound` for an unknown lesson."""
        with self._reading(name) as connection:
            lessons.get(connection, self._user_id, name, number)
            return lessons.sources(connection, self._user_id, name, number)

    def set_aside(self, name: str, number: int) -> list[SourceRow]:
        """What was set aside with a lesson and may still teach. Raises `NotFound`."""
        with self._reading(name) as connection:
            lessons.get(connection, self._user_id, name, number)
            return lessons.set_aside(connection, self._user_id, name, number)

    def ledger(self, name: str, digest: str) -> list[LedgerEntry]:
        """The kept lessons from the starter to this checkpoint, in order; none for a starter.

        Raises `NotFound` for a digest that is no checkpoint of the model.
        """
        with self._reading(name) as connection:
            return lessons.ledger(connection, self._user_id, name, digest)

    def taught(self, name: str, *, limit: int = 2000) -> list[str]:
        """What the user said in the newest sources of kept lessons, declined requests left out."""
        with self._reading(name) as connection:
            return lessons.taught(connection, self._user_id, name, limit=limit)

    def ratings(self, name: str) -> dict[str, Ratings]:
        """What was said of the answers each checkpoint wrote itself, by its digest."""
        query = (
            select(
                turn.c.checkpoint,
                func.count().filter(turn.c.rating == 1).label("good"),
                func.count().filter(turn.c.rating == -1).label("bad"),
            )
            .where(
                turn.c.user_id == self._user_id,
                turn.c.model == name,
                turn.c.origin == Origin.GENERATED,
                turn.c.checkpoint.is_not(None),
                turn.c.rating.is_not(None),
            )
            .group_by(turn.c.checkpoint)
        )
        with self._reading(name) as connection:
            rows = connection.execute(query).all()
        return {row.checkpoint: Ratings(row.good, row.bad) for row in rows}

    def loss_curve(self, name: str) -> list[tuple[int, float]]:
        """Points of iteration and loss over the model's whole life, thinned out."""
        query = (
            select(curve_point.c.iteration, curve_point.c.loss)
            .where(curve_point.c.user_id == self._user_id, curve_point.c.model == name)
            .order_by(curve_point.c.iteration)
        )
        with self._reading(name) as connection:
            return [(row.iteration, row.loss) for row in connection.execute(query)]

    def bits_curve(self, name: str, *, limit: int = 300) -> list[BitsPoint]:
        """The figures of the newest kept lessons that taught something, oldest first."""
        counting = lesson.c.metrics[lessons.COUNTED]
        counted = counting["before"].as_float(), counting["after"].as_float()
        query = (
            select(lesson.c.number, lesson.c.bits_before, lesson.c.bits_after, *counted)
            .where(
                self._kept(name),
                lesson.c.bits_before.is_not(None),
                lesson.c.bits_after.is_not(None),
            )
            .order_by(lesson.c.number.desc())
            .limit(limit)
        )
        with self._reading(name) as connection:
            rows = connection.execute(query).all()
        return [BitsPoint(*row) for row in reversed(rows)]

    def status(self, name: str) -> LearnerStatus | None:
        """What the model's learner does now; None when it never had one."""
        query = (
            select(learner, lesson.c.kind, lesson.c.sources)
            .outerjoin(
                lesson,
                and_(
                    lesson.c.user_id == learner.c.user_id,
                    lesson.c.model == learner.c.model,
                    lesson.c.number == learner.c.lesson,
                ),
            )
            .where(learner.c.user_id == self._user_id, learner.c.model == name)
        )
        with self._reading(name) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else self._status(row)

    def control(self) -> Control:
        """What the user allows the learner now."""
        with self._database.read() as connection:
            return self._control(connection)

    def set_control(self, *, paused: bool | None = None, cpu_share: float | None = None) -> Control:
        """Change what is given, leave the rest. `cpu_share` is 0.05 to 1 of one core."""
        if cpu_share is not None and not 0.05 <= cpu_share <= 1:
            raise InvalidInput(f"`cpu_share` must be from 0.05 to 1; found {cpu_share}.")

        def work(connection: Connection) -> Control:
            now = self._control(connection)
            wanted = Control(
                now.paused if paused is None else paused,
                now.cpu_share if cpu_share is None else cpu_share,
            )
            values = {"paused": wanted.paused, "cpu_share": wanted.cpu_share}
            mine = learning_control.c.user_id == self._user_id
            changed = connection.execute(update(learning_control).where(mine).values(**values))
            if changed.rowcount == 0:
                connection.execute(insert(learning_control).values(user_id=self._user_id, **values))
            return wanted

        return self._database.write(work)

    @contextmanager
    def _reading(self, name: str) -> Iterator[Connection]:
        """A connection for reading about the model. Raises `NotFound` when there is none."""
        with self._database.read() as connection:
            mine = (model.c.user_id == self._user_id) & (model.c.name == name)
            if connection.execute(select(model.c.seq).where(mine)).first() is None:
                raise not_found("model", name)
            yield connection

    def _waits(self, name: str) -> ColumnElement[bool]:
        return and_(
            exchange.c.user_id == self._user_id,
            exchange.c.model == name,
            exchange.c.state == ExchangeState.PENDING,
            conversation.c.deleted_at.is_(None),
        )

    def _pending(self, connection: Connection, row: Row[Any]) -> PendingExchange:
        before = turns.branch(connection, self._user_id, row.before, limit=HISTORY_TURNS)
        return PendingExchange(
            id=row.id,
            conversation_id=row.conversation_id,
            user_turn_id=row.user_turn_id,
            answer_turn_id=row.answer_turn_id,
            user_text=row.user_text,
            answer_text=row.answer_text,
            answer_origin=None if row.answer_origin is None else Origin(row.answer_origin),
            answer_rating=row.answer_rating,
            history=tuple(Message(turn.role, turn.text) for turn in before if turn.text),
            attempts=row.attempts,
            queued_at=row.queued_at,
        )

    def _kept(self, name: str) -> ColumnElement[bool]:
        return and_(
            lesson.c.user_id == self._user_id,
            lesson.c.model == name,
            lesson.c.state == LessonState.KEPT,
        )

    def _status(self, row: Row[Any]) -> LearnerStatus:
        names = LearnerStatus.__dataclass_fields__.keys() - {
            "heartbeat_age_s",
            "kind",
            "practice_tokens_today",
        }
        today = self._database.now()[:10]
        return LearnerStatus(
            **{name: getattr(row, name) for name in names},
            heartbeat_age_s=self._database.seconds_since(row.heartbeat_at),
            kind=None if row.kind is None else LessonKind(row.kind),
            practice_tokens_today=row.practice_tokens if row.practice_day == today else 0,
        )

    def _control(self, connection: Connection) -> Control:
        row = connection.execute(
            select(learning_control).where(learning_control.c.user_id == self._user_id)
        ).one_or_none()
        return Control() if row is None else Control(row.paused, row.cpu_share)
