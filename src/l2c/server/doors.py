"""The two pages strangers see: to sign in, and to set up the first administrator.

Plain HTML that works with the same strict policy as everything else: its script is a file, and
sends the form as JSON, since no form of another page can do that.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse, RedirectResponse, Response

from l2c.runtime.door import Door
from l2c.server.page import MEDIA_TYPES

FOLDER = Path(__file__).parent / "door"


def install(app: FastAPI, door: Door) -> None:
    """Serve the pages and their two files."""

    def login() -> Response:
        if door.needs_set_up:
            return RedirectResponse("/setup", 303)
        return _file(FOLDER / "login.html")

    def setup() -> Response:
        if not door.needs_set_up:
            return RedirectResponse("/login", 303)
        return _file(FOLDER / "setup.html")

    _add(app, "/login", login)
    _add(app, "/setup", setup)
    for name in ("door.css", "door.js"):
        _add(app, f"/{name}", _serving(FOLDER / name))


def _add(app: FastAPI, url: str, endpoint: Callable[[], Response]) -> None:
    app.add_api_route(
        url, endpoint, methods=["GET", "HEAD"], include_in_schema=False, response_model=None
    )


def _serving(path: Path) -> Callable[[], Response]:
    def serve() -> Response:
        return _file(path)

    return serve


def _file(path: Path) -> Response:
    headers = {"cache-control": "no-store"}
    return FileResponse(path, media_type=MEDIA_TYPES[path.suffix], headers=headers)
