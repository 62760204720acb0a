"""Conversations and their turns: what is said, kept so that not a character is lost.

The life of an exchange:

1. `begin_exchange`, or another of the ways in `l2c.store.speaking`, commits the user's turn
   together with an empty, streaming answer, before any model speaks. From then on the answer
   exists, whatever happens.
2. `journal` appends what the model writes, piece by piece.
3. `finish` closes the answer in one transaction: its text, how it was made, the index for search,
   and the queue of what is to be learned. Only the first finish counts.
4. After a crash, `interrupt_orphans` closes what was left open and keeps the text so far.

A deleted conversation is gone for every other method at once, can be restored until it is
purged, and after that no byte of it remains in the store's files (backups made before migrations
excepted, see `l2c.store.migration`).
"""

from __future__ import annotations

import builtins
from datetime import timedelta
from functools import partial
from typing import Any, TypedDict, Unpack

from sqlalchemy import Connection, delete, insert, select, update

from l2c.conversation import Role, TurnStatus
from l2c.errors import InvalidInput
from l2c.store import branches, folders, listing, queue, search, shelving, turns
from l2c.store.database import new_id
from l2c.store.exchanges import storable
from l2c.store.listing import ConversationPage, ConversationRow, Wanted
from l2c.store.schema import conversation, lesson_source, turn
from l2c.store.search import Hit, Order
from l2c.store.shelving import Changes
from l2c.store.speaking import BegunExchange, Speaking
from l2c.store.turns import Said, TurnRow, not_found

__all__ = ["BegunExchange", "ConversationPage", "ConversationRow", "Conversations"]

EVERY_ONE = Wanted()


class TurnChanges(TypedDict, total=False):
    """What can be changed of a turn that was said."""

    learn: bool
    pinned: bool
    rating: int | None


class Conversations(Speaking):
    """The conversations of one user; how turns are added is said in `l2c.store.speaking`."""

    def create(
        self,
        *,
        model: str,
        title: str = "",
        learn: bool = True,
        folder_id: str | None = None,
        system_prompt: str = "",
        sampling: dict[str, Any] | None = None,
    ) -> ConversationRow:
        """A new conversation without turns, first in the list. Raises `NotFound` for the folder."""
        conversation_id = new_id()
        title = " ".join(storable(title, "title").split())

        def work(connection: Connection) -> ConversationRow:
            now = self._database.now()
            if folder_id is not None:
                folders.get(connection, self._user_id, folder_id)
            connection.execute(
                insert(conversation).values(
                    id=conversation_id,
                    user_id=self._user_id,
                    title=title,
                    titled=title != "",
                    model=model,
                    learn=learn,
                    pinned=False,
                    archived=False,
                    folder_id=folder_id,
                    system_prompt=storable(system_prompt, "system_prompt"),
                    sampling=sampling,
                    draft="",
                    activity=branches.before_all(self._user_id),
                    created_at=now,
                    updated_at=now,
                )
            )
            return self._get(connection, conversation_id)

        return self._database.write(work)

    def get(self, conversation_id: str) -> ConversationRow:
        """The conversation. Raises `NotFound`, also for a deleted one."""
        with self._database.read() as connection:
            return self._get(connection, conversation_id)

    def list(
        self, *, limit: int = 50, before: int | None = None, wanted: Wanted = EVERY_ONE
    ) -> ConversationPage:
        """The conversations last spoken in, newest first; `before` is a former page's `next`."""
        with self._database.read() as connection:
            return listing.page(
                connection,
                self._user_id,
                wanted,
                limit=limit,
                before=before,
                temporary=self._database.in_memory,
            )

    def update(self, conversation_id: str, **changes: Unpack[Changes]) -> ConversationRow:
        """Change what is given, leave the rest.

        An empty `title` makes it automatic again. `learn=False` takes every exchange of the
        conversation that is not learned yet out of the queue; `learn=True` queues them again.
        Raises `NotFound`, also for the folder.
        """
        for name, value in changes.items():
            if isinstance(value, str):
                storable(value, name)

        def work(connection: Connection) -> ConversationRow:
            at = self._get(connection, conversation_id)
            shelving.change(connection, at, self._user_id, changes, now=self._database.now())
            return self._get(connection, conversation_id)

        return self._database.write(work)

    def delete(self, conversation_id: str) -> None:
        """Hide the conversation; it teaches nothing more and can be restored until purged."""

        def work(connection: Connection) -> None:
            self._get(connection, conversation_id)
            self._change(connection, conversation_id, deleted_at=self._database.now())

        self._database.write(work, reserve=True)

    def restore(self, conversation_id: str) -> ConversationRow:
        """Bring a deleted conversation back. Raises `NotFound` once it is purged."""

        def work(connection: Connection) -> ConversationRow:
            self._change(connection, conversation_id, deleted_at=None)
            return self._get(connection, conversation_id)

        return self._database.write(work)

    def purge_deleted(self, *, older_than: timedelta = timedelta(0)) -> int:
        """Erase conversations deleted at least `older_than` ago; how many they were.

        Their text is gone from the tables, the index, the ledger and the free pages of the file.
        One with an answer in progress stays for the next time. Each is erased in a transaction of
        its own, so that even on a full disk the room for one of them is enough.
        """
        deadline = self._database.ago(older_than)
        purged = 0
        try:
            while self._database.write(partial(self._erase_one, deadline=deadline), reserve=True):
                purged += 1
        finally:
            if purged:
                self._database.shrink()
        return purged

    def turn(self, turn_id: str) -> TurnRow:
        """The turn. Raises `NotFound`, also when its conversation is deleted."""
        with self._database.read() as connection:
            return turns.get(connection, self._user_id, turn_id)

    def role_of(self, turn_id: str) -> Role:
        """Whose words a turn has. Raises `NotFound`, also when its conversation is deleted."""
        with self._database.read() as connection:
            return turns.role_of(connection, self._user_id, turn_id)

    def said_through(
        self, conversation_id: str, last_turn_id: str | None
    ) -> tuple[str, builtins.list[Said]]:
        """The system prompt of a conversation, and what was said in it up to a finished turn.

        Raises `NotFound`.
        """
        user = self._user_id
        with self._database.read() as connection:
            prompt = listing.system_prompt(connection, user, conversation_id)
            return prompt, turns.said_through(connection, user, conversation_id, last_turn_id)

    def turns(self, conversation_id: str, *, through: str | None = None) -> builtins.list[TurnRow]:
        """The turns of the conversation's active branch, or of the one `through` a turn of it.

        Oldest first. Raises `NotFound`, also when the turn is of another conversation.
        """
        with self._database.read() as connection:
            last = self._get(connection, conversation_id).active_turn_id
            if through is not None:
                if turns.get(connection, self._user_id, through).conversation_id != conversation_id:
                    raise not_found("turn", through)
                last = branches.leaf_of(connection, through)
            return turns.branch(connection, self._user_id, last)

    def versions(self, turn_id: str) -> builtins.list[TurnRow]:
        """The turn and the others in its place, in the order they were made."""
        with self._database.read() as connection:
            return branches.versions(connection, self._user_id, turn_id)

    def change_turn(self, turn_id: str, **changes: Unpack[TurnChanges]) -> TurnRow:
        """Change what is given of a turn, leave the rest.

        `learn=False` takes its exchanges out of the queue, if they are not learned yet; True
        queues them again. `rating` 1 lets an answer teach, -1 says it must not; None takes it
        back. Raises `InvalidInput` when a turn of the user is rated.
        """

        def work(connection: Connection) -> TurnRow:
            before = turns.get(connection, self._user_id, turn_id)
            if "rating" in changes and before.role is not Role.ASSISTANT:
                raise InvalidInput("Only answers are rated; this is a turn of the user.")
            if changes:
                connection.execute(update(turn).where(turn.c.id == turn_id).values(**changes))
            if changes.get("learn") is True:
                queue.queue_turn(connection, self._user_id, turn_id, now=self._database.now())
            elif changes.get("learn") is False:
                queue.withdraw_turn(connection, self._user_id, turn_id)
            return turns.get(connection, self._user_id, turn_id)

        return self._database.write(work)

    def history(self, limit: int) -> builtins.list[TurnRow]:
        """The last `limit` turns over all conversations, newest last."""
        with self._database.read() as connection:
            return turns.newest(connection, self._user_id, limit=limit)

    def search(
        self, query: str, limit: int = 20, *, order: Order = Order.RELEVANCE
    ) -> builtins.list[Hit]:
        """The turns that hold every word of `query`, best first; see `l2c.store.search`."""
        with self._database.read() as connection:
            return search.find(connection, self._user_id, query, limit=limit, order=order)

    def _change(self, connection: Connection, conversation_id: str, **values: Any) -> None:
        connection.execute(
            update(conversation)
            .where(conversation.c.id == conversation_id, conversation.c.user_id == self._user_id)
            .values(**values)
        )

    def _erase_one(self, connection: Connection, *, deadline: str) -> bool:
        """Erase one conversation deleted before the deadline; whether there was one."""
        streaming = select(turn.c.conversation_id).where(turn.c.status == TurnStatus.STREAMING)
        gone = connection.execute(
            select(conversation.c.id)
            .where(
                conversation.c.user_id == self._user_id,
                conversation.c.deleted_at <= deadline,
                conversation.c.id.not_in(streaming),
            )
            .limit(1)
        ).scalar()
        if gone is None:
            return False
        of_it = select(turn.c.seq).where(turn.c.conversation_id == gone)
        search.remove(connection, connection.execute(of_it).scalars().all())
        connection.execute(
            update(lesson_source)
            .where(lesson_source.c.conversation_id == gone)
            .values(user_text=None, answer_text=None)
        )
        connection.execute(delete(conversation).where(conversation.c.id == gone))
        return True
