"""The main job: a turn comes in, an answer is written, nothing is ever lost.

`begin` commits the user's turn, and the empty row of its answer, before any model speaks; from
then on the exchange exists, whatever happens. `write` lets the live model speak: every piece goes
to the tail at once, and is in the journal, durably, a quarter of a second later. One last
transaction closes the answer and queues the exchange for learning. A reader who goes away cancels
nothing; only `stop` does.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from l2c.chat import window
from l2c.chat.live import LiveModels
from l2c.chat.router import Router
from l2c.chat.tails import Tail, Tails
from l2c.conversation import Message, Origin, TurnStatus
from l2c.errors import Busy, InvalidInput, L2CError
from l2c.providers.provider import Sampling
from l2c.store.conversations import BegunExchange, Conversations
from l2c.store.places import AT_THE_END, Place
from l2c.store.turns import TurnRow

log = logging.getLogger(__name__)

MAX_CHARACTERS = 32_768
"""The longest turn a user may write."""

JOURNAL_S = 0.02
"""Seconds between two pieces handed to the store, which makes them durable within 0.2 more."""

FINISHING_ATTEMPTS = 6
"""How often the end of an answer is written while another process keeps the store busy."""

WRITERS = 2
WAITING = 64
"""Answers written at once, and answers that may wait for their turn."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks for: the text, and how it is to be answered.

    `parent_id` is the turn this one was written under, None for the first; `AT_THE_END` when the
    caller does not know. Without `seed` the answer's id is its seed, so every answer can be written
    again. `key` makes a repeated request harmless. `learn` false keeps this exchange out of
    learning whatever the conversation says. `anyway` lets the model answer whatever the router
    thinks of it.
    """

    conversation_id: str
    text: str
    model: str
    temperature: float
    length: int
    seed: int | None = None
    learn: bool = True
    parent_id: str | Place | None = AT_THE_END
    key: str | None = None
    anyway: bool = False

    @property
    def digest(self) -> str:
        """What tells a repeat of this request from another one under the same key."""
        asked = asdict(self) | {"parent_id": str(self.parent_id)}
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


class Replies:
    """Answers turns, a few at a time, each on a thread of its own."""

    def __init__(
        self, conversations: Conversations, live: LiveModels, tails: Tails, router: Router
    ) -> None:
        self._conversations = conversations
        self._live = live
        self._tails = tails
        self._router = router
        self._pool = ThreadPoolExecutor(WRITERS, thread_name_prefix="reply")

    def begin(self, request: Request) -> BegunExchange:
        """Commit the user's turn and its answer's row, and queue the writing.

        When this returns the turn is durable. Raises `InvalidInput` for an empty or overlong
        text, `NotFound`, `Conflict` when the conversation went on elsewhere, and `Busy` when too
        many answers are waiting or one is being written in this conversation.
        """
        text = _clean(request.text)
        if len(self._tails.all()) >= WRITERS + WAITING:
            raise Busy(f"{WAITING} answers are waiting already; try again in a few seconds.")
        begun = self._conversations.begin_exchange(
            request.conversation_id,
            text,
            parent_id=request.parent_id,
            model=request.model,
            learn=request.learn,
            key=request.key,
            request_digest=None if request.key is None else request.digest,
        )
        if not begun.repeated:
            tail = self._tails.open(begun.answer.id)
            self._pool.submit(self._write, begun.answer, request, tail)
        return begun

    def stop(self, turn_id: str) -> None:
        """Ask for an answer to end; what was written is kept. A finished one stays as it is.

        Raises `NotFound`.
        """
        self._conversations.turn(turn_id)
        tail = self._tails.get(turn_id)
        if tail is not None:
            tail.stop()

    def wait(self, turn_id: str) -> TurnRow:
        """The finished row of an answer, as soon as it is finished. Raises `NotFound`."""
        tail = self._tails.get(turn_id)
        if tail is not None:
            tail.wait_closed()
        return self._conversations.turn(turn_id)

    def close(self) -> None:
        """Stop every answer being written, keep what was written, and wait for it."""
        for tail in self._tails.all():
            tail.stop()
        self._pool.shutdown(wait=True)

    def _write(self, answer: TurnRow, request: Request, tail: Tail) -> None:
        """Let the model speak into the tail and the journal; close the answer whatever happens."""
        try:
            ending = self._speak(answer, request, tail)
            self._finish(answer.id, tail.text, ending)
        except Exception:
            # Nobody waits for this thread: the log is the only place left to say it.
            log.exception("The answer %s could not be closed.", answer.id)
        finally:
            self._tails.close(answer.id)

    def _speak(self, answer: TurnRow, request: Request, tail: Tail) -> dict[str, Any]:
        """Write the answer; what its row is to say besides the text."""
        ending: dict[str, Any] = {"origin": Origin.GENERATED, "checkpoint": None, "window": None}
        try:
            provider = self._live.current(request.model)
            length = min(request.length, provider.window // 2)
            view = window.build(
                self._messages(answer), provider.tokenizer, size=provider.window, answer=length
            )
            ending |= {"checkpoint": provider.checkpoint, "window": view.report()}
            seed = int(answer.id[:15], 16) if request.seed is None else request.seed
            sampling = Sampling(request.temperature, length, seed)
            route = self._router.route(provider, view.messages, anyway=request.anyway)
            ending["origin"] = route.origin
            with closing(route.pieces(provider, view.messages, sampling)) as pieces:
                stopped = self._journal(answer.id, pieces, tail)
            return ending | {"status": TurnStatus.STOPPED if stopped else TurnStatus.COMPLETE}
        except Exception as error:
            log.exception("The answer %s broke off.", answer.id)
            reason = str(error) if isinstance(error, L2CError) else "The model broke off."
            return ending | {"status": TurnStatus.ERROR, "error": reason}

    def _journal(self, turn_id: str, pieces: Iterator[str], tail: Tail) -> bool:
        """Show and journal every piece; whether somebody asked to stop."""
        journaled, handed_over = 0, -math.inf
        for piece in pieces:
            if tail.stopping:
                return True
            tail.append(piece)
            if time.monotonic() - handed_over >= JOURNAL_S:
                written = self._conversations.journal(turn_id, journaled, tail.text[journaled:])
                written.add_done_callback(_log_failure)
                journaled, handed_over = len(tail.text), time.monotonic()
        return False

    def _finish(self, turn_id: str, text: str, ending: dict[str, Any]) -> None:
        """Close the answer, also when the store is busy for long: it would stay open for ever."""
        for _ in range(FINISHING_ATTEMPTS - 1):
            try:
                self._conversations.finish(turn_id, text=text, **ending)
                return
            except Busy as busy:
                log.warning("The answer %s cannot be closed yet: %s", turn_id, busy)
        self._conversations.finish(turn_id, text=text, **ending)

    def _messages(self, answer: TurnRow) -> list[Message]:
        """What was said before this answer, oldest first; answers that never came are left out."""
        turns = self._conversations.turns(answer.conversation_id)
        before = turns[: next(i for i, turn in enumerate(turns) if turn.id == answer.id)]
        return [Message(turn.role, turn.text) for turn in before if turn.text]


def _log_failure(written: Future[None]) -> None:
    """The journal is only for a crash; the whole text is written once more at the end."""
    error = written.exception()
    if error is not None:
        log.warning("A piece of an answer could not be journaled: %s", error)


def _clean(text: str) -> str:
    """The text with characters no database can hold replaced; refused when empty or overlong."""
    cleaned = (
        text.replace("\0", "\ufffd").encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    )
    if not cleaned.strip() or len(cleaned) > MAX_CHARACTERS:
        raise InvalidInput(
            f"A turn must have 1 to {MAX_CHARACTERS} characters, not only spaces; "
            f"found {len(text)}."
        )
    return cleaned
