"""Reading lessons, their sources, and the chain of them that made a checkpoint.

The functions run inside a transaction of `l2c.store.learning`, where the promises are described,
and see only rows of the user they are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from l2c.conversation import Origin
from l2c.store.schema import checkpoint, exchange, lesson, lesson_source, turn
from l2c.store.states import ExchangeState, LessonKind, LessonState
from l2c.store.turns import not_found

THRESHOLDS = "thresholds"
"""Among a lesson's metrics: what its verdict was given under, so that it can be given again."""

JOINT = "joint"
"""Among a lesson's metrics: that it began again at the starter, over everything."""

COUNTED = "counted"
"""Among a lesson's metrics: bits per byte `before` and `after` it of counting alone."""


@dataclass(frozen=True, slots=True)
class LessonRow:
    """One lesson. Figures it did not come to are None; `sources` is their number."""

    number: int
    kind: LessonKind
    state: LessonState
    attempt: int
    recipe_version: int
    parent: str
    checkpoint: str | None
    started_at: str
    finished_at: str | None
    sources: int
    steps: int | None
    tokens: int | None
    cpu_seconds: float | None
    loss_before: float | None
    loss_after: float | None
    bits_before: float | None
    bits_after: float | None
    general_percent: float | None
    verdict: str | None
    metrics: dict[str, Any]

    @property
    def thresholds(self) -> dict[str, float] | None:
        """The fractions its verdict was given under, by name; None without a verdict."""
        recorded: dict[str, float] | None = self.metrics.get(THRESHOLDS)
        return recorded

    @property
    def counted_before(self) -> float | None:
        """Bits per byte of what it taught, by counting alone; None where that was not measured."""
        return self._counted("before")

    @property
    def counted_after(self) -> float | None:
        """The same once that was counted too."""
        return self._counted("after")

    def _counted(self, when: str) -> float | None:
        measured: float | None = self.metrics.get(COUNTED, {}).get(when)
        return measured


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What one exchange taught in one lesson. The texts are None once they were erased."""

    position: int
    exchange_id: str | None
    conversation_id: str | None
    user_turn_id: str | None
    answer_turn_id: str | None
    user_text: str | None
    answer_text: str | None
    answer_teaches: bool
    sha256: str
    first_step: int | None
    last_step: int | None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One link of a checkpoint's past: a kept lesson, and the digest it has in this chain."""

    digest: str
    lesson: LessonRow
    sources: tuple[SourceRow, ...]


def newest(
    connection: Connection, user_id: str, name: str, *, limit: int, before: int | None
) -> list[LessonRow]:
    """The model's last `limit` lessons (before number `before`), newest first."""
    query = select(lesson).where(_of_model(user_id, name)).order_by(lesson.c.number.desc())
    if before is not None:
        query = query.where(lesson.c.number < before)
    return [_lesson(row) for row in connection.execute(query.limit(limit))]


def get(connection: Connection, user_id: str, name: str, number: int) -> LessonRow:
    """The model's lesson of this number. Raises `NotFound`."""
    row = connection.execute(
        select(lesson).where(_of_model(user_id, name), lesson.c.number == number)
    ).one_or_none()
    if row is None:
        raise not_found(f"lesson of {name!r} with the number", str(number))
    return _lesson(row)


def sources(connection: Connection, user_id: str, name: str, number: int) -> list[SourceRow]:
    """What the lesson taught, in its order."""
    rows = connection.execute(
        select(lesson_source)
        .where(
            lesson_source.c.user_id == user_id,
            lesson_source.c.model == name,
            lesson_source.c.lesson == number,
        )
        .order_by(lesson_source.c.position)
    )
    return [
        SourceRow(**{field: getattr(row, field) for field in SourceRow.__dataclass_fields__})
        for row in rows
    ]


def set_aside(connection: Connection, user_id: str, name: str, number: int) -> list[SourceRow]:
    """What was set aside with the lesson, or learned in it since: nothing that may not teach."""
    stays = or_(
        exchange.c.state == ExchangeState.REFUSED,
        and_(exchange.c.state == ExchangeState.LEARNED, exchange.c.lesson == number),
    )
    rows = sources(connection, user_id, name, number)
    read = [row.exchange_id for row in rows]
    mine = and_(exchange.c.user_id == user_id, exchange.c.model == name, exchange.c.id.in_(read))
    there = set(connection.execute(select(exchange.c.id).where(mine, stays)).scalars())
    return [row for row in rows if row.exchange_id in there]


def taught(connection: Connection, user_id: str, name: str, *, limit: int) -> list[str]:
    """What the user said in the newest sources of kept lessons, erased and declined ones left out.

    A request that was declined taught nobody what it asked for.
    """
    answered = turn.c.id == lesson_source.c.answer_turn_id
    rows = connection.execute(
        select(lesson_source.c.user_text)
        .join(lesson, and_(_of_model(user_id, name), lesson.c.number == lesson_source.c.lesson))
        .outerjoin(turn, and_(turn.c.user_id == user_id, answered))
        .where(
            lesson_source.c.user_id == user_id,
            lesson_source.c.model == name,
            lesson.c.state == LessonState.KEPT,
            lesson_source.c.user_text.is_not(None),
            func.coalesce(turn.c.origin, "") != Origin.DECLINED,
        )
        .order_by(lesson.c.number.desc(), lesson_source.c.position.desc())
        .limit(limit)
    )
    return [row.user_text for row in rows]


def ledger(connection: Connection, user_id: str, name: str, digest: str) -> list[LedgerEntry]:
    """The kept lessons from the starter to this checkpoint. Raises `NotFound`."""
    chain = _lineage(connection, user_id, name, digest)
    if not chain:
        raise not_found(f"checkpoint of {name!r} with the digest", digest)
    return [
        LedgerEntry(
            digest=row.digest,
            lesson=get(connection, user_id, name, row.lesson),
            sources=tuple(sources(connection, user_id, name, row.lesson)),
        )
        for row in chain
        if row.lesson is not None
    ]


def _lineage(connection: Connection, user_id: str, name: str, digest: str) -> list[Row[Any]]:
    """The checkpoint and its forebears, the starter first."""
    own = and_(checkpoint.c.user_id == user_id, checkpoint.c.model == name)
    columns = (checkpoint.c.seq, checkpoint.c.digest, checkpoint.c.parent, checkpoint.c.lesson)
    line = select(*columns).where(own, checkpoint.c.digest == digest).cte(recursive=True)
    line = line.union_all(
        select(*columns).join(line, line.c.parent == checkpoint.c.digest).where(own)
    )
    # A child is always written after its parent, so `seq` runs down the line.
    return list(connection.execute(select(line).order_by(line.c.seq)).all())


def _of_model(user_id: str, name: str) -> ColumnElement[bool]:
    return and_(lesson.c.user_id == user_id, lesson.c.model == name)


def _lesson(row: Row[Any]) -> LessonRow:
    values = {name: getattr(row, name) for name in LessonRow.__dataclass_fields__}
    return LessonRow(**values | {"kind": LessonKind(row.kind), "state": LessonState(row.state)})
