"""Models and their versions over HTTP."""

from l2c.runtime import Runtime
from tests.server import documented
from tests.server.serving import Serving, serving
from tests.server.test_learning import taught

MODEL = "/app/v1/models/le"


def test_a_model_and_its_versions_have_the_documented_fields(server: Serving) -> None:
    taught(server)
    shown = server.get(MODEL)
    assert set(shown["model"]) == documented.keys("model")
    assert server.get("/app/v1/models")["models"] == [shown["model"]]
    newest, starter = shown["checkpoints"]
    assert set(newest) == set(starter) == documented.keys("checkpoint")
    assert (newest["live"], newest["parent"], newest["lesson"]) == (True, starter["digest"], 1)
    assert (starter["live"], starter["parent"], starter["lesson"]) == (False, None, None)


def test_the_next_answer_comes_from_what_was_promoted(server: Serving) -> None:
    taught(server)
    starter = server.get(MODEL)["model"]["starter"]
    assert server.finished(server.say(server.new()))["checkpoint"] != starter
    assert server.post(f"{MODEL}/promote", {"checkpoint": starter})["live"] == starter
    assert server.finished(server.say(server.new()))["checkpoint"] == starter


def test_only_a_version_of_the_model_can_be_promoted(server: Serving) -> None:
    for checkpoint, status in (("0" * 64, 404), ("short", 400), ("Z" * 64, 400)):
        response = server.client.post(f"{MODEL}/promote", json={"checkpoint": checkpoint})
        assert response.status_code == status


def test_a_damaged_version_is_not_promoted(server: Serving) -> None:
    taught(server)
    model = server.get(MODEL)["model"]
    server.post(f"{MODEL}/promote", {"checkpoint": model["starter"]})
    file = server.runtime.folder.path(model["live"])
    file.write_bytes(file.read_bytes()[:-1])
    with Runtime.open(server.runtime.settings) as fresh, serving(fresh) as other:
        response = other.client.post(f"{MODEL}/promote", json={"checkpoint": model["live"]})
        assert response.status_code == 500
        assert "damaged" in response.json()["error"]["message"]
    assert server.get(MODEL)["model"]["live"] == model["starter"]


def test_a_version_whose_file_is_gone_is_not_available(server: Serving) -> None:
    taught(server)
    live = server.get(MODEL)["model"]["live"]
    server.runtime.folder.path(live).unlink()
    shown = server.get(MODEL)["checkpoints"]
    assert [checkpoint["available"] for checkpoint in shown] == [False, True]


def test_a_checkpoint_can_be_pinned(server: Serving) -> None:
    live = server.get("/app/v1/models/le")["model"]["live"]
    for pinned in (True, False):
        shown = server.post("/app/v1/models/le/pin", {"checkpoint": live, "pinned": pinned})
        assert [row["pinned"] for row in shown["checkpoints"]] == [pinned]
    wrong = server.client.post("/app/v1/models/le/pin", json={"checkpoint": "0" * 64})
    assert wrong.status_code == 404
