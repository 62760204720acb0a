"""The page: the files the build left in `l2c/web`, and nothing else.

Each file has a route of its own, made at start: no path is ever joined, so none can leave the
folder. Names with a hash in them are kept by the browser for ever; the document itself is asked
for each time, so a new version shows at once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse, Response

from l2c.server.problems import Problem

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


def install(app: FastAPI, web: Path) -> None:
    """Serve the files that are in `web` now, the document at `/` too."""
    index = web / "index.html"
    _add(app, "/", _served(index, "no-cache") if index.is_file() else _not_built)
    for path in sorted(web.rglob("*")):
        if path.is_file() and path.suffix in MEDIA_TYPES:
            name = path.relative_to(web).as_posix()
            hashed = name.startswith("assets/")
            cache = "public, max-age=31536000, immutable" if hashed else "no-cache"
            _add(app, f"/{name}", _served(path, cache))


def _add(app: FastAPI, url: str, endpoint: Callable[[], Response]) -> None:
    app.add_api_route(url, endpoint, methods=["GET", "HEAD"], include_in_schema=False)


def _served(path: Path, cache: str) -> Callable[[], Response]:
    def file() -> Response:
        media_type = MEDIA_TYPES[path.suffix]
        return FileResponse(path, media_type=media_type, headers={"cache-control": cache})

    return file


def _not_built() -> Response:
    raise Problem(
        404, "not_found", "The page is not built; `make serve` does it. The API works without it."
    )
