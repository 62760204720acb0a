"""Which checkpoints of a model knew something, and what is to be done again without it.

A checkpoint made by a lesson with such a source knew it, every one that descends from it, and one
that was trained on files starting from such a one. Of these the live one and the pinned ones are
made again, with all between; the others only go.

Text that the gate set aside belongs to the past as well: in a world in which the other was never
said, it might have been kept. So each lesson that was set aside stands in its place on the line,
before the lesson that came after it, and is tried again where it was tried with what is forgotten
or on weights that knew of it. What comes after such a place never read what is forgotten, and is
yet made again, since it may stand on something else then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from l2c.store.ledger import MOST_ATTEMPTS
from l2c.store.lessons import JOINT
from l2c.store.models import CAME_FROM
from l2c.store.schema import checkpoint, exchange, lesson, lesson_source, pin
from l2c.store.states import ExchangeState, LessonKind, LessonState

Has = Callable[[str], bool]
"""Whether the file of a digest is there."""

Place = tuple[str, str | None]
"""Where a lesson that was set aside stands: on which checkpoint, and before which, if any."""


def step_of(number: int) -> str:
    """What a plan calls the step of a lesson that was set aside, among the digests."""
    return f"lesson {number}"


def number_of(step: str) -> int:
    """The number of the lesson that a step was called after.

    >>> number_of(step_of(7))
    7
    """
    return int(step.rpartition(" ")[2])


class Line:
    """The checkpoints of a model, and which of them knew what is to be forgotten.

    `lessons` are the numbers of those that had it among their sources. `placed` says of lessons
    that were set aside, and carried out again since, where they stood.
    """

    def __init__(
        self,
        connection: Connection,
        user_id: str,
        name: str,
        lessons: set[int],
        *,
        live: str,
        placed: Mapping[int, Place],
    ) -> None:
        of_it = (checkpoint.c.user_id == user_id) & (checkpoint.c.model == name)
        rows = connection.execute(select(checkpoint).where(of_it).order_by(checkpoint.c.seq)).all()
        pins = select(pin.c.digest).where(pin.c.user_id == user_id, pin.c.model == name)
        self._live = live
        self._pins = set(connection.execute(pins).scalars())
        self._rows: dict[str, Row[Any]] = {row.digest: row for row in rows}
        self._past = _Past(connection, user_id, name)
        self.retried = self._past.refused_among(lessons)
        self._touched = lessons | self._past.sharing(self.retried)
        self._placed = placed
        self._aside = dict(placed)
        made = {row.lesson for row in rows}
        for number, parent in self._past.set_aside.items():
            if number not in made and number not in placed:
                self._aside[number] = (parent, self._next_on(parent, number))
        self.tainted: list[str] = []
        self.moved: list[str] = []
        for row in rows:  # parents before children
            above = self._above(row)
            if row.lesson in lessons or above in self.tainted:
                self.tainted.append(row.digest)
            behind = row.parent is not None and (
                row.lesson in self._touched or above in self.moved or self._tried(row.digest)
            )
            if behind or row.digest in self.tainted:
                self.moved.append(row.digest)

    def plan(self) -> dict[str, Any]:
        """What knew of it, and what is done again in this order; nothing is done yet.

        `on` says what each step stands on: a checkpoint, or the step before it.
        """
        wanted: set[str] = set()
        for tip in {self._live, *self._pins} & set(self.moved):
            at: str | None = tip
            while at is not None and at in self.moved:
                wanted.add(at)
                at = self._above(self._rows[at])
        order: list[str] = []
        on: dict[str, str] = {}
        made_by_lessons = [d for d in self.moved if self._rows[d].parent is not None]
        for digest in made_by_lessons:
            if digest in wanted:
                parent = str(self._rows[digest].parent)
                last = self._add(order, on, parent, before=digest)
                order.append(digest)
                on[digest] = last
        newest = self._add(order, on, self._live, before=None)
        changes = self._live in self.moved or newest != self._live
        return {
            "tainted": self.tainted,
            "after": [digest for digest in self.moved if digest not in self.tainted],
            "order": order,
            "on": on,
            "aside": {
                step_of(number): place
                for number, place in self._aside.items()
                if step_of(number) in on or number in self._placed
            },
            "retried": sorted(self.retried),
            "again": [self._rows[step].lesson for step in order if step in self._rows],
            "map": {d: self._clean_above(d) for d in self.moved if d not in made_by_lessons},
            "lost": 0,
            "was_live": self._live if changes else None,
            "newest": newest,
        }

    def clean_live(self, has: Has) -> str:
        """The newest checkpoint above the live one that stays as it is and can answer."""
        at = self._live
        while at in self.moved or not has(at):
            above = self._above(self._rows[at])
            if above is None:
                return self._clean_above(self._live)
            at = above
        return at

    def root_of(self, digest: str) -> str:
        """The starter a checkpoint descends from."""
        while (parent := self._rows[digest].parent) is not None:
            digest = str(parent)
        return digest

    def _add(self, order: list[str], on: dict[str, str], parent: str, *, before: str | None) -> str:
        """Add the steps of what was set aside there; what the next step stands on."""
        for number in self._to_try(parent, before):
            order.append(step_of(number))
            on[step_of(number)] = parent
            parent = step_of(number)
        return parent

    def _to_try(self, parent: str, before: str | None) -> list[int]:
        """What was set aside there, from the first on that may come out differently."""
        there = sorted(n for n, place in self._aside.items() if place == (parent, before))
        if parent in self.moved:
            return there
        first = next((at for at, n in enumerate(there) if n in self._touched), len(there))
        return there[first:]

    def _tried(self, digest: str) -> bool:
        """Whether something set aside before this checkpoint is to be tried again."""
        return bool(self._to_try(str(self._rows[digest].parent), digest))

    def _next_on(self, parent: str, number: int) -> str | None:
        """The checkpoint that the next kept lesson made of the same one; None where none did."""
        later = [
            (row.lesson, row.digest)
            for row in self._rows.values()
            if row.parent == parent and row.lesson > number and row.lesson not in self._past.joint
        ]
        return min(later)[1] if later else None

    def _clean_above(self, digest: str) -> str:
        at: str | None = digest
        while at is not None and at in self.moved:
            at = self._above(self._rows[at])
        return at if at is not None else next(iter(self._rows))

    def _above(self, row: Row[Any]) -> str | None:
        """The checkpoint this one was trained from, also when that was on files.

        Where nobody noted that, it may have been the one before it.
        """
        if row.parent is not None:
            return str(row.parent)
        digests = list(self._rows)
        before = digests[max(digests.index(row.digest) - 1, 0)]
        came_from = row.metrics.get(CAME_FROM, before)
        return came_from if came_from in self._rows and came_from != row.digest else None


class _Past:
    """The lessons of a model that ended, as far as what was set aside is concerned.

    `set_aside` has the number of each lesson that the gate refused for the last time, and the
    checkpoint it started from; `joint` the lessons over everything, which start anew.
    """

    def __init__(self, connection: Connection, user_id: str, name: str) -> None:
        self._connection = connection
        self._of_it = (lesson_source.c.user_id == user_id) & (lesson_source.c.model == name)
        its = (lesson.c.user_id == user_id) & (lesson.c.model == name)
        ended = lesson.c.state.in_([LessonState.KEPT, LessonState.REFUSED])
        columns = (lesson.c.number, lesson.c.state, lesson.c.attempt, lesson.c.parent)
        rows = connection.execute(
            select(*columns, lesson.c.metrics)
            .where(its, ended, lesson.c.kind == LessonKind.EXCHANGES)
            .order_by(lesson.c.number)
        ).all()
        waiting = (
            select(lesson_source.c.lesson)
            .join(exchange, exchange.c.id == lesson_source.c.exchange_id)
            .where(self._of_it, exchange.c.state == ExchangeState.REFUSED)
        )
        aside = set(connection.execute(waiting.distinct()).scalars())
        self.joint = {row.number for row in rows if row.metrics.get(JOINT)}
        refused = [
            row for row in rows if row.state == LessonState.REFUSED and row.number not in self.joint
        ]
        self._refused = {row.number for row in refused}
        self.set_aside: dict[int, str] = {
            row.number: str(row.parent)
            for row in refused
            if row.number in aside and row.attempt == MOST_ATTEMPTS - 1
        }

    def refused_among(self, lessons: set[int]) -> set[int]:
        """Those of these that the gate refused."""
        return lessons & self._refused

    def sharing(self, lessons: set[int]) -> set[int]:
        """The lessons that tried again what these tried."""
        if not lessons:
            return set()
        tried = select(lesson_source.c.exchange_id).where(
            self._of_it, lesson_source.c.lesson.in_(lessons)
        )
        again = select(lesson_source.c.lesson).where(
            self._of_it, lesson_source.c.exchange_id.in_(tried)
        )
        return set(self._connection.execute(again.distinct()).scalars()) - self.joint
