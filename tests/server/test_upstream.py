"""L2C as the server of another L2C, through both dialects; and the page's chat with a remote."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from l2c.providers.servers import ServerEntry
from l2c.runtime import Runtime
from tests.server.serving import Serving, serving, settings


@pytest.fixture
def other(server: Serving, starter: Path, tmp_path: Path) -> Iterator[Serving]:
    """A second L2C that knows the first one as both an Ollama and an OpenAI server."""
    changes = {"ollama_url": server.url, "openai_url": f"{server.url}/v1"}
    with serving(Runtime.open(settings(tmp_path / "other", starter, **changes))) as second:
        yield second


@pytest.mark.parametrize("model", ["ollama/le:latest", "openai/le"])
def test_a_conversation_with_the_model_of_another_server(other: Serving, model: str) -> None:
    exchange = other.say(other.new(model=model))
    turn = other.finished(exchange)
    assert (turn["status"], turn["error"]) == ("complete", None)
    assert (turn["model"], turn["checkpoint"], turn["origin"]) == (model, None, "generated")
    assert other.runtime.learning.queue_size("le") == 1


@pytest.mark.parametrize("model", ["ollama/le:latest", "openai/le"])
def test_the_same_seed_says_the_same_through_either(
    server: Serving, other: Serving, model: str
) -> None:
    body = {
        "messages": [{"role": "user", "content": "Hello"}],
        "seed": 5,
        "max_tokens": 30,
        "temperature": 1,
    }
    direct = server.post("/v1/chat/completions", {**body, "model": "le"})
    through = other.post("/v1/chat/completions", {**body, "model": model})
    assert through["choices"][0]["message"] == direct["choices"][0]["message"]
    assert through["system_fingerprint"] is None


def test_models_of_servers_are_listed_after_the_own_ones(other: Serving) -> None:
    names = [model["id"] for model in other.get("/v1/models")["data"]]
    assert names == ["le", "ollama/le:latest", "openai/le"]


def test_servers_that_name_each_other_ask_no_circle(other: Serving, server: Serving) -> None:
    server.runtime.servers.add(ServerEntry("back", "openai", f"{other.url}/v1"))
    server.runtime.servers.add(ServerEntry("mirror", "ollama", server.url))
    names = [model["id"] for model in server.get("/v1/models")["data"]]
    assert names == ["le", "back/le", "mirror/le:latest"]
    lost = other.say(other.new(model="openai/mirror/le"))
    assert "has no model" in other.finished(lost)["error"]


def test_a_server_that_is_gone_is_said_in_the_conversation(other: Serving, server: Serving) -> None:
    other.runtime.servers["ollama"].url = "http://127.0.0.1:9"
    exchange = other.say(other.new(model="ollama/le"))
    turn = other.finished(exchange)
    assert turn["status"] == "error"
    assert "start it with `ollama serve`" in turn["error"]
    assert [model["id"] for model in other.get("/v1/models")["data"]] == ["le", "openai/le"]


def test_an_unknown_server_is_refused_at_once(other: Serving) -> None:
    answer = other.client.post("/app/v1/conversations", json={"model": "nowhere/le"})
    assert answer.status_code == 404
