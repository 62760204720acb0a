"""The programs people use talk to L2C as to anybody: the real clients, the real server."""

import json
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import ollama
import openai
import pytest
from langchain_ollama import ChatOllama
from langchain_openai import ChatOpenAI
from llm.default_plugins.openai_models import Chat
from pydantic import SecretStr

from l2c.chat.completion import Completions
from l2c.conversation import Message
from l2c.providers.provider import Sampling, Writing
from l2c.server.writing import Seats
from tests.server.serving import Scripted, Serving, only


@pytest.fixture
def client(server: Serving) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0) as client:
        yield client


@pytest.fixture
def local(server: Serving) -> Iterator[ollama.Client]:
    with ollama.Client(host=server.url, trust_env=False) as client:
        yield client


HELLO: Any = [{"role": "user", "content": "Hello"}]


# OpenAI


def test_a_chat_by_the_openai_client(client: openai.OpenAI, server: Serving) -> None:
    answer = client.chat.completions.create(model="le", messages=HELLO, seed=3, max_tokens=20)
    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.choices[0].message.role == "assistant"
    assert answer.usage is not None
    assert 0 < answer.usage.completion_tokens <= 20
    live = server.runtime.models.get("le").live
    assert answer.system_fingerprint == f"fp_{live[:16]}"


def test_a_stream_adds_up_to_the_same_answer(client: openai.OpenAI) -> None:
    asked: Any = {"model": "le", "messages": HELLO, "seed": 3, "max_tokens": 20}
    whole = client.chat.completions.create(**asked).choices[0].message.content
    with client.chat.completions.stream(**asked) as stream:
        for _ in stream:
            pass
        choice = stream.current_completion_snapshot.choices[0]
    assert (choice.message.role, choice.message.content) == ("assistant", whole)


def test_usage_comes_last_when_it_is_asked_for(client: openai.OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="le",
            messages=HELLO,
            stream=True,
            max_tokens=9,
            stream_options={"include_usage": True},
        )
    )
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens <= 9
    assert len({(chunk.id, chunk.created) for chunk in chunks}) == 1
    assert [c.delta.role for chunk in chunks for c in chunk.choices if c.delta.role] == [
        "assistant"
    ]


def test_log_probabilities_name_the_likeliest_tokens(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="le",
        messages=HELLO,
        logprobs=True,
        top_logprobs=4,
        temperature=0,
        max_tokens=12,
    )
    logprobs = answer.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content is not None
    text = b"".join(bytes(token.bytes or []) for token in logprobs.content)
    assert text.decode() == answer.choices[0].message.content
    for token in logprobs.content:
        assert len(token.top_logprobs) == 4
        assert token.logprob <= 0


def test_a_text_goes_on_and_repeats_its_prompt_when_asked(client: openai.OpenAI) -> None:
    answer = client.completions.create(
        model="le", prompt=["Once", "Twice"], echo=True, max_tokens=10, n=2, seed=1, logprobs=2
    )
    texts = [choice.text for choice in answer.choices]
    assert [text[:4] for text in texts] == ["Once", "Once", "Twic", "Twic"]
    assert texts[0] != texts[1]
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    logprobs = answer.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.tokens is not None
    assert "".join(logprobs.tokens) == texts[0][4:]
    assert logprobs.text_offset is not None
    assert logprobs.text_offset[0] == 4


def test_token_ids_are_a_prompt_too(client: openai.OpenAI, server: Serving) -> None:
    _, model = server.runtime.catalog.answering()
    ids = model.tokenizer.encode("Hello")
    by_ids = client.completions.create(model="le", prompt=ids, seed=5, max_tokens=10)
    by_text = client.completions.create(model="le", prompt="Hello", seed=5, max_tokens=10)
    assert by_ids.choices[0].text == by_text.choices[0].text


def test_a_text_ends_before_its_stop_string(client: openai.OpenAI) -> None:
    asked: Any = {"model": "le", "prompt": "A", "max_tokens": 60, "seed": 2, "temperature": 1.0}
    text = client.completions.create(**asked).choices[0].text
    stop = text[20:22]
    stopped = client.completions.create(**asked, stop=[stop]).choices[0]
    assert stopped.text == text[: text.index(stop)]
    assert stopped.finish_reason == "stop"


def test_parts_of_text_are_read_and_pictures_refused(client: openai.OpenAI) -> None:
    parts = [{"type": "text", "text": "Hello"}]
    said: Any = [{"role": "developer", "content": parts}, {"role": "user", "content": parts}]
    assert client.chat.completions.create(model="le", messages=said).choices
    picture: Any = [{"type": "image_url", "image_url": {"url": "http://example.org/a.png"}}]
    with pytest.raises(openai.BadRequestError, match="text only"):
        client.chat.completions.create(
            model="le",
            messages=[{"role": "user", "content": picture}],
        )


def test_models_are_listed_and_found(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["le"]
    assert client.models.retrieve("le").owned_by == "l2c"


def test_errors_are_those_the_client_knows(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="gpt-9", messages=HELLO)
    assert unknown.value.code == "model_not_found"
    assert "gpt-9" in unknown.value.message
    with pytest.raises(openai.BadRequestError) as wrong:
        client.chat.completions.create(model="le", messages=HELLO, temperature=9)
    assert wrong.value.param == "temperature"
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="le", input="Hello")


def test_what_does_not_fit_the_window_is_told(server: Serving) -> None:
    long = [{"role": "user", "content": "word " * 3000}, *HELLO]
    body = {"model": "le", "messages": long, "max_tokens": 5}
    answer = server.client.post("/v1/chat/completions", json=body)
    assert int(answer.headers["x-context-dropped-tokens"]) > 10_000
    assert answer.headers["x-l2c-checkpoint"] == server.runtime.models.get("le").live
    refused = server.client.post("/api/chat", json={**body, "truncate": False})
    assert refused.status_code == 400
    assert "window" in refused.json()["error"] or "tokens" in refused.json()["error"]


def test_langchain_talks_to_it(server: Serving) -> None:
    with httpx.Client(trust_env=False) as http:
        model = ChatOpenAI(
            base_url=f"{server.url}/v1",
            api_key=SecretStr("any"),
            model="le",
            max_completion_tokens=12,
            http_client=http,
        )
        answer = model.invoke("Hello")
        assert answer.response_metadata["model_name"] == "le"
        streamed = [chunk.content for chunk in model.stream("Hello", stream_usage=True)]
    assert isinstance(answer.content, str)
    assert any(streamed) or answer.content == ""


@pytest.mark.parametrize("stream", [False, True])
def test_llm_talks_to_it(server: Serving, stream: bool) -> None:
    model = Chat("le", model_name="le", api_base=f"{server.url}/v1")  # type: ignore[no-untyped-call]
    model.key = "any"
    answer = model.prompt("Hello", stream=stream, max_tokens=12)
    assert isinstance(answer.text(), str)
    assert answer.usage().output is not None


# Ollama


def test_a_chat_by_the_ollama_client(local: ollama.Client) -> None:
    options = {"seed": 3, "num_predict": 20, "temperature": 0.5, "top_k": None}
    whole = local.chat("le", messages=HELLO, options=options)
    assert whole.message.role == "assistant"
    assert whole.done_reason in ("stop", "length")
    assert whole.eval_count is not None
    assert 0 < whole.eval_count <= 20
    pieces = list(local.chat("le:latest", messages=HELLO, options=options, stream=True))
    assert "".join(piece.message.content or "" for piece in pieces) == whole.message.content
    assert [piece.done for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    assert all(piece.message.role == "assistant" for piece in pieces)
    assert pieces[-1].total_duration
    assert pieces[-1].prompt_eval_count == whole.prompt_eval_count


def test_a_text_goes_on_by_the_ollama_client(local: ollama.Client) -> None:
    raw = local.generate("le", "Once", raw=True, options={"num_predict": 15, "seed": 1})
    assert len(raw.response or "") == 15
    assert raw.done_reason == "length"
    assert local.generate("le", "Hello", system="Be kind.").response is not None


def test_the_models_are_described_to_ollamas_client(local: ollama.Client) -> None:
    (model,) = local.list().models
    assert model.model == "le:latest"
    assert model.details is not None
    assert model.details.family == "lstm"
    shown = local.show("le")
    assert shown.modelinfo is not None
    assert shown.modelinfo["lstm.context_length"] > 100
    assert [running.model for running in local.ps().models] == ["le:latest"]


def test_loading_and_unloading_answer_at_once(server: Serving) -> None:
    for keep, reason in ((None, "load"), (0, "unload")):
        body = {"model": "le", "keep_alive": keep}
        assert server.post("/api/generate", body)["done_reason"] == reason
        assert server.post("/api/chat", body)["done_reason"] == reason


def test_ollamas_client_knows_the_errors(local: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError, match="nobody") as unknown:
        local.chat("nobody", messages=HELLO)
    assert unknown.value.status_code == 404


def test_langchain_talks_to_it_as_to_ollama(server: Serving) -> None:
    model = ChatOllama(
        base_url=server.url,
        model="le",
        num_predict=10,
        client_kwargs={"trust_env": False},
        validate_model_on_init=True,
    )
    answer = model.invoke("Hello")
    model._client.close()  # type: ignore[no-untyped-call]
    assert answer.usage_metadata is not None
    assert answer.usage_metadata["output_tokens"] <= 10


# What both have in common


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/api/chat"])
def test_nothing_is_stored_or_learned_unless_asked_for(server: Serving, path: str) -> None:
    body = {"model": "le", "messages": HELLO, "stream": False}
    server.post(path, body)
    assert server.get("/app/v1/conversations")["conversations"] == []
    server.post(path, body, headers={"X-L2C-Learn": "true"})
    (conversation,) = server.get("/app/v1/conversations")["conversations"]
    assert conversation["title"] == "Hello"
    assert server.runtime.learning.queue_size("le") == 1


@pytest.mark.parametrize(
    ("path", "media"),
    [("/v1/chat/completions", "text/event-stream"), ("/api/chat", "application/x-ndjson")],
)
def test_a_stream_is_learned_when_it_asks_for_it(server: Serving, path: str, media: str) -> None:
    body = {"model": "le", "messages": HELLO, "stream": True}
    answer = server.client.post(path, json=body, headers={"X-L2C-Learn": "true"})
    assert answer.headers["content-type"].startswith(media)
    assert server.runtime.learning.queue_size("le") == 1


def test_a_client_that_hangs_up_stops_its_answer_and_frees_its_seat(server: Serving) -> None:
    speaker = Scripted(*["word "] * 2000)
    closed = threading.Event()
    _speak(server, speaker, closed)
    server.app.state.seats = Seats(writers=1, waiting=1)
    body = {"model": "le", "messages": HELLO}
    with server.client.stream(
        "POST", "/v1/chat/completions", json={**body, "stream": True}
    ) as response:
        speaker.go_on()
        assert any("word" in line for line in response.iter_lines())
    went_on = 1
    while not closed.wait(0.01):
        speaker.go_on()
        went_on += 1
    assert went_on < 2000
    speaker.lines = ("Hello.",)
    speaker.go_on()
    answer = server.post("/v1/chat/completions", body)
    assert answer["choices"][0]["message"]["content"] == "Hello."


def test_too_many_at_once_are_told_to_come_back(server: Serving) -> None:
    speaker = Scripted("word")
    _speak(server, speaker, threading.Event())
    server.app.state.seats = Seats(writers=0, waiting=0)
    answer = server.client.post("/v1/chat/completions", json={"model": "le", "messages": HELLO})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert answer.json()["error"]["type"] == "server_error"


def test_an_error_in_the_middle_is_said_in_the_stream(server: Serving) -> None:
    speaker = Scripted("One ", fail=True)
    _speak(server, speaker, threading.Event())
    speaker.go_on(2)
    body = {"model": "le", "messages": HELLO, "stream": True}
    events = server.client.post("/v1/chat/completions", json=body).text.split("\n\n")
    assert json.loads(events[-3][6:])["error"]["message"] == "The speaker lost its voice."
    assert events[-2:] == ["data: [DONE]", ""]
    speaker.go_on(2)
    lines = server.client.post("/api/chat", json=body).text.splitlines()
    assert json.loads(lines[-1]) == {"error": "The speaker lost its voice."}


def _speak(server: Serving, speaker: Scripted, closed: threading.Event) -> None:
    """Have the dialects answered by `speaker`; `closed` is set when a text of it ends."""
    answer = speaker.answer

    def watched(messages: Sequence[Message], sampling: Sampling) -> Writing:
        try:
            return (yield from answer(messages, sampling))
        finally:
            closed.set()

    speaker.answer = watched  # type: ignore[method-assign]
    server.runtime.completions = Completions(only(speaker), server.runtime.conversations)
