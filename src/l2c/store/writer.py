"""One thread that writes, and commits many writes at once.

A durable commit costs a flush of the disk, some milliseconds, whatever its size. So callers hand
their writes to one thread. While it commits, others queue; the next commit takes all of them:
one transaction, one flush, and nobody is told "done" before the flush has happened.

- A write among others runs in its own savepoint, so one that fails takes back its own changes only.
  One that is alone needs none: its transaction is taken back. A savepoint keeps every page that
  changes below it, in memory, so a large write asks to be alone (`submit_apart`).
- A write that may wait (`write_later`) waits up to `linger_s` for company; one that may not
  brings all that waits along. Order is always the order of calls.
- A full disk gives up the ballast, see `l2c.store.ballast`. A failed flush or a damaged file is
  final: from then on every write is refused with the same error, because a disk that once lied
  about a flush cannot be asked again (the lesson of PostgreSQL's fsync bug, 2018).
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.exc import DBAPIError

from l2c.errors import StorageFull, StoreError
from l2c.store.ballast import Ballast
from l2c.store.dialect import DeviceFailure, Dialect

T = TypeVar("T")
Work = Callable[[Connection], T]
"""Reads and writes through the connection. Runs again from the start if the disk was full, so it
must have no other effect; must not wait for another write."""

_LARGEST_BATCH = 512


class _Place(Enum):
    """Where a write is carried out: with others, alone, or outside of any transaction."""

    TOGETHER = auto()
    APART = auto()
    OUTSIDE = auto()


@dataclass(slots=True, eq=False)
class _Order:
    """A write that waits for its turn."""

    work: Work[Any]
    urgent: bool
    reserve: bool
    place: _Place = _Place.TOGETHER
    due: float = 0.0
    future: Future[Any] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class _Outcome:
    value: Any = None
    error: Exception | None = None


class Writer:
    """The writer thread of one process on one store."""

    def __init__(
        self, engine: Engine, *, dialect: Dialect, ballast: Ballast, linger_s: float
    ) -> None:
        self._dialect = dialect
        self._ballast = ballast
        self._linger_s = linger_s
        self._queue: deque[_Order] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._failure: DeviceFailure | None = None
        self._connection = engine.connect()
        self._thread = threading.Thread(target=self._run, name="l2c-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T], *, urgent: bool, reserve: bool) -> Future[T]:
        """Queue a write; the future is done once it is committed durably."""
        return self._queue_up(_Order(work, urgent=urgent, reserve=reserve))

    def submit_apart(self, work: Work[T]) -> Future[T]:
        """Queue a large write, which shares its transaction with no other."""
        return self._queue_up(_Order(work, urgent=True, reserve=False, place=_Place.APART))

    def submit_maintenance(self, work: Work[None]) -> Future[None]:
        """Queue work on the file itself, which runs alone and outside any transaction."""
        return self._queue_up(_Order(work, urgent=True, reserve=True, place=_Place.OUTSIDE))

    def close(self) -> None:
        """Commit what is queued, then stop. Later writes raise `StoreError`."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _queue_up(self, order: _Order) -> Future[Any]:
        assert threading.current_thread() is not self._thread, "a write must not wait for a write"
        order.due = time.monotonic() + (0.0 if order.urgent else self._linger_s)
        with self._changed:
            if self._closing:
                raise StoreError("The store is closed; open it again to write.")
            self._queue.append(order)
            self._changed.notify()
        return order.future

    def _run(self) -> None:
        with self._connection:
            while batch := self._next_batch():
                batch = [order for order in batch if order.future.set_running_or_notify_cancel()]
                try:
                    for place, orders in groupby(batch, key=lambda order: order.place):
                        self._carry_out_at(place, list(orders))
                except Exception as error:  # whatever it was, nobody may wait for ever
                    for order in batch:
                        if not order.future.done():
                            order.future.set_exception(error)

    def _next_batch(self) -> list[_Order]:
        """The orders for the next commit; none when the writer is to stop."""
        with self._changed:
            while not self._closing:
                wait_s = self._seconds_to_wait()
                if wait_s == 0.0:
                    break
                self._changed.wait(wait_s)
            count = min(len(self._queue), _LARGEST_BATCH)
            return [self._queue.popleft() for _ in range(count)]

    def _seconds_to_wait(self) -> float | None:
        if not self._queue:
            return None
        if len(self._queue) >= _LARGEST_BATCH or any(order.urgent for order in self._queue):
            return 0.0
        return max(0.0, self._queue[0].due - time.monotonic())

    def _carry_out_at(self, place: _Place, orders: Sequence[_Order]) -> None:
        if place is _Place.TOGETHER:
            self._carry_out(orders)
            return
        for order in orders:
            if place is _Place.APART:
                self._carry_out([order])
            else:
                self._maintain(order)

    def _carry_out(self, orders: Sequence[_Order]) -> None:
        admitted = [order for order in orders if self._admit(order)]
        outcomes = dict(zip(admitted, self._commit(admitted), strict=True))
        if any(isinstance(outcome.error, StorageFull) for outcome in outcomes.values()):
            self._ballast.release()
            again = [
                order
                for order, outcome in outcomes.items()
                if order.reserve and isinstance(outcome.error, StorageFull)
            ]
            outcomes.update(zip(again, self._commit(again), strict=True))
        for order, outcome in outcomes.items():
            _answer(order, outcome)

    def _admit(self, order: _Order) -> bool:
        refusal: StoreError | None = None
        if self._failure is not None:
            refusal = DeviceFailure(str(self._failure))
        elif not order.reserve and not self._ballast.hold():
            refusal = self._dialect.full()
        if refusal is not None:
            order.future.set_exception(refusal)
        return refusal is None

    def _commit(self, orders: Sequence[_Order]) -> list[_Outcome]:
        """Carry the orders out in one transaction; what became of each."""
        if not orders:
            return []
        try:
            with self._begun():
                if len(orders) == 1:
                    return [_Outcome(orders[0].work(self._connection))]
                return [self._attempt(order) for order in orders]
        except Exception as error:
            return [_Outcome(error=self._translate(error))] * len(orders)

    def _begun(self) -> RootTransaction:
        """A transaction, on a new connection where the old one was lost between two."""
        try:
            return self._connection.begin()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._connection.begin()

    def _attempt(self, order: _Order) -> _Outcome:
        connection = self._connection
        connection.exec_driver_sql("SAVEPOINT work")
        try:
            value = order.work(connection)
        except Exception as error:
            translated = self._translate(error)
            if self._failure is not None or not self._dialect.in_transaction(connection):
                raise  # nothing of this transaction is or may be written
            connection.exec_driver_sql("ROLLBACK TO work")
            connection.exec_driver_sql("RELEASE work")
            return _Outcome(error=translated)
        connection.exec_driver_sql("RELEASE work")
        return _Outcome(value)

    def _maintain(self, order: _Order) -> None:
        if not self._admit(order):
            return
        try:
            order.work(self._connection)
        except Exception as error:
            _answer(order, _Outcome(error=self._translate(error)))
        else:
            _answer(order, _Outcome())

    def _translate(self, error: Exception) -> Exception:
        translated = self._dialect.translate(error)
        if isinstance(translated, DeviceFailure):
            self._failure = translated
        if translated is not error:
            translated.__cause__ = error
        return translated


def _answer(order: _Order, outcome: _Outcome) -> None:
    if outcome.error is None:
        order.future.set_result(outcome.value)
    else:
        order.future.set_exception(outcome.error)
