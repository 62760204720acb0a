"""The learner of a house: it serves everybody's models in turn, one lesson each time round.

Each user has a learner of their own with a lease of its own, so nothing of one lesson can reach
another user's model. One process at a time has the role; nobody's queue makes others wait for
longer than one lesson.
"""

from __future__ import annotations

import logging
import threading
import time

from l2c import machine
from l2c.errors import Conflict, NotFound
from l2c.learning.learner import LOCK_WAIT_S, LOOK_S, QUIET_S, Learner
from l2c.runtime.residents import Residents

log = logging.getLogger(__name__)


class Learners:
    """Teaches the models of all users of a house."""

    def __init__(self, residents: Residents, stop: threading.Event) -> None:
        """Take the role. Raises `Busy`, naming its process, when another one has it."""
        self._residents = residents
        self._stop = stop
        self._learners: dict[str, Learner] = {}
        self._quiet_since = time.monotonic()
        self._role = machine.RoleLock(residents.local().data_dir / "learner.lock")
        self._role.acquire(wait_s=LOCK_WAIT_S)

    def close(self) -> None:
        """Give the role back."""
        self._role.release()

    def run(self) -> None:
        """Learn what comes, from everybody, until asked to stop."""
        while not self._stop.is_set():
            if not self.once_round(practise=time.monotonic() - self._quiet_since > QUIET_S):
                self._stop.wait(LOOK_S)

    def once_round(self, *, practise: bool = False) -> bool:
        """One lesson or rebuild for each user who has something waiting; whether anybody had."""
        busy = False
        for row in self._residents.door.accounts.all():
            if self._stop.is_set():
                break
            if not row.disabled:
                busy |= self._one_lesson(row.id, practise=practise)
        if busy:
            self._quiet_since = time.monotonic()
        return busy

    def _one_lesson(self, user_id: str, *, practise: bool) -> bool:
        try:
            if user_id not in self._learners:
                self._learners[user_id] = self._residents.of(user_id).learner(
                    self._stop, role=_AlreadyTaken(self._role.path)
                )
            return self._learners[user_id].run_once(practise=practise) is not None
        except (Conflict, NotFound) as lost:
            # The store was replaced by a backup, or the model taught by somebody else.
            log.warning("A learner begins again: %s", lost)
            self._learners.pop(user_id, None)
            return False


class _AlreadyTaken(machine.RoleLock):
    """The role of the learner as each user's learner sees it: the house holds it for all."""

    def acquire(self, *, wait_s: float = 0.0) -> None:
        """Nothing: the house did."""

    def release(self) -> None:
        """Nothing: the house will."""
