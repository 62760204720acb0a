"""Models and their checkpoints: what there is, where it came from, which one is live.

The store knows a checkpoint by its digest; the file of that name is not its business. Every
checkpoint but a starter names its parent and the lesson between them. `promote` makes any of a
model's checkpoints live; an older one is a rollback.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from l2c.errors import Conflict
from l2c.store.database import Database
from l2c.store.schema import checkpoint, forgetting, model, pin
from l2c.store.schema.forgetting import ForgettingState
from l2c.store.turns import not_found

CAME_FROM = "from"
"""Where a checkpoint that was trained on files names the one its training began with."""

_OWN_BEGINNING = "own_beginning"
TALKS = "talks"
"""In a model's summary: its own beginning was taught conversations too."""
HEARS_CORE_PROMPT = "hears_core_prompt"
"""In a model's summary: it was taught under the core prompt, and reads it before it answers."""

SMALLER = "smaller"
"""In a model's summary: what it is a smaller copy of, and what that cost."""

_DESCENDS_FROM = "descends_from"


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One model; `summary` is what its engine says of itself, `checkpoints` how many it has."""

    name: str
    engine: str
    starter: str
    live: str
    learns: bool
    rebuild_requested: bool
    summary: dict[str, Any]
    created_at: str
    checkpoints: int

    @property
    def talks(self) -> bool:
        """Whether it was taught conversations, and not only text without turns."""
        return not self.summary.get(_OWN_BEGINNING) or bool(self.summary.get(TALKS))

    @property
    def descends_from(self) -> str:
        """The starter it goes back to: its own, or that of what it is a smaller copy of."""
        digest: str = self.summary.get(_DESCENDS_FROM, self.starter)
        return digest

    def copied(self, cost: Mapping[str, Any]) -> dict[str, Any]:
        """The summary of a smaller copy of it that cost so much: it talks and hears as this does,
        and doubts by the same record."""
        hears = bool(self.summary.get(HEARS_CORE_PROMPT))
        kept = {TALKS: self.talks, HEARS_CORE_PROMPT: hears, _DESCENDS_FROM: self.descends_from}
        return kept | {SMALLER: dict(cost)}


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """One checkpoint of a model; a starter has neither parent nor lesson.

    One that is `pinned` keeps its file however old it becomes.
    """

    digest: str
    parent: str | None
    lesson: int | None
    size_bytes: int
    metrics: dict[str, Any]
    created_at: str
    live: bool
    pinned: bool


class Models:
    """The models of one user."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def ensure(
        self,
        name: str,
        *,
        engine: str,
        starter: str,
        size_bytes: int,
        summary: dict[str, Any],
    ) -> ModelRow:
        """The model called `name`, made from its starter checkpoint if there is none.

        A model that has kept no lesson yet takes a new starter; one that has learned, or was begun
        from a checkpoint of the user's own, keeps the one its checkpoints descend from.
        """

        def work(connection: Connection) -> ModelRow:
            now = self._database.now()
            known = connection.execute(self._select().where(model.c.name == name)).one_or_none()
            if known is None:
                connection.execute(
                    insert(model).values(
                        user_id=self._user_id,
                        name=name,
                        engine=engine,
                        starter=starter,
                        live=starter,
                        learns=True,
                        rebuild_requested=False,
                        summary=summary,
                        created_at=now,
                    )
                )
                self._add_starter(connection, name, starter, size_bytes, now)
            elif known.starter != starter and not (
                known.summary.get(_OWN_BEGINNING) or self._has_learned(connection, name)
            ):
                self._add_starter(connection, name, starter, size_bytes, now)
                self._change(
                    connection, name, starter=starter, live=starter, engine=engine, summary=summary
                )
            return self._get(connection, name)

        return self._database.write(work)

    def begin_from(
        self,
        name: str,
        *,
        engine: str,
        checkpoint: str,
        size_bytes: int,
        came_from: str | None = None,
        summary: Mapping[str, Any] | None = None,
        also: Callable[[Connection], None] = lambda connection: None,
    ) -> ModelRow:
        """The model called `name` with a new beginning: a checkpoint of the user's own is live.

        `came_from` is the checkpoint its training began with, if it began with one. A new model
        does not learn from conversations until it is told to. An old one keeps its checkpoints;
        its lessons go on from this one. `summary` is added to what is said of it; `also` is done
        in the same transaction.
        """

        def work(connection: Connection) -> ModelRow:
            now = self._database.now()
            begun: dict[str, Any] = {"starter": checkpoint, "live": checkpoint, "engine": engine}
            begun["summary"] = {_OWN_BEGINNING: True} | dict(summary or {})
            metrics = {CAME_FROM: came_from}
            if connection.execute(self._select().where(model.c.name == name)).first() is None:
                row = {"user_id": self._user_id, "name": name, "learns": False}
                row |= {"rebuild_requested": False, "created_at": now}
                connection.execute(insert(model).values(**row, **begun))
                self._add_starter(connection, name, checkpoint, size_bytes, now, metrics)
            else:
                self._add_starter(connection, name, checkpoint, size_bytes, now, metrics)
                self._change(connection, name, **begun)
            also(connection)
            return self._get(connection, name)

        return self._database.write(work)

    def get(self, name: str) -> ModelRow:
        """The model. Raises `NotFound`."""
        with self._database.read() as connection:
            return self._get(connection, name)

    def has(self, name: str) -> bool:
        """Whether there is such a model."""
        with self._database.read() as connection:
            return (
                connection.execute(_HAS, {"user": self._user_id, "name": name}).first() is not None
            )

    def list(self) -> list[ModelRow]:
        """Every model, the oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(self._select().order_by(model.c.seq)).all()
        return [_model(row) for row in rows]

    def live(self, name: str) -> str:
        """The digest of the checkpoint that answers now."""
        return self.get(name).live

    def promote(self, name: str, digest: str) -> ModelRow:
        """Make one of the model's checkpoints live.

        Raises `NotFound` for any other digest, and `Conflict` for one that is being forgotten.
        """

        def work(connection: Connection) -> ModelRow:
            self._checkpoint(connection, name, digest)
            self._see_that_it_stays(connection, name, digest)
            self._change(connection, name, live=digest)
            return self._get(connection, name)

        return self._database.write(work)

    def pin(self, name: str, digest: str, pinned: bool) -> CheckpointRow:
        """Keep the file of a checkpoint however old it becomes, or not any more.

        Raises `NotFound`, and `Conflict` for one that is being forgotten.
        """

        def work(connection: Connection) -> CheckpointRow:
            self._checkpoint(connection, name, digest)
            self._see_that_it_stays(connection, name, digest)
            row = {"user_id": self._user_id, "model": name, "digest": digest}
            here = and_(*(pin.c[column] == value for column, value in row.items()))
            connection.execute(delete(pin).where(here))
            if pinned:
                connection.execute(insert(pin).values(**row))
            return self._checkpoint(connection, name, digest)

        return self._database.write(work)

    def remains(self, name: str, digest: str) -> Callable[[Connection], None]:
        """What raises, inside a transaction, unless this checkpoint is there and may stay.

        `NotFound`, and `Conflict` for one that is being forgotten.
        """

        def see(connection: Connection) -> None:
            self._checkpoint(connection, name, digest)
            self._see_that_it_stays(connection, name, digest)

        return see

    def request_rebuild(self, name: str) -> ModelRow:
        """Ask the learner to make the live checkpoint's file again from the ledger."""

        def work(connection: Connection) -> ModelRow:
            self._get(connection, name)
            self._change(connection, name, rebuild_requested=True)
            return self._get(connection, name)

        return self._database.write(work)

    def checkpoints(self, name: str) -> builtins.list[CheckpointRow]:
        """The model's checkpoints, newest first. Raises `NotFound` for an unknown model."""
        with self._database.read() as connection:
            self._get(connection, name)
            rows = connection.execute(
                self._select_checkpoints(name).order_by(checkpoint.c.seq.desc())
            ).all()
        return [_checkpoint(row) for row in rows]

    def checkpoint(self, name: str, digest: str) -> CheckpointRow:
        """One checkpoint of the model. Raises `NotFound`."""
        with self._database.read() as connection:
            return self._checkpoint(connection, name, digest)

    def digests_of_others(self) -> set[str]:
        """The checkpoints of everybody else: files of theirs lie in the same folder."""
        query = select(checkpoint.c.digest).where(checkpoint.c.user_id != self._user_id).distinct()
        with self._database.read() as connection:
            return set(connection.execute(query).scalars())

    def _select(self) -> Select[Any]:
        count = (
            select(func.count())
            .where(checkpoint.c.user_id == model.c.user_id, checkpoint.c.model == model.c.name)
            .scalar_subquery()
        )
        return select(model, count.label("checkpoints")).where(model.c.user_id == self._user_id)

    def _select_checkpoints(self, name: str) -> Select[Any]:
        return (
            select(
                checkpoint,
                (checkpoint.c.digest == model.c.live).label("live"),
                pin.c.digest.is_not(None).label("pinned"),
            )
            .join(
                model,
                (model.c.user_id == checkpoint.c.user_id) & (model.c.name == checkpoint.c.model),
            )
            .outerjoin(
                pin,
                and_(
                    pin.c.user_id == checkpoint.c.user_id,
                    pin.c.model == checkpoint.c.model,
                    pin.c.digest == checkpoint.c.digest,
                ),
            )
            .where(checkpoint.c.user_id == self._user_id, checkpoint.c.model == name)
        )

    def _get(self, connection: Connection, name: str) -> ModelRow:
        row = connection.execute(self._select().where(model.c.name == name)).one_or_none()
        if row is None:
            raise not_found("model", name)
        return _model(row)

    def _checkpoint(self, connection: Connection, name: str, digest: str) -> CheckpointRow:
        row = connection.execute(
            self._select_checkpoints(name).where(checkpoint.c.digest == digest)
        ).one_or_none()
        if row is None:
            raise not_found(f"checkpoint of {name!r} with the digest", digest)
        return _checkpoint(row)

    def _see_that_it_stays(self, connection: Connection, name: str, digest: str) -> None:
        """Raise `Conflict` for a checkpoint that is made again without something forgotten."""
        query = select(forgetting.c.plan).where(
            forgetting.c.user_id == self._user_id, forgetting.c.state != ForgettingState.DONE
        )
        for plan in connection.execute(query).scalars():
            mine = plan["models"].get(name, {})
            if digest in [*mine.get("tainted", []), *mine.get("after", [])]:
                raise Conflict(
                    f"The checkpoint {digest[:12]} knew something that is being forgotten, or "
                    "came after it; its place is taken by one that never did, soon."
                )

    def _has_learned(self, connection: Connection, name: str) -> bool:
        query = self._select_checkpoints(name).where(checkpoint.c.lesson.is_not(None))
        return connection.execute(query.limit(1)).first() is not None

    def _add_starter(
        self,
        connection: Connection,
        name: str,
        digest: str,
        size_bytes: int,
        now: str,
        metrics: dict[str, Any] | None = None,
    ) -> None:
        query = self._select_checkpoints(name).where(checkpoint.c.digest == digest)
        if connection.execute(query).first() is None:
            connection.execute(
                insert(checkpoint).values(
                    user_id=self._user_id,
                    model=name,
                    digest=digest,
                    size_bytes=size_bytes,
                    metrics=metrics or {},
                    created_at=now,
                )
            )

    def _change(self, connection: Connection, name: str, **values: Any) -> None:
        connection.execute(
            update(model)
            .where(model.c.user_id == self._user_id, model.c.name == name)
            .values(**values)
        )


_HAS = select(model.c.seq).where(
    model.c.user_id == bindparam("user"), model.c.name == bindparam("name")
)


def _model(row: Row[Any]) -> ModelRow:
    return ModelRow(**{name: getattr(row, name) for name in ModelRow.__dataclass_fields__})


def _checkpoint(row: Row[Any]) -> CheckpointRow:
    values = {name: getattr(row, name) for name in CheckpointRow.__dataclass_fields__}
    return CheckpointRow(**values | {"live": bool(row.live), "pinned": bool(row.pinned)})
