"""Roles of which one process has each, among all machines that share a store.

A role is held for a term, by the database's clock, and renewed long before it ends. Who dies, or
sleeps for longer than that, has lost it, and whoever comes next counts the epoch up: a process that
wakes up with an old epoch is told so with its next renewal, and what it still writes about a model
is refused, since the one that came next has taken that model's lease (`l2c.store.lease`).
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from l2c.errors import Busy, Conflict, StoreError
from l2c.store.database import Database, new_id, rfc3339
from l2c.store.schema import role

log = logging.getLogger(__name__)

TERM_S = 30.0
"""How long a role is held without being renewed."""

_LOOK_S = 0.5


class SharedRole:
    """A role, to be taken with `acquire`; renewed by a thread of its own until `release`."""

    def __init__(self, database: Database, name: str, *, term_s: float = TERM_S) -> None:
        self.name = name
        self._database = database
        self._term_s = term_s
        self._epoch: int | None = None
        self._ending = threading.Event()
        self._renewing: threading.Thread | None = None

    def acquire(self, *, wait_s: float = 0.0) -> None:
        """Take the role, trying for `wait_s` seconds. Raises `Busy`, naming who has it."""
        deadline = time.monotonic() + wait_s
        while True:
            try:
                self._epoch = self._database.write(self._take, reserve=True)
                break
            except Busy:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(_LOOK_S)
        self._ending.clear()
        self._renewing = threading.Thread(target=self._renew, name=f"role {self.name}", daemon=True)
        self._renewing.start()

    def release(self) -> None:
        """Give the role back; without effect when it is not held."""
        self._ending.set()
        if self._renewing is not None:
            self._renewing.join()
            self._renewing = None
        if self._epoch is not None:
            with suppress(StoreError):  # it ends by itself
                self._database.write(self._give_back, reserve=True)
            self._epoch = None

    @property
    def is_mine(self) -> bool:
        """Whether this process has the role, as far as it knows."""
        return self._epoch is not None

    def held(self) -> bool:
        """Whether anybody has it."""
        with self._database.read() as connection:
            return is_held(connection, self.name, now=self._database.now())

    def _take(self, connection: Connection) -> int:
        row = connection.execute(select(role).where(role.c.name == self.name)).one_or_none()
        if row is not None and row.expires_at > self._database.now():
            raise Busy(f"{row.holder} is the {self.name}; stop it or wait for it to end.")
        epoch = 1 if row is None else row.epoch + 1
        values = {"epoch": epoch, "holder": _this_process(), "expires_at": self._until()}
        if row is None:
            connection.execute(insert(role).values(name=self.name, **values))
        else:
            connection.execute(update(role).where(role.c.name == self.name).values(**values))
        return int(epoch)

    def _renew(self) -> None:
        while not self._ending.wait(self._term_s / 3):
            try:
                self._database.write(self._prolong, reserve=True)
            except Conflict as lost:
                log.warning("%s", lost)
                self._epoch = None
                return
            except StoreError as error:
                log.warning("The role of the %s could not be renewed: %s", self.name, error)

    def _prolong(self, connection: Connection) -> None:
        mine = (role.c.name == self.name) & (role.c.epoch == self._epoch)
        kept = update(role).where(mine).values(expires_at=self._until())
        if connection.execute(kept).rowcount == 0:
            raise Conflict(f"Another process has become the {self.name}.")

    def _give_back(self, connection: Connection) -> None:
        mine = (role.c.name == self.name) & (role.c.epoch == self._epoch)
        connection.execute(update(role).where(mine).values(expires_at=self._database.now()))

    def _until(self) -> str:
        now = datetime.fromisoformat(self._database.now())
        return rfc3339(now + timedelta(seconds=self._term_s))


class Presence(SharedRole):
    """That one process runs, under a name of its own; others tell by it whether it still does."""

    def __init__(self, database: Database, *, term_s: float = TERM_S) -> None:
        super().__init__(database, f"process {new_id()}", term_s=term_s)

    def _give_back(self, connection: Connection) -> None:
        connection.execute(delete(role).where(role.c.name == self.name))


def is_held(connection: Connection, name: str, *, now: str) -> bool:
    """Whether somebody has this role now."""
    here = select(role.c.epoch).where(role.c.name == name, role.c.expires_at > now)
    return connection.execute(here).first() is not None


def _this_process() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"
