"""Deleting a model: everything that is known of it goes in one transaction, its files afterwards.

A copy of a version that knew something goes so too when that is forgotten.

Checkpoints and lessons name each other, so what holds between them is looked at when all are gone.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from l2c.errors import Conflict
from l2c.store.database import Database
from l2c.store.models import CAME_FROM
from l2c.store.schema import (
    checkpoint,
    curve_point,
    dream,
    exchange,
    forgetting,
    learner,
    lesson,
    lesson_source,
    material,
    model,
    pin,
)
from l2c.store.schema.forgetting import ForgettingState
from l2c.store.transfer import defer_references
from l2c.store.turns import not_found

_OF_A_MODEL = (
    *(dream, material, learner, curve_point, lesson_source, exchange, pin),
    *(lesson, checkpoint),
)


class Removed(NamedTuple):
    """What lies beside the store still: checkpoints that nobody else has, and dreams."""

    digests: set[str]
    dreams: list[str]


def remove_model(database: Database, user_id: str, name: str) -> Removed:
    """Erase a model of a user; what files of it are to go.

    Conversations it answered keep its answers. Raises `NotFound`, and `Conflict` while something
    it learned is being forgotten.
    """

    def work(connection: Connection) -> Removed:
        mine = (model.c.user_id == user_id) & (model.c.name == name)
        if connection.execute(select(model.c.seq).where(mine)).first() is None:
            raise not_found("model", name)
        under_way = select(forgetting.c.plan).where(
            forgetting.c.user_id == user_id, forgetting.c.state != ForgettingState.DONE
        )
        if any(name in plan["models"] for plan in connection.execute(under_way).scalars()):
            raise Conflict(f"{name} is forgetting something; delete it when that is done.")
        return _erase(connection, user_id, name)

    return database.write(work, reserve=True)


def remove_copies(
    connection: Connection, user_id: str, knew: set[str]
) -> tuple[set[str], list[str]]:
    """Erase every model that began as a copy of one of these checkpoints, and copies of copies.

    Their names, and the dreams whose files are to go.
    """
    names: set[str] = set()
    dreams: list[str] = []
    knew = set(knew)
    while copies := _copies(connection, user_id, knew):
        for name, digests in copies.items():
            knew |= digests
            names.add(name)
            dreams += _erase(connection, user_id, name).dreams
    return names, dreams


def _copies(connection: Connection, user_id: str, knew: set[str]) -> dict[str, set[str]]:
    """The models with a checkpoint that came from one of these of another model; all their own."""
    query = select(checkpoint.c.model, checkpoint.c.digest, checkpoint.c.metrics)
    owned: dict[str, set[str]] = {}
    origins: dict[str, set[str]] = {}
    for row in connection.execute(query.where(checkpoint.c.user_id == user_id)):
        owned.setdefault(row.model, set()).add(row.digest)
        origins.setdefault(row.model, set()).add(row.metrics.get(CAME_FROM) or "")
    return {name: own for name, own in owned.items() if (origins[name] - own) & knew}


def _erase(connection: Connection, user_id: str, name: str) -> Removed:
    its = (checkpoint.c.user_id == user_id) & (checkpoint.c.model == name)
    digests = set(connection.execute(select(checkpoint.c.digest).where(its)).scalars())
    dreamt = select(dream.c.id).where(dream.c.user_id == user_id, dream.c.model == name)
    dreams = list(connection.execute(dreamt).scalars())
    defer_references(connection)
    for table in _OF_A_MODEL:
        of_it = (table.c.user_id == user_id) & (table.c.model == name)
        connection.execute(delete(table).where(of_it))
    mine = (model.c.user_id == user_id) & (model.c.name == name)
    connection.execute(delete(model).where(mine))
    others = select(checkpoint.c.digest).where(checkpoint.c.digest.in_(digests))
    return Removed(digests - set(connection.execute(others).scalars()), dreams)
