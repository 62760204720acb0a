"""The conversations of one user behind one door: those on disk, and the temporary ones.

A temporary conversation lives in the memory of this process and nowhere else: nothing of it is
written to a disk, no model learns from it, and it ends with the program, or when it is deleted, or
when many newer ones have pushed it out. It is kept in a store of its own, with the same tables and
the same promises, so whatever can be done in a conversation can be done in it. "Keep this" moves it
over, whole and under the same ids.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from l2c.conversation import TurnStatus
from l2c.errors import Busy, NotFound
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.listing import ConversationRow
from l2c.store.trees import Trees

MOST_TEMPORARY = 100
"""Temporary conversations held at once; the one that rested longest makes room."""


class Talks:
    """Finds the store that holds a conversation or a turn."""

    def __init__(
        self,
        kept: Conversations,
        trees: Trees,
        *,
        open_temporary: Callable[[], Database] = Database.temporary,
    ) -> None:
        self.kept = kept
        self._trees = trees
        self._open_temporary = open_temporary
        self._opening = threading.Lock()
        self._database: Database | None = None
        self._temporary: Conversations | None = None

    def of(self, conversation_id: str) -> Conversations:
        """The store of a conversation; the one on disk when neither has it."""
        return self._holding(lambda talks: talks.get(conversation_id))

    def of_turn(self, turn_id: str) -> Conversations:
        """The store of a turn; the one on disk when neither has it."""
        return self._holding(lambda talks: talks.role_of(turn_id))

    def temporary(self) -> Conversations:
        """The store in memory, which comes to be when it is first asked for."""
        with self._opening:
            if self._temporary is None:
                self._database = self._open_temporary()
                user = Accounts(self._database).local()
                self._temporary = Conversations(self._database, user)
            return self._temporary

    def begin_temporary(self, **how: Any) -> ConversationRow:
        """A new temporary conversation; takes what `Conversations.create` takes."""
        talks = self.temporary()
        row = talks.create(**how)
        for old in talks.list(limit=2 * MOST_TEMPORARY).conversations[MOST_TEMPORARY:]:
            if not _is_written(talks, old):
                talks.delete(old.id)
        return row

    def keep(self, conversation_id: str, *, learn: bool) -> ConversationRow:
        """Move a temporary conversation to the disk, under the same ids.

        With `learn` its exchanges are queued. A conversation that is kept already stays as it is.
        Raises `NotFound`, and `Busy` while an answer is being written in it.
        """
        talks = self.of(conversation_id)
        row = talks.get(conversation_id)
        if not row.temporary:
            return row
        if _is_written(talks, row):
            raise Busy("An answer is being written in this conversation; wait for its end.")
        assert self._database is not None
        mine = Trees(self._database, Accounts(self._database).local())
        self._trees.add(mine.get(conversation_id), learn=learn)
        talks.delete(conversation_id)
        return self.kept.update(conversation_id, learn=learn)

    def delete(self, conversation_id: str) -> None:
        """Hide a conversation; it can be restored until it is purged. Raises `NotFound`."""
        self.of(conversation_id).delete(conversation_id)

    def restore(self, conversation_id: str) -> ConversationRow:
        """Bring a deleted conversation back. Raises `NotFound` once it is purged."""
        try:
            return self.kept.restore(conversation_id)
        except NotFound:
            if self._temporary is None:
                raise
            return self._temporary.restore(conversation_id)

    def purge_deleted(self, *, older_than: timedelta = timedelta(0)) -> int:
        """Erase conversations deleted at least `older_than` ago; how many they were."""
        stores = [self.kept] if self._temporary is None else [self.kept, self._temporary]
        return sum(talks.purge_deleted(older_than=older_than) for talks in stores)

    def close(self) -> None:
        """Forget every temporary conversation."""
        with self._opening:
            if self._database is not None:
                self._database.close()
            self._database = self._temporary = None

    def _holding(self, look: Callable[[Conversations], object]) -> Conversations:
        if self._temporary is None:
            return self.kept
        try:
            look(self._temporary)
        except NotFound:
            return self.kept
        return self._temporary


def _is_written(talks: Conversations, row: ConversationRow) -> bool:
    if row.active_turn_id is None:
        return False
    return talks.turn(row.active_turn_id).status is TurnStatus.STREAMING
