"""Putting lessons that were computed again, without what is forgotten, in place of the old ones.

The functions run inside a transaction of `l2c.store.lease`. Each link is committed by itself, so
a learner that is killed goes on where it was. The last one removes everything that descends from
what is forgotten: checkpoints, lessons that started from them, their sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from l2c.errors import Conflict
from l2c.store import ledger
from l2c.store.ledger import Figures, NewCheckpoint, Scope
from l2c.store.schema import (
    checkpoint,
    exchange,
    forgetting,
    lesson,
    lesson_source,
    model,
    pin,
)
from l2c.store.schema.forgetting import ForgettingState
from l2c.store.states import ExchangeState, LessonState
from l2c.store.turns import not_found


@dataclass(frozen=True, slots=True)
class Replayed:
    """A lesson computed again: what it started from, what it became, and the verdict."""

    parent: str
    lesson: int
    made: NewCheckpoint
    attempt: int
    recipe_version: int
    sources: int
    verdict: str
    figures: Figures
    metrics: Mapping[str, Any]


def put_in_place(
    connection: Connection,
    scope: Scope,
    forgetting_id: str,
    old: str,
    new: Replayed | str,
    *,
    lost: bool,
    now: str,
) -> None:
    """Let `new` take the place of checkpoint `old`; a digest when the lesson is no more.

    `lost` says that the gate did not keep what was left of it.
    """
    plan = _plan(connection, scope, forgetting_id)
    if isinstance(new, Replayed):
        ledger.add_checkpoint(
            connection,
            scope,
            new.made,
            parent=new.parent,
            number=new.lesson,
            metrics=new.metrics,
            now=now,
        )
        values = {"parent": new.parent, "checkpoint": new.made.digest, "attempt": new.attempt}
        values |= {"recipe_version": new.recipe_version, "sources": new.sources}
        values |= {"metrics": dict(new.metrics), "verdict": new.verdict, **asdict(new.figures)}
        ledger.close(connection, scope, new.lesson, LessonState.KEPT, **values)
    mine = plan["models"][scope.name]
    mine["map"][old] = new if isinstance(new, str) else new.made.digest
    mine["lost"] += lost
    connection.execute(update(forgetting).where(forgetting.c.id == forgetting_id).values(plan=plan))


def finish(connection: Connection, scope: Scope, forgetting_id: str) -> list[str]:
    """Promote what was made again and remove the rest; the digests that are no checkpoints now.

    The live checkpoint changes only if it is still the one that answered meanwhile.
    """
    mine = _plan(connection, scope, forgetting_id)["models"][scope.name]
    taken_over: dict[str, str] = mine["map"]
    gone = [digest for digest in mine["tainted"] if digest not in taken_over.values()]
    if mine["was_live"] is not None:
        meanwhile = (model.c.live == mine["meanwhile"]) & scope.itself
        connection.execute(update(model).where(meanwhile).values(live=taken_over[mine["was_live"]]))
    _move_pins(connection, scope, taken_over, gone)
    _remove_checkpoints(connection, scope, gone)
    _count_sources_again(connection, scope)
    return gone


def _plan(connection: Connection, scope: Scope, forgetting_id: str) -> dict[str, Any]:
    query = select(forgetting.c.plan, forgetting.c.state).where(
        forgetting.c.id == forgetting_id, forgetting.c.user_id == scope.user_id
    )
    found = connection.execute(query).one_or_none()
    if found is None:
        raise not_found("wish to forget", forgetting_id)
    if found.state != ForgettingState.REBUILDING:
        raise Conflict("Something else is to be forgotten too; it begins again with both.")
    return dict(found.plan)


def _move_pins(
    connection: Connection, scope: Scope, taken_over: Mapping[str, str], gone: Iterable[str]
) -> None:
    query = select(pin.c.digest).where(scope.its(pin))
    pinned = set(connection.execute(query).scalars())
    for old in pinned & set(gone):
        connection.execute(delete(pin).where(scope.its(pin), pin.c.digest == old))
        new = taken_over.get(old)
        if new is not None and new not in pinned:
            connection.execute(insert(pin).values(**scope.owner, digest=new))
            pinned.add(new)


def _remove_checkpoints(connection: Connection, scope: Scope, gone: list[str]) -> None:
    """Remove the rows of these checkpoints, and every lesson that started from or made one."""
    theirs = checkpoint.c.digest.in_(gone)
    lost = select(lesson.c.number).where(
        scope.its(lesson), or_(lesson.c.parent.in_(gone), lesson.c.checkpoint.in_(gone))
    )
    numbers = list(connection.execute(lost).scalars())
    connection.execute(
        update(checkpoint).where(scope.its(checkpoint), theirs).values(parent=None, lesson=None)
    )
    connection.execute(
        update(exchange)
        .where(scope.its(exchange), exchange.c.lesson.in_(numbers))
        .values(state=ExchangeState.WITHDRAWN, lesson=None, forget_at=None)
    )
    for table, column in ((lesson_source, "lesson"), (lesson, "number")):
        connection.execute(delete(table).where(scope.its(table), table.c[column].in_(numbers)))
    connection.execute(delete(checkpoint).where(scope.its(checkpoint), theirs))


def _count_sources_again(connection: Connection, scope: Scope) -> None:
    """Let lessons that were never kept say what they still hold; empty ones go."""
    there = (
        select(func.count())
        .where(scope.its(lesson_source), lesson_source.c.lesson == lesson.c.number)
        .scalar_subquery()
    )
    aside = lesson.c.state.in_([LessonState.REFUSED, LessonState.FAILED])
    touched = (scope.its(lesson), aside, lesson.c.sources != there)
    connection.execute(delete(lesson).where(*touched, there == 0))
    connection.execute(update(lesson).where(*touched).values(sources=there, metrics={}))
