"""Servers of other models: what they say arrives, and every way they fail is said in words."""

from collections.abc import Iterator
from typing import Any

import pytest

from l2c.conversation import Message, Role
from l2c.errors import NotFound, ProviderError
from l2c.providers import remote as wire
from l2c.providers.ollama import LARGEST_WINDOW, Ollama
from l2c.providers.openai import OpenAI
from l2c.providers.provider import Outcome, Sampling
from l2c.providers.remote import ASSUMED_WINDOW, BELIEVED_S, LINE_BYTES, RemoteServer
from tests.providers import upstream
from tests.providers.test_stopping import read
from tests.providers.upstream import Reply, Upstream, of_events, of_json

SAID = [Message(Role.SYSTEM, "Be kind."), Message(Role.USER, "Hello")]
HOW = Sampling(temperature=0.5, length=20, seed=7, top_p=0.9, stop=("X",))
SHOWN = of_json({"model_info": {"llama.context_length": 2048}})
LISTED = of_json({"data": [{"id": "big", "max_model_len": 1024}, {"id": "plain"}]})


@pytest.fixture
def server() -> Iterator[Upstream]:
    with upstream.running() as running:
        running.answer("/api/show", SHOWN)
        running.answer("/models", LISTED)
        yield running


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def ollama(server: Upstream, waits: list[float]) -> Iterator[Ollama]:
    remote = Ollama("ollama", server.url, wait=waits.append)
    yield remote
    remote.close()


@pytest.fixture
def openai(server: Upstream, waits: list[float]) -> Iterator[OpenAI]:
    remote = OpenAI("cloud", server.url, key="secret", wait=waits.append)
    yield remote
    remote.close()


def answer(remote: RemoteServer, model: str = "big") -> tuple[str, Outcome]:
    said, outcome = read(remote.provider(model).answer(SAID, HOW))
    return "".join(one.text for one in said), outcome


def chunk(text: str | None = None, reason: str | None = None) -> dict[str, Any]:
    delta = {} if text is None else {"content": text}
    return {"choices": [{"delta": delta, "finish_reason": reason}]}


# What is said


def test_an_ollama_model_answers(ollama: Ollama, server: Upstream) -> None:
    server.answer(
        "/api/chat",
        of_json(
            {"message": {"role": "assistant", "content": "Hé"}, "done": False},
            {"message": {"role": "assistant", "content": "llo"}, "done": False},
            {"message": {"content": ""}, "done": True, "done_reason": "stop", "eval_count": 2},
        ),
    )
    assert answer(ollama) == ("Héllo", Outcome("stop", 2))
    asked = server.body("/api/chat")
    assert asked["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hello"},
    ]
    assert asked["options"] == {
        "temperature": 0.5, "num_predict": 20, "num_ctx": 2048, "seed": 7, "top_p": 0.9,
        "stop": ["X"],
    }  # fmt: skip


def test_an_openai_model_answers(openai: OpenAI, server: Upstream) -> None:
    server.answer(
        "/chat/completions",
        of_events(
            {"choices": [{"delta": {"role": "assistant", "content": ""}}]},
            chunk("Hé"),
            chunk("llo"),
            chunk(reason="length"),
            {"choices": [], "usage": {"completion_tokens": 2}},
        ),
    )
    assert answer(openai) == ("Héllo", Outcome("length", 2))
    path, asked, headers = server.asked[-1]
    assert path == "/chat/completions"
    assert headers["authorization"] == "Bearer secret"
    assert (asked["max_tokens"], asked["temperature"], asked["stop"]) == (20, 0.5, ["X"])


def test_a_text_goes_on_by_both(ollama: Ollama, openai: OpenAI, server: Upstream) -> None:
    server.answer("/api/generate", of_json({"response": "on", "done": False}, {"done": True}))
    server.answer("/completions", of_events({"choices": [{"text": "on", "finish_reason": "stop"}]}))
    for remote in (ollama, openai):
        said, outcome = read(remote.provider("big").complete("Go ", HOW))
        assert ("".join(one.text for one in said), outcome.reason) == ("on", "stop")
    assert server.body("/api/generate")["raw"] is True


def test_characters_cut_between_two_packets_arrive_whole(ollama: Ollama, server: Upstream) -> None:
    line = b'{"message": {"content": "\xc3\xa4\xe6\x97\xa5"}, "done": true}\n'
    for at in range(1, len(line)):
        server.answer("/api/chat", Reply(200, (line[:at], line[at:])))
        assert answer(ollama)[0] == "ä日"


def test_models_are_listed_with_what_the_server_tells(
    ollama: Ollama, openai: OpenAI, server: Upstream
) -> None:
    details = {"family": "llama", "parameter_size": "8B"}
    server.answer(
        "/api/tags", of_json({"models": [{"model": "a:8b", "size": 7, "details": details}, 3]})
    )
    (model,) = ollama.models()
    assert (model.name, model.family, model.parameters, model.size_bytes) == (
        "a:8b", "llama", "8B", 7,
    )  # fmt: skip
    assert [(known.name, known.window) for known in openai.models()] == [
        ("big", 1024),
        ("plain", None),
    ]


# The window is asked for, never guessed in silence


@pytest.mark.parametrize(
    ("shown", "window"),
    [
        ({"model_info": {"x.context_length": 512}}, 512),
        ({"model_info": {"x.context_length": 131_072}}, LARGEST_WINDOW),
        ({"model_info": {"x.context_length": 131_072}, "parameters": "num_ctx   16384"}, 16384),
        ({"model_info": {}}, ASSUMED_WINDOW),
        ([], ASSUMED_WINDOW),
    ],
)
def test_ollamas_window_is_the_one_it_is_asked_to_keep(
    ollama: Ollama, server: Upstream, shown: Any, window: int
) -> None:
    server.answer("/api/show", of_json(shown))
    server.answer("/api/chat", of_json({"done": True}))
    assert ollama.provider("big").window == window
    answer(ollama)
    assert server.body("/api/chat")["options"]["num_ctx"] == window


def test_the_owners_word_on_the_window_counts(server: Upstream) -> None:
    for kind, model in ((Ollama, "big"), (OpenAI, "plain")):
        remote = kind("x", server.url, window=700)
        assert remote.provider(model).window == 700
        remote.close()


def test_a_server_that_does_not_tell_its_window_gets_a_short_one(openai: OpenAI) -> None:
    assert openai.provider("big").window == 1024
    assert openai.provider("plain").window == ASSUMED_WINDOW


def test_what_a_server_tells_of_a_model_is_believed_for_a_moment(server: Upstream) -> None:
    now = 0.0
    remote = OpenAI("cloud", server.url, clock=lambda: now)
    assert remote.provider("big").window == 1024
    server.answer("/models", of_json({"data": [{"id": "big", "max_model_len": 2048}]}))
    assert remote.provider("big").window == 1024
    now = 2 * BELIEVED_S
    assert remote.provider("big").window == 2048
    remote.close()


# What goes wrong


def test_a_server_that_is_not_there_is_named_with_what_helps(waits: list[float]) -> None:
    with upstream.running() as gone:
        url = gone.url
    ollama = Ollama("ollama", url, wait=waits.append)
    with pytest.raises(ProviderError, match=r"not running at http.*start it with `ollama serve`"):
        ollama.models()
    ollama.close()
    assert waits == []


def test_an_unknown_model_is_named_with_what_helps(
    ollama: Ollama, openai: OpenAI, server: Upstream
) -> None:
    server.answer("/api/show", of_json({"error": "model not found"}, status=404))
    with pytest.raises(NotFound, match="ollama pull nobody"):
        ollama.provider("nobody")
    with pytest.raises(NotFound, match="nobody"):
        openai.provider("nobody")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_said(openai: OpenAI, server: Upstream, status: int) -> None:
    server.answer("/models", of_json({"error": {"message": "bad key"}}, status=status))
    with pytest.raises(ProviderError, match="refuses the key of cloud: bad key"):
        openai.models()


def test_a_busy_server_is_asked_again_when_it_says(
    ollama: Ollama, server: Upstream, waits: list[float]
) -> None:
    busy = of_json({"error": "busy"}, status=429, headers={"retry-after": "3"})
    server.answer("/api/chat", busy, Reply(503), of_json({"done": True}))
    assert answer(ollama) == ("", Outcome("stop", None))
    assert waits == [3.0, 1.0]


@pytest.mark.parametrize("asked", ["soon", "-1", "nan", "1e9", "inf"])
def test_a_senseless_wait_is_not_waited(
    ollama: Ollama, server: Upstream, waits: list[float], asked: str
) -> None:
    busy = Reply(503, headers={"retry-after": asked})
    server.answer("/api/chat", busy, of_json({"done": True}))
    answer(ollama)
    assert all(0 <= wait <= 20 for wait in waits)


def test_a_server_that_stays_busy_is_given_up(
    ollama: Ollama, server: Upstream, waits: list[float]
) -> None:
    server.answer("/api/chat", Reply(503, (b"overloaded",)))
    with pytest.raises(ProviderError, match="answered 503: overloaded"):
        answer(ollama)
    assert len(waits) == 2


HALF = {"message": {"content": "Half "}, "done": False}


@pytest.mark.parametrize("cut", [False, True])
def test_an_answer_that_breaks_off_is_no_answer(
    ollama: Ollama, openai: OpenAI, server: Upstream, cut: bool
) -> None:
    server.answer("/api/chat", of_json(HALF, cut=cut))
    server.answer("/chat/completions", of_events(chunk("Half "), done=False, cut=cut))
    for remote in (ollama, openai):
        writing = remote.provider("big").answer(SAID, HOW)
        assert next(writing).text == "Half "
        with pytest.raises(ProviderError, match="broke off in the middle"):
            next(writing)


@pytest.mark.parametrize(
    "line",
    [b"nonsense\n", b"[1]\n", b'{"message": \n', b"\xff\xfe\n", b'{"error": "out of memory"}\n'],
)
def test_a_line_that_makes_no_sense_is_an_error(
    ollama: Ollama, openai: OpenAI, server: Upstream, line: bytes
) -> None:
    server.answer("/api/chat", Reply(200, (line,)))
    server.answer("/chat/completions", Reply(200, (b"data: " + line + b"\n",)))
    for remote in (ollama, openai):
        with pytest.raises(ProviderError):
            answer(remote)


@pytest.mark.parametrize(
    "value",
    [
        {"message": "text", "done": True},
        {"message": {"content": 7}, "done": True},
        {"message": None, "response": ["x"], "done": True, "eval_count": "many"},
    ],
)
def test_fields_of_a_wrong_kind_are_not_shown(
    ollama: Ollama, server: Upstream, value: dict[str, Any]
) -> None:
    server.answer("/api/chat", of_json(value))
    assert answer(ollama) == ("", Outcome("stop", None))


def test_a_line_without_an_end_is_cut_short(ollama: Ollama, server: Upstream) -> None:
    server.answer("/api/chat", Reply(200, (b"x" * (1 << 20),) * ((LINE_BYTES >> 20) + 2)))
    with pytest.raises(ProviderError, match="line without an end"):
        answer(ollama)


def test_who_stops_reading_hangs_up(ollama: Ollama, server: Upstream) -> None:
    server.answer("/api/chat", of_json(*[HALF] * 2000))
    writing = ollama.provider("big").answer(SAID, HOW)
    assert next(writing).text == "Half "
    writing.close()
    with pytest.raises(StopIteration):
        next(writing)


def test_more_answers_than_a_pool_of_connections_has_are_read_at_once(
    server: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "SILENCE_S", 2.0)  # else it would wait for one for five minutes
    patient = OpenAI("cloud", server.url)
    server.answer("/chat/completions", of_events(chunk("Hi"), chunk(reason="stop")))
    model = patient.provider("big")
    many = [model.answer(SAID, HOW) for _ in range(110)]
    assert [next(one).text for one in many] == ["Hi"] * 110
    for one in many:
        one.close()
    patient.close()
