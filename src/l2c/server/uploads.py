"""Files sent as they are: which routes take one, how large, and where it waits to be read.

Such a body is not held in memory: it is counted while it arrives and goes to a file in the data
directory, which is gone when the request is answered. Its type is `application/octet-stream`,
which no form of another page can send without asking first.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from l2c import machine
from l2c.errors import StorageFull
from l2c.runtime.new_models import MOST_BYTES

MEDIA = "application/octet-stream"

LARGEST_IMPORT_BYTES = 4 << 30

LARGEST_MODEL_BYTES = 1 << 30

LARGEST: Mapping[tuple[str, str], int] = {
    ("POST", "/app/v1/import"): LARGEST_IMPORT_BYTES,
    ("POST", "/app/v1/models"): LARGEST_MODEL_BYTES,
    ("POST", "/app/v1/trainings"): MOST_BYTES,
}
"""The most bytes of a body, by method and path."""

FOLDER = "uploads"
_PIECE = 1 << 20


async def receive(request: Request, data_dir: Path) -> Path:
    """The body of a request as a file of its own, which the caller removes.

    Raises `StorageFull`.
    """
    path = await run_in_threadpool(_new_file, data_dir)
    try:
        with open(path, "wb") as file:
            async for piece in _pieces(request):
                await run_in_threadpool(_write, file, piece)
        return path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def forget_all(data_dir: Path) -> None:
    """Remove what a killed server left behind."""
    shutil.rmtree(data_dir / FOLDER, ignore_errors=True)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces worth a write each."""
    held = bytearray()
    async for piece in request.stream():
        held += piece
        if len(held) >= _PIECE:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def _new_file(data_dir: Path) -> Path:
    folder = data_dir / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / secrets.token_hex(16)
    machine.create_private(path)
    return path


def _write(file: IO[bytes], piece: bytes) -> None:
    try:
        file.write(piece)
    except OSError as error:
        if error.errno in machine.NO_SPACE:
            raise StorageFull("No space is left for this file; nothing stored was lost.") from error
        raise
