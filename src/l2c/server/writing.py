"""Texts written for other programs, as they are written; whoever goes away stops them.

A dialect's answer lives as long as its request: nobody else can read it, so nothing is written for
a client that has hung up. At most `WRITERS` are written at once and `WAITING` wait; the rest is
told to come back. Waiting and reading take no thread, writing takes one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from l2c.errors import Busy
from l2c.runtime import Completion, Outcome, Said

WRITERS = 2
WAITING = 32

SILENCE_S = 15.0
"""Seconds without a piece after which a reader is told that the connection lives."""


class Seats:
    """Who may write now; first come, first served."""

    def __init__(self, writers: int = WRITERS, waiting: int = WAITING) -> None:
        self._free = asyncio.Semaphore(writers)
        self._places = writers + waiting
        self.taken = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A seat, as soon as one is free. Raises `Busy` when too many wait for one already."""
        if self.taken >= self._places:
            raise Busy("Too many answers are waiting already; try again in a few seconds.")
        self.taken += 1
        try:
            async with self._free:
                yield
        finally:
            self.taken -= 1


@dataclass(slots=True)
class Text:
    """A text being read: what arrived so far is added up here.

    `begun_ns` and `first_ns` are when it was begun and when its first piece came, on the clock of
    `time.perf_counter_ns`.
    """

    completion: Completion
    said: list[Said] = field(default_factory=list)
    outcome: Outcome | None = None
    begun_ns: int = field(default_factory=time.perf_counter_ns)
    first_ns: int | None = None

    @property
    def text(self) -> str:
        """Everything that was said."""
        return "".join(said.text for said in self.said)

    @property
    def tokens(self) -> int:
        """How many tokens were written; 0 where nobody tells."""
        return (self.outcome.tokens if self.outcome else None) or 0

    @property
    def reason(self) -> str:
        """Why it ended: `stop` or `length`."""
        return self.outcome.reason if self.outcome else "stop"

    async def pieces(self, *, silence_s: float = SILENCE_S) -> AsyncIterator[Said | None]:
        """Every piece as it is written, None after each silence; leaving early stops it."""
        writing = self.completion.writing
        step: asyncio.Task[Said | Outcome] | None = None
        try:
            while True:
                step = asyncio.create_task(run_in_threadpool(_next, writing))
                while not step.done():
                    await asyncio.wait({step}, timeout=silence_s)
                    if not step.done():
                        yield None
                item = step.result()
                if isinstance(item, Outcome):
                    self.outcome = item
                    return
                self.first_ns = self.first_ns or time.perf_counter_ns()
                self.said.append(item)
                yield item
        finally:
            # Also when the reader has gone: a text cannot be closed while a thread is inside it.
            with anyio.CancelScope(shield=True):
                if step is not None:
                    await asyncio.wait({step})
                await run_in_threadpool(writing.close)

    async def close(self) -> None:
        """Stop the writing; nothing happens when it has ended."""
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(self.completion.writing.close)

    async def whole(self, request: Request) -> Text:
        """This text once it is finished; writing stops when the client of `request` hangs up."""
        async for _ in self.pieces(silence_s=1.0):
            if await request.is_disconnected():
                break
        return self


class Held(StreamingResponse):
    """A streamed response that holds something until it has ended, also when it never begins."""

    def __init__(self, content: AsyncIterator[str], held: AsyncExitStack, **options: Any) -> None:
        super().__init__(content, **options)
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response, then let go."""
        async with self._held:
            await super().__call__(scope, receive, send)


def completion_headers(completion: Completion) -> dict[str, str]:
    """What a response says besides the text: which version wrote it, and what it did not read."""
    headers = {"x-context-dropped-tokens": str(completion.dropped_tokens)}
    if completion.checkpoint is not None:
        headers["x-l2c-checkpoint"] = completion.checkpoint
    return headers


async def begin(make: Callable[[], Completion]) -> Text:
    """Begin a text on a thread; loading a model may take a moment."""
    return Text(await run_in_threadpool(make))


def _next(writing: Generator[Said, None, Outcome]) -> Said | Outcome:
    try:
        return next(writing)
    except StopIteration as ended:
        outcome: Outcome = ended.value
        return outcome
