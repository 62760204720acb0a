"""Speaking in a conversation: every way a turn comes to be, and to another branch.

    say            a turn at the end, and an answer to it
    edit           the turn again with other words, beside it, and an answer
    answer again   another answer beside those there are
    continue       another answer, which begins with all of this one
    correct        an answer in the words of the user

Each leaves every turn that was there as it was. Each names where its caller believes the branch
ends, and is refused when it ends elsewhere by now: a page that is behind changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from sqlalchemy import Connection

from l2c.conversation import Origin, Role, TurnStatus
from l2c.errors import Conflict, InvalidInput
from l2c.store import branches, exchanges, listing, turns
from l2c.store.database import Database
from l2c.store.exchanges import Asked, Key, storable
from l2c.store.listing import ConversationRow
from l2c.store.places import AT_THE_END, Place
from l2c.store.turns import TurnRow


class BegunExchange(NamedTuple):
    """A user's turn and the answer to it; `repeated` when they stood there already."""

    user: TurnRow
    answer: TurnRow
    repeated: bool


Step = Callable[[Connection, ConversationRow], tuple[str, str]]
"""Adds turns to a conversation; the ids of the user's turn and of the answer."""


class Speaking:
    """The part of `Conversations` that adds turns."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

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
        _see_that_it_says_something(text)
        keyed = _keyed(key, request_digest)

        def step(connection: Connection, at: ConversationRow) -> tuple[str, str]:
            asked = Asked(model, learn, keyed, self._database.now())
            return exchanges.say(
                connection, at, self._user_id, text, asked, parent_id=at.active_turn_id
            )

        return self._step(lambda _: conversation_id, step, ends_in=parent_id, key=keyed)

    def begin_edit(
        self,
        turn_id: str,
        text: str,
        *,
        model: str,
        last_turn_id: str | Place | None = AT_THE_END,
        learn: bool = True,
        key: str | None = None,
        request_digest: str | None = None,
    ) -> BegunExchange:
        """Store the user's turn again with another text, on a branch of its own, to be answered.

        Raises as `begin_exchange`, and `InvalidInput` when the turn is an answer.
        """
        _see_that_it_says_something(text)
        keyed = _keyed(key, request_digest)

        def step(connection: Connection, at: ConversationRow) -> tuple[str, str]:
            before = turns.get(connection, self._user_id, turn_id)
            if before.role is not Role.USER:
                raise InvalidInput("Only a turn of the user can be asked anew; this is an answer.")
            asked = Asked(model, learn, keyed, self._database.now())
            return exchanges.say(
                connection,
                at,
                self._user_id,
                text,
                asked,
                parent_id=before.parent_id,
                made_from=turn_id,
            )

        return self._step(self._around(turn_id), step, ends_in=last_turn_id, key=keyed)

    def begin_answer(
        self,
        turn_id: str,
        *,
        model: str,
        last_turn_id: str | Place | None = AT_THE_END,
        key: str | None = None,
        request_digest: str | None = None,
    ) -> BegunExchange:
        """Store an empty answer beside an answer, or below a user's turn, to be written.

        Raises as `begin_exchange`, and `InvalidInput` for an answer that answers nothing.
        """
        keyed = _keyed(key, request_digest)

        def step(connection: Connection, at: ConversationRow) -> tuple[str, str]:
            before = turns.get(connection, self._user_id, turn_id)
            said = before.id if before.role is Role.USER else _answered(before)
            asked = Asked(model, True, keyed, self._database.now())
            return said, exchanges.answer(connection, at, self._user_id, asked, said=said)

        return self._step(self._around(turn_id), step, ends_in=last_turn_id, key=keyed)

    def begin_continuation(
        self,
        answer_id: str,
        *,
        model: str,
        last_turn_id: str | Place | None = AT_THE_END,
        key: str | None = None,
        request_digest: str | None = None,
    ) -> BegunExchange:
        """Store an answer that begins with the text of this one, to be written on.

        Raises as `begin_exchange`, and `NotFound` when it is no answer.
        """
        keyed = _keyed(key, request_digest)

        def step(connection: Connection, at: ConversationRow) -> tuple[str, str]:
            before = exchanges.get_answer(connection, self._user_id, answer_id)
            said = _answered(turns.get(connection, self._user_id, answer_id))
            asked = Asked(model, True, keyed, self._database.now())
            return said, exchanges.answer(
                connection, at, self._user_id, asked, said=said, continues=before
            )

        return self._step(self._around(answer_id), step, ends_in=last_turn_id, key=keyed)

    def correct_answer(
        self,
        answer_id: str,
        text: str,
        *,
        last_turn_id: str | Place | None = AT_THE_END,
        key: str | None = None,
        request_digest: str | None = None,
    ) -> BegunExchange:
        """Store an answer the user wrote in place of this one, finished; it may teach.

        Raises as `begin_exchange`, and `NotFound` when it is no answer.
        """
        _see_that_it_says_something(text)
        keyed = _keyed(key, request_digest)

        def step(connection: Connection, at: ConversationRow) -> tuple[str, str]:
            wrong = exchanges.get_answer(connection, self._user_id, answer_id)
            said = _answered(turns.get(connection, self._user_id, answer_id))
            now = self._database.now()
            return said, exchanges.correct(
                connection, at, self._user_id, wrong, text, key=keyed, now=now
            )

        return self._step(self._around(answer_id), step, ends_in=last_turn_id, key=keyed)

    def activate(
        self, turn_id: str, *, last_turn_id: str | Place | None = AT_THE_END
    ) -> ConversationRow:
        """Go to the branch through this turn, down to its newest end.

        Raises `NotFound`, `Busy` while an answer is being written, and `Conflict` when the active
        branch does not end in `last_turn_id` any more.
        """

        def work(connection: Connection) -> ConversationRow:
            at = self._get(connection, self._around(turn_id)(connection))
            branches.see_that_nothing_is_being_written(connection, at.id)
            branches.see_that_it_ends_there(at, last_turn_id)
            leaf = branches.leaf_of(connection, turn_id)
            if leaf != at.active_turn_id:
                now = self._database.now()
                branches.activate(connection, at, self._user_id, leaf=leaf, now=now)
            return self._get(connection, at.id)

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

    def journal_all(self, pieces: Sequence[tuple[str, int, str]]) -> set[str]:
        """Append to several answers at once, each with its offset and text; durable on return.

        A piece that does not follow what its answer's journal holds is left out, and so is one of
        an answer that is finished or somebody else's. Those are returned that another server was
        asked to stop.
        """
        for _, _, text in pieces:
            storable(text, "text")

        def work(connection: Connection) -> set[str]:
            exchanges.append_all(connection, self._user_id, pieces)
            if self._database.writes_as is None:
                return set()
            return exchanges.to_stop(connection, self._user_id, [id for id, _, _ in pieces])

        return self._database.write(work)

    def ask_to_stop(self, answer_id: str) -> None:
        """Let the server that writes an answer know that it is to stop, wherever that is."""
        self._database.write(
            lambda connection: exchanges.ask_to_stop(connection, self._user_id, answer_id)
        )

    def finish(
        self,
        answer_id: str,
        *,
        status: TurnStatus,
        text: str,
        origin: Origin | None = None,
        checkpoint: str | None = None,
        sampling: dict[str, Any] | None = None,
        window: dict[str, Any] | None = None,
        error: str | None = None,
        citations: Sequence[Mapping[str, Any]] = (),
        remembered: Sequence[str] = (),
    ) -> TurnRow:
        """Close an answer with its whole text, and queue the exchange for learning if it may teach.

        Only the first finish counts; a later one returns the turn as it is. `citations` are the
        quotes the answer rests on, `remembered` the turns it remembers.
        """
        if status == TurnStatus.STREAMING:
            raise InvalidInput("An answer cannot be finished as `streaming`.")
        values = {
            "status": status,
            "text": storable(text, "text"),
            "origin": origin,
            "checkpoint": checkpoint,
            "sampling": sampling,
            "window": window,
            "error": error,
        }

        def work(connection: Connection) -> TurnRow:
            exchanges.finish(
                connection,
                self._user_id,
                answer_id,
                values,
                citations=citations,
                remembered=remembered,
                now=self._database.now(),
            )
            return turns.get_even_if_deleted(connection, self._user_id, answer_id)

        return self._database.write(work, reserve=True)

    def interrupt_orphans(self) -> list[str]:
        """Close every answer left open by a server that died; their ids.

        What was written so far is kept, as `interrupted`. To be called when no server runs.
        """
        return self._database.write(
            lambda connection: exchanges.interrupt_all(
                connection, self._user_id, now=self._database.now()
            ),
            reserve=True,
        )

    def _step(
        self,
        where: Callable[[Connection], str],
        step: Step,
        *,
        ends_in: str | Place | None,
        key: Key | None,
    ) -> BegunExchange:
        """Take the step in one transaction, unless it was taken before under the same key."""

        def work(connection: Connection) -> BegunExchange:
            user = self._user_id
            conversation_id = where(connection)
            repeat = exchanges.repeated(connection, user, conversation_id, key)
            if repeat is None:
                at = self._get(connection, conversation_id)
                branches.see_that_nothing_is_being_written(connection, at.id)
                branches.see_that_it_ends_there(at, ends_in)
            said, answer = repeat or step(connection, at)
            if repeat is None and self._database.writes_as is not None:
                exchanges.sign(connection, answer, self._database.writes_as)
            both = turns.those(connection, user, [said, answer])
            return BegunExchange(both[0], both[1], repeat is not None)

        return self._database.write(work)

    def _around(self, turn_id: str) -> Callable[[Connection], str]:
        """Finds the conversation of a turn."""
        return lambda connection: turns.get(connection, self._user_id, turn_id).conversation_id

    def _get(self, connection: Connection, conversation_id: str) -> ConversationRow:
        return listing.get(
            connection, self._user_id, conversation_id, temporary=self._database.in_memory
        )


def _answered(answer: TurnRow) -> str:
    """The turn that is answered by this one."""
    if answer.status is TurnStatus.STREAMING:
        raise Conflict("This answer is still being written; stop it or wait for its end.")
    if answer.parent_id is None:
        raise InvalidInput("This turn begins the conversation; there is nothing it answers.")
    return answer.parent_id


def _see_that_it_says_something(text: str) -> None:
    if not storable(text, "text"):
        raise InvalidInput("A turn has at least one character; found none.")


def _keyed(key: str | None, request_digest: str | None) -> Key | None:
    return None if key is None else Key(storable(key, "key"), request_digest)
