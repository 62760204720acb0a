"""The stream of an answer: server-sent events that only read, and can be resumed anywhere.

An event's id is the number of characters delivered so far, so whoever comes back with it gets
exactly the rest. What is read is the committed journal plus the tail in memory. When the server
was killed, a reader may have seen up to a quarter of a second more than the journal kept; then
one `snapshot` replaces what it has. Nothing is queued for a slow reader, and a reader who goes
away cancels nothing. Several answers can come over one connection: browsers allow six to one
address, and a page in many tabs must not use them up.
Format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from starlette.concurrency import run_in_threadpool

from l2c.conversation import Role, TurnStatus
from l2c.errors import InvalidInput, L2CError
from l2c.runtime import Runtime, Tail, TurnRow

SILENCE_S = 15.0
"""Seconds of silence after which a comment shows that the connection lives."""

POLL_S = 0.5
"""How often an answer that another process writes is looked up in the store."""

SHARE_S, LONGEST_PAUSE_S = 0.001, 0.25
"""How long a reader is told nothing after a piece, for each reader there is; and at most. One
processor serves them all, and what is told seldom costs it less."""

MANY = 32
GIVING_WAY_S = 0.1
"""Among how many readers, and how much longer, each is told nothing when an answer began so lately:
its first letters go before everybody's next ones."""

_reading: set[asyncio.Event] = set()
"""Who is told of changes now, in this process."""


STILL_HERE = ": still here\n\n"


async def events(
    runtime: Runtime,
    turn_id: str,
    after: int,
    describe: Callable[[Any], dict[str, Any]],
    *,
    silence_s: float = SILENCE_S,
) -> AsyncIterator[str]:
    """The events of an answer from character `after` on, until it is finished."""
    async for happened in _happenings(runtime, turn_id, after, describe, silence_s):
        yield STILL_HERE if happened is None else _event(*happened)


async def events_of_several(
    runtime: Runtime,
    wanted: Mapping[str, int],
    describe: Callable[[Any], dict[str, Any]],
    *,
    silence_s: float = SILENCE_S,
) -> AsyncIterator[str]:
    """The events of several answers, each from its own character on, until all are finished.

    The data of every event names its turn as `of`. A turn that cannot be streamed has one event,
    `refused`; the others go on.
    """
    # One place: whoever has something to say waits until the reader took what was said before.
    said: asyncio.Queue[str | Exception | None] = asyncio.Queue(maxsize=1)

    async def tell(turn_id: str, after: int) -> None:
        try:
            await run_in_threadpool(expect_an_answer, runtime, turn_id)
            async for happened in _happenings(runtime, turn_id, after, describe, silence_s):
                if happened is None:
                    await said.put(STILL_HERE)
                else:
                    kind, identity, payload = happened
                    await said.put(_event(kind, identity, payload | {"of": turn_id}))
        except L2CError as error:
            await said.put(_event("refused", after, {"of": turn_id, "message": str(error)}))
        except Exception as error:
            await said.put(error)  # a bug: it breaks the stream off, and is in the log
        await said.put(None)

    tellers = [asyncio.create_task(tell(*one)) for one in wanted.items()]
    try:
        left = len(tellers)
        while left:
            event = await said.get()
            if isinstance(event, Exception):
                raise event
            if event is None:
                left -= 1
            else:
                yield event
    finally:
        for teller in tellers:
            teller.cancel()


async def _happenings(
    runtime: Runtime,
    turn_id: str,
    after: int,
    describe: Callable[[Any], dict[str, Any]],
    silence_s: float,
) -> AsyncIterator[tuple[str, int, dict[str, Any]] | None]:
    """Kind, characters delivered and payload of every event; None after a silence."""
    delivered, tail = after, runtime.tails.get(turn_id)
    async for text in _texts(runtime, turn_id, tail, silence_s):
        if text is None:
            yield None
        elif delivered > len(text):
            delivered = len(text)
            yield "snapshot", delivered, {"text": text}
        elif len(text) > delivered:
            piece, delivered = text[delivered:], len(text)
            yield "piece", delivered, {"text": piece}
    turn = None if tail is None else tail.row
    if turn is None:
        turn = await run_in_threadpool(_turn, runtime, turn_id)
    if delivered != len(turn.text):
        kind = "piece" if delivered < len(turn.text) else "snapshot"
        rest = turn.text[delivered:] if kind == "piece" else turn.text
        delivered = len(turn.text)
        yield kind, delivered, {"text": rest}
    yield "end", delivered, {"turn": describe(turn)}


async def finished(runtime: Runtime, turn_id: str) -> TurnRow:
    """The answer's row once nobody writes it here any more, however long that takes.

    No thread waits meanwhile, so any number of callers can.
    """
    tail = runtime.tails.get(turn_id)
    if tail is not None:
        with _changes(tail) as changed:
            while not tail.closed:
                await changed.wait()
                changed.clear()
    return await run_in_threadpool(_turn, runtime, turn_id)


def _turn(runtime: Runtime, turn_id: str) -> TurnRow:
    return runtime.talking.of_turn(turn_id).turn(turn_id)


def expect_an_answer(runtime: Runtime, turn_id: str) -> None:
    """Raise `NotFound` for a turn that is not there, and `InvalidInput` for one of the user."""
    if runtime.talking.of_turn(turn_id).role_of(turn_id) is not Role.ASSISTANT:
        raise InvalidInput("Only answers are streamed; this is a user's turn.")


async def _texts(
    runtime: Runtime, turn_id: str, tail: Tail | None, silence_s: float
) -> AsyncIterator[str | None]:
    """The whole text so far, each time it may have changed; None after a silence."""
    if tail is None:
        async for text in _stored_texts(runtime, turn_id, silence_s):
            yield text
        return
    with _changes(tail) as changed:
        while not tail.closed:
            changed.clear()
            text = tail.text
            yield text
            if text:
                await asyncio.sleep(min(SHARE_S * len(_reading), LONGEST_PAUSE_S))
                if len(_reading) >= MANY and _has_just_begun(runtime):
                    await asyncio.sleep(GIVING_WAY_S)
            try:
                async with asyncio.timeout(silence_s):
                    await changed.wait()
            except TimeoutError:
                yield None


def _has_just_begun(runtime: Runtime) -> bool:
    return time.monotonic() - runtime.tails.opened_at < GIVING_WAY_S


@contextmanager
def _changes(tail: Tail) -> Iterator[asyncio.Event]:
    """An event that is set whenever the tail has changed since it was cleared."""
    changed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wake() -> None:
        if changed.is_set():  # whoever cleared it after this reads what is new
            return
        with suppress(RuntimeError):  # the loop has ended; nobody reads any more
            loop.call_soon_threadsafe(changed.set)

    _reading.add(changed)
    tail.watch(wake)
    try:
        yield changed
    finally:
        tail.unwatch(wake)
        _reading.discard(changed)


async def _stored_texts(
    runtime: Runtime, turn_id: str, silence_s: float
) -> AsyncIterator[str | None]:
    """The same for an answer that another process writes, or that nobody writes any more."""
    waited = 0.0
    while True:
        turn = await run_in_threadpool(_turn, runtime, turn_id)
        if turn.status is not TurnStatus.STREAMING:
            return
        yield turn.text
        await asyncio.sleep(POLL_S)
        waited += POLL_S
        if waited >= silence_s:
            waited = 0.0
            yield None


def _event(kind: str, identity: int, payload: dict[str, Any]) -> str:
    return f"id: {identity}\nevent: {kind}\ndata: {json.dumps(payload, ensure_ascii=False)}\n\n"
