"""What happened at the door, for the administrator: who, what, from where; never a secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import delete, func, insert, select

from l2c.store.database import Database
from l2c.store.schema import audit

KEPT = 10_000
"""Entries kept; the oldest go."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that happened; `actor` is the id of the account that did it, if one did."""

    seq: int
    at: str
    actor: str | None
    event: str
    about: str
    address: str


class AuditPage(NamedTuple):
    """Some entries, newest first, and what to pass as `before` for the next, if there are any."""

    entries: list[AuditRow]
    next: int | None


class Audit:
    """The audit log of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, event: str, *, actor: str | None, about: str = "", address: str = "") -> None:
        """Write down that something happened; durable within a quarter of a second."""
        values = {"event": event, "actor": actor, "about": about[:200], "address": address[:64]}
        now = self._database.now()
        newest = select(func.max(audit.c.seq)).scalar_subquery()
        self._database.write_later(
            lambda connection: (
                connection.execute(insert(audit).values(at=now, **values)),
                connection.execute(delete(audit).where(audit.c.seq <= newest - KEPT)),
            ),
            reserve=True,
        )

    def entries(self, *, limit: int, before: int | None = None) -> AuditPage:
        """The newest entries."""
        query = select(audit).order_by(audit.c.seq.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(audit.c.seq < before)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        found = [
            AuditRow(row.seq, row.at, row.actor, row.event, row.about, row.address)
            for row in rows[:limit]
        ]
        return AuditPage(found, found[-1].seq if len(rows) > limit else None)
