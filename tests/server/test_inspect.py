"""The glass box over HTTP: every figure in it is the model's own."""

import math

import numpy as np
import pytest

from l2c.text.template import UNWRITABLE
from l2c.text.tokenizer import Control
from tests.server import documented
from tests.server.serving import Json, Serving
from tests.server.test_learning import taught

CELL = "layers.0.cell"


@pytest.fixture
def answer(server: Serving) -> Json:
    """An answer to a second turn, so that something stands before it."""
    conversation = server.new()
    server.finished(server.say(conversation, "My cat is called Pim."))
    return server.finished(server.say(conversation, "And then the wind?", length=40, seed=3))


def look(server: Serving, answer: Json, **query: object) -> Json:
    return server.get(f"/app/v1/turns/{answer['id']}/inspect", params=query)


def refusal(server: Serving, path: str, body: Json | None = None, **query: str) -> tuple[int, str]:
    """The status and message of a call: with a body a POST, else a GET."""
    method = "GET" if body is None else "POST"
    response = server.client.request(method, path, json=body, params=query)
    return response.status_code, response.json()["error"]["message"]


def test_the_places_spell_the_answer_and_the_rest_is_what_was_said_before(
    server: Serving, answer: Json
) -> None:
    seen = look(server, answer)
    assert set(seen) == documented.keys("reading")
    shown = seen["tokens"][seen["begins"] :]
    assert "".join(token["text"] for token in shown) == answer["text"]
    assert shown[-1]["control"] == "end"
    before = "".join(token["text"] for token in seen["tokens"][: seen["begins"]])
    assert before.startswith("My cat is called Pim.")
    assert before.endswith("And then the wind?")
    assert seen["tokens"][seen["begins"] - 1]["control"] == "assistant"
    assert len(seen["places"]) == len(shown)
    assert seen["checkpoint"] == answer["checkpoint"]


def test_surprise_and_expectations_are_the_logits_of_the_engine(
    server: Serving, answer: Json
) -> None:
    seen = look(server, answer, likely=1000)
    model = server.runtime.folder.load(answer["checkpoint"])
    tokens = np.array([token["id"] for token in seen["tokens"]], np.int32)
    logits = model.engine.logits(tokens).astype(np.float64)
    chances = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    for number, place in enumerate(seen["places"]):
        row = chances[seen["begins"] + number - 1]
        token = tokens[seen["begins"] + number]
        assert place["bits"] == pytest.approx(-row[token] / math.log(2), abs=1e-3)
        assert place["log_probabilities"] == pytest.approx(row[place["likely"]], abs=1e-3)
        assert place["log_probabilities"] == sorted(place["log_probabilities"], reverse=True)
        assert set(place["likely"]) == set(range(len(row))) - set(map(int, UNWRITABLE))
        assert place["others"] == 0
        assert place["others_log_probability"] is None


def test_what_is_not_listed_is_counted_with_what_it_has_together(
    server: Serving, answer: Json
) -> None:
    place = look(server, answer, likely=3)["places"][0]
    every = look(server, answer, likely=1000)["places"][0]
    assert place["likely"] == every["likely"][:3]
    assert place["others"] == len(every["likely"]) - 3
    rest = sum(math.exp(p) for p in every["log_probabilities"][3:])
    assert math.exp(place["others_log_probability"]) == pytest.approx(rest, abs=1e-3)
    words = look(server, answer, likely=3)["words"]
    assert set(map(str, place["likely"])) <= set(words)
    assert words.get(str(int(Control.END)), "") == ""


def test_layers_are_named_and_shown_only_where_they_are_asked_for(
    server: Serving, answer: Json
) -> None:
    layers = {layer["name"]: layer for layer in look(server, answer)["layers"]}
    assert layers[CELL]["values"] is None
    assert layers[CELL]["shape"] == [16]
    seen = look(server, answer, layers=CELL, units=5)
    cell = next(layer for layer in seen["layers"] if layer["name"] == CELL)
    model = server.runtime.folder.load(answer["checkpoint"])
    tokens = np.array([token["id"] for token in seen["tokens"]], np.int32)
    whole = model.engine.inspect(tokens).layers[CELL][seen["begins"] :]
    assert len(cell["units"]) == 5
    assert np.allclose(cell["values"], whole[:, cell["units"]], atol=1e-3)
    assert set(cell["units"]) == set(np.argsort(-whole.std(axis=0))[:5].tolist())
    status, message = refusal(
        server, f"/app/v1/turns/{answer['id']}/inspect", layers="layers.9.cell"
    )
    assert status == 400
    assert CELL in message


def test_writing_again_from_the_beginning_with_the_same_seed_writes_the_answer(
    server: Serving, answer: Json
) -> None:
    path = f"/app/v1/turns/{answer['id']}/inspect/again"
    how = answer["sampling"]
    whole = {"after": 0, "temperature": how["temperature"], "seed": how["seed"]}
    turns = server.get(f"/app/v1/conversations/{answer['conversation_id']}")["turns"]
    assert server.post(path, whole)["text"] == answer["text"]
    other = server.post(path, {"after": 3, "temperature": 1.5, "seed": 1})
    assert other == server.post(path, {"after": 3, "temperature": 1.5, "seed": 1})
    assert server.get(f"/app/v1/conversations/{answer['conversation_id']}")["turns"] == turns
    assert refusal(server, path, {"after": 30_000, "temperature": 1})[0] == 400


def test_a_conversation_or_a_text_can_be_read_without_being_stored(server: Serving) -> None:
    said = [{"role": "user", "text": "Hello"}, {"role": "assistant", "text": "Hi."}]
    seen = server.post("/app/v1/inspect", {"messages": said})
    assert [token["text"] for token in seen["tokens"][seen["begins"] :]] == ["H", "i", ".", ""]
    plain = server.post("/app/v1/inspect", {"text": "Hi."})
    assert plain["begins"] == 1
    assert "".join(token["text"] for token in plain["tokens"]) == "Hi."
    assert server.get("/app/v1/conversations")["conversations"] == []
    for wrong in ({}, {"text": "a", "messages": said}):
        assert refusal(server, "/app/v1/inspect", wrong)[0] == 400
    assert refusal(server, "/app/v1/inspect", {"text": "a" * 30_000})[0] == 400


def test_only_an_answer_with_words_is_looked_into(server: Serving, answer: Json) -> None:
    asked = answer["parent_id"]
    assert refusal(server, f"/app/v1/turns/{asked}/inspect")[0] == 400
    path = f"/app/v1/turns/{answer['id']}/inspect"
    assert refusal(server, path, checkpoint="0" * 64)[0] == 404
    assert refusal(server, path, model="nobody")[0] == 404
    status, message = refusal(server, path, model="ollama/llama3:8b")
    assert (status, "another server" in message) == (400, True)


def test_a_lesson_is_proven_by_one_question_before_and_after_it(server: Serving) -> None:
    told = taught(server)["user"]["id"]
    proof = server.get(f"/app/v1/turns/{told}/proof")
    assert proof["question"].endswith("?")
    assert "cat" in proof["question"]
    assert "Pim" not in proof["question"]
    assert proof["value"] == "Pim"
    lesson = server.get(f"/app/v1/learning/lessons/{proof['lesson']}")["lesson"]
    for version, digest in (("before", lesson["parent"]), ("after", lesson["checkpoint"])):
        assert proof[version]["checkpoint"] == digest


def test_there_is_no_proof_where_nothing_was_learned(server: Serving, answer: Json) -> None:
    status, why = refusal(server, f"/app/v1/turns/{answer['parent_id']}/proof")
    assert (status, why) == (400, "Nothing was learned from this turn.")
