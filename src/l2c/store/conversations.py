"""Conversations and their turns: what is said, kept so that not a character is lost.

The life of an exchange:

1. `begin_exchange` commits the user's turn together with an empty, streaming answer, before any
   model speaks. From then on the answer exists, whatever happens.
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
from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from l2c.conversation import Origin, TurnStatus
from l2c.errors import InvalidInput
from l2c.store import exchanges, queue, search, turns
from l2c.store.database import Database, new_id
from l2c.store.exchanges import AT_THE_END, ConversationRow, Key, Place, storable
from l2c.store.schema import conversation, lesson_source, turn
from l2c.store.search import Hit
from l2c.store.turns import TurnRow, not_found


class ConversationPage(NamedTuple):
    """Some conversations, and what to pass as `before` for the next ones, if there are any."""

    conversations: list[ConversationRow]
    next: int | None


class BegunExchange(NamedTuple):
    """A user's turn and the answer to it; `repeated` when they stood there already."""

    user: TurnRow
    answer: TurnRow
    repeated: bool


class Conversations:
    """The conversations of one user."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def create(self, *, model: str, title: str = "", learn: bool = True) -> ConversationRow:
        """A new conversation without turns, first in the list."""
        conversation_id = new_id()

        def work(connection: Connection) -> ConversationRow:
            now = self._database.now()
            connection.execute(
                insert(conversation).values(
                    id=conversation_id,
                    user_id=self._user_id,
                    title=storable(title, "title"),
                    titled=title != "",
                    model=model,
                    learn=learn,
                    pinned=False,
                    archived=False,
                    system_prompt="",
                    draft="",
                    activity=exchanges.next_activity(connection, self._user_id),
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

    def list(self, *, limit: int = 50, before: int | None = None) -> ConversationPage:
        """The conversations last spoken in, newest first; `before` is a former page's `next`."""
        query = (
            self._select()
            .where(conversation.c.deleted_at.is_(None))
            .order_by(conversation.c.activity.desc())
            .limit(limit + 1)
        )
        if before is not None:
            query = query.where(conversation.c.activity < before)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        more = len(rows) > limit
        return ConversationPage(
            [_conversation(row) for row in rows[:limit]], rows[limit - 1].activity if more else None
        )

    def update(
        self,
        conversation_id: str,
        *,
        title: str | None = None,
        learn: bool | None = None,
        draft: str | None = None,
        model: str | None = None,
    ) -> ConversationRow:
        """Change what is given, leave the rest.

        `learn=False` takes every exchange of the conversation that is not learned yet out of the
        queue; `learn=True` queues them again.
        """
        changes: dict[str, Any] = {"title": title, "learn": learn, "draft": draft, "model": model}
        changes = {name: value for name, value in changes.items() if value is not None}
        for name in changes.keys() & {"title", "draft"}:
            storable(changes[name], name)

        def work(connection: Connection) -> ConversationRow:
            self._get(connection, conversation_id)
            now = self._database.now()
            if changes:
                self._change(connection, conversation_id, updated_at=now, **changes)
            if learn is False:
                queue.withdraw_conversation(connection, self._user_id, conversation_id)
            elif learn is True:
                queue.queue_conversation(connection, self._user_id, conversation_id, now=now)
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

    def begin_exchange(
        self,
        conversation_id: str,
        text: str,
        *,
        model: str,
        parent_id: str | Place | None = AT_THE_END,
        learn: bool = True,
        key: str | None = None,
        request_digest: str | None = None,
    ) -> BegunExchange:
        """Store the user's turn and the empty answer to it, which `model` is to write.

        Both are durable when this returns. A repeat with the same `key` and `request_digest`
        returns the same two turns. Raises `Busy` while an answer is being written in this
        conversation, and `Conflict` when `parent_id` is not its last turn (None: it has none) or
        when the key was used for something else.
        """
        if not storable(text, "text"):
            raise InvalidInput("A turn has at least one character; found none.")
        keyed = None if key is None else Key(storable(key, "key"), request_digest)

        def work(connection: Connection) -> BegunExchange:
            user = self._user_id
            repeat = exchanges.repeated(connection, user, conversation_id, keyed)
            said, answer = repeat or exchanges.begin(
                connection,
                self._get(connection, conversation_id),
                user,
                text,
                model=model,
                parent_id=parent_id,
                learn=learn,
                key=keyed,
                now=self._database.now(),
            )
            return BegunExchange(
                turns.get(connection, user, said),
                turns.get(connection, user, answer),
                repeat is not None,
            )

        return self._database.write(work)

    def journal(self, answer_id: str, offset: int, text: str) -> Future[None]:
        """Append to an answer what follows its first `offset` characters.

        The future is done when the piece is durable, a quarter of a second later at most. What
        the journal holds already is not appended again. In the future come `NotFound`, `Conflict`
        when the answer is finished, and `InvalidInput` when a piece before is missing.
        """
        storable(text, "text")
        return self._database.write_later(
            lambda connection: exchanges.append(connection, self._user_id, answer_id, offset, text)
        )

    def text_so_far(self, answer_id: str) -> str:
        """What is durable of an answer, finished or not."""
        return self.turn(answer_id).text

    def finish(
        self,
        answer_id: str,
        *,
        status: TurnStatus,
        text: str,
        origin: Origin | None = None,
        checkpoint: str | None = None,
        window: dict[str, Any] | None = None,
        error: str | None = None,
    ) -> TurnRow:
        """Close an answer with its whole text, and queue the exchange for learning if it may teach.

        Only the first finish counts; a later one returns the turn as it is.
        """
        if status == TurnStatus.STREAMING:
            raise InvalidInput("An answer cannot be finished as `streaming`.")
        values = {
            "status": status,
            "text": storable(text, "text"),
            "origin": origin,
            "checkpoint": checkpoint,
            "window": window,
            "error": error,
        }

        def work(connection: Connection) -> TurnRow:
            exchanges.finish(connection, self._user_id, answer_id, values, now=self._database.now())
            return turns.get_even_if_deleted(connection, self._user_id, answer_id)

        return self._database.write(work, reserve=True)

    def interrupt_orphans(self) -> builtins.list[str]:
        """Close every answer left open by a server that died; their ids.

        What was written so far is kept, as `interrupted`. To be called when no server runs.
        """
        return self._database.write(
            lambda connection: exchanges.interrupt_all(
                connection, self._user_id, now=self._database.now()
            ),
            reserve=True,
        )

    def turn(self, turn_id: str) -> TurnRow:
        """The turn. Raises `NotFound`, also when its conversation is deleted."""
        with self._database.read() as connection:
            return turns.get(connection, self._user_id, turn_id)

    def turns(self, conversation_id: str) -> builtins.list[TurnRow]:
        """The turns of the conversation's active branch, oldest first."""
        with self._database.read() as connection:
            last = self._get(connection, conversation_id).active_turn_id
            return turns.branch(connection, self._user_id, last)

    def set_turn_learn(self, turn_id: str, learn: bool) -> TurnRow:
        """Say whether a turn may teach.

        False takes its exchanges out of the queue, if they are not learned yet; True queues them
        again.
        """

        def work(connection: Connection) -> TurnRow:
            turns.get(connection, self._user_id, turn_id)
            connection.execute(update(turn).where(turn.c.id == turn_id).values(learn=learn))
            if learn:
                queue.queue_turn(connection, self._user_id, turn_id, now=self._database.now())
            else:
                queue.withdraw_turn(connection, self._user_id, turn_id)
            return turns.get(connection, self._user_id, turn_id)

        return self._database.write(work)

    def history(self, limit: int) -> builtins.list[TurnRow]:
        """The last `limit` turns over all conversations, newest last."""
        with self._database.read() as connection:
            return turns.newest(connection, self._user_id, limit=limit)

    def search(self, query: str, limit: int = 20) -> builtins.list[Hit]:
        """The turns that hold every word of `query`, newest first; see `l2c.store.search`."""
        with self._database.read() as connection:
            return search.find(connection, self._user_id, query, limit=limit)

    def _select(self) -> Select[Any]:
        last = turn.alias("last")
        return (
            select(conversation, func.coalesce(last.c.depth, 0).label("turn_count"))
            .outerjoin(last, last.c.id == conversation.c.active_turn_id)
            .where(conversation.c.user_id == self._user_id)
        )

    def _get(self, connection: Connection, conversation_id: str) -> ConversationRow:
        row = connection.execute(
            self._select().where(
                conversation.c.id == conversation_id, conversation.c.deleted_at.is_(None)
            )
        ).one_or_none()
        if row is None:
            raise not_found("conversation", conversation_id)
        return _conversation(row)

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


def _conversation(row: Row[Any]) -> ConversationRow:
    return ConversationRow(
        **{name: getattr(row, name) for name in ConversationRow.__dataclass_fields__}
    )
