"""What is checked before any route runs: who may call, what a body may be, what a page may do.

Where nobody signs in, only this machine's own programs and its own page may talk to the server. A
web page from elsewhere can make a browser send requests to 127.0.0.1, so:

- the Host header must name this machine (a foreign name pointed at 127.0.0.1 is refused:
  DNS rebinding); where everybody signs in, any name will do;
- a request that changes something must not come from another origin (Origin, Sec-Fetch-Site);
- a body must be `application/json`, which no form of another page can send without asking first;
  only curl, which calls what it sends a form unless told, is believed to send JSON: the examples
  that people paste name no type, and no page can have a browser call itself curl in a form;
- a body has at most 1 MB, counted as it arrives, and at most 64 levels of nesting. A file is sent
  as it is, with a limit of its own (`l2c.server.uploads`, `l2c.server.routes.documents`).

Programs such as curl send none of the browser's headers and pass. Pure ASGI: nothing here holds
back a stream. Rules and their history: CVE-2021-32677, CVE-2024-28224, CVE-2025-66414.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from l2c.server import uploads
from l2c.server.headers import HEADERS
from l2c.server.problems import Problem, problem_response

MAX_BODY_BYTES = 1 << 20
MAX_NESTING = 64
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

UPLOAD = ("PUT", "/app/v1/documents")
"""The one request whose body is not JSON: a file, which its route counts and takes as it comes."""

BROWSERS = frozenset({"origin", "referer", "cookie", "accept-language"})
"""Headers by which a browser is known, beside those that begin with `sec-`."""

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Guard:
    """ASGI middleware that lets no other web page's requests through."""

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str] | None = LOOPBACK_NAMES) -> None:
        """`hosts` are the names the server answers under; None for any."""
        self._app = app
        self._hosts = None if hosts is None else frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with the reason why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            self._check_caller(scope["method"], headers)
            if (scope["method"], scope["path"]) == UPLOAD:
                await self._app(scope, receive, _with_headers(send))
                return
            largest = uploads.LARGEST.get((scope["method"], scope["path"]))
            if largest is None:
                if _is_untold_curl(headers):
                    scope = _sending_json(scope)
                    headers = Headers(scope=scope)
                receive = _replay(await _read_body(headers, receive), receive)
            else:
                receive = _counted(headers, receive, largest)
        except Problem as problem:
            await problem_response(problem, scope["path"])(scope, receive, _with_headers(send))
            return
        await self._app(scope, receive, _with_headers(send))

    def _check_caller(self, method: str, headers: Headers) -> None:
        host = _host_name(headers.get("host", ""))
        if self._hosts is not None and host not in self._hosts:
            raise Problem(403, "forbidden", "This server answers only under its own name.")
        if method in SAFE_METHODS:
            return
        origin = headers.get("origin")
        if origin is not None and _authority(origin) != headers.get("host", "").lower():
            raise Problem(403, "forbidden", "Another web page tried to call this server.")
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            raise Problem(403, "forbidden", "Another web page tried to call this server.")


async def _read_body(headers: Headers, receive: Receive) -> bytes:
    """The whole body, within its bounds, counted while it arrives."""
    declared = headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 9 or int(declared) > MAX_BODY_BYTES:
        raise _too_large()
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise _too_large()
        if not message.get("more_body", False):
            break
    if body:
        media = headers.get("content-type", "").split(";")[0].strip().lower()
        if media != "application/json":
            raise Problem(
                415,
                "unsupported_media_type",
                f"Send `application/json`; found {media or 'nothing'!r}.",
            )
        if _nesting(bytes(body)) > MAX_NESTING:
            raise Problem(
                400, "invalid_input", f"JSON may nest {MAX_NESTING} levels deep; this is deeper."
            )
    return bytes(body)


def _is_untold_curl(headers: Headers) -> bool:
    """Whether this is curl with `-d` and no type; what browsers add must be missing."""
    return (
        headers.get("content-type") == "application/x-www-form-urlencoded"
        and headers.get("user-agent", "").startswith("curl/")
        and not any(name.startswith("sec-") or name in BROWSERS for name in headers)
    )


def _sending_json(scope: Scope) -> Scope:
    changed = MutableHeaders(raw=list(scope["headers"]))
    changed["content-type"] = "application/json"
    return {**scope, "headers": changed.raw}


def _counted(headers: Headers, receive: Receive, largest: int) -> Receive:
    """A `receive` for a file that is sent as it is, of at most `largest` bytes."""
    media = headers.get("content-type", "").split(";")[0].strip().lower()
    if media != uploads.MEDIA:
        raise Problem(
            415, "unsupported_media_type", f"Send `{uploads.MEDIA}`; found {media or 'nothing'!r}."
        )
    declared = headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 12 or int(declared) > largest:
        raise _larger_than(largest)
    arrived = 0

    async def counting() -> Message:
        nonlocal arrived
        message = await receive()
        arrived += len(message.get("body", b""))
        if arrived > largest:
            raise _larger_than(largest)
        return message

    return counting


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was read, then whatever else comes (disconnects)."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _with_headers(send: Send) -> Send:
    """A `send` that adds the security headers to the response."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


def _host_name(host: str) -> str:
    """`[::1]:8000` → `::1`, `LOCALHOST:8000` → `localhost`; the empty string for nonsense."""
    match = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+))(?::\d{1,5})?", host)
    return (match.group(1) or match.group(2)).lower() if match else ""


def _authority(origin: str) -> str:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return ""
    return parts.netloc.lower() if parts.scheme in ("http", "https") else ""


def _nesting(body: bytes) -> int:
    """How deeply brackets nest outside of strings; a bound on what the parser will recurse."""
    deepest = depth = 0
    for bracket in re.findall(rb'(?s)"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', body):
        if bracket in (b"[", b"{"):
            depth += 1
            deepest = max(deepest, depth)
        elif bracket in (b"]", b"}"):
            depth -= 1
    return deepest


def _too_large() -> Problem:
    return _larger_than(MAX_BODY_BYTES)


def _larger_than(largest: int) -> Problem:
    return Problem(413, "too_large", f"A body may have {largest} bytes; this one has more.")
