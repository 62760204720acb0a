"""A smaller copy of a model: made of any version, measured, and gone with what it knew."""

import threading
from contextlib import closing

import pytest

from l2c.engines.model import LanguageModel
from l2c.text.characters import CharacterTokenizer
from tests.server import documented
from tests.server.serving import Json, Serving
from tests.server.test_learning import taught

MODELS = "/app/v1/models"


def add_network(server: Serving, name: str = "net") -> None:
    """A model wide enough for blocks of 32 weights."""
    alphabet = CharacterTokenizer("".join(map(chr, range(32, 127))))
    model = LanguageModel.create("lstm", {"hidden_size": 64}, alphabet, seed=1)
    digest, size = server.runtime.folder.save(model)
    server.runtime.models.begin_from(name, engine="lstm", checkpoint=digest, size_bytes=size)


def quantise(server: Serving, name: str = "net", **of: str) -> Json:
    made: Json = server.post(f"{MODELS}/{name}/quantise", {"name": "small", **of})
    return made


def test_a_smaller_copy_is_a_model_of_its_own_with_what_it_cost(server: Serving) -> None:
    add_network(server)
    made = quantise(server)
    cost = made["smaller"]
    assert set(cost) == documented.keys("smaller")
    assert made == server.get(f"{MODELS}/small")["model"]
    assert (made["learns"], made["config"]["reading"]) == (False, "q8_0")
    assert cost["size_after"] == made["size_bytes"] < cost["size_before"] / 3
    assert cost["bits_after"] == pytest.approx(cost["bits_before"], rel=0.01)
    assert cost["bits_after"] != cost["bits_before"]
    answer = server.finished(server.say(server.new(model="small"), "Hello"))
    assert (answer["model"], answer["checkpoint"]) == ("small", made["live"])
    assert server.get(f"{MODELS}/net")["model"]["smaller"] is None


def test_an_older_version_can_be_made_smaller(server: Serving) -> None:
    taught(server)
    le = server.get(f"{MODELS}/le")["model"]
    assert quantise(server, "le", type="f16")["smaller"]["checkpoint"] == le["live"]
    old = {"name": "old", "type": "f16", "checkpoint": le["starter"]}
    assert server.post(f"{MODELS}/le/quantise", old)["smaller"]["checkpoint"] == le["starter"]


@pytest.mark.parametrize(
    ("model", "asked", "status"),
    [
        ("net", {"name": "le"}, 409),
        ("net", {"name": "a/b"}, 400),
        ("net", {"name": "small", "type": "f32"}, 400),
        ("net", {"name": "small", "type": "q4_0"}, 400),
        ("net", {"name": "small", "checkpoint": "0" * 64}, 404),
        ("nobody", {"name": "small"}, 404),
        ("le", {"name": "small", "type": "q8_0"}, 400),
    ],
)
def test_what_cannot_be_made_is_refused_in_words(
    server: Serving, model: str, asked: Json, status: int
) -> None:
    add_network(server)
    answer = server.client.post(f"{MODELS}/{model}/quantise", json=asked)
    assert answer.status_code == status, answer.text
    names = [one["name"] for one in server.get(MODELS)["models"]]
    assert names == ["le", "net"]


def test_a_copy_of_a_copy_goes_back_to_the_starter_whose_doubts_it_has(server: Serving) -> None:
    add_network(server)
    quantise(server, type="f16")
    server.post(f"{MODELS}/small/quantise", {"name": "smallest"})
    models = server.runtime.models
    assert models.get("smallest").starter != models.get("net").starter
    assert models.get("smallest").descends_from == models.get("net").starter


def test_what_would_not_become_smaller_is_not_made(server: Serving) -> None:
    add_network(server)
    quantise(server, type="f16")
    again = server.client.post(f"{MODELS}/small/quantise", json={"name": "two", "type": "f16"})
    assert again.status_code == 400
    assert "smaller" in again.json()["error"]["message"]


def test_forgetting_takes_the_copies_of_what_knew_and_no_others(server: Serving) -> None:
    starter = server.get(f"{MODELS}/le")["model"]["live"]
    exchange = taught(server, "The combination is Quintessenz-7391.")
    knew = [quantise(server, "le", type="f16")["live"]]
    server.post(f"{MODELS}/le/quantise", {"name": "clean", "type": "f16", "checkpoint": starter})
    server.post("/app/v1/dreams", {"model": "small"})
    dreams = server.runtime.data_dir / "dreams"
    assert list(dreams.rglob("*.txt"))
    server.post("/app/v1/forget", {"turn": exchange["user"]["id"]})
    assert {one["name"] for one in server.get(MODELS)["models"]} == {"le", "clean"}
    assert list(dreams.rglob("*.txt")) == []
    with closing(server.runtime.learner(threading.Event())) as learner:
        learner.forget()
    assert not any(server.runtime.folder.has(digest) for digest in knew)
    assert server.runtime.folder.has(server.get(f"{MODELS}/clean")["model"]["live"])
