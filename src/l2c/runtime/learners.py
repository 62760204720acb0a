"""The learner of a house: it serves everybody's models in turn, one lesson each time round.

Each user has a learner of their own with a lease of its own, so nothing of one lesson can reach
another user's model. One process at a time has the role; nobody's queue makes others wait for
longer than one lesson. While nothing waits, the oldest training of a new model goes on, a few
seconds at a time. Where machines share a store only one of them teaches at a time; the others stand
by, and one takes over when it is gone.
"""

from __future__ import annotations

import logging
import threading
import time

from l2c.errors import Busy, Conflict, NotFound
from l2c.learning.learner import LOCK_WAIT_S, LOOK_S, QUIET_S, Learner
from l2c.learning.pace import Pace
from l2c.learning.workshop import Workshop
from l2c.runtime.residents import Residents
from l2c.store.roles import SharedRole

log = logging.getLogger(__name__)


class Learners:
    """Teaches the models of all users of a house."""

    def __init__(self, residents: Residents, stop: threading.Event) -> None:
        """Take the role. Raises `Busy`, naming its process, when another one has it."""
        self._residents = residents
        self._stop = stop
        self._learners: dict[str, Learner] = {}
        self._workshops: dict[str, Workshop] = {}
        self._pace = Pace(stop)
        self._quiet_since = time.monotonic()
        self._role = residents.local().house.learner_role()
        if not isinstance(self._role, SharedRole):
            self._role.acquire(wait_s=LOCK_WAIT_S)

    def close(self) -> None:
        """Save what is being trained, and give the role back."""
        for workshop in self._workshops.values():
            workshop.leave()
        self._role.release()

    def run(self) -> None:
        """Learn what comes, from everybody, until asked to stop."""
        while not self._stop.is_set():
            quiet = time.monotonic() - self._quiet_since > QUIET_S
            if not (self._has_role() and self.once_round(practise=quiet)):
                self._stop.wait(LOOK_S)

    def _has_role(self) -> bool:
        """Whether this process teaches; on a shared store another machine's may, for now."""
        if not isinstance(self._role, SharedRole) or self._role.is_mine:
            return True
        self._learners.clear()
        self._workshops.clear()
        try:
            self._role.acquire()
        except Busy:
            return False
        return True

    def once_round(self, *, practise: bool = False) -> bool:
        """One lesson or rebuild for each user who has something waiting; whether anybody had.

        Where nobody had, a moment of the oldest training.
        """
        busy = False
        for row in self._residents.door.accounts.all():
            if self._stop.is_set():
                break
            if not row.disabled:
                busy |= self._one_lesson(row.id, practise=practise)
        busy = busy or self._train_a_moment()
        if busy:
            self._quiet_since = time.monotonic()
        return busy

    def _train_a_moment(self) -> bool:
        """Work on the oldest training of those who may learn now; whether there was one."""
        waiting = []
        for row in self._residents.door.accounts.all():
            side = self._residents.of(row.id)
            if row.id not in self._workshops:
                self._workshops[row.id] = side.new_models.workshop()
            workshop = self._workshops[row.id]
            training = None if row.disabled else workshop.wanted()
            if training is not None and side.new_models.why_rest() is None:
                waiting.append((training.created_at, row.id, training))
        if not waiting or self._stop.is_set():
            return False
        _, user_id, training = min(waiting, key=lambda one: one[:2])
        self._pace.share = self._residents.of(user_id).learning.control().cpu_share
        self._workshops[user_id].work(training, self._pace)
        return True

    def _one_lesson(self, user_id: str, *, practise: bool) -> bool:
        try:
            if user_id not in self._learners:
                self._learners[user_id] = self._residents.of(user_id).learner(
                    self._stop, role=_AlreadyTaken()
                )
            return self._learners[user_id].run_once(practise=practise) is not None
        except (Conflict, NotFound) as lost:
            # The store was replaced by a backup, or the model taught by somebody else.
            log.warning("A learner begins again: %s", lost)
            self._learners.pop(user_id, None)
            return False


class _AlreadyTaken:
    """The role of the learner as each user's learner sees it: the house holds it for all."""

    def acquire(self, *, wait_s: float = 0.0) -> None:
        """Nothing: the house did."""

    def release(self) -> None:
        """Nothing: the house will."""
