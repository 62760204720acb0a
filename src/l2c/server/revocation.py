"""Ends what goes on for somebody who may not come in any more: within a second, also mid-stream.

Whoever came with a session or a key is looked up in the store again twice a second, for all that
go on at once, so it does not matter which process took the right away. What was sent stays sent;
the response ends there, without the mark that says it is whole.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from l2c.errors import L2CError
from l2c.runtime.door import Caller

log = logging.getLogger(__name__)

LOOK_S = 0.4


class Watch:
    """Carries requests, and ends those of callers who are not admitted any more."""

    def __init__(self, still_admitted: Callable[[Iterable[Caller]], set[Caller]]) -> None:
        self._still_admitted = still_admitted
        self._going: dict[Caller, set[_Request]] = {}
        self._looking: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    async def carry(
        self, caller: Caller, app: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Run a request of this caller, to its end or to that of its rights."""
        going = _Request(send)
        self._going.setdefault(caller, set()).add(going)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            await app(scope, receive, going.send)
        except asyncio.CancelledError:
            if not going.ended:
                raise
            going.task.uncancel()
        finally:
            self._going[caller].discard(going)
            if not self._going[caller]:
                del self._going[caller]

    async def _look(self) -> None:
        while self._going:
            await asyncio.sleep(LOOK_S)
            callers = set(self._going)
            try:
                admitted = await run_in_threadpool(self._still_admitted, callers)
            except L2CError as error:
                log.warning("Nobody's rights could be looked up just now: %s", error)
                continue
            for caller in callers - admitted:
                for going in self._going.get(caller, set()):
                    ending = asyncio.create_task(going.end())
                    self._ending.add(ending)
                    ending.add_done_callback(self._ending.discard)


class _Request:
    """A request on its way, whose response can be ended from outside."""

    def __init__(self, send: Send) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self.ended = False
        self._send = send
        self._started = self._complete = False

    async def send(self, message: Message) -> None:
        """Send, unless the response was ended."""
        if self.ended:
            return
        self._started = True
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._complete = True
        await self._send(message)

    async def end(self) -> None:
        """End the response where it is, and the work for it."""
        if self.ended:
            return
        self.ended = True
        self.task.cancel()
        if not self._started:
            await self._send({"type": "http.response.start", "status": 401, "headers": []})
        if not self._complete:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
