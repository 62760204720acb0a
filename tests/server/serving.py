"""A real server in this process, on a tiny model: what most tests of the API talk to.

The model has never been trained and says nonsense, but at once, so tests are about the server.
Where a test must know what is said and when, a `Scripted` model speaks instead, one piece each
time it is allowed to.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from l2c.chat.live import LiveModels
from l2c.chat.reply import Replies
from l2c.conversation import Message
from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.errors import ProviderError
from l2c.providers.provider import Outcome, Provider, Said, Sampling, Writing
from l2c.runtime import Runtime
from l2c.server import protocol
from l2c.server.app import create_app
from l2c.settings import Settings
from l2c.text.bytes import ByteTokenizer
from l2c.text.characters import CharacterTokenizer

Json = dict[str, Any]

WAIT_S = 60.0
"""How long a test waits for what must come; nothing is ever measured against it."""


def write_starter(path: Path, *, hidden_size: int = 16, seed: int = 1) -> Path:
    """An untrained model as a starter: small ones learn quickly, large ones speak slowly."""
    alphabet = "".join(map(chr, range(32, 127)))
    model = LanguageModel.create(
        "lstm", {"hidden_size": hidden_size}, CharacterTokenizer(alphabet), seed=seed
    )
    path.write_bytes(checkpoint.to_bytes(model, optimizer=False))
    return path


def settings(data_dir: Path, starter: Path, **changes: Any) -> Settings:
    """Settings of a test, whatever the environment says."""
    given: dict[str, Any] = {"data_dir": data_dir, "starter": starter, "practice_tokens": 0}
    return Settings(_env_file=None, **{**given, **changes})  # type: ignore[call-arg]


@dataclass
class Serving:
    """A running server: its runtime, and a client that talks to it."""

    runtime: Runtime
    app: FastAPI
    url: str
    client: httpx.Client

    def get(self, path: str, **options: Any) -> Json:
        return self._json(self.client.get(path, **options))

    def post(self, path: str, body: Json | None = None, **options: Any) -> Json:
        return self._json(self.client.post(path, json=body, **options))

    def patch(self, path: str, body: Json) -> Json:
        return self._json(self.client.patch(path, json=body))

    def new(self, **fields: Any) -> str:
        """A new conversation's id."""
        return str(self.post("/app/v1/conversations", fields)["id"])

    def say(self, conversation: str, text: str = "Hello", **fields: Any) -> Json:
        """An exchange that begins."""
        return self.post(f"/app/v1/conversations/{conversation}/turns", {"text": text, **fields})

    def finished(self, exchange: Json) -> Json:
        """The answer of an exchange, finished."""
        self.runtime.replies.wait(exchange["answer"]["id"])
        return self.get(f"/app/v1/turns/{exchange['answer']['id']}")

    @staticmethod
    def _json(response: httpx.Response) -> Json:
        assert response.is_success, f"{response.status_code}: {response.text}"
        value = response.json()
        assert isinstance(value, dict)
        return value


@contextmanager
def serving(runtime: Runtime, **options: Any) -> Iterator[Serving]:
    """Serve a runtime until the block ends, which closes it."""
    app = create_app(runtime, **options)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    token = runtime.house.door.page_token()
    # As the page has it, under whichever name and port a test calls the server.
    cookies = dict.fromkeys(("l2c", "l2c_8000", f"l2c_{port}"), token)
    server = uvicorn.Server(protocol.config(app))
    thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[listener]),))
    thread.start()
    try:
        with httpx.Client(base_url=url, timeout=WAIT_S, trust_env=False, cookies=cookies) as client:
            yield Serving(runtime, app, url, client)
    finally:
        server.should_exit = True
        thread.join()


class Scripted(Provider):
    """A model that says its lines one at a time, each when it is allowed to."""

    name, checkpoint, window = "le", None, 512
    tokenizer = ByteTokenizer()

    def __init__(self, *lines: str, fail: bool = False) -> None:
        self.lines = lines
        self._fail = fail
        self._allowed = threading.Semaphore(0)

    def answer(self, messages: Sequence[Message], sampling: Sampling) -> Writing:
        for line in self.lines:
            assert self._allowed.acquire(timeout=WAIT_S)
            yield Said(line)
        if self._fail:
            raise ProviderError("The speaker lost its voice.")
        return Outcome("stop", len(self.lines))

    def complete(self, text: str, sampling: Sampling) -> Writing:
        return self.answer((), sampling)

    def go_on(self, lines: int = 1) -> None:
        """Let so many more lines be said."""
        for _ in range(lines):
            self._allowed.release()


class _Only(LiveModels):
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def is_remote(self, name: str) -> bool:
        return False

    def core_prompt(self, name: str) -> str:
        return ""

    def to_answer(self, name: str) -> tuple[Provider, str]:
        return self._provider, ""


def only(provider: Provider) -> LiveModels:
    """Models all of which are this one."""
    return _Only(provider)


def let_speak(runtime: Runtime, provider: Provider) -> None:
    """Have all answers of a runtime written by `provider` from now on."""
    runtime.replies.close()
    replies = Replies(
        runtime.talks, _Only(provider), runtime.tails, runtime.router, runtime.speakers
    )
    runtime.replies = runtime.talking.replies = replies


@dataclass(frozen=True)
class Event:
    """One server-sent event; a comment has the kind `comment`."""

    kind: str
    identity: int | None
    data: Json


def events(response: httpx.Response) -> Generator[Event, None, None]:
    """The events of a response as they arrive."""
    block: list[str] = []
    for line in response.iter_lines():
        if line:
            block.append(line)
            continue
        fields = dict(entry.split(": ", 1) for entry in block if not entry.startswith(":"))
        if fields:
            yield Event(fields["event"], int(fields["id"]), json.loads(fields["data"]))
        else:
            yield Event("comment", None, {})
        block = []


@contextmanager
def listening(
    client: httpx.Client, answer: str, *, after: int | None = None, last: int | None = None
) -> Iterator[Generator[Event, None, None]]:
    """The stream of an answer, from where the reader says it is."""
    headers = {} if last is None else {"last-event-id": str(last)}
    params = {} if after is None else {"after": str(after)}
    path = f"/app/v1/turns/{answer}/stream"
    with client.stream("GET", path, headers=headers, params=params) as response:
        assert response.status_code == 200, response.read()
        with closing(events(response)) as arriving:
            yield arriving


def read(arriving: Iterator[Event], held: str = "") -> tuple[str, Json]:
    """What a reader that held `held` has in the end, and the final turn."""
    for event in arriving:
        if event.kind == "piece":
            held += event.data["text"]
        elif event.kind == "snapshot":
            held = event.data["text"]
        elif event.kind == "end":
            assert event.identity == len(held)
            turn = event.data["turn"]
            assert isinstance(turn, dict)
            return held, turn
        if event.identity is not None:
            assert event.identity == len(held)
    raise AssertionError("the stream broke off")
