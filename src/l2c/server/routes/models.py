"""`/app/v1/models`: the models, their checkpoints, which of them answers, coming, going, deleted.

A model comes and goes as one file; see `l2c.runtime.model_files`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path as File
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query
from fastapi import Request as HttpRequest
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from l2c.errors import CheckpointError, InvalidInput
from l2c.runtime import Runtime
from l2c.runtime.model_files import (
    Form,
    Stored,
    delete_model,
    import_model,
    packed,
    unpacked,
)
from l2c.runtime.smaller import make_smaller
from l2c.server import uploads
from l2c.server.access import Access
from l2c.server.routes.exports import UPLOAD
from l2c.server.values import ERRORS, Checkpoint, Learning, Model, Request, Value

router = APIRouter(prefix="/app/v1/models", tags=["models"], responses=ERRORS)

Name = Annotated[str, Path(min_length=1, max_length=200)]


class Models(Value):
    """Every model of this user."""

    models: list[Model]


class ModelWithCheckpoints(Value):
    """A model and its versions, newest first."""

    model: Model
    checkpoints: list[Checkpoint]


class Promotion(Request):
    """Which checkpoint is to answer from now on."""

    checkpoint: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class ToQuantise(Request):
    """A smaller copy: its name, its numbers, and of which checkpoint; the live one for null."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    type: Literal["f16", "q8_0", "q4_0"] = "q8_0"
    checkpoint: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


class Pin(Promotion):
    """Which checkpoint keeps its file however old it becomes, or not any more."""

    pinned: bool = True


@router.get("")
def list_models(runtime: Access) -> Models:
    """Every model of this user."""
    return Models(models=[Model.model_validate(model) for model in runtime.catalog.views()])


@router.post("", status_code=201, openapi_extra=UPLOAD)
async def add_model(
    runtime: Access, request: HttpRequest, name: Annotated[str, Query(min_length=1, max_length=64)]
) -> Model:
    """Take in the model in the body: GGUF, a checkpoint, or a tar of a model's several files."""
    path = await uploads.receive(request, runtime.data_dir)
    try:
        return await run_in_threadpool(_take_in, runtime, path, name)
    finally:
        path.unlink(missing_ok=True)


@router.get("/{name}")
def model(runtime: Access, name: Name) -> ModelWithCheckpoints:
    """A model and its versions."""
    view, checkpoints = runtime.catalog.view(name), runtime.catalog.checkpoints(name)
    return ModelWithCheckpoints(
        model=Model.model_validate(view),
        checkpoints=[Checkpoint.model_validate(checkpoint) for checkpoint in checkpoints],
    )


@router.delete("/{name}", status_code=204)
def delete(runtime: Access, name: Name) -> None:
    """Erase a model with its checkpoints and dreams; 409 for the one that learns here."""
    delete_model(runtime.house, runtime.user_id, name)


@router.get(
    "/{name}/export",
    response_class=StreamingResponse,
    responses={200: {"content": {uploads.MEDIA: {}}, "description": "File."}},
)
def export_model(
    runtime: Access,
    name: Name,
    form: Annotated[Form, Query(alias="format")] = Form.CHECKPOINT,
    stored: Annotated[Stored, Query(alias="type")] = Stored.F32,
) -> StreamingResponse:
    """The version that answers now as a file; a tar where the format has several."""
    undo = ExitStack()
    try:
        runtime.catalog.get(name)
        folder = runtime.data_dir / "exports"
        folder.mkdir(mode=0o700, exist_ok=True)
        place = File(undo.enter_context(tempfile.TemporaryDirectory(dir=folder)))
        answering = runtime.catalog.answering(name)[1]
        file, called = packed(answering, place, form=form, stored=stored, name=name)
    except BaseException:
        undo.close()
        raise
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(called)}"}
    headers |= {"cache-control": "no-store", "content-length": str(file.stat().st_size)}
    return StreamingResponse(_pieces(file, undo), media_type=uploads.MEDIA, headers=headers)


@router.post("/{name}/promote")
def promote(runtime: Access, name: Name, wanted: Promotion) -> Model:
    """Make a checkpoint live; an older one is a rollback. The next turn is answered by it."""
    return Model.model_validate(runtime.catalog.promote(name, wanted.checkpoint))


@router.post("/{name}/pin")
def pin(runtime: Access, name: Name, wanted: Pin) -> ModelWithCheckpoints:
    """Keep a checkpoint's file however old it becomes, or let it go with the others."""
    runtime.models.pin(name, wanted.checkpoint, wanted.pinned)
    return model(runtime, name)


@router.post("/{name}/quantise", status_code=201)
def quantise(runtime: Access, name: Name, wanted: ToQuantise) -> Model:
    """Make a smaller copy of a checkpoint, a model of its own; `smaller` says what that cost."""
    make_smaller(
        runtime.models,
        runtime.folder,
        of=name,
        digest=wanted.checkpoint,
        stored=Stored(wanted.type),
        name=wanted.name,
    )
    return Model.model_validate(runtime.catalog.view(wanted.name))


@router.post("/{name}/rebuild", status_code=202)
def rebuild(runtime: Access, name: Name) -> Learning:
    """Have the learner make the live checkpoint again, from the starter and the ledger."""
    runtime.models.request_rebuild(name)
    return Learning.model_validate(runtime.learning_view(name))


def _take_in(runtime: Runtime, path: File, name: str) -> Model:
    try:
        with unpacked(path) as file:
            import_model(runtime.models, runtime.folder, file, name=name, tokenizer=None)
    except CheckpointError as wrong:
        raise InvalidInput(str(wrong)) from wrong
    return Model.model_validate(runtime.catalog.view(name))


def _pieces(file: File, undo: ExitStack) -> Iterator[bytes]:
    with undo, file.open("rb") as stream:
        while piece := stream.read(1 << 20):
            yield piece
