"""What all users of an installation share: the store, the checkpoint files, the servers, the door.

Checkpoint files are named by their digests and never changed, so two users can share one without
sharing anything they said: which digest is whose, the store says.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Literal, Self

from l2c import machine, starter
from l2c.chat import session_logger
from l2c.chat.live import LiveModels
from l2c.chat.session_files import SessionFiles
from l2c.chat.session_logger import SessionLogger
from l2c.errors import StoreError
from l2c.learning import first_model
from l2c.runtime import dreaming
from l2c.runtime.door import Door
from l2c.runtime.neighbours import LOOK_S, Neighbours
from l2c.runtime.rounds import Rounds
from l2c.runtime.servers import open_servers
from l2c.runtime.voice import CorePrompt
from l2c.settings import Settings
from l2c.store.conversations import Conversations
from l2c.store.copies import Copies
from l2c.store.database import Database
from l2c.store.files import SharedFiles
from l2c.store.models import Models
from l2c.store.roles import Presence, SharedRole
from l2c.store.trees import Trees

LOGS = Path("logs", "conversations")
"""Where conversations are logged; those of others than the local user in folders of their own."""

UNDO_S = 30
"""How long a deleted conversation can be restored."""

NEW_DAY_S = 900.0
"""How often it is looked whether a new day has begun."""


def open_database(settings: Settings) -> Database:
    """The store of an installation, in the data directory or in PostgreSQL."""
    if settings.database_url is None:
        return Database.open(settings.data_dir)
    return Database.connect(settings.database_url.get_secret_value(), settings.data_dir)


class House:
    """One data directory, opened. Make one with `open`."""

    def __init__(self, settings: Settings, database: Database, lock: machine.RoleLock | None):
        self.settings = settings
        self.database = database
        self.starter_file = settings.starter or starter.PATH
        self.folder = first_model.open_folder(
            settings.data_dir / "checkpoints",
            starter_file=self.starter_file,
            elsewhere=SharedFiles(database) if database.shared else None,
        )
        self.servers = open_servers(settings, settings.data_dir)
        self.core_prompt = CorePrompt(settings.data_dir)
        self.session_files = SessionFiles(settings.data_dir / LOGS)
        dreams = settings.data_dir / dreaming.FOLDER
        self.copies = Copies(
            database,
            beside=[
                partial(session_logger.forget, database, self.session_files),
                partial(dreaming.forget, database, dreams),
            ],
        )
        self.door = Door(
            database,
            page_token_file=settings.data_dir / "page.token",
            files=SharedFiles(database) if database.shared else None,
            open_to_all=settings.on_loopback and not settings.require_key,
        )
        self._presence = Presence(database) if database.shared else None
        self._rounds = self._shared_rounds(dreams) if database.shared else self._own_rounds()
        self._lock = lock

    @classmethod
    def open(cls, settings: Settings, *, role: Literal["server"] | None = None) -> Self:
        """The house of a data directory, which is created where needed.

        The server's role closes what a killed server left open. Raises `Busy`, with the process
        id of the other one, when there is a server already, and `StoreError`.
        """
        lock = machine.RoleLock(settings.data_dir / "server.lock") if role is not None else None
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
            if lock is not None:
                lock.acquire()
            return cls._open(settings, lock)
        except BaseException as error:
            if lock is not None:
                lock.release()
            if isinstance(error, OSError):
                raise StoreError(
                    f"The data directory {settings.data_dir} cannot be used: {error.strerror}."
                ) from error
            raise

    @classmethod
    def _open(cls, settings: Settings, lock: machine.RoleLock | None) -> Self:
        database = open_database(settings)
        try:
            house = cls(settings, database, lock)
            if house._presence is not None:
                house._presence.acquire()
                database.writes_as = house._presence.name
            if lock is not None:
                house._put_in_order()
            return house
        except BaseException:
            database.close()
            raise

    def _put_in_order(self) -> None:
        """Finish what a server before left undone."""
        over = timedelta(seconds=UNDO_S)
        self.copies.forget_deleted(older_than=over)
        for user in self.door.accounts.ids():
            conversations = Conversations(self.database, user)
            conversations.interrupt_orphans()
            conversations.purge_deleted(older_than=over)
        self._rounds.start()

    def _own_rounds(self) -> Rounds:
        return Rounds(
            "daily-copies",
            self.copies.take_daily,
            every_s=NEW_DAY_S,
            trouble="Today's copy of the store could not be taken yet",
        )

    def _shared_rounds(self, dreams: Path) -> Rounds:
        others = Neighbours(self.database, self.folder, logs=self.session_files, dreams=dreams)
        trouble = "The other servers could not be looked after"
        return Rounds("neighbours", others.look, every_s=LOOK_S, trouble=trouble)

    def learner_role(self) -> machine.RoleLock | SharedRole:
        """The role of the learner, to be taken: among the processes that share the store."""
        if self.database.shared:
            return SharedRole(self.database, "learner")
        return machine.RoleLock(self.settings.data_dir / "learner.lock")

    def learner_is_alive(self) -> bool:
        """Whether somebody has the learner's role; a killed one leaves its pid, but no lock."""
        role = self.learner_role()
        return role.held() and (isinstance(role, SharedRole) or role.holder() is not None)

    def live_models(self, models: Models) -> LiveModels:
        """A user's models, ready to answer."""
        prompt = self.core_prompt.read
        return LiveModels(models, self.folder, self.servers, core_prompt=prompt)

    def own_folder(self, name: Path, user_id: str) -> Path:
        """A folder of the data directory for the files of one user; the local one's is plain."""
        folder = self.settings.data_dir / name
        return folder if user_id == self.door.accounts.local() else folder / user_id

    def logger(self, user_id: str) -> SessionLogger | None:
        """What logs the conversations of a user to files, where that is wanted."""
        if not self.settings.session_logs or self.database.shared:
            return None  # a log on another machine could not be forgotten
        files = SessionFiles(self.own_folder(LOGS, user_id))
        return SessionLogger(Trees(self.database, user_id), files)

    def close(self) -> None:
        """Close the store, give the role back. Can be repeated."""
        self._rounds.close()
        self.servers.close()
        if self._presence is not None:
            self._presence.release()
        self.database.close()
        if self._lock is not None:
            self._lock.release()
