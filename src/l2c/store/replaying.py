"""Putting lessons that were computed again, without what is forgotten, in place of the old ones.

The functions run inside a transaction of `l2c.store.lease`. Each link is committed by itself, so
a learner that is killed goes on where it was. The last one removes everything that descends from
what is forgotten: checkpoints, lessons that started from them, their sources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from l2c.errors import Conflict
from l2c.store import ledger, lessons
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
from l2c.store.taint import number_of
from l2c.store.turns import not_found


@dataclass(frozen=True, slots=True)
class Replayed:
    """A lesson computed again: what it started from, what it became, and the verdict.

    `made` is None where the gate refused every attempt.
    """

    parent: str
    lesson: int
    made: NewCheckpoint | None
    attempt: int
    recipe_version: int
    sources: int
    verdict: str
    figures: Figures
    metrics: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """What the next lesson stands on."""
        return self.parent if self.made is None else self.made.digest


def put_in_place(
    connection: Connection,
    scope: Scope,
    forgetting_id: str,
    step: str,
    new: Replayed | str,
    *,
    now: str,
) -> None:
    """Let `new` take the place of a step of the plan; a digest when there is no lesson any more.

    Raises `Conflict` when something that was set aside may not teach any more.
    """
    plan = _plan(connection, scope, forgetting_id)
    mine = plan["models"][scope.name]
    if isinstance(new, Replayed):
        if step in mine["aside"]:
            _leave_out_what_may_not_teach(connection, scope, new)
        _write_down(connection, scope, new, now=now)
        mine["lost"] += new.made is None and step not in mine["aside"]
    elif new != step and step not in mine["aside"]:
        mine["lost"] += _let_what_a_night_taught_wait(connection, scope, step)
    mine["map"][step] = new if isinstance(new, str) else new.digest
    connection.execute(update(forgetting).where(forgetting.c.id == forgetting_id).values(plan=plan))


def finish(connection: Connection, scope: Scope, forgetting_id: str) -> list[str]:
    """Promote what was made again and remove the rest; the digests that are no checkpoints now.

    The live checkpoint changes only if it is still the one that answered meanwhile. What was tried
    together with what is forgotten, or on what knew of it, waits anew where it has no place among
    the lessons that were carried out again.
    """
    mine = _plan(connection, scope, forgetting_id)["models"][scope.name]
    taken_over: dict[str, str] = mine["map"]
    replaced = [*mine["tainted"], *mine["after"]]
    gone = [digest for digest in replaced if digest not in taken_over.values()]
    if mine["was_live"] is not None:
        meanwhile = (model.c.live == mine["meanwhile"]) & scope.itself
        newest = taken_over[mine["newest"]]
        connection.execute(update(model).where(meanwhile).values(live=newest))
    _move_pins(connection, scope, taken_over, gone)
    _let_wait_anew(connection, scope, gone, mine)
    _remove_checkpoints(connection, scope, gone)
    _count_sources_again(connection, scope)
    return gone


def _write_down(connection: Connection, scope: Scope, new: Replayed, *, now: str) -> None:
    """The lesson's row, its checkpoint and the state of its exchanges, as the verdict has them."""
    values = {"parent": new.parent, "attempt": new.attempt, "sources": new.sources}
    values |= {"recipe_version": new.recipe_version, "metrics": dict(new.metrics)}
    values |= {"verdict": new.verdict, "checkpoint": None, **asdict(new.figures)}
    taught = ledger.taught_in(scope, new.lesson)
    if new.made is None:
        ledger.close(connection, scope, new.lesson, LessonState.REFUSED, **values)
        learned = and_(taught, exchange.c.lesson == new.lesson)
        left = {"lesson": None, "forget_at": None}
        for stands, state in (
            (exchange.c.forget_at.is_(None), ExchangeState.REFUSED),
            (exchange.c.forget_at.is_not(None), ExchangeState.WITHDRAWN),
        ):
            aside = left | {"state": state, "attempts": ledger.MOST_ATTEMPTS}
            connection.execute(update(exchange).where(learned, stands).values(**aside))
        return
    ledger.add_checkpoint(
        connection,
        scope,
        new.made,
        parent=new.parent,
        number=new.lesson,
        metrics=new.metrics,
        now=now,
    )
    values["checkpoint"] = new.made.digest
    connection.execute(
        update(lesson_source)
        .where(scope.its(lesson_source), lesson_source.c.lesson == new.lesson)
        .values(first_step=1, last_step=new.figures.steps)
    )
    ledger.close(connection, scope, new.lesson, LessonState.KEPT, **values)
    waiting = and_(taught, exchange.c.state == ExchangeState.REFUSED)
    connection.execute(
        update(exchange).where(waiting).values(state=ExchangeState.LEARNED, lesson=new.lesson)
    )


def _let_what_a_night_taught_wait(connection: Connection, scope: Scope, digest: str) -> bool:
    """Queue what a lesson over everything taught, which is no more; whether it was such a one.

    Every lesson of the days before it is in it, so they would all be lost.
    """
    query = select(lesson.c.number, lesson.c.metrics).join(
        checkpoint,
        and_(scope.its(checkpoint), checkpoint.c.lesson == lesson.c.number),
    )
    made_it = connection.execute(query.where(scope.its(lesson), checkpoint.c.digest == digest))
    row = made_it.one()
    if not row.metrics.get(lessons.JOINT):
        return False
    learned = and_(ledger.taught_in(scope, row.number), exchange.c.lesson == row.number)
    waits = {"state": ExchangeState.PENDING, "attempts": 0, "lesson": None}
    stands = exchange.c.forget_at.is_(None)
    return connection.execute(update(exchange).where(learned, stands).values(**waits)).rowcount > 0


def _leave_out_what_may_not_teach(connection: Connection, scope: Scope, new: Replayed) -> None:
    """Let the ledger of a lesson that was set aside name only what it taught now."""
    there = lessons.set_aside(connection, scope.user_id, scope.name, new.lesson)
    if len(there) != new.sources:
        raise Conflict("What was set aside may not teach any more, in part.")
    kept = [row.position for row in there]
    connection.execute(
        delete(lesson_source).where(
            scope.its(lesson_source),
            lesson_source.c.lesson == new.lesson,
            lesson_source.c.position.not_in(kept),
        )
    )


def _let_wait_anew(
    connection: Connection, scope: Scope, gone: list[str], mine: Mapping[str, Any]
) -> None:
    """Queue again, with every attempt before it, what was refused and has no place any more."""
    its = scope.its(lesson_source)
    tried = select(lesson.c.number).where(
        scope.its(lesson),
        lesson.c.state == LessonState.REFUSED,
        or_(lesson.c.parent.in_(gone), lesson.c.number.in_(mine["retried"])),
    )
    stays = [*map(number_of, mine["aside"]), *mine["again"]]
    named = lesson_source.c.exchange_id.is_not(None)
    refused = select(lesson_source.c.exchange_id).where(its, lesson_source.c.lesson.in_(tried))
    placed = select(lesson_source.c.exchange_id).where(
        its, named, lesson_source.c.lesson.in_(stays)
    )
    connection.execute(
        update(exchange)
        .where(
            scope.its(exchange),
            exchange.c.state.in_([ExchangeState.PENDING, ExchangeState.REFUSED]),
            exchange.c.id.in_(refused),
            exchange.c.id.not_in(placed),
        )
        .values(state=ExchangeState.PENDING, attempts=0)
    )


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
