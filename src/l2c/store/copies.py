"""Copies of the store beside it: one a day, kept a week, and nothing in them that was forgotten.

A daily copy protects from what durable writes cannot: a disk that rots, a mistake noticed two
days later. It is compact and whole, taken while everybody works. Checkpoints are not copied: they
are files that never change, and the ledger in the copy can make them again.

What is deleted for good is deleted from every copy first and from the store afterwards, so that a
crash in between is mended by doing it again. A copy is never changed in place: a cleaned one
takes its place in one step. A copy that cannot be cleaned is removed, since forgetting is a
promise and a second copy is not.

Other copies of conversations may lie beside the store, such as their logs; `beside` is told what
is to be forgotten, and forgets it first.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from l2c import machine
from l2c.errors import L2CError
from l2c.store import erasing, sqlite
from l2c.store.database import Database
from l2c.store.schema import conversation

log = logging.getLogger(__name__)

DAILY = "daily"
"""The folder of the daily copies, in the folder of all copies."""

KEPT_DAYS = 7

CLEANING_WAIT_S = 600.0
"""How long one cleaning waits for another of the same copies."""

CONVERSATION = (
    erasing.DREAMS,
    "DELETE FROM turn_search WHERE rowid IN (SELECT seq FROM turn WHERE conversation_id = ?)",
    "UPDATE lesson_source SET user_text = NULL, answer_text = NULL WHERE conversation_id = ?",
    "DELETE FROM conversation WHERE id = ?",
)
DOCUMENT = (
    "DELETE FROM passage_search WHERE rowid IN (SELECT seq FROM passage WHERE document_id = ?)",
    "DELETE FROM document WHERE id = ?",
)
NOTE = ("DELETE FROM note WHERE id = ?",)
TRAINING = ("DELETE FROM training WHERE id = ?",)
"""What erases one of these from a store of any schema that has it.

Statements about tables that a copy lacks do nothing. A model dreams of what it learned, so its
dreams go with a conversation that taught it.
"""


class Copies:
    """The copies of one store."""

    def __init__(
        self,
        database: Database,
        *,
        beside: Sequence[Callable[[Sequence[str], Sequence[str]], None]] = (),
    ) -> None:
        """The copies of `database`; `beside` erase conversations and turns elsewhere."""
        self._database = database
        self._beside = beside
        self._folder = database.directory / sqlite.BACKUPS
        self._daily = self._folder / DAILY

    def daily(self) -> list[Path]:
        """The daily copies, oldest first."""
        return sorted(
            path
            for path in self._daily.glob("*.db")
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", path.stem)
        )

    def take_daily(self) -> Path | None:
        """Take today's copy (days are UTC), unless it is there; the oldest beyond a week go.

        Raises `StorageFull`, and leaves everything as it was.
        """
        path = self._daily / f"{self._database.now()[:10]}.db"
        if path.exists():
            return None
        self._daily.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._database.copy_to(path)
        for old in self.daily()[:-KEPT_DAYS]:
            old.unlink()
        return path

    def take(self, name: str) -> Path:
        """A copy outside of the daily ones, of this name and the time."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stamp = re.sub(r"[^0-9T]", "", self._database.now())
        path = self._folder / f"{name}-{stamp}.db"
        self._database.copy_to(path)
        return path

    def forget_deleted(self, *, older_than: timedelta) -> None:
        """Erase from every copy the conversations deleted at least `older_than` ago."""
        deadline = self._database.ago(older_than)
        query = select(conversation.c.id).where(conversation.c.deleted_at <= deadline)
        with self._database.read() as connection:
            gone = list(connection.execute(query).scalars())
        if gone:
            self.forget_conversations(gone)

    def forget_conversations(self, ids: Sequence[str]) -> None:
        """Erase these conversations from every copy, and from what lies beside the store."""
        self.forget_beside(ids)
        self._forget("conversation", CONVERSATION, ids)

    def forget_document(self, document_id: str) -> None:
        """Erase a document from every copy."""
        self._forget("document", DOCUMENT, [document_id])

    def forget_training(self, training_id: str) -> None:
        """Erase a training, with its text, from every copy."""
        self._forget("training", TRAINING, [training_id])

    def forget(
        self,
        conversations: Sequence[str],
        turns: Sequence[str],
        documents: Sequence[str],
        notes: Sequence[str],
    ) -> list[str]:
        """Erase these from every copy, and what lessons were made of them.

        The names of copies that could not be cleaned and were removed.
        """
        self.forget_beside(conversations, turns)
        return [
            *self._forget("conversation", erasing.FORGOTTEN_CONVERSATION, conversations),
            *self._forget("turn", erasing.forgotten_turn(), turns),
            *self._forget("document", DOCUMENT, documents),
            *self._forget("note", NOTE, notes),
        ]

    def forget_beside(self, conversations: Sequence[str], turns: Sequence[str] = ()) -> None:
        """Erase what was made of these elsewhere: files, and dreams."""
        for forget in self._beside:
            forget(conversations, turns)

    def _forget(self, table: str, statements: Sequence[str], ids: Sequence[str]) -> list[str]:
        removed: list[str] = []
        if not ids or not self._folder.is_dir():
            return removed
        lock = machine.RoleLock(self._folder / "cleaning.lock")
        lock.acquire(wait_s=CLEANING_WAIT_S)
        try:
            for copy in [*self._folder.glob("*.db"), *self._daily.glob("*.db")]:
                try:
                    sqlite.rewrite(copy, table, statements, ids)
                except (L2CError, OSError) as error:
                    log.warning("The copy %s could not be cleaned and is removed: %s", copy, error)
                    copy.unlink(missing_ok=True)
                    removed.append(copy.name)
        finally:
            lock.release()
        return removed
