"""What one of several servers on a store does for the others, as long as it runs.

It closes the answers of a server that died, and takes from its own disk what was removed for all:
checkpoints, and the files of conversations and dreams that somebody had forgotten on another
machine. Forgetting reaches files of a machine that was off when it wakes up.
"""

from __future__ import annotations

from pathlib import Path

from l2c.chat.session_files import SessionFiles
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.runtime import dreaming
from l2c.store import exchanges, forgetting
from l2c.store.conversations import Conversations
from l2c.store.database import Database

LOOK_S = 10.0
"""How often it looks after the others."""


class Neighbours:
    """Looks after what other servers left, and left to do."""

    def __init__(
        self, database: Database, folder: CheckpointFolder, *, logs: SessionFiles, dreams: Path
    ) -> None:
        self._database = database
        self._folder = folder
        self._logs = logs
        self._dreams = dreams
        self._followed: set[str] = set()

    def look(self) -> None:
        """Close what dead servers left open, and remove what was removed for all."""
        with self._database.read() as connection:
            users = exchanges.users_with_orphans(connection, now=self._database.now())
        for user in users:
            Conversations(self._database, user).interrupt_orphans()
        self._folder.forget_removed()
        self._follow_forgetting()

    def _follow_forgetting(self) -> None:
        wishes = forgetting.carried_out(self._database)
        fresh = [wish for wish in wishes if wish.id not in self._followed]
        if fresh:
            self._logs.forget_naming([wish.target for wish in fresh])
            dreaming.forget_gone(self._database, self._dreams, older_than=fresh[-1].created_at)
            self._followed.update(wish.id for wish in fresh)
