"""Trainings of new models on a text: what is wanted, how far it is, and what it writes meanwhile.

The store holds the text until the model is there, so that a training goes on after any end of the
process that works on it. Whoever works on one reports what it has reached; a report is taken only
while the training runs, and that is how its worker learns that it was paused or deleted.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from l2c.errors import Conflict
from l2c.store.database import Database, new_id
from l2c.store.exchanges import storable
from l2c.store.schema import model, training
from l2c.store.schema.trainings import TrainingState
from l2c.store.turns import not_found

__all__ = ["Reached", "TrainingRow", "TrainingState", "Trainings"]


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """One training. `curve` are steps and losses in nats per token, `samples` steps and texts."""

    seq: int
    id: str
    model: str
    engine: str
    characters: int
    minutes: float
    seed: int
    state: TrainingState
    step: int
    steps: int
    loss: float | None
    seconds_left: float | None
    curve: list[list[float]]
    samples: list[list[Any]]
    reason: str | None
    created_at: str
    finished_at: str | None


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a training has come."""

    step: int
    steps: int
    loss: float | None
    seconds_left: float
    curve: list[list[float]]
    samples: list[list[Any]]


class Trainings:
    """The trainings of one user."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def add(
        self, name: str, *, engine: str, text: str, minutes: float, seed: int = 0
    ) -> TrainingRow:
        """Ask for a new model. Raises `Conflict` when there is, or will be, one of this name."""
        values = {"engine": engine, "text": storable(text, "text"), "characters": len(text)}
        values |= {"minutes": minutes, "seed": seed, "state": TrainingState.RUNNING}

        def work(connection: Connection) -> TrainingRow:
            mine = (model.c.user_id == self._user_id) & (model.c.name == name)
            coming = (training.c.model == name) & (training.c.state != TrainingState.DONE)
            if (
                connection.execute(select(model.c.seq).where(mine)).first() is not None
                or connection.execute(self._mine(training.c.seq).where(coming)).first() is not None
            ):
                raise Conflict(f"There is a model {name!r} already; choose another name.")
            training_id = new_id()
            connection.execute(
                insert(training).values(
                    id=training_id,
                    user_id=self._user_id,
                    model=name,
                    step=0,
                    steps=0,
                    curve=[],
                    samples=[],
                    created_at=self._database.now(),
                    **values,
                )
            )
            return self._get(connection, training_id)

        return self._database.write(work)

    def list(self) -> builtins.list[TrainingRow]:
        """Every training, newest first."""
        with self._database.read() as connection:
            rows = connection.execute(self._all().order_by(training.c.seq.desc())).all()
        return [_training(row) for row in rows]

    def get(self, training_id: str) -> TrainingRow:
        """One training. Raises `NotFound`."""
        with self._database.read() as connection:
            return self._get(connection, training_id)

    def text(self, training_id: str) -> str | None:
        """What a training reads; None when it is done or gone."""
        query = self._mine(training.c.text).where(training.c.id == training_id)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def next(self) -> TrainingRow | None:
        """The oldest training that runs."""
        runs = self._all().where(training.c.state == TrainingState.RUNNING)
        with self._database.read() as connection:
            row = connection.execute(runs.order_by(training.c.seq).limit(1)).one_or_none()
        return None if row is None else _training(row)

    def pause(self, training_id: str) -> TrainingRow:
        """Have it rest where it stands. Raises `NotFound`, and `Conflict` when it is done."""
        return self._settle(training_id, TrainingState.PAUSED)

    def go_on(self, training_id: str) -> TrainingRow:
        """Have a paused or failed one go on. Raises `NotFound`, `Conflict` when it is done."""
        return self._settle(training_id, TrainingState.RUNNING)

    def delete(self, training_id: str) -> None:
        """Erase a training; its model stays, if there is one yet. Raises `NotFound`."""

        def work(connection: Connection) -> None:
            self._get(connection, training_id)
            connection.execute(delete(training).where(training.c.id == training_id))

        self._database.write(work, reserve=True)

    def report(self, training_id: str, reached: Reached) -> bool:
        """Note how far it is; whether it still runs."""
        values = {name: getattr(reached, name) for name in Reached.__dataclass_fields__}
        return self._change(training_id, **values)

    def fail(self, training_id: str, reason: str) -> None:
        """Say why it could not go on; without effect unless it runs."""
        self._change(training_id, state=TrainingState.FAILED, reason=reason, seconds_left=None)

    def finishing(self, training_id: str, reached: Reached) -> Callable[[Connection], None]:
        """What makes it done, in the transaction that makes its model.

        The text goes. Raises `Conflict` there when it was paused or deleted meanwhile.
        """
        values = {name: getattr(reached, name) for name in Reached.__dataclass_fields__}
        values |= {"state": TrainingState.DONE, "text": None, "seconds_left": None}

        def work(connection: Connection) -> None:
            changed = self._running(training_id).values(finished_at=self._database.now(), **values)
            if connection.execute(changed).rowcount != 1:
                raise Conflict("The training was paused or deleted meanwhile.")

        return work

    def _change(self, training_id: str, **values: Any) -> bool:
        changed = self._running(training_id).values(**values)
        return self._database.write(lambda connection: connection.execute(changed).rowcount == 1)

    def _running(self, training_id: str) -> Any:
        return update(training).where(
            training.c.user_id == self._user_id,
            training.c.id == training_id,
            training.c.state == TrainingState.RUNNING,
        )

    def _settle(self, training_id: str, state: TrainingState) -> TrainingRow:
        def work(connection: Connection) -> TrainingRow:
            row = self._get(connection, training_id)
            if row.state is TrainingState.DONE:
                raise Conflict(f"{row.model} is trained already.")
            connection.execute(
                update(training)
                .where(training.c.id == training_id)
                .values(state=state, reason=None, seconds_left=None)
            )
            return self._get(connection, training_id)

        return self._database.write(work)

    def _get(self, connection: Connection, training_id: str) -> TrainingRow:
        row = connection.execute(self._all().where(training.c.id == training_id)).one_or_none()
        if row is None:
            raise not_found("training", training_id)
        return _training(row)

    def _all(self) -> Select[Any]:
        return self._mine(*[column for column in training.c if column.name != "text"])

    def _mine(self, *columns: Any) -> Select[Any]:
        return select(*columns).where(training.c.user_id == self._user_id)


def _training(row: Row[Any]) -> TrainingRow:
    values = {name: getattr(row, name) for name in TrainingRow.__dataclass_fields__}
    return TrainingRow(**values | {"state": TrainingState(row.state)})
