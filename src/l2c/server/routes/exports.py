"""`/app/v1/export` and `/app/v1/import`: conversations leave and come back, pages leave."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from l2c.errors import InvalidInput, L2CError
from l2c.runtime import Format, Importing
from l2c.runtime.notes import NoteRow
from l2c.server import uploads
from l2c.server.access import Access
from l2c.server.values import ERRORS

router = APIRouter(prefix="/app/v1", tags=["exports"], responses=ERRORS)

_MEDIA = {
    Format.JSON: "application/json",
    Format.MARKDOWN: "text/markdown; charset=utf-8",
    Format.TEXT: "text/plain; charset=utf-8",
    Format.OPENAI: "application/x-ndjson",
    Format.SHAREGPT: "application/x-ndjson",
}
_LINES = "application/x-ndjson"
_FILE = {"schema": {"type": "string", "format": "binary"}}
UPLOAD = {"requestBody": {"required": True, "content": {uploads.MEDIA: _FILE}}}


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {media: {} for media in _MEDIA.values()}, "description": "File."}},
)
def export(
    runtime: Access,
    form: Annotated[Format, Query(alias="format")] = Format.JSON,
    conversation_id: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
) -> StreamingResponse:
    """One conversation, or all of them, as a file."""
    pieces = runtime.export(form, conversation_id=conversation_id)
    name = "conversations" if conversation_id is None else "conversation"
    return _file(pieces, _MEDIA[form], f"{name}{form.suffix}")


@router.get(
    "/export/notes",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/json": {}}, "description": "File."}},
)
def export_notes(runtime: Access) -> StreamingResponse:
    """Every page of the notebook, the oldest first."""
    return _file(_notes(runtime.notebook.all()), "application/json", "notes.json")


@router.get(
    "/export/profile",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-tar": {}}, "description": "File."}},
)
def export_profile(runtime: Access) -> StreamingResponse:
    """Everything in one file, as `l2c backup` writes it: conversations, ledger, checkpoints."""
    path = runtime.export_profile()
    return _file(_read_and_remove(path), "application/x-tar", "l2c-profile.tar")


@router.post(
    "/import",
    response_class=StreamingResponse,
    responses={200: {"content": {_LINES: {}}, "description": "A line per conversation."}},
    openapi_extra=UPLOAD,
)
async def import_file(runtime: Access, request: Request, learn: bool = False) -> StreamingResponse:
    """Take in the conversations of a file; a line of JSON says what became of each."""
    path = await uploads.receive(request, runtime.data_dir)
    undo = ExitStack()
    undo.callback(path.unlink, missing_ok=True)
    try:
        lines = _lines(runtime.importing(learn=learn), path, undo)
        first = await run_in_threadpool(next, lines, None)
    except BaseException:
        undo.close()
        raise
    if first is None:
        raise InvalidInput("There is no conversation in this file.")
    return StreamingResponse(_after(first, lines), media_type=_LINES)


def _lines(importing: Importing, path: Path, undo: ExitStack) -> Iterator[str]:
    """What became of each conversation, and at last how many there were."""
    reason = None
    with undo:
        lines = importing.lines(path)
        first = next(lines, None)
        if first is None:
            return
        yield _line(first.described())
        try:
            for line in lines:
                yield _line(line.described())
        except L2CError as error:  # the answer has begun; its last line says why it ends
            reason = str(error)
    yield _line({"done": reason is None, "reason": reason, **importing.totals()})


def _notes(rows: Iterable[NoteRow]) -> Iterator[str]:
    yield '{"format": "l2c-notes", "version": 1, "notes": ['
    for number, row in enumerate(rows):
        names = ("id", "created_at", "changed_at", "learned_at", "text")
        told = {name: getattr(row, name) for name in names}
        yield (",\n" if number else "\n") + json.dumps(told, ensure_ascii=False)
    yield "\n]}\n"


def _after(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _file(pieces: Iterator[Any], media: str, name: str) -> StreamingResponse:
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamingResponse(pieces, media_type=media, headers=headers)


def _read_and_remove(path: Path) -> Iterator[bytes]:
    try:
        with open(path, "rb") as file:
            while piece := file.read(1 << 20):
                yield piece
    finally:
        path.unlink(missing_ok=True)
