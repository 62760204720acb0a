"""HTTP/1.1 with a deadline: a request arrives whole within seconds, or its connection closes.

uvicorn waits for ever for a client that sends nothing, or a byte now and then (slowloris); a few
hundred of those would use up `limit_concurrency`, and nobody else could connect. The deadline is
absolute, from the moment a request may begin until its last byte; answers, which may stream for
minutes, are not touched by it. A file that is uploaded may take longer, as long as it keeps coming
at `UPLOAD_BYTES_PER_S`. Answers leave at once, in packets however small: otherwise the second half
of one waits 40 ms for the client to confirm the first (Nagle's algorithm).
"""

from __future__ import annotations

import asyncio
import socket
from typing import ClassVar, cast

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from l2c.server import uploads

UPLOAD_BYTES_PER_S = 64 << 10
"""What of a file must arrive in a second on average, over each span of the deadline."""

GRACE_S = 3
"""How long open streams may go on when the server is asked to end."""


def config(app: ASGIApp) -> uvicorn.Config:
    """How uvicorn serves the application."""
    return uvicorn.Config(
        app,
        http=PromptProtocol,
        log_level="warning",
        access_log=False,
        limit_concurrency=512,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
    )


class PromptProtocol(H11Protocol):
    """uvicorn's own protocol, which gives each request `receipt_s` seconds to arrive."""

    receipt_s: ClassVar[float] = 20.0

    _deadline: asyncio.TimerHandle | None = None
    _arrived = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start the clock for the first request."""
        super().connection_made(cast(asyncio.Transport, transport))
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._start_clock()

    def data_received(self, data: bytes) -> None:
        """Count what arrives."""
        self._arrived += len(data)
        super().data_received(data)

    def handle_events(self) -> None:
        """Stop the clock as soon as the request is here."""
        super().handle_events()
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._stop_clock()

    def on_response_complete(self) -> None:
        """Start the clock for the next request on this connection."""
        self._start_clock()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more."""
        self._stop_clock()
        super().connection_lost(exc)

    def _start_clock(self) -> None:
        self._stop_clock()
        self._arrived = 0
        self._deadline = self.loop.call_later(self.receipt_s, self._time_is_up)

    def _time_is_up(self) -> None:
        """Close the connection, unless a file is on its way and comes fast enough."""
        scope = self.scope if self.conn.their_state is h11.SEND_BODY else None
        uploading = scope is not None and (scope["method"], scope["path"]) in uploads.LARGEST
        if uploading and self._arrived >= self.receipt_s * UPLOAD_BYTES_PER_S:
            self._start_clock()
        else:
            self.transport.close()

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
