"""`/app/v1/inspect`: the glass box. What a model expected in every place of a text, and why."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field

from l2c.conversation import Message, Role
from l2c.errors import InvalidInput
from l2c.runtime import Focus, Reading
from l2c.runtime.proving import prove
from l2c.server.access import Access
from l2c.server.values import (
    ERRORS,
    MAX_CHARACTERS,
    ModelName,
    Request,
    Seed,
    Temperature,
    Text,
    Value,
)

router = APIRouter(prefix="/app/v1", tags=["inspect"], responses=ERRORS)

Id = Annotated[str, Path(min_length=1, max_length=64)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Likely = Annotated[int, Field(ge=0, le=1000)]
Units = Annotated[int, Field(ge=1, le=65_536)]
LayerNames = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=64)]

DIGITS = 4
"""Digits after the point of every figure inside a model."""


class ReadToken(Value):
    """A token that was read; `control` names a mark of the template, which has no text."""

    id: int
    text: str
    control: str | None


class Expected(Value):
    """What was expected in one place, best first, and how much what stands there surprised."""

    bits: float
    likely: list[int]
    log_probabilities: list[float]
    others: int
    others_log_probability: float | None


class LayerRows(Value):
    """Something inside the model after each token shown; `values` null unless asked for."""

    name: str
    shape: list[int]
    low: float
    high: float
    units: list[int] | None
    values: list[Any] | None


class Inspected(Value):
    """A text as a model read it; `places` and the rows of layers begin at token `begins`."""

    model: str
    engine: str
    checkpoint: str
    begins: int
    unread: int
    tokens: list[ReadToken]
    places: list[Expected]
    words: dict[int, str]
    layers: list[LayerRows]


class Rewritten(Value):
    """Another end of an answer, which is kept nowhere."""

    text: str
    seed: int
    checkpoint: str


class Said(Request):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: Annotated[str, Field(max_length=MAX_CHARACTERS)]


class Inspection(Request):
    """What to read: `messages`, the last of which is shown, or a plain `text`."""

    messages: Annotated[list[Said], Field(min_length=1, max_length=1000)] | None = None
    text: Text | None = None
    model: ModelName | None = None
    checkpoint: Digest | None = None
    likely: Likely = 10
    layers: LayerNames = Field(default_factory=list)
    units: Units | None = None


class Answered(Value):
    """What a version of a model answers."""

    checkpoint: str
    text: str


class Proof(Value):
    """A question about what a turn told, answered before and after its lesson, without memory."""

    lesson: int
    question: str
    value: str
    before: Answered
    after: Answered


class WriteAgain(Request):
    """From which character on, and how."""

    after: Annotated[int, Field(ge=0, le=MAX_CHARACTERS)]
    temperature: Temperature
    seed: Seed | None = None


@router.get("/turns/{turn_id}/inspect")
def inspect_answer(
    runtime: Access,
    turn_id: Id,
    model: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
    checkpoint: Annotated[str | None, Query(pattern="^[0-9a-f]{64}$")] = None,
    likely: Annotated[int, Query(ge=0, le=1000)] = 10,
    layers: Annotated[list[str] | None, Query(max_length=64)] = None,
    units: Annotated[int | None, Query(ge=1, le=65_536)] = None,
) -> Inspected:
    """An answer as its model reads it: the surprise of every token, and what went on inside."""
    focus = Focus(likely, layers or (), units)
    return _inspected(runtime.glass.of_answer(turn_id, focus, model=model, checkpoint=checkpoint))


@router.get("/turns/{turn_id}/proof")
def proof(runtime: Access, turn_id: Id) -> Proof:
    """What a turn taught: one question, as the versions before and after its lesson answer it."""
    return Proof.model_validate(prove(runtime, turn_id))


@router.post("/turns/{turn_id}/inspect/again")
def write_again(runtime: Access, turn_id: Id, wanted: WriteAgain) -> Rewritten:
    """What the model writes after the beginning of its answer; nothing of it is kept."""
    seed = secrets.randbits(32) if wanted.seed is None else wanted.seed
    return Rewritten.model_validate(
        runtime.glass.write_again(
            turn_id, after=wanted.after, temperature=wanted.temperature, seed=seed
        )
    )


@router.post("/inspect")
def inspect(runtime: Access, wanted: Inspection) -> Inspected:
    """The last of some messages, or a plain text, as a model reads it."""
    name = runtime.catalog.known(wanted.model)
    focus = Focus(wanted.likely, wanted.layers, wanted.units)
    if (wanted.messages is None) == (wanted.text is None):
        raise InvalidInput("Either `messages` or `text` must be given, and not both.")
    if wanted.text is not None:
        found = runtime.glass.of_text(wanted.text, focus, model=name, checkpoint=wanted.checkpoint)
    else:
        messages = [Message(Role(one.role), one.text) for one in wanted.messages or ()]
        found = runtime.glass.of_messages(messages, focus, model=name, checkpoint=wanted.checkpoint)
    return _inspected(found)


def _inspected(found: Reading) -> Inspected:
    return Inspected(
        model=found.model,
        engine=found.engine,
        checkpoint=found.checkpoint,
        begins=found.begins,
        unread=found.unread,
        tokens=[ReadToken.model_validate(token) for token in found.tokens],
        places=[
            Expected(
                bits=round(place.bits, DIGITS),
                likely=place.likely.tolist(),
                log_probabilities=place.log_probabilities.round(DIGITS).tolist(),
                others=place.others,
                others_log_probability=place.others_log_probability
                and round(place.others_log_probability, DIGITS),
            )
            for place in found.places
        ],
        words=found.words,
        layers=[
            LayerRows(
                name=layer.name,
                shape=list(layer.shape),
                low=round(layer.low, DIGITS),
                high=round(layer.high, DIGITS),
                units=None if layer.units is None else list(layer.units),
                values=None if layer.values is None else layer.values.round(DIGITS).tolist(),
            )
            for layer in found.layers
        ],
    )
