"""Writing lessons: begin one, keep, refuse or fail it. Each function is part of one promise.

They run inside a transaction of `l2c.store.lease`, where the promises are described, and touch
only rows of the model and the user in their `Scope`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from l2c.errors import Conflict, NotFound
from l2c.store.schema import (
    checkpoint,
    conversation,
    exchange,
    learner,
    lesson,
    lesson_source,
    model,
)
from l2c.store.states import ExchangeState, LessonKind, LessonState
from l2c.store.turns import not_found

MOST_ATTEMPTS = 3
"""Lessons an exchange is tried in before it is set aside."""


TAKEN_BACK = "taken_back"
"""Among a lesson's metrics: that its checkpoint was gone back from, to which, when and why."""


@dataclass(frozen=True, slots=True)
class NewSource:
    """What an exchange will teach, exactly as the learner reads it."""

    exchange_id: str
    user_text: str
    answer_text: str
    answer_teaches: bool
    sha256: str


@dataclass(frozen=True, slots=True)
class NewCheckpoint:
    """A checkpoint whose file is durable under its digest."""

    digest: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a lesson came to. NaN and infinity are stored as "none"."""

    steps: int | None = None
    tokens: int | None = None
    cpu_seconds: float | None = None
    loss_before: float | None = None
    loss_after: float | None = None
    bits_before: float | None = None
    bits_after: float | None = None
    general_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose model, and the epoch of the lease under which it is written."""

    user_id: str
    name: str
    epoch: int

    def its(self, table: Any) -> ColumnElement[bool]:
        """Rows of a table that belong to the model."""
        return and_(table.c.user_id == self.user_id, table.c.model == self.name)

    @property
    def itself(self) -> ColumnElement[bool]:
        """The row of the model."""
        return and_(model.c.user_id == self.user_id, model.c.name == self.name)

    @property
    def owner(self) -> dict[str, str]:
        """What every row of the model carries."""
        return {"user_id": self.user_id, "model": self.name}


def see_that_it_holds(connection: Connection, scope: Scope) -> None:
    """Raise `Conflict` when another learner has taken the model over."""
    row = connection.execute(
        select(learner.c.epoch, learner.c.holder).where(scope.its(learner))
    ).one()
    if row.epoch != scope.epoch:
        raise Conflict(
            f"{row.holder} teaches {scope.name!r} now (epoch {row.epoch}, this was epoch "
            f"{scope.epoch}); nothing was written."
        )


def see_that_it_is_live(connection: Connection, scope: Scope, digest: str) -> None:
    """Raise `Conflict` when another checkpoint than `digest` is live."""
    live = connection.execute(select(model.c.live).where(scope.itself)).scalar_one()
    if live != digest:
        raise Conflict(
            f"The live checkpoint of {scope.name!r} is {live}, not {digest} any more; "
            "nothing was written."
        )


def begin(
    connection: Connection,
    scope: Scope,
    sources: Sequence[NewSource],
    *,
    kind: LessonKind,
    parent: str,
    recipe_version: int,
    attempt: int,
    now: str,
    may_teach: ExchangeState = ExchangeState.PENDING,
) -> int:
    """Add a lesson in training with its sources, which must be in the state given; its number."""
    last = select(func.coalesce(func.max(lesson.c.number), 0)).where(scope.its(lesson))
    number = int(connection.execute(last).scalar_one()) + 1
    connection.execute(
        insert(lesson).values(
            **scope.owner,
            number=number,
            kind=kind,
            state=LessonState.TRAINING,
            epoch=scope.epoch,
            parent=parent,
            recipe_version=recipe_version,
            attempt=attempt,
            started_at=now,
            sources=len(sources),
            metrics={},
        )
    )
    for position, source in enumerate(sources):
        _add_source(connection, scope, number, position, source)
    see_that_sources_may_teach(connection, scope, number, state=may_teach)
    return number


def in_training(connection: Connection, scope: Scope, number: int) -> Row[Any]:
    """The lesson's row. Raises `NotFound`, and `Conflict` when it is closed."""
    row = connection.execute(
        select(lesson).where(scope.its(lesson), lesson.c.number == number)
    ).one_or_none()
    if row is None:
        raise not_found(f"lesson of {scope.name!r} with the number", str(number))
    if row.state != LessonState.TRAINING:
        raise Conflict(f"Lesson {number} of {scope.name!r} is closed already: {row.state}.")
    return row


def see_that_sources_may_teach(
    connection: Connection,
    scope: Scope,
    number: int,
    *,
    state: ExchangeState = ExchangeState.PENDING,
) -> None:
    """Raise `Conflict` when a source was deleted, or is not in this state any more."""
    may_teach = (
        select(func.count())
        .select_from(exchange)
        .join(conversation, conversation.c.id == exchange.c.conversation_id)
        .where(
            taught_in(scope, number),
            exchange.c.state == state,
            conversation.c.deleted_at.is_(None),
        )
    )
    wanted = select(func.count()).where(_sources_of(scope, number))
    missing = connection.execute(wanted).scalar_one() - connection.execute(may_teach).scalar_one()
    if missing:
        raise Conflict(
            f"{missing} sources of lesson {number} of {scope.name!r} may not teach (any more); "
            "nothing was written."
        )


def keep(
    connection: Connection,
    scope: Scope,
    number: int,
    made: NewCheckpoint,
    metrics: Mapping[str, Any],
    spans: Sequence[tuple[int, int]],
    state: ExchangeState,
    now: str,
) -> None:
    """Let what a lesson made answer, and mark its sources as learned in it.

    Raises `Conflict` when one of them is not in this state any more.
    """
    parent = in_training(connection, scope, number).parent
    see_that_sources_may_teach(connection, scope, number, state=state)
    add_checkpoint(connection, scope, made, parent=parent, number=number, metrics=metrics, now=now)
    note_steps(connection, scope, number, spans)
    mark_learned(connection, scope, number)
    make_live(connection, scope, made.digest)


def add_checkpoint(
    connection: Connection,
    scope: Scope,
    made: NewCheckpoint,
    *,
    parent: str,
    number: int,
    metrics: Mapping[str, Any],
    now: str,
) -> None:
    """Add the checkpoint a lesson made of its parent, if the model does not have it yet."""
    known = select(checkpoint.c.seq).where(
        scope.its(checkpoint), checkpoint.c.digest == made.digest
    )
    if connection.execute(known).first() is None:
        connection.execute(
            insert(checkpoint).values(
                **scope.owner,
                digest=made.digest,
                parent=parent,
                lesson=number,
                size_bytes=made.size_bytes,
                metrics=finite(metrics),
                created_at=now,
            )
        )


def close(
    connection: Connection, scope: Scope, number: int, state: LessonState, **values: Any
) -> None:
    """Give the lesson its final state and these values of its row."""
    connection.execute(
        update(lesson)
        .where(scope.its(lesson), lesson.c.number == number)
        .values(state=state, **finite(values))
    )


def note_steps(
    connection: Connection, scope: Scope, number: int, spans: Sequence[tuple[int, int]]
) -> None:
    """Say of each source, in order, the first and last step that read it."""
    for position, (first, last) in enumerate(spans):
        connection.execute(
            update(lesson_source)
            .where(_sources_of(scope, number), lesson_source.c.position == position)
            .values(first_step=first, last_step=last)
        )


def mark_learned(connection: Connection, scope: Scope, number: int) -> None:
    """Mark the lesson's exchanges as learned in it."""
    connection.execute(
        update(exchange)
        .where(taught_in(scope, number))
        .values(state=ExchangeState.LEARNED, lesson=number)
    )


def count_attempt(connection: Connection, scope: Scope, number: int) -> None:
    """Count a refusal against the lesson's exchanges; the last one sets them aside."""
    waiting = and_(taught_in(scope, number), exchange.c.state == ExchangeState.PENDING)
    connection.execute(update(exchange).where(waiting).values(attempts=exchange.c.attempts + 1))
    connection.execute(
        update(exchange)
        .where(waiting, exchange.c.attempts >= MOST_ATTEMPTS)
        .values(state=ExchangeState.REFUSED)
    )


def make_live(connection: Connection, scope: Scope, digest: str) -> None:
    """Let the checkpoint answer from now on."""
    connection.execute(update(model).where(scope.itself).values(live=digest))


def take_back(
    connection: Connection, scope: Scope, number: int, to: str, note: Mapping[str, Any]
) -> None:
    """Let an older checkpoint answer, and say so on the lesson that made the one before.

    `note` has a `reason` and goes into the lesson's metrics. Raises `NotFound` when the model has
    no such lesson or checkpoint.
    """
    here = and_(scope.its(lesson), lesson.c.number == number)
    row = connection.execute(select(lesson.c.verdict, lesson.c.metrics).where(here)).one_or_none()
    if row is None:
        raise NotFound(f"There is no lesson {number} of {scope.name!r}.")
    said = f"{row.verdict or ''} Taken back since: {note['reason']}".strip()
    metrics = {**row.metrics, TAKEN_BACK: dict(note)}
    connection.execute(update(lesson).where(here).values(verdict=said, metrics=metrics))
    make_live(connection, scope, to)


def finite(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, with None for every number that is not finite, at any depth."""
    return {name: _finite(value) for name, value in values.items()}


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return finite(value)
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value


def _add_source(
    connection: Connection, scope: Scope, number: int, position: int, source: NewSource
) -> None:
    row = connection.execute(
        select(exchange).where(scope.its(exchange), exchange.c.id == source.exchange_id)
    ).one_or_none()
    if row is None:
        raise not_found(f"exchange for {scope.name!r} with the id", source.exchange_id)
    connection.execute(
        insert(lesson_source).values(
            **scope.owner,
            lesson=number,
            position=position,
            exchange_id=source.exchange_id,
            conversation_id=row.conversation_id,
            user_turn_id=row.user_turn_id,
            answer_turn_id=row.answer_turn_id,
            user_text=source.user_text,
            answer_text=source.answer_text,
            answer_teaches=source.answer_teaches,
            sha256=source.sha256,
        )
    )


def _sources_of(scope: Scope, number: int) -> ColumnElement[bool]:
    return and_(scope.its(lesson_source), lesson_source.c.lesson == number)


def taught_in(scope: Scope, number: int) -> ColumnElement[bool]:
    """Exchanges that a lesson read."""
    ids = select(lesson_source.c.exchange_id).where(_sources_of(scope, number))
    return and_(scope.its(exchange), exchange.c.id.in_(ids))
