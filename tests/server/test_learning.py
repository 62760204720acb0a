"""What the learner did, as HTTP tells it. The learner runs right here, on the server's store."""

import threading
from contextlib import closing

import pytest

from tests.server import documented
from tests.server.serving import Json, Serving

LEARNING = "/app/v1/learning"


def learn(server: Serving) -> list[str]:
    with closing(server.runtime.learner(threading.Event())) as learner:
        return learner.run_until_idle()


def taught(server: Serving, text: str = "My cat is called Pim.") -> Json:
    """An exchange that was learned from."""
    exchange = server.say(server.new(), text, seed=1)
    server.finished(exchange)
    assert learn(server)
    return exchange


def test_learning_has_the_documented_fields_before_and_after_a_lesson(server: Serving) -> None:
    before = server.get(LEARNING)
    assert set(before) == documented.keys("learning")
    assert (before["status"], before["learner"], before["now"]) == ("idle", "absent", None)
    taught(server)
    after = server.get(LEARNING)
    assert set(after) == documented.keys("learning")
    assert after["iterations"] > 0
    assert after["conversations_learned"] == 1
    assert after["checkpoint"] != before["checkpoint"]
    assert len(after["loss_curve"][0]) == 2
    [lesson] = after["lessons"]
    counted = [lesson["counted_before"], lesson["counted_after"]]
    assert after["bits_curve"] == [[1, lesson["bits_before"], lesson["bits_after"], *counted]]
    assert 0 < counted[1] < counted[0]


def test_a_lesson_tells_exactly_what_it_taught(server: Serving) -> None:
    exchange = taught(server, "The capital of Pimland is Broad Bean.")
    [lesson] = server.get(f"{LEARNING}/lessons")["lessons"]
    assert set(lesson) == documented.keys("lesson")
    shown = server.get(f"{LEARNING}/lessons/{lesson['number']}")
    assert shown["lesson"] == lesson
    [source] = shown["sources"]
    assert set(source) == {"turn_id", "conversation_id", "note_id", "text", "sha256"}
    assert source["turn_id"] == exchange["user"]["id"]
    assert "The capital of Pimland is Broad Bean." in source["text"]


def test_a_turn_that_taught_carries_the_number_of_its_lesson(server: Serving) -> None:
    exchange = taught(server)
    turn = server.get(f"/app/v1/turns/{exchange['user']['id']}")
    assert (turn["learning"], turn["lesson"]) == ("learned", 1)


def test_lessons_are_read_page_by_page_newest_first(server: Serving) -> None:
    for text in ("One thing.", "Another thing.", "A third thing."):
        taught(server, text)
    page = server.get(f"{LEARNING}/lessons", params={"limit": "2"})
    rest = server.get(f"{LEARNING}/lessons", params={"before": str(page["next"])})
    assert [lesson["number"] for lesson in page["lessons"] + rest["lessons"]] == [3, 2, 1]
    assert rest["next"] is None


def test_a_paused_learner_learns_nothing(server: Serving) -> None:
    assert server.patch(LEARNING, {"paused": True})["paused"] is True
    server.finished(server.say(server.new()))
    assert learn(server) == []
    assert server.get(LEARNING)["queue_size"] == 1
    assert server.patch(LEARNING, {"paused": False, "cpu_share": 0.5})["cpu_share"] == 0.5
    assert learn(server)


@pytest.mark.parametrize("share", [0, 0.04, 1.01, -1])
def test_a_share_of_the_core_outside_its_range_is_refused(server: Serving, share: float) -> None:
    response = server.client.patch(LEARNING, json={"cpu_share": share})
    assert response.status_code == 400
    assert response.json()["error"]["field"] == "cpu_share"


def test_while_a_learner_is_there_it_is_alive(server: Serving) -> None:
    with closing(server.runtime.learner(threading.Event())):
        assert server.get(LEARNING)["learner"] == "alive"
        assert server.get("/health")["learner"] == "alive"
    assert server.get(LEARNING)["learner"] == "absent"


def test_a_learner_that_was_killed_is_absent_though_its_pid_stays(server: Serving) -> None:
    (server.runtime.data_dir / "learner.lock").write_text("1")
    assert server.get(LEARNING)["learner"] == "absent"


def test_a_rebuild_that_was_asked_for_is_done_by_the_learner(server: Serving) -> None:
    taught(server)
    live = server.get("/app/v1/models/le")["model"]["live"]
    response = server.client.post("/app/v1/models/le/rebuild")
    assert response.status_code == 202
    assert set(response.json()) == documented.keys("learning")
    [reason] = learn(server)
    assert "bit for bit" in reason
    assert server.get("/app/v1/models/le")["model"]["live"] == live


def test_the_rules_of_learning_are_read_changed_and_tried(server: Serving) -> None:
    rules = server.get(f"{LEARNING}/rules")
    assert rules["redaction"] == {"email": True, "card": True, "phone": True, "key": True}
    text = {"text": "Write to a@example.org."}
    assert server.post(f"{LEARNING}/redact", text) == {"text": "Write to (e-mail)."}
    changed = server.patch(
        f"{LEARNING}/rules", {"redaction": {"email": False}, "quiet_from": 60, "quiet_until": 90}
    )
    assert (changed["quiet_from"], changed["quiet_until"]) == (60, 90)
    assert server.post(f"{LEARNING}/redact", text) == text
    assert server.patch(f"{LEARNING}/rules", {"quiet_from": None, "quiet_until": None}) == {
        **rules,
        "redaction": {**rules["redaction"], "email": False},
    }
    assert server.client.patch(f"{LEARNING}/rules", json={"quiet_from": 5}).status_code == 400


def test_what_the_gate_asks_for_is_read_set_and_given_back(server: Serving) -> None:
    before = server.get(f"{LEARNING}/thresholds")
    general = {"percent": 3.0, "usual": 3.0, "least": 0.5, "most": 10.0}
    assert before["thresholds"]["general"] == general
    changed = server.patch(f"{LEARNING}/thresholds", {"general": 7, "liked": 60})["thresholds"]
    assert changed == {
        **before["thresholds"],
        "general": {**general, "percent": 7.0},
        "liked": {**before["thresholds"]["liked"], "percent": 60.0},
    }
    assert server.get(LEARNING)["general_limit_percent"] == 7.0
    taught(server)
    [lesson] = server.get(f"{LEARNING}/lessons")["lessons"]
    assert (lesson["thresholds"]["general"], lesson["thresholds"]["liked"]) == (0.07, 0.6)
    back = {"general": None, "liked": None}
    assert server.patch(f"{LEARNING}/thresholds", back) == before


@pytest.mark.parametrize(("name", "percent"), [("general", 0.4), ("general", 11), ("liked", 100)])
def test_a_gate_cannot_be_opened_or_shut_for_good(
    server: Serving, name: str, percent: float
) -> None:
    response = server.client.patch(f"{LEARNING}/thresholds", json={name: percent})
    assert response.status_code == 400
    assert f"`{name}` is from" in response.json()["error"]["message"]
