"""Talking without the store: one model, the window, the router, and a file for each conversation.

This is what answers behind `l2c serve --light`. Conversations are held in memory and written to
`logs/conversations/` as they go, so they survive as files but not as something to go on with. The
one thing that is read of the store is which checkpoint is live, read-only and anew for each
answer, so that a lesson kept meanwhile is heard at once.
"""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from l2c import __version__, machine
from l2c.chat import window
from l2c.chat.router import NOTHING_PRACTISED, Router
from l2c.chat.session_files import SessionFiles
from l2c.conversation import Message, Role
from l2c.engines import checkpoint
from l2c.engines.doubt import Doubt, read_doubts
from l2c.errors import Busy, CheckpointError, InvalidInput, L2CError, NotFound
from l2c.providers.local import LocalProvider
from l2c.providers.provider import Sampling
from l2c.text.measures import character_entropy
from l2c.text.practice import Practice

MAX_CHARACTERS = 8_192
MAX_CONVERSATIONS, MAX_TURNS = 100, 400
TEMPERATURE, ANSWER_TOKENS, SAMPLE_TOKENS = 0.3, 400, 128
LEAST_CHARACTER_BITS = 2.0


class Talker:
    """Answers, with whichever checkpoint is live, and keeps what is said in files."""

    def __init__(
        self,
        data_dir: Path,
        *,
        model: str,
        starters: Sequence[Path],
        doubt_files: Sequence[Path] = (),
        practised: Callable[[], Practice] = lambda: NOTHING_PRACTISED,
    ) -> None:
        """The model called `model`; `le` begins with the first of the `starters`.

        `doubt_files` are the records of doubt; each holds for what its starter became. Raises
        `CheckpointError` for a damaged one.
        """
        self._data_dir = data_dir
        self._model = model
        self._starters = starters
        self._provider: LocalProvider | None = None
        self._talks: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._files = SessionFiles(data_dir / "logs" / "conversations")
        self._speaking = threading.RLock()
        self._doubts = read_doubts(doubt_files)
        self._router = Router(doubt=lambda name: self._doubted(), practised=practised)

    def answer(self, prompt: str, conversation_id: str | None) -> dict[str, Any]:
        """The answer to a turn, in a new conversation unless one is named. Raises `L2CError`."""
        text = prompt.replace("\0", "\ufffd")
        if not text.strip() or len(text) > MAX_CHARACTERS:
            raise InvalidInput(f"`prompt` must have 1 to {MAX_CHARACTERS} characters.")
        with self._speaking:
            provider = self.provider()
            talk = self._talk(conversation_id)
            said = [Message(Role(turn["role"]), turn["text"]) for turn in talk["turns"]]
            said.append(Message(Role.USER, text))
            length = min(ANSWER_TOKENS, provider.window // 2)
            seen = window.build(said, provider.tokenizer, size=provider.window, answer=length)
            route = self._router.route(provider, seen.messages, anyway=False)
            sampling = Sampling(TEMPERATURE, length, uuid.uuid4().int >> 65)
            answer = "".join(route.pieces(provider, seen.messages, sampling))
            self._add(talk, Role.USER, text)
            beside = {"checkpoint": provider.checkpoint, "origin": str(route.origin)}
            self._add(talk, Role.ASSISTANT, answer, model=self._model, **beside)
            self._files.write(talk)
            machine.release_memory()
        return {"response": answer, "conversation_id": talk["id"], "model": self._model, **beside}

    def health(self) -> dict[str, Any]:
        """Whether it can write, and what it writes with."""
        problems, bits, digest = [], None, None
        try:
            with self._speaking:
                provider = self.provider()
                written = provider.complete("", Sampling(1.0, SAMPLE_TOKENS, seed=20))
                bits = character_entropy("".join(said.text for said in written))
            digest = provider.checkpoint
            if bits < LEAST_CHARACTER_BITS:
                problems.append(f"It says one thing over and over: {bits:.2f} bits a character.")
        except L2CError as error:
            problems.append(str(error))
        return {
            "status": "failed" if bits is None else "degraded" if problems else "ok",
            "version": __version__,
            "model": self._model,
            "checkpoint": digest,
            "character_entropy": bits,
            "free_bytes": machine.free_bytes(self._data_dir),
            "problems": problems,
        }

    def provider(self) -> LocalProvider:
        """The model that answers now. Raises `CheckpointError`, and `NotFound` without one."""
        with self._speaking:
            return self._loaded(live(self._data_dir, self._model) or self._first())

    def _loaded(self, digest: str) -> LocalProvider:
        if self._provider is None or self._provider.checkpoint != digest:
            own = self._data_dir / "checkpoints" / f"{digest}{checkpoint.SUFFIX}"
            path = (
                own
                if own.exists()
                else next((path for path in self._starters if _digest(path) == digest), own)
            )
            self._provider = None  # one model in memory, not two
            loaded = checkpoint.load(path, digest=digest)
            loaded.engine.only_read()
            self._provider = LocalProvider(self._model, digest, loaded)
            machine.release_memory()
        return self._provider

    def _first(self) -> str:
        if self._model != "le":
            raise NotFound(f"There is no model {self._model!r} in {self._data_dir}.")
        return _digest(self._starters[0])

    def _doubted(self) -> Doubt | None:
        """The record of doubt of the starter that the model began with, if there is one."""
        return self._doubts.get(begun(self._data_dir, self._model) or self._first())

    def _talk(self, conversation_id: str | None) -> dict[str, Any]:
        if conversation_id is None:
            now = _now()
            talk: dict[str, Any] = {"id": uuid.uuid4().hex, "title": "", "model": self._model}
            talk |= {"learn": True, "created_at": now, "updated_at": now}
            talk |= {"active_turn_id": None, "turns": []}
            self._talks[talk["id"]] = talk
            while len(self._talks) > MAX_CONVERSATIONS:
                self._talks.popitem(last=False)
            return talk
        if conversation_id not in self._talks:
            raise NotFound("There is no such conversation any more; begin a new one.")
        self._talks.move_to_end(conversation_id)
        if len(self._talks[conversation_id]["turns"]) >= MAX_TURNS:
            raise Busy(f"A conversation has {MAX_TURNS} turns here at most; begin a new one.")
        return self._talks[conversation_id]

    @staticmethod
    def _add(talk: dict[str, Any], role: Role, text: str, **beside: Any) -> None:
        now, turn_id = _now(), uuid.uuid4().hex
        turn = {"id": turn_id, "parent_id": talk["active_turn_id"], "role": str(role), "text": text}
        talk["turns"].append(turn | {"created_at": now, "finished_at": now} | beside)
        talk |= {"updated_at": now, "active_turn_id": turn_id}


def live(data_dir: Path, model: str) -> str | None:
    """The digest of a model's live checkpoint, as the local user's store says; None without one.

    Raises `Busy` when the store cannot be read now.
    """
    return _ask(
        data_dir,
        "SELECT live FROM model JOIN account ON account.id = model.user_id "
        "WHERE account.local AND model.name = ?",
        model,
    )


def begun(data_dir: Path, model: str) -> str | None:
    """The digest of the starter a model began with; None without one. Raises as `live`."""
    return _ask(
        data_dir,
        "SELECT starter FROM model JOIN account ON account.id = model.user_id "
        "WHERE account.local AND model.name = ?",
        model,
    )


def people_sign_in(data_dir: Path) -> bool:
    """Whether the local user has a password, so that talking needs one."""
    query = "SELECT password FROM account WHERE local AND password IS NOT NULL AND ? <> ''"
    return _ask(data_dir, query, "any") is not None


def _ask(data_dir: Path, query: str, value: str) -> str | None:
    store = data_dir / "l2c.db"
    if not store.exists():
        return None
    try:
        address = f"file:{quote(str(store.absolute()))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=5)) as connection:
            row = connection.execute(query, (value,)).fetchone()
    except sqlite3.Error as error:
        raise Busy(f"The store {store} cannot be read: {error}.") from error
    return None if row is None else str(row[0])


@cache
def _digest(path: Path) -> str:
    try:
        return checkpoint.digest_of(path.read_bytes())
    except OSError as error:
        raise CheckpointError(f"{path.name} cannot be read: {error.strerror}.") from error


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
