"""`/app/v1/models`: the models, their checkpoints, and which of them answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from l2c.server.access import Access
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


class Pin(Promotion):
    """Which checkpoint keeps its file however old it becomes, or not any more."""

    pinned: bool = True


@router.get("")
def list_models(runtime: Access) -> Models:
    """Every model of this user."""
    return Models(models=[Model.model_validate(model) for model in runtime.catalog.views()])


@router.get("/{name}")
def model(runtime: Access, name: Name) -> ModelWithCheckpoints:
    """A model and its versions."""
    view, checkpoints = runtime.catalog.view(name), runtime.catalog.checkpoints(name)
    return ModelWithCheckpoints(
        model=Model.model_validate(view),
        checkpoints=[Checkpoint.model_validate(checkpoint) for checkpoint in checkpoints],
    )


@router.post("/{name}/promote")
def promote(runtime: Access, name: Name, wanted: Promotion) -> Model:
    """Make a checkpoint live; an older one is a rollback. The next turn is answered by it."""
    return Model.model_validate(runtime.catalog.promote(name, wanted.checkpoint))


@router.post("/{name}/pin")
def pin(runtime: Access, name: Name, wanted: Pin) -> ModelWithCheckpoints:
    """Keep a checkpoint's file however old it becomes, or let it go with the others."""
    runtime.models.pin(name, wanted.checkpoint, wanted.pinned)
    return model(runtime, name)


@router.post("/{name}/rebuild", status_code=202)
def rebuild(runtime: Access, name: Name) -> Learning:
    """Have the learner make the live checkpoint again, from the starter and the ledger."""
    runtime.models.request_rebuild(name)
    return Learning.model_validate(runtime.learning_view(name))
