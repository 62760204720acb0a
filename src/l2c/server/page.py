"""The page: the files the build left in `l2c/web`, and nothing else.

Names with a hash in them are kept by the browser for ever; the document itself is asked for
each time, so a new version shows at once.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, PlainTextResponse, Response

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

NOT_BUILT = """The page is not built. From a checkout: make serve. The API works without it.
"""


def install(app: FastAPI, web: Path) -> None:
    """Serve the files that are in `web` now, by a list made at start: no path is ever joined."""
    files = {
        f"/{path.relative_to(web).as_posix()}": path
        for path in sorted(web.rglob("*"))
        if path.is_file() and path.suffix in MEDIA_TYPES
    }

    @app.get("/", include_in_schema=False)
    def document() -> Response:
        index = files.get("/index.html")
        if index is None:
            return PlainTextResponse(NOT_BUILT, 503)
        return _file(index, "no-cache")

    @app.get("/{path:path}", include_in_schema=False)
    def asset(path: str) -> Response:
        file = files.get(f"/{path}")
        if file is None:
            raise HTTPException(404, f"There is nothing at /{path[:100]}.")
        hashed = path.startswith("assets/")
        return _file(file, "public, max-age=31536000, immutable" if hashed else "no-cache")


def _file(path: Path, cache: str) -> Response:
    return FileResponse(path, media_type=MEDIA_TYPES[path.suffix], headers={"cache-control": cache})
