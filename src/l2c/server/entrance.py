"""The outermost layer: who is it, before anything they send is read.

A session comes as a cookie, a key as `Authorization: Bearer`; one function looks at both, so no
carrier is checked less than another. What a caller may do is decided later, by `access`. Strangers
may read the page's own files and send a body to two addresses only: to sign in, and to set up.
"""

from __future__ import annotations

import re

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from l2c.errors import L2CError
from l2c.runtime.door import Door
from l2c.server.access import sign_in_first
from l2c.server.headers import HEADERS
from l2c.server.problems import Problem, error_response, problem_response
from l2c.server.revocation import Watch
from l2c.server.security import SAFE_METHODS

LOGIN, SETUP = "/app/v1/login", "/app/v1/setup"
COOKIE = "l2c"
COOKIE_AGE_S = 30 * 24 * 3600


class Entrance:
    """ASGI middleware that finds out who calls, and stays with them until they are done."""

    def __init__(self, app: ASGIApp, *, door: Door) -> None:
        self._app = app
        self._door = door
        self._watch = Watch(door.still_admitted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in under the name of its caller, or say why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        try:
            caller = await run_in_threadpool(self._door.admit, *_carried(headers))
            if caller is None and path == "/":
                await self._show_the_way(scope, receive, send)
                return
            if caller is None and scope["method"] not in SAFE_METHODS:
                await self._expect_a_door(path)
        except L2CError as error:
            await error_response(error, path)(scope, receive, send)
            return
        except Problem as problem:
            response = problem_response(problem, path)
            response.headers.update(HEADERS)
            await response(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        if caller is None or caller.credential is None:
            if path == "/" and caller is not None and not caller.at_the_page:
                token = await run_in_threadpool(self._door.page_token)
                send = _giving(send, cookie(token, headers, scope))
            await self._app(scope, receive, send)
        else:
            await self._watch.carry(caller, self._app, scope, receive, send)

    async def _show_the_way(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead a stranger from the page to where they can come in."""
        needs_set_up = await run_in_threadpool(lambda: self._door.needs_set_up)
        way = RedirectResponse("/setup" if needs_set_up else "/login", 303, headers=HEADERS)
        await way(scope, receive, send)

    async def _expect_a_door(self, path: str) -> None:
        """Raise the `Problem` a stranger gets who sends something to another address."""
        if path in (LOGIN, SETUP):
            return
        if await run_in_threadpool(lambda: self._door.needs_set_up):
            raise Problem(403, "forbidden", "This server is not set up yet; open /setup.")
        raise sign_in_first()


def cookie(token: str, headers: Headers, scope: Scope, *, age_s: int = COOKIE_AGE_S) -> str:
    """The header that has a browser keep a token; an age of 0 has it forget."""
    encrypted = scope["scheme"] == "https" or headers.get("x-forwarded-proto") == "https"
    secure = "; Secure" if encrypted else ""
    name = _cookie_name(headers)
    return f"{name}={token}; HttpOnly; SameSite=Strict; Path=/; Max-Age={age_s}{secure}"


def _carried(headers: Headers) -> tuple[str | None, str | None]:
    """What a request brings: a bearer's key, and the token of its cookie."""
    kind, _, bearer = headers.get("authorization", "").partition(" ")
    bearer = bearer.strip()
    cookies = cookie_parser(headers.get("cookie", ""))
    return (bearer if kind.lower() == "bearer" and bearer else None), cookies.get(
        _cookie_name(headers)
    )


def _cookie_name(headers: Headers) -> str:
    """Browsers do not tell the ports of a machine apart, so the name of the cookie does."""
    port = re.search(r":(\d{1,5})$", headers.get("host", ""))
    return f"{COOKIE}_{port[1]}" if port else COOKIE


def _giving(send: Send, cookie: str) -> Send:
    """A `send` that gives the browser a cookie with the response."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("set-cookie", cookie)
        await send(message)

    return sending
