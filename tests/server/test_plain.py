"""The plain API at the root, which any script can call."""

import threading

import pytest

import l2c
from l2c.runtime import Runtime
from tests.server.serving import Scripted, Serving, let_speak, serving
from tests.server.test_learning import taught


def test_a_message_is_answered_in_a_new_conversation(server: Serving) -> None:
    said = server.post("/chat", {"message": "Hello"})
    assert set(said) == {"response", "origin", "conversation_id", "turn_id", "model", "checkpoint"}
    turns = server.get(f"/app/v1/conversations/{said['conversation_id']}")["turns"]
    assert [turn["text"] for turn in turns] == ["Hello", said["response"]]
    assert turns[1]["id"] == said["turn_id"]
    assert turns[1]["checkpoint"] == said["checkpoint"]


def test_a_prompt_is_a_message(server: Serving) -> None:
    said = server.post("/chat", {"prompt": "Hello", "seed": 5})
    assert said["response"] == server.post("/chat", {"message": "Hello", "seed": 5})["response"]


def test_a_conversation_can_be_gone_on_with(server: Serving) -> None:
    first = server.post("/chat", {"message": "Hello"})["conversation_id"]
    again = server.post("/chat", {"message": "And?", "conversation_id": first})
    assert again["conversation_id"] == first
    assert len(server.get(f"/app/v1/conversations/{first}")["turns"]) == 4


def test_what_is_not_to_be_learned_is_not_queued(server: Serving) -> None:
    server.post("/chat", {"message": "A secret", "learn": False})
    assert server.get("/stats")["queue_size"] == 0
    server.post("/chat", {"message": "No secret"})
    assert server.get("/stats")["queue_size"] == 1


def test_stats_hold_what_was_promised_and_the_last_verdict(server: Serving) -> None:
    stats = server.get("/stats")
    promised = {
        "status", "iterations", "loss", "vocabulary_size", "conversations_learned", "queue_size",
        "checkpoint", "last_verdict",
    }  # fmt: skip
    assert promised <= set(stats)
    assert stats["last_verdict"] is None
    taught(server)
    verdict = server.get("/stats")["last_verdict"]
    assert verdict == server.get("/app/v1/learning")["lessons"][0]["verdict"]


def test_text_is_generated_from_a_seed_text_repeatably(server: Serving) -> None:
    wanted = {"seed_text": "Once", "length": 30, "temperature": 0.9, "seed": 3, "model": "le"}
    made = server.post("/generate", wanted)
    assert set(made) == {"text", "checkpoint"}
    assert made["text"].startswith("Once")
    assert len(made["text"]) == 34
    assert server.post("/generate", wanted) == made
    assert server.post("/generate", {**wanted, "length": 0})["text"] == "Once"


def test_history_holds_the_last_turns_the_newest_last(server: Serving) -> None:
    for text in ("One", "Two"):
        server.post("/chat", {"message": text})
    turns = server.get("/history")["turns"]
    assert set(turns[0]) == {
        "conversation_id", "turn_id", "role", "text", "created_at", "status",
    }  # fmt: skip
    assert [turn["text"] for turn in turns[::2]] == ["One", "Two"]
    assert server.get("/history", params={"limit": "1"})["turns"] == turns[-1:]


def test_save_names_the_live_checkpoint(server: Serving) -> None:
    saved = server.post("/save")
    assert set(saved) == {"checkpoint", "saved_at"}
    assert saved["checkpoint"] == server.get("/stats")["checkpoint"]


def test_health_says_what_it_looked_at_and_that_an_untrained_model_writes_noise(
    server: Serving,
) -> None:
    health = server.get("/health")
    assert health["status"] == "degraded"
    assert health["version"] == l2c.__version__
    assert (health["learner"], health["store"]) == ("absent", "writable")
    (problem,) = health["problems"]
    assert problem.startswith("It writes noise")
    assert health["free_bytes"] > 0
    assert health["vitals"]["token_entropy"] > 0.9 * health["vitals"]["most_token_entropy"]


def test_health_is_degraded_while_the_live_model_is_missing_and_answers_go_on(
    server: Serving,
) -> None:
    taught(server)
    model = server.get("/app/v1/models/le")["model"]
    server.runtime.folder.path(model["live"]).unlink()
    assert "is gone" in server.get("/health")["problems"][0]
    assert server.post("/chat", {"message": "Hello"})["checkpoint"] == model["live"]
    with Runtime.open(server.runtime.settings) as fresh, serving(fresh) as other:
        health = other.get("/health")
        assert health["status"] == "degraded"
        assert "cannot be read" in health["problems"][0]
        assert other.post("/chat", {"message": "Hello"})["checkpoint"] == model["starter"]
        assert other.post("/generate", {})["checkpoint"] == model["starter"]


@pytest.mark.parametrize("body", [{}, {"message": ""}, {"message": "  \n"}, {"prompt": None}])
def test_nothing_to_answer_is_refused(server: Serving, body: dict[str, str | None]) -> None:
    response = server.client.post("/chat", json=body)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_input"


def test_many_waiting_callers_leave_the_server_free_for_others(server: Serving) -> None:
    speaker = Scripted("Done.")
    let_speak(server.runtime, speaker)
    callers = [
        threading.Thread(target=server.post, args=("/chat", {"message": f"{number}"}))
        for number in range(60)
    ]
    for caller in callers:
        caller.start()
    while len(server.runtime.tails.all()) < len(callers):
        pass
    answers_at_once = server.get("/health")["store"]
    speaker.go_on(len(callers))
    for caller in callers:
        caller.join()
    assert answers_at_once == "writable"


@pytest.mark.slow
def test_when_too_many_wait_the_next_one_is_told_to_come_back(server: Serving) -> None:
    speaker = Scripted("Done.")
    let_speak(server.runtime, speaker)
    for _ in range(66):
        server.say(server.new())
    full = server.client.post("/chat", json={"message": "Me too"})
    assert (full.status_code, full.json()["error"]["type"]) == (503, "busy")
    assert "retry-after" in full.headers
    speaker.go_on(66)
