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
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from l2c.chat.journal import Journal
from l2c.chat.live import LiveModels
from l2c.chat.memory import Memory, Rules
from l2c.chat.quoting import Beside, Quoting
from l2c.chat.router import Route, Router
from l2c.chat.session_logger import SessionLogger
from l2c.chat.tails import Tail, Tails
from l2c.chat.talks import Talks
from l2c.chat.view import View
from l2c.conversation import Message, Origin, TurnStatus
from l2c.errors import Busy, InvalidInput, L2CError
from l2c.providers.local import LocalProvider
from l2c.providers.provider import Provider, Sampling
from l2c.store.conversations import BegunExchange, Conversations
from l2c.store.documents import DocumentRow
from l2c.store.places import AT_THE_END, Place
from l2c.store.schema.accounts import Speaker
from l2c.store.speakers import Speakers
from l2c.store.turns import TurnRow

log = logging.getLogger(__name__)

MAX_CHARACTERS = 32_768
"""The longest turn a user may write."""

FINISHING_ATTEMPTS = 6
"""How often the end of an answer is written while another process keeps the store busy."""

WRITERS = 2
LISTENERS = 256
"""Answers written at once by own models, which need a core each, and by other servers."""

WAITING = 64
"""Answers that may wait for their turn."""


class Step(StrEnum):
    """What is asked for; see `l2c.store.speaking`."""

    SAY = "say"
    EDIT = "edit"
    ANSWER = "answer"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True)
class Request:
    """What a user asks for: the text, and how it is to be answered.

    `parent_id` is the turn the conversation is believed to end in, None for an empty one;
    `AT_THE_END` when the caller does not know. `turn_id` is what is edited, answered again or
    continued. Without `seed` the answer's id is its seed, so every answer can be written again.
    `key` makes a repeated request harmless. `learn` false keeps this exchange out of learning
    whatever the conversation says. `anyway` lets the model answer whatever the router thinks of it.
    """

    conversation_id: str
    text: str
    model: str
    temperature: float
    length: int
    seed: int | None = None
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    learn: bool = True
    parent_id: str | Place | None = AT_THE_END
    key: str | None = None
    step: Step = Step.SAY
    turn_id: str = ""
    anyway: bool = False

    @property
    def digest(self) -> str | None:
        """What tells a repeat of this request from another one under the same key."""
        if self.key is None:
            return None
        asked = asdict(self) | {"parent_id": str(self.parent_id)}
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()

    def sampling(self, answer_id: str, length: int) -> Sampling:
        """How the answer of this id is written, with at most `length` tokens."""
        seed = int(answer_id[:15], 16) if self.seed is None else self.seed
        return Sampling(
            self.temperature,
            length,
            seed,
            top_k=self.top_k,
            top_p=self.top_p,
            min_p=self.min_p,
            repetition_penalty=self.repetition_penalty,
        )


class Replies:
    """Answers turns, a few at a time, each on a thread of its own.

    Models of other servers have threads apart: waiting for them costs nothing, so they neither
    wait for an own model nor hold one up.
    """

    def __init__(
        self,
        talks: Talks,
        live: LiveModels,
        tails: Tails,
        router: Router,
        speakers: Speakers,
        quoting: Quoting | None = None,
        logger: SessionLogger | None = None,
        memory: Memory | None = None,
    ) -> None:
        """Without `quoting` no answer comes from documents, without `memory` none from other turns.

        Without `logger` no conversation is logged.
        """
        self._logger = logger
        self._talks = talks
        self._speakers = speakers
        self._live = live
        self._tails = tails
        self._router = router
        self._quoting = quoting
        self._memory = memory
        self._journal = Journal()
        self._own = ThreadPoolExecutor(WRITERS, thread_name_prefix="reply")
        self._others = ThreadPoolExecutor(LISTENERS, thread_name_prefix="listen")

    def begin(self, request: Request) -> BegunExchange:
        """Commit the user's turn and its answer's row, and queue the writing.

        When this returns the turn is durable. Raises `InvalidInput` for an empty or overlong
        text, `NotFound`, `Conflict` when the conversation went on elsewhere, and `Busy` when too
        many answers are waiting or one is being written in this conversation.
        """
        remote = self._live.is_remote(request.model)
        if len(self._tails.all()) >= (LISTENERS if remote else WRITERS) + WAITING:
            raise Busy(f"{WAITING} answers are waiting already; try again in a few seconds.")
        talks = self._talks.of(request.conversation_id)
        begun = _begin(talks, request)
        if not begun.repeated:
            tail = self._tails.open(begun.answer.id, begun.answer.text)
            pool = self._others if remote else self._own
            pool.submit(self._write, talks, begun.answer, request, tail)
        return begun

    def stop(self, turn_id: str) -> None:
        """Ask for an answer to end; what was written is kept. A finished one stays as it is.

        An answer of another server on the same store ends with its next piece. Raises `NotFound`.
        """
        talks = self._talks.of_turn(turn_id)
        turn = talks.turn(turn_id)
        tail = self._tails.get(turn_id)
        if tail is not None:
            tail.stop()
        elif turn.status is TurnStatus.STREAMING:
            talks.ask_to_stop(turn_id)

    def wait(self, turn_id: str) -> TurnRow:
        """The finished row of an answer, as soon as it is finished. Raises `NotFound`."""
        tail = self._tails.get(turn_id)
        if tail is not None:
            tail.wait_closed()
        return self._talks.of_turn(turn_id).turn(turn_id)

    def log(self, conversation_id: str) -> None:
        """Something in a conversation changed: its file is to be written anew."""
        if self._logger is not None:
            self._logger.note(conversation_id)

    def close(self) -> None:
        """Stop every answer being written, keep what was written, and wait for it."""
        for tail in self._tails.all():
            tail.stop()
        self._own.shutdown(wait=True)
        self._others.shutdown(wait=True)
        self._journal.close()

    def _write(self, talks: Conversations, answer: TurnRow, request: Request, tail: Tail) -> None:
        """Let the model speak into the tail and the journal; close the answer whatever happens."""
        row = None
        try:
            ending = self._speak(talks, answer, request, tail)
            row = _finish(talks, answer.id, tail.text, ending)
        except Exception:
            # Nobody waits for this thread: the log is the only place left to say it.
            log.exception("The answer %s could not be closed.", answer.id)
        finally:
            self._tails.close(answer.id, row)
        self.log(answer.conversation_id)

    def _speak(
        self, talks: Conversations, answer: TurnRow, request: Request, tail: Tail
    ) -> dict[str, Any]:
        """Write the answer; what its row is to say besides the text."""
        ending: dict[str, Any] = {"origin": Origin.GENERATED, "checkpoint": None, "window": None}
        try:
            provider, core_prompt = self._live.to_answer(request.model)
            length = min(request.length, provider.window // 2)
            whole = View.of_answer(talks, answer).under(core_prompt)
            rules = self._speakers.rules()
            heard = whole.heard(rules)
            memory = self._memory if talks is self._talks.kept else None
            if memory is not None:
                memory.catch_up(rules)
            told = _told(memory, provider, heard, rules)
            documents = self._documents(answer)
            beside = self._beside(provider, rules, documents)
            view = heard.through(provider, answer=length, documents=beside.text, memory=told)
            sampling = request.sampling(answer.id, length)
            ending |= {
                "checkpoint": provider.checkpoint,
                "window": view.report,
                "sampling": _described(sampling),
            }
            route = self._router.route(
                provider,
                view.messages,
                anyway=request.anyway,
                told=lambda: self._remembered(view.messages, rules, memory, answer),
            )
            quotes = self._quoting is not None and route.origin is not Origin.REMEMBERED
            if self._quoting is not None and quotes and not request.anyway:
                route = self._quoting.instead_of(route, documents, provider, view.messages)
                kept = talks is self._talks.kept
                if kept and not documents and route.origin is Origin.DECLINED:
                    route = self._quoting.pointing(route, view.messages)
            ending |= {
                "origin": route.origin,
                # What was shown of documents keeps an exchange from learning, as a quote does.
                "citations": beside.citations if _is_own(route) else route.citations,
                "remembered": route.remembered,
            }
            if route.taken_for is not None:
                ending["window"] = view.report | {"taken_for": route.taken_for}
            with (
                closing(route.pieces(provider, view.messages, sampling)) as pieces,
                self._journal.follow(talks, answer.id, tail),
            ):
                stopped = _show(pieces, tail)
            return ending | {"status": TurnStatus.STOPPED if stopped else TurnStatus.COMPLETE}
        except Exception as error:
            log.exception("The answer %s broke off.", answer.id)
            reason = str(error) if isinstance(error, L2CError) else "The model broke off."
            return ending | {"status": TurnStatus.ERROR, "error": reason}

    def _documents(self, answer: TurnRow) -> Sequence[DocumentRow]:
        if self._quoting is None:
            return ()
        return self._quoting.documents_of(answer.conversation_id)

    def _beside(self, provider: Provider, rules: Rules, documents: Sequence[DocumentRow]) -> Beside:
        """What a model elsewhere is shown of the conversation's documents; an own model is not."""
        shown = rules[Speaker.DOCUMENT].window and not isinstance(provider, LocalProvider)
        if self._quoting is None or not shown:
            return Beside("", ())
        return self._quoting.beside(documents)

    def _remembered(
        self, messages: Sequence[Message], rules: Rules, memory: Memory | None, answer: TurnRow
    ) -> Route | None:
        """The answer that something told gives; a temporary conversation knows only itself."""
        if self._memory is None:
            return None
        turn_id = None if memory is None else answer.parent_id
        return self._memory.answer(messages, rules, turn_id=turn_id)


def _is_own(route: Route) -> bool:
    """Whether the model answers by itself."""
    return route.origin is Origin.GENERATED and not route.citations


def _told(memory: Memory | None, provider: Provider, heard: View, rules: Rules) -> str:
    """What a model elsewhere is shown of what was told; an own model is not."""
    if memory is None or isinstance(provider, LocalProvider) or not heard.messages:
        return ""
    return memory.for_window(heard.messages[-1].text, rules)


def _begin(talks: Conversations, request: Request) -> BegunExchange:
    """Take the step that is asked for."""
    how: dict[str, Any] = {
        "model": request.model,
        "key": request.key,
        "request_digest": request.digest,
    }
    ends_in = request.parent_id
    if request.step is Step.ANSWER:
        return talks.begin_answer(request.turn_id, last_turn_id=ends_in, **how)
    if request.step is Step.CONTINUE:
        return talks.begin_continuation(request.turn_id, last_turn_id=ends_in, **how)
    text, how = clean(request.text), how | {"learn": request.learn}
    if request.step is Step.EDIT:
        return talks.begin_edit(request.turn_id, text, last_turn_id=ends_in, **how)
    return talks.begin_exchange(request.conversation_id, text, parent_id=ends_in, **how)


def _show(pieces: Iterator[str], tail: Tail) -> bool:
    """Show every piece; whether somebody asked to stop."""
    for piece in pieces:
        if tail.stopping:
            return True
        tail.append(piece)
    return False


def _finish(talks: Conversations, turn_id: str, text: str, ending: dict[str, Any]) -> TurnRow:
    """Close the answer, also when the store is busy for long: it would stay open for ever."""
    for _ in range(FINISHING_ATTEMPTS - 1):
        try:
            return talks.finish(turn_id, text=text, **ending)
        except Busy as busy:
            log.warning("The answer %s cannot be closed yet: %s", turn_id, busy)
    return talks.finish(turn_id, text=text, **ending)


def _described(sampling: Sampling) -> dict[str, Any]:
    """How an answer was written, as its record says it."""
    names = ("temperature", "top_k", "top_p", "min_p", "repetition_penalty", "length", "seed")
    return {name: getattr(sampling, name) for name in names}


def clean(text: str) -> str:
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
