"""Who has the store open, and who ended without closing it.

Each opening of a store holds a locked file of its own in one directory. Closing empties the file
before it unlocks and removes it. So a file that is locked belongs to a living process, and a file
that nobody holds but that still names a pid was left behind by one that died.
"""

from __future__ import annotations

import uuid
from pathlib import Path

from l2c.machine import RoleLock


class Presence:
    """The openings of one store. Look and enter only while holding the store's opening lock."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._mine: RoleLock | None = None
        self.living: list[int] = []
        """Pids of the processes that have the store open (ours too, when it opens it twice)."""
        self._dead: list[Path] = []

    @property
    def somebody_died(self) -> bool:
        """Whether an opening ended without being closed."""
        return bool(self._dead)

    def enter(self) -> None:
        """See who is there, then join them."""
        self._directory.mkdir(mode=0o700, exist_ok=True)
        for path in self._directory.glob("*.lock"):
            self._look_at(path)
        self._mine = RoleLock(self._directory / f"{uuid.uuid4().hex}.lock")
        self._mine.acquire()

    def forget_the_dead(self) -> None:
        """Remove what they left; called once their store was found sound."""
        for path in self._dead:
            path.unlink(missing_ok=True)
        self._dead.clear()

    def leave(self) -> None:
        """Say that this opening was closed."""
        if self._mine is not None:
            self._mine.release()
            self._mine.path.unlink(missing_ok=True)
            self._mine = None

    def _look_at(self, path: Path) -> None:
        lock = RoleLock(path)
        pid = lock.holder()
        if lock.held():
            self.living.append(pid or 0)
        elif pid is None:
            path.unlink(missing_ok=True)
        else:
            self._dead.append(path)
