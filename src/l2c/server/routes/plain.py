"""The plain API at the root, which any script can call: /chat /generate /stats and so on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from l2c import __version__
from l2c.errors import InvalidInput, ProviderError
from l2c.server import stream
from l2c.server.access import Access, Anybody, House
from l2c.server.values import (
    ERRORS,
    MAX_CHARACTERS,
    Learning,
    ModelName,
    Request,
    Seed,
    Temperature,
    Text,
    Value,
)

router = APIRouter(tags=["plain"], responses=ERRORS)


class ChatRequest(Request):
    """What to answer: `message` or `prompt`; without `conversation_id` a conversation begins."""

    message: Text | None = None
    prompt: Text | None = None
    conversation_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    model: ModelName | None = None
    temperature: Temperature | None = None
    learn: bool | None = None
    seed: Seed | None = None
    anyway: bool = False


class ChatResponse(Value):
    """The answer, how it was made, and where it stands."""

    response: str
    origin: str | None
    conversation_id: str
    turn_id: str
    model: str
    checkpoint: str | None


class GenerateRequest(Request):
    """How to go on from `seed_text`."""

    seed_text: Annotated[str, Field(max_length=MAX_CHARACTERS)] = "Hello"
    length: Annotated[int, Field(ge=0, le=20_000)] = 100
    temperature: Temperature | None = None
    seed: Seed | None = None
    model: ModelName | None = None


class GenerateResponse(Value):
    """The seed text and what followed it."""

    text: str
    checkpoint: str


class HistoryTurn(Value):
    """A turn, in short."""

    conversation_id: str
    turn_id: str
    role: str
    text: str
    created_at: str
    status: str


class History(Value):
    """The last turns of all conversations, the newest last."""

    turns: list[HistoryTurn]


class Saved(Value):
    """What is durable now."""

    checkpoint: str
    saved_at: str


class Stats(Learning):
    """The learning panel's figures, and the last verdict in words."""

    last_verdict: str | None


class Vitals(Value):
    """What a sample of the model's writing says of it; entropies are in bits."""

    tokens: int
    tokens_per_s: float
    character_entropy: float
    most_character_entropy: float
    token_entropy: float
    most_token_entropy: float
    familiar_bits: float | None


class Health(Value):
    """Whether everything works: `ok`, `degraded` (somebody should look) or `failed`."""

    status: str
    version: str
    model: str | None = None
    checkpoint: str | None = None
    checkpoint_age_s: float | None = None
    learner: str | None = None
    store: str | None = None
    free_bytes: int | None = None
    vitals: Vitals | None = None
    problems: list[str] = Field(default_factory=list)


@router.post("/chat")
async def chat(runtime: Access, wanted: ChatRequest, response: Response) -> ChatResponse:
    """Say something and wait for the answer."""
    text = wanted.message if wanted.message is not None else wanted.prompt
    if text is None:
        raise InvalidInput("Expected `message` (or `prompt`) with the text to answer; found none.")
    options = wanted.model_dump(
        include={"model", "temperature", "learn", "seed", "anyway"}, exclude_unset=True
    )
    begun = await run_in_threadpool(
        runtime.begin_chat, text, conversation_id=wanted.conversation_id, **options
    )
    answer = await stream.finished(runtime, begun.answer.id)
    if answer.error is not None:
        raise ProviderError(answer.error)
    dropped = (answer.window or {}).get("dropped_tokens", 0)
    response.headers["x-context-dropped-tokens"] = str(dropped)
    return ChatResponse(
        response=answer.text,
        origin=answer.origin,
        conversation_id=answer.conversation_id,
        turn_id=answer.id,
        model=answer.model or "",
        checkpoint=answer.checkpoint,
    )


@router.post("/generate")
def generate(runtime: Access, wanted: GenerateRequest) -> GenerateResponse:
    """Text that goes on from a seed text, outside of any conversation."""
    text, checkpoint = runtime.generate(**wanted.model_dump(exclude_none=True))
    return GenerateResponse(text=text, checkpoint=checkpoint)


@router.get("/stats")
def stats(runtime: Access) -> Stats:
    """What the learner does and has done."""
    view: dict[str, Any] = Learning.model_validate(runtime.learning_view()).model_dump()
    judged = [lesson["verdict"] for lesson in view["lessons"] if lesson["verdict"] is not None]
    return Stats(**view, last_verdict=judged[0] if judged else None)


@router.get("/history")
def history(runtime: Access, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> History:
    """The last turns, the newest last."""
    rows = runtime.conversations.history(limit=limit)
    return History(
        turns=[
            HistoryTurn(
                conversation_id=row.conversation_id,
                turn_id=row.id,
                role=row.role,
                text=row.text,
                created_at=row.created_at,
                status=row.status,
            )
            for row in rows
        ]
    )


@router.post("/save")
def save(runtime: Access) -> Saved:
    """Everything said is durable already; this says which checkpoint is, and since when."""
    checkpoint, saved_at = runtime.save()
    return Saved(checkpoint=checkpoint, saved_at=saved_at)


@router.get("/health")
def health(caller: Anybody, house: House) -> Health:
    """Whether L2C can do its work; strangers hear whether it is there."""
    if caller is None:
        return Health(status="ok", version=__version__)
    return Health.model_validate(house.of(caller.user_id).health())
