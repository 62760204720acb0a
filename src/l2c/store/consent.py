"""What a user lets the learner have, when it may work, and what a verdict has to ask for.

Which turns, conversations and folders teach at all is said where they are kept; see
`l2c.store.queue`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TypedDict, Unpack

from sqlalchemy import Connection, delete, func, insert, select

from l2c.errors import InvalidInput
from l2c.store.database import Database
from l2c.store.schema import conversation, redaction, schedule, threshold
from l2c.store.schema.forgetting import Redacted, Threshold

__all__ = ["Consent", "Hours", "HoursChange", "Redacted", "Threshold"]

MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """When the learner rests; times are minutes since midnight, and quiet hours may pass it."""

    quiet_from: int | None = None
    quiet_until: int | None = None
    only_when_idle: bool = False
    on_battery: bool = True


class HoursChange(TypedDict, total=False):
    """What can be changed of the hours."""

    quiet_from: int | None
    quiet_until: int | None
    only_when_idle: bool
    on_battery: bool


class Consent:
    """The rules of one user."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def redacted(self) -> frozenset[Redacted]:
        """What is taken out of text before it teaches; everything, unless its owner lets it."""
        query = select(redaction.c.kind).where(
            redaction.c.user_id == self._user_id, ~redaction.c.applied
        )
        with self._database.read() as connection:
            let_through = set(connection.execute(query).scalars())
        return frozenset(kind for kind in Redacted if kind not in let_through)

    def redact(self, kind: Redacted, applied: bool) -> None:
        """Say whether this is taken out from now on; lessons that were given stay as they are."""

        def work(connection: Connection) -> None:
            mine = (redaction.c.user_id == self._user_id) & (redaction.c.kind == kind)
            connection.execute(delete(redaction).where(mine))
            row = {"user_id": self._user_id, "kind": kind, "applied": applied}
            connection.execute(insert(redaction).values(**row))

        self._database.write(work)

    def thresholds(self) -> dict[str, float]:
        """The fractions the user asks of a verdict, by name; the settings say the others."""
        query = select(threshold.c.name, threshold.c.fraction).where(
            threshold.c.user_id == self._user_id
        )
        with self._database.read() as connection:
            return {row.name: row.fraction for row in connection.execute(query)}

    def set_thresholds(self, changes: Mapping[Threshold, float | None]) -> None:
        """Change what is given, None back to what the settings say; leave the rest.

        Verdicts that were given stay as they are.
        """

        def work(connection: Connection) -> None:
            mine = threshold.c.user_id == self._user_id
            for name, fraction in changes.items():
                connection.execute(delete(threshold).where(mine, threshold.c.name == name))
                if fraction is not None:
                    row = {"user_id": self._user_id, "name": name, "fraction": fraction}
                    connection.execute(insert(threshold).values(**row))

        self._database.write(work)

    def hours(self) -> Hours:
        """When the learner rests."""
        with self._database.read() as connection:
            return self._hours(connection)

    def change_hours(self, **changes: Unpack[HoursChange]) -> Hours:
        """Change what is given. Raises `InvalidInput` for one end of the quiet hours alone."""

        def work(connection: Connection) -> Hours:
            wanted = replace(self._hours(connection), **changes)
            ends = (wanted.quiet_from, wanted.quiet_until)
            if (ends[0] is None) != (ends[1] is None):
                raise InvalidInput("Quiet hours have a beginning and an end; found one of them.")
            if any(end is not None and not 0 <= end < MINUTES for end in ends):
                raise InvalidInput(f"A time of day is from 0 to {MINUTES - 1} minutes.")
            connection.execute(delete(schedule).where(schedule.c.user_id == self._user_id))
            connection.execute(insert(schedule).values(user_id=self._user_id, **asdict(wanted)))
            return wanted

        return self._database.write(work)

    def quiet_for_s(self) -> float:
        """Seconds since something was last said in a conversation; infinite if nothing ever was."""
        newest = select(func.max(conversation.c.updated_at)).where(
            conversation.c.user_id == self._user_id
        )
        with self._database.read() as connection:
            moment = connection.execute(newest).scalar()
        return float("inf") if moment is None else self._database.seconds_since(moment)

    def _hours(self, connection: Connection) -> Hours:
        mine = schedule.c.user_id == self._user_id
        row = connection.execute(select(schedule).where(mine)).one_or_none()
        if row is None:
            return Hours()
        return Hours(**{name: getattr(row, name) for name in Hours.__dataclass_fields__})
