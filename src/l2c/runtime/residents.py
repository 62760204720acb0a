"""The users of a house, each with a side of their own that is made when it is first asked for."""

from __future__ import annotations

import threading

from l2c.runtime import Runtime
from l2c.runtime.door import Door


class Residents:
    """Every user's `Runtime`, by user id. Closing it closes the house."""

    def __init__(self, local: Runtime) -> None:
        """The house of `local`, who is there already."""
        self._house = local.house
        self._sides = {local.user_id: local}
        self._lock = threading.Lock()

    @property
    def door(self) -> Door:
        """Who may come in."""
        return self._house.door

    def of(self, user_id: str) -> Runtime:
        """The side of one user."""
        with self._lock:
            if user_id not in self._sides:
                self._sides[user_id] = Runtime(self._house, user_id)
            return self._sides[user_id]

    def here(self, user_id: str) -> Runtime | None:
        """The side of one user if it was made already; never waits."""
        return self._sides.get(user_id)

    def local(self) -> Runtime:
        """The side of the local user."""
        return self.of(self.door.accounts.local())

    def close(self) -> None:
        """Finish what is being written for anybody, and close the house. Can be repeated."""
        with self._lock:
            for side in self._sides.values():
                side.leave()
            self._house.close()
