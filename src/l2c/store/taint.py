"""Which checkpoints of a model knew something, and which of them are to be made again without it.

One made by a lesson with such a source knew it, every one that descends from it, and one that was
trained on files starting from such a one. Of these the live one and the pinned ones are made
again, with all between; the others only go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, select

from l2c.store.models import CAME_FROM
from l2c.store.schema import checkpoint, pin

Has = Callable[[str], bool]
"""Whether the file of a digest is there."""


class Line:
    """The checkpoints of a model, and which of them knew what is to be forgotten."""

    def __init__(
        self, connection: Connection, user_id: str, name: str, lessons: set[int], *, live: str
    ) -> None:
        of_it = (checkpoint.c.user_id == user_id) & (checkpoint.c.model == name)
        rows = connection.execute(select(checkpoint).where(of_it).order_by(checkpoint.c.seq)).all()
        pins = select(pin.c.digest).where(pin.c.user_id == user_id, pin.c.model == name)
        self._live = live
        self._pins = set(connection.execute(pins).scalars())
        self._rows: dict[str, Row[Any]] = {row.digest: row for row in rows}
        self.tainted: list[str] = []
        for row in rows:  # parents before children
            if row.lesson in lessons or self._above(row) in self.tainted:
                self.tainted.append(row.digest)

    def plan(self) -> dict[str, Any]:
        """What knew of it, what of that is to be made again in this order, and nothing done yet."""
        wanted: set[str] = set()
        for tip in {self._live, *self._pins} & set(self.tainted):
            at: str | None = tip
            while at is not None and at in self.tainted:
                wanted.add(at)
                at = self._above(self._rows[at])
        made_by_lessons = [d for d in self.tainted if self._rows[d].parent is not None]
        return {
            "tainted": self.tainted,
            "order": [digest for digest in made_by_lessons if digest in wanted],
            "map": {d: self._clean_above(d) for d in self.tainted if d not in made_by_lessons},
            "lost": 0,
            "was_live": self._live if self._live in self.tainted else None,
        }

    def clean_live(self, has: Has) -> str:
        """The newest checkpoint above the live one that never read it and can answer."""
        at = self._live
        while at in self.tainted or not has(at):
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

    def _clean_above(self, digest: str) -> str:
        at: str | None = digest
        while at is not None and at in self.tainted:
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
