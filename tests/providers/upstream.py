"""A server of other models, for tests: real HTTP, and it does exactly what the test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What a request is answered with: `parts` one after another, then perhaps a cut connection."""

    status: int = 200
    parts: tuple[bytes, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass
class Upstream:
    """A running server: its address, what it answers by path, and what it was asked."""

    url: str
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)

    def answer(self, path: str, *replies: Reply) -> None:
        """What `path` is answered with from now on, the last one for ever."""
        self.replies[path] = list(replies)

    def body(self, path: str) -> dict[str, Any]:
        """The last body `path` was asked with."""
        return next(body for asked, body, _ in reversed(self.asked) if asked == path)


def of_json(*values: Any, status: int = 200, **options: Any) -> Reply:
    """Each value as a line of JSON."""
    parts = tuple(json.dumps(value).encode() + b"\n" for value in values)
    return Reply(status, parts, **options)


def of_events(*values: Any, done: bool = True, **options: Any) -> Reply:
    """Each value as a server-sent event."""
    parts = [b"data: " + json.dumps(value).encode() + b"\n\n" for value in values]
    end = (b"data: [DONE]\n\n",) if done else ()
    return Reply(200, (*parts, *end), **options)


@contextmanager
def running() -> Iterator[Upstream]:
    """A server until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: tests are quiet."""

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            self._answer(json.loads(self.rfile.read(length)))

        def _answer(self, body: dict[str, Any]) -> None:
            upstream.asked.append(
                (self.path, body, {k.lower(): v for k, v in self.headers.items()})
            )
            replies = upstream.replies.get(self.path, [Reply(404, (b'{"error": "no route"}',))])
            reply = replies.pop(0) if len(replies) > 1 else replies[0]
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("transfer-encoding", "chunked")
            self.send_header("connection", "close")
            self.end_headers()
            try:
                for part in reply.parts:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
                    self.wfile.flush()
                if not reply.cut:
                    self.wfile.write(b"0\r\n\r\n")
            except OSError:
                pass  # the reader has gone, as some tests want
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    upstream = Upstream(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield upstream
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
