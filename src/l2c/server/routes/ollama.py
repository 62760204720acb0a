"""`/api`: the Ollama dialect, for programs written for it.

As with `/v1`, nothing is stored or learned unless the header `X-L2C-Learn: true`, or the key, asks
for it. Streams are lines of JSON, one object each and nothing between them; times are in
nanoseconds; options that are null are no options. Names may carry the tag `:latest`.
Format: https://docs.ollama.com/api, and what its clients need.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from l2c import __version__
from l2c.conversation import Message, Role
from l2c.errors import InvalidInput, L2CError
from l2c.runtime import Completion, Offer, Runtime, Sampling
from l2c.server.access import Access, Offered, Somebody
from l2c.server.values import OllamaError, errors
from l2c.server.writing import Held, Text, begin, completion_headers

router = APIRouter(prefix="/api", tags=["ollama"], responses=errors(OllamaError))

Learn = Annotated[bool | None, Header(alias="X-L2C-Learn")]

ROLES = {"system": Role.SYSTEM, "assistant": Role.ASSISTANT}
"""Whoever else speaks (a tool) is read as the user."""


Shape = Callable[[str], dict[str, Any]]
"""A piece of text as the fields of a line."""

Keep = Callable[[Text], Awaitable[None]]
"""What is done with a finished text before its last line is sent."""


class Lenient(BaseModel):
    """A request of the dialect: unknown fields are ignored, null is the same as nothing."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=(), allow_inf_nan=False)


class Options(Lenient):
    """How to write."""

    temperature: Annotated[float, Field(ge=0, le=100)] | None = None
    num_predict: int | None = None
    seed: int | None = None
    top_k: Annotated[int, Field(ge=0)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    repeat_penalty: Annotated[float, Field(ge=0.01, le=100)] | None = None
    stop: list[str] | str | None = None

    def sampling(self, runtime: Runtime) -> Sampling:
        """How an answer is written; without a seed every call differs."""
        settings = runtime.settings
        stops = [self.stop] if isinstance(self.stop, str) else (self.stop or [])
        # -1 and -2 stand for as much as fits.
        length = self.num_predict if (self.num_predict or 0) > 0 else settings.answer_tokens
        return Sampling(
            temperature=settings.temperature if self.temperature is None else self.temperature,
            length=length or settings.answer_tokens,
            seed=(secrets.randbits(63) if self.seed is None else self.seed) % 2**63,
            top_k=self.top_k or 0,
            top_p=self.top_p or 1.0,
            min_p=self.min_p or 0.0,
            repetition_penalty=self.repeat_penalty or 1.0,
            stop=tuple(stop for stop in stops if stop),
        )


class Asked(Lenient):
    """What every request to write has."""

    model: Annotated[str, Field(min_length=1, max_length=200)]
    stream: bool | None = None
    options: Options | None = None
    truncate: bool | None = None
    keep_alive: str | int | float | None = None


class ChatMessage(Lenient):
    """Something said."""

    role: str
    content: str | None = None


class ChatRequest(Asked):
    """A conversation to answer."""

    messages: list[ChatMessage] | None = None


class GenerateRequest(Asked):
    """A prompt: a single message, or with `raw` a text to go on from."""

    prompt: str | None = None
    system: str | None = None
    suffix: str | None = None
    raw: bool | None = None


class ShowRequest(Lenient):
    """Which model to describe."""

    model: str | None = None
    name: str | None = None


@router.get("/version")
def version() -> dict[str, str]:
    """The version of L2C."""
    return {"version": __version__}


@router.get("/tags")
def tags(offered: Offered) -> dict[str, Any]:
    """Every model that can answer."""
    return {"models": [_listed(offer) for offer in offered.offers()]}


@router.get("/ps")
def ps(offered: Offered) -> dict[str, Any]:
    """The models in memory: the user's own ones, which answer at once."""
    own = [offer for offer in offered.offers() if offer.owner == "l2c"]
    forever = "9999-12-31T23:59:59Z"
    return {
        "models": [
            _listed(offer) | {"expires_at": forever, "size_vram": 0, "context_length": offer.window}
            for offer in own
        ]
    }


@router.post("/show")
def show(offered: Offered, wanted: ShowRequest) -> dict[str, Any]:
    """What a model is."""
    name = wanted.model or wanted.name
    if not name:
        raise InvalidInput("Expected `model`; found nothing.")
    offer = offered.offer(name)
    family = offer.family or "unknown"
    return {
        "modelfile": f"FROM {offer.name}",
        "parameters": "",
        "template": "",
        "details": _details(offer),
        "model_info": {
            "general.architecture": family,
            f"{family}.context_length": offer.window,
        },
        "capabilities": ["completion"],
        "modified_at": _time(offer.created),
    }


@router.post("/chat", response_model=None)
async def chat(
    runtime: Access,
    offered: Offered,
    request: Request,
    wanted: ChatRequest,
    caller: Somebody,
    learn: Learn = None,
) -> Response:
    """Answer a conversation."""
    said = wanted.messages or []
    messages = [Message(ROLES.get(one.role, Role.USER), one.content or "") for one in said]

    def make() -> Completion:
        return runtime.completions.answer(
            offered.offer(wanted.model).name,
            messages,
            (wanted.options or Options()).sampling(runtime),
            may_drop=wanted.truncate is not False,
        )

    async def keep(text: Text) -> None:
        if caller.teaches if learn is None else learn:
            await run_in_threadpool(runtime.completions.keep, messages, text.completion, text.text)

    def shape(piece: str) -> dict[str, Any]:
        return {"message": {"role": "assistant", "content": piece}}

    if not messages:
        return _loaded(offered, wanted, shape)
    return await _respond(request, wanted, make, shape, keep)


@router.post("/generate", response_model=None)
async def generate(
    runtime: Access, offered: Offered, request: Request, wanted: GenerateRequest
) -> Response:
    """Answer one message, or go on from a text. Nothing of it is stored or learned."""
    if wanted.suffix:
        raise InvalidInput("No model here can write between two texts; leave `suffix` out.")
    system = [Message(Role.SYSTEM, wanted.system)] if wanted.system else []
    prompt = wanted.prompt or ""

    def make() -> Completion:
        name = offered.offer(wanted.model).name
        sampling = (wanted.options or Options()).sampling(runtime)
        may_drop = wanted.truncate is not False
        if wanted.raw:
            return runtime.completions.go_on(name, prompt, sampling, may_drop=may_drop)
        messages = [*system, Message(Role.USER, prompt)]
        return runtime.completions.answer(name, messages, sampling, may_drop=may_drop)

    def shape(piece: str) -> dict[str, Any]:
        return {"response": piece}

    if not prompt:
        return _loaded(offered, wanted, shape)
    return await _respond(request, wanted, make, shape)


async def _respond(
    request: Request,
    wanted: Asked,
    make: Callable[[], Completion],
    shape: Shape,
    keep: Keep | None = None,
) -> Response:
    began = time.perf_counter_ns()
    async with AsyncExitStack() as held:
        await held.enter_async_context(request.app.state.seats.one())
        text = await begin(make)
        held.push_async_callback(text.close)
        headers = completion_headers(text.completion)
        if wanted.stream is not False:
            lines = _lines(wanted.model, text, shape, keep, began)
            return Held(lines, held.pop_all(), media_type="application/x-ndjson", headers=headers)
        await text.whole(request)
        if keep is not None:
            await keep(text)
        body = _line(wanted.model) | shape(text.text) | _statistics(text, began)
        return JSONResponse(body, headers=headers)


async def _lines(
    name: str,
    text: Text,
    shape: Shape,
    keep: Keep | None,
    began: int,
) -> AsyncIterator[str]:
    """The lines of a stream. An error in the middle is a line too: the status is long sent."""
    try:
        async for said in text.pieces():
            if said is not None and said.text:
                yield _json(_line(name) | shape(said.text) | {"done": False})
        if keep is not None:
            await keep(text)
    except L2CError as error:
        yield _json({"error": str(error)})
        return
    yield _json(_line(name) | shape("") | _statistics(text, began))


def _loaded(offered: Offered, wanted: Asked, shape: Shape) -> Response:
    """The answer to a request without a prompt, which only asks for the model to be loaded."""
    offered.offer(wanted.model)
    reason = "unload" if wanted.keep_alive in (0, "0") else "load"
    body = _line(wanted.model) | shape("") | {"done": True, "done_reason": reason}
    return JSONResponse(body)


def _line(name: str) -> dict[str, Any]:
    return {"model": name, "created_at": datetime.now(UTC).isoformat().replace("+00:00", "Z")}


def _statistics(text: Text, began: int) -> dict[str, Any]:
    now = time.perf_counter_ns()
    first = text.first_ns or now
    return {
        "done": True,
        "done_reason": text.reason,
        "total_duration": now - began,
        "load_duration": text.begun_ns - began,
        "prompt_eval_count": text.completion.prompt_tokens,
        "prompt_eval_duration": first - text.begun_ns,
        "eval_count": text.tokens,
        "eval_duration": now - first,
    }


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"


def _listed(offer: Offer) -> dict[str, Any]:
    name = offer.name if ":" in offer.name else f"{offer.name}:latest"
    return {
        "name": name,
        "model": name,
        "modified_at": _time(offer.created),
        "size": offer.size_bytes,
        "digest": offer.digest,
        "details": _details(offer),
        "capabilities": ["completion"],
    }


def _details(offer: Offer) -> dict[str, Any]:
    return {
        "parent_model": "",
        "format": "safetensors" if offer.owner == "l2c" else "",
        "family": offer.family,
        "families": [offer.family] if offer.family else [],
        "parameter_size": offer.parameters,
        "quantization_level": "F32" if offer.owner == "l2c" else "",
    }


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
