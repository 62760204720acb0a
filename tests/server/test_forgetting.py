"""Forgetting over HTTP: the text goes at once, the learner does the rest, and tells how far."""

import threading
from contextlib import closing

from tests.server import documented
from tests.server.serving import Json, Serving
from tests.server.test_learning import learn, taught

FORGET = "/app/v1/forget"
SECRET = "The combination is Quintessenz-7391."


def go_on(server: Serving) -> None:
    with closing(server.runtime.learner(threading.Event())) as learner:
        learner.forget()


def live(server: Serving) -> str:
    return str(server.get("/app/v1/models/le")["model"]["live"])


def test_a_forgotten_turn_is_gone_at_once_and_out_of_the_model_soon(server: Serving) -> None:
    starter = live(server)
    exchange = taught(server, SECRET)
    begun = server.post(FORGET, {"turn": exchange["user"]["id"]})
    assert set(begun) == documented.keys("forgetting")
    assert (begun["state"], begun["done"], begun["steps"]) == ("rebuilding", 0, 1)
    assert server.get(f"/app/v1/turns/{exchange['user']['id']}")["text"] == ""
    assert server.get("/app/v1/search?q=Quintessenz")["hits"] == []
    assert live(server) == starter
    go_on(server)
    done: Json = server.get(f"{FORGET}/{begun['id']}")
    assert (done["state"], done["done"], done["checkpoints"]) == ("done", 1, 1)
    assert server.get(FORGET)["forgettings"] == [done]
    assert server.get("/app/v1/learning/lessons")["lessons"] == []


def test_a_conversation_that_taught_nothing_is_forgotten_at_once(server: Serving) -> None:
    conversation = server.new()
    server.finished(server.say(conversation, SECRET, seed=1, learn=False))
    done = server.post(FORGET, {"conversation": conversation})
    assert (done["state"], done["turns"], done["steps"]) == ("done", 2, 0)
    assert learn(server) == []


def test_one_thing_is_named(server: Serving) -> None:
    client = server.client
    for wish in ({}, {"turn": "a", "document": "b"}):
        assert client.post(FORGET, json=wish).status_code == 400
    assert client.post(FORGET, json={"turn": "0" * 32}).status_code == 404
    assert client.get(f"{FORGET}/{'0' * 32}").status_code == 404
