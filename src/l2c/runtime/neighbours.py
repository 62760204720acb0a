"""What one of several servers on a store does for the others, as long as it runs.

It closes the answers of a server that died, and takes from its own disk the checkpoints that were
removed for all.
"""

from __future__ import annotations

import logging
import threading

from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.errors import L2CError
from l2c.store import exchanges
from l2c.store.conversations import Conversations
from l2c.store.database import Database

log = logging.getLogger(__name__)

LOOK_S = 10.0
"""How often it looks after the others."""


class Neighbours:
    """A thread that looks after what other servers left."""

    def __init__(self, database: Database, folder: CheckpointFolder) -> None:
        self._database = database
        self._folder = folder
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="neighbours", daemon=True)

    def start(self) -> None:
        """Look after them from now on."""
        self._thread.start()

    def close(self) -> None:
        """Stop. Can be repeated, and called when it was never started."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """Close what dead servers left open, and forget what was removed for all."""
        with self._database.read() as connection:
            users = exchanges.users_with_orphans(connection, now=self._database.now())
        for user in users:
            Conversations(self._database, user).interrupt_orphans()
        self._folder.forget_removed()

    def _run(self) -> None:
        while not self._closing.wait(LOOK_S):
            try:
                self.look()
            except (L2CError, OSError) as error:
                log.warning("The other servers could not be looked after: %s", error)
