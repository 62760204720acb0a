"""`/app/v1/trainings`: new models, trained on a text by the learner, watched, paused, continued."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.concurrency import run_in_threadpool

from l2c.errors import InvalidInput
from l2c.runtime.new_models import TrainingView
from l2c.server import uploads
from l2c.server.access import Access
from l2c.server.routes.exports import UPLOAD
from l2c.server.values import ERRORS, Value

router = APIRouter(prefix="/app/v1/trainings", tags=["models"], responses=ERRORS)

TrainingId = Annotated[str, Path(min_length=1, max_length=64)]


class Training(Value):
    """A training of a new model. `waits` says why nothing happens to it now, when it runs."""

    id: str
    model: str
    engine: str
    characters: int
    minutes: float
    state: Literal["running", "paused", "done", "failed"]
    waits: str | None
    step: int
    steps: int
    loss: float | None
    seconds_left: float | None
    curve: list[tuple[int, float]]
    samples: list[tuple[int, str]]
    reason: str | None
    created_at: str
    finished_at: str | None


class Trainings(Value):
    """Every training, newest first."""

    trainings: list[Training]


@router.get("")
def trainings(runtime: Access) -> Trainings:
    """Every training, newest first."""
    return Trainings(trainings=[_training(view) for view in runtime.new_models.list()])


@router.post("", status_code=201, openapi_extra=UPLOAD)
async def begin(
    runtime: Access,
    request: Request,
    name: Annotated[str, Query(min_length=1, max_length=64)],
    engine: Annotated[str, Query(min_length=1, max_length=32)] = "lstm",
    minutes: Annotated[float, Query(gt=0, le=10_000, allow_inf_nan=False)] = 5.0,
    seed: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> Training:
    """Ask for a new model that reads the text in the body; the learner trains it."""
    path = await uploads.receive(request, runtime.data_dir)
    try:
        content = await run_in_threadpool(path.read_bytes)
    finally:
        path.unlink(missing_ok=True)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("That is no UTF-8 text.") from error
    ask = runtime.new_models.ask
    return _training(
        await run_in_threadpool(ask, name, text, engine=engine, minutes=minutes, seed=seed)
    )


@router.post("/{training_id}/pause")
def pause(runtime: Access, training_id: TrainingId) -> Training:
    """Have a training rest where it stands; the learner saves it."""
    return _training(runtime.new_models.pause(training_id))


@router.post("/{training_id}/continue")
def go_on(runtime: Access, training_id: TrainingId) -> Training:
    """Have a paused or failed training go on from where it stands."""
    return _training(runtime.new_models.go_on(training_id))


@router.delete("/{training_id}", status_code=204)
def delete(runtime: Access, training_id: TrainingId) -> None:
    """Erase a training and its text; a model that it made stays."""
    runtime.new_models.delete(training_id)


def _training(view: TrainingView) -> Training:
    names = [name for name in Training.model_fields if name != "waits"]
    values: dict[str, Any] = {name: getattr(view.row, name) for name in names}
    return Training(**values, waits=view.waits)
