"""`/v1`: the OpenAI dialect, for programs written for it.

Nothing said here is stored or learned unless the header `X-L2C-Learn: true`, or the key, asks for
it: programs send prompts of their own (titles, tags) beside what people say. Unknown fields are
ignored, as other servers do; what is known and cannot be done is refused. `system_fingerprint` is
the beginning of the checkpoint's digest: it changes when the model has learned.
Format: https://platform.openai.com/docs/api-reference, and what its clients need.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from l2c.conversation import Message, Role
from l2c.errors import InvalidInput, L2CError
from l2c.runtime import Completion, Offer, Runtime, Sampling
from l2c.server.access import Access, Offered, Somebody
from l2c.server.openai_shapes import ChatShape, Shape, TextShape
from l2c.server.problems import openai_error
from l2c.server.values import OpenAIError, errors
from l2c.server.writing import Held, Text, begin, completion_headers

router = APIRouter(prefix="/v1", tags=["openai"], responses=errors(OpenAIError))

MAX_CHOICES = 8
ROLES = {
    "system": Role.SYSTEM,
    "developer": Role.SYSTEM,
    "assistant": Role.ASSISTANT,
}
"""Whoever else speaks (a tool, a function) is read as the user."""

Learn = Annotated[bool | None, Header(alias="X-L2C-Learn")]


class Lenient(BaseModel):
    """A request of the dialect: unknown fields are ignored, null is the same as nothing."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=(), allow_inf_nan=False)


class Part(Lenient):
    """A part of a message's content."""

    type: str = "text"
    text: str | None = None


class ChatMessage(Lenient):
    """Something said."""

    role: str
    content: str | list[Part] | None = None

    def message(self) -> Message:
        """The same in our words. Raises `InvalidInput` for what no local model can read."""
        content = self.content or ""
        if not isinstance(content, str):
            unread = {part.type for part in content} - {"text", "input_text", "refusal"}
            if unread:
                raise InvalidInput(f"`messages` may hold text only; found {', '.join(unread)}.")
            content = "".join(part.text or "" for part in content)
        return Message(ROLES.get(self.role, Role.USER), content)


class StreamOptions(Lenient):
    """What a stream is to tell besides the text."""

    include_usage: bool | None = None


class Options(Lenient):
    """How to write: what both kinds of completion have."""

    model: str | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    min_p: Annotated[float, Field(ge=0, le=1)] | None = None
    stop: str | list[str] | None = None
    seed: int | None = None
    n: Annotated[int, Field(ge=1, le=MAX_CHOICES)] | None = None

    def sampling(self, runtime: Runtime, *, length: int | None, top: int, choice: int) -> Sampling:
        """How choice number `choice` is written; without a seed every call differs."""
        stops = [self.stop] if isinstance(self.stop, str) else (self.stop or [])
        seed = secrets.randbits(63) if self.seed is None else self.seed
        settings = runtime.settings
        return Sampling(
            temperature=settings.temperature if self.temperature is None else self.temperature,
            length=length or settings.answer_tokens,
            seed=(seed + choice) % 2**63,
            top_p=self.top_p or 1.0,
            min_p=self.min_p or 0.0,
            stop=tuple(stop for stop in stops if stop),
            top=top,
        )

    @property
    def tells_usage(self) -> bool:
        """Whether a stream ends with the count of its tokens."""
        return bool(self.stream_options and self.stream_options.include_usage)


class ChatRequest(Options):
    """A conversation to answer."""

    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Field(ge=0, le=20)] | None = None


class TextRequest(Options):
    """A text to go on from: a string, several, or token ids."""

    prompt: str | list[str] | list[int] | list[list[int]]
    logprobs: Annotated[int, Field(ge=0, le=5)] | None = None
    echo: bool | None = None


@router.get("/models")
def models(offered: Offered) -> dict[str, Any]:
    """Every model that can answer."""
    return {"object": "list", "data": [_model(offer) for offer in offered.offers()]}


@router.get("/models/{name:path}")
def model(offered: Offered, name: str) -> dict[str, Any]:
    """One model. Names may hold slashes and colons."""
    return _model(offered.offer(name))


@router.post("/chat/completions", response_model=None)
async def chat_completions(
    runtime: Access,
    offered: Offered,
    request: Request,
    wanted: ChatRequest,
    caller: Somebody,
    learn: Learn = None,
) -> Response:
    """Answer a conversation."""
    messages = [message.message() for message in wanted.messages]
    top = (wanted.top_logprobs or 1) if wanted.logprobs else 0
    length = wanted.max_completion_tokens or wanted.max_tokens

    def make(choice: int) -> Completion:
        sampling = wanted.sampling(runtime, length=length, top=top, choice=choice)
        name = offered.offer(wanted.model).name
        return runtime.completions.answer(name, messages, sampling)

    async def keep(text: Text) -> None:
        if caller.teaches if learn is None else learn:
            await run_in_threadpool(runtime.completions.keep, messages, text.completion, text.text)

    shape = ChatShape(top=wanted.top_logprobs or 0, logprobs=bool(top))
    makes = [partial(make, choice) for choice in range(wanted.n or 1)]
    return await _respond(request, wanted, shape, makes, keep)


@router.post("/completions", response_model=None)
async def completions(
    runtime: Access, offered: Offered, request: Request, wanted: TextRequest
) -> Response:
    """Go on from a text. What follows it is not a conversation, so nothing of it is learned."""
    top = max(1, wanted.logprobs) if wanted.logprobs is not None else 0

    def make(prompt: str | list[int], choice: int) -> Completion:
        sampling = wanted.sampling(runtime, length=wanted.max_tokens or 16, top=top, choice=choice)
        name = offered.offer(wanted.model).name
        return runtime.completions.go_on(name, prompt, sampling)

    prompts = _prompts(wanted.prompt)
    if len(prompts) * (wanted.n or 1) > MAX_CHOICES:
        raise InvalidInput(f"A request may ask for {MAX_CHOICES} texts; this one asks for more.")
    if wanted.echo and not all(isinstance(prompt, str) for prompt in prompts):
        raise InvalidInput("`echo` needs prompts that are text; found token ids.")
    asked = [(prompt, choice) for prompt in prompts for choice in range(wanted.n or 1)]
    echoes = [str(prompt) if wanted.echo else "" for prompt, _ in asked]
    shape = TextShape(top=wanted.logprobs or 0, logprobs=bool(top), echoes=echoes)
    makes = [partial(make, prompt, choice) for prompt, choice in asked]
    return await _respond(request, wanted, shape, makes)


async def _respond(
    request: Request,
    wanted: Options,
    shape: Shape,
    makes: Sequence[Callable[[], Completion]],
    keep: Callable[[Text], Awaitable[None]] | None = None,
) -> Response:
    """Every text that `makes` begins, one after another, at once or as they are written.

    The first one is begun before the response, so that what is wrong with a request is said by
    its status.
    """
    async with AsyncExitStack() as held:
        await held.enter_async_context(request.app.state.seats.one())
        first = await begin(makes[0])
        held.push_async_callback(first.close)
        headers = completion_headers(first.completion)
        envelope = shape.envelope(first.completion)
        if wanted.stream:
            events = _events(wanted, shape, envelope, first, makes[1:], keep)
            return Held(events, held.pop_all(), media_type="text/event-stream", headers=headers)
        texts = [await first.whole(request)]
        for make in makes[1:]:
            texts.append(await (await begin(make)).whole(request))
        if keep is not None:
            await keep(first)
        choices = [shape.choice(index, text) for index, text in enumerate(texts)]
        usage = _usage(texts)
        return JSONResponse({**envelope, "choices": choices, "usage": usage}, headers=headers)


async def _events(
    wanted: Options,
    shape: Shape,
    envelope: dict[str, Any],
    first: Text,
    rest: Sequence[Callable[[], Completion]],
    keep: Callable[[Text], Awaitable[None]] | None,
) -> AsyncIterator[str]:
    """The events of a stream. An error in the middle is an event too: the status is long sent."""
    envelope = {**envelope, "object": shape.streamed}
    without_usage = {"usage": None} if wanted.tells_usage else {}

    def event(choice: dict[str, Any]) -> str:
        return _event({**envelope, "choices": [choice], **without_usage})

    texts = [first]
    try:
        for index in range(1 + len(rest)):
            if index:
                texts.append(await begin(rest[index - 1]))
            for choice in shape.opening(index):
                yield event(choice)
            async for said in texts[index].pieces():
                if said is None:
                    yield ": still writing\n\n"
                elif said.text or said.written:
                    yield event(shape.piece(index, said))
            yield event(shape.ending(index, texts[index]))
        if keep is not None:
            await keep(first)
        if wanted.tells_usage:
            yield _event({**envelope, "choices": [], "usage": _usage(texts)})
    except L2CError as error:
        yield _event(openai_error(error))
    yield "data: [DONE]\n\n"


def _event(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def _usage(texts: Sequence[Text]) -> dict[str, int]:
    prompt = sum(text.completion.prompt_tokens for text in texts)
    written = sum(text.tokens for text in texts)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": written,
        "total_tokens": prompt + written,
    }


def _prompts(prompt: str | list[str] | list[int] | list[list[int]]) -> list[str | list[int]]:
    if isinstance(prompt, str):
        return [prompt]
    if not prompt:
        raise InvalidInput("`prompt` must not be empty; found an empty list.")
    if isinstance(prompt[0], int):
        return [[token for token in prompt if isinstance(token, int)]]
    return [one for one in prompt if not isinstance(one, int)]


def _model(offer: Offer) -> dict[str, Any]:
    return {
        "id": offer.name,
        "object": "model",
        "created": offer.created,
        "owned_by": offer.owner,
    }
