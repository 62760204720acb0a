"""New models over HTTP: trained between lessons, paused, continued by another learner, erased."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from l2c.runtime.learners import Learners
from l2c.runtime.residents import Residents
from l2c.store import copies
from l2c.store.trainings import TrainingState
from tests.server import documented
from tests.server.serving import Json, Serving

TEXT = "The broad bean grows in May, and Pim the cat sits beneath it.\n" * 20
MEDIA = {"content-type": "application/octet-stream"}


@contextmanager
def learning(server: Serving) -> Iterator[Learners]:
    """The learner of a server, until the block ends."""
    with closing(Learners(Residents(server.runtime), threading.Event())) as learners:
        yield learners


def ask(server: Serving, text: str = TEXT, **given: str | float) -> Json:
    params: dict[str, str | float] = {"name": "bean", "engine": "lstm", "minutes": 0.01, **given}
    response = server.client.post(
        "/app/v1/trainings", params=params, content=text.encode(), headers=MEDIA
    )
    assert response.status_code == 201, response.text
    row: Json = response.json()
    return row


def only(server: Serving) -> Json:
    (row,) = server.get("/app/v1/trainings")["trainings"]
    assert isinstance(row, dict)
    return row


def resume_points(server: Serving) -> list[str]:
    folder = server.runtime.data_dir / "learner" / f"new-{server.runtime.user_id}"
    return sorted(path.name for path in folder.glob("*"))


def test_a_new_model_is_trained_between_lessons_and_answers(server: Serving) -> None:
    asked = ask(server)
    assert set(asked) == documented.keys("training")
    assert "learner" in only(server)["waits"]
    with learning(server) as learners:
        assert only(server)["waits"] is None
        while only(server)["state"] == "running":
            assert learners.once_round()
        assert not learners.once_round()
    done = only(server)
    assert (done["state"], done["step"]) == ("done", done["steps"])
    assert [step for step, _ in done["samples"]][-1] == done["steps"]
    assert done["curve"][-1][0] == done["steps"]
    assert server.runtime.new_models.list()[0].row.characters == len(TEXT)
    assert resume_points(server) == []
    answer = server.finished(server.say(server.new(model="bean"), "Bean?", model="bean"))
    assert answer["model"] == "bean"


def test_a_paused_one_goes_on_with_another_learner(
    server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("l2c.learning.workshop.SLICE_S", 0.0)
    asked = ask(server, minutes=0.5)
    with learning(server) as learners:
        learners.once_round()
        learners.once_round()
        paused = server.post(f"/app/v1/trainings/{asked['id']}/pause")
        assert (paused["state"], paused["step"]) == ("paused", 2)
        assert not learners.once_round()
        assert resume_points(server) == [asked["id"]]
    server.post(f"/app/v1/trainings/{asked['id']}/continue")
    with learning(server) as learners:
        learners.once_round()
        assert only(server)["step"] == 3


def test_a_training_that_is_erased_leaves_nothing(server: Serving) -> None:
    asked = ask(server, minutes=0.5)
    server.runtime.house.copies.take("test")
    with learning(server) as learners:
        learners.once_round()
        assert server.client.delete(f"/app/v1/trainings/{asked['id']}").status_code == 204
        assert not learners.once_round()
        assert resume_points(server) == []
    folder = server.runtime.house.database.directory
    for file in folder.rglob("*"):
        if file.is_file() and file.suffix in (".db", copies.DAILY):
            assert b"broad bean grows" not in file.read_bytes(), file
    assert server.get("/app/v1/trainings")["trainings"] == []


def test_nothing_is_trained_while_learning_is_paused(server: Serving) -> None:
    ask(server)
    server.patch("/app/v1/learning", {"paused": True})
    with learning(server) as learners:
        assert not learners.once_round()
        assert only(server)["waits"] == "Learning is paused."


def test_one_is_trained_after_the_other(server: Serving) -> None:
    ask(server)
    ask(server, name="pea")
    with learning(server):
        newest, oldest = server.get("/app/v1/trainings")["trainings"]
        assert newest["waits"] == "bean is trained first."
        assert oldest["waits"] is None


@pytest.mark.parametrize(
    "given",
    [
        {"name": "a b"},
        {"name": ".."},
        {"engine": "magic"},
        {"minutes": 0},
        {"text": "too short"},
        {"text": "nul \0" * 100},
    ],
)
def test_a_wish_that_makes_no_model_is_refused(server: Serving, given: dict[str, str]) -> None:
    text = str(given.get("text", TEXT))
    params: dict[str, str | float] = {"name": "bean", "minutes": 1, **given}
    answer = server.client.post(
        "/app/v1/trainings", params=params, content=text.encode(), headers=MEDIA
    )
    assert answer.status_code == 400, answer.text


def test_a_text_that_is_none_is_refused(server: Serving) -> None:
    answer = server.client.post(
        "/app/v1/trainings", params={"name": "bean"}, content=b"\xff" * 400, headers=MEDIA
    )
    assert answer.status_code == 400
    assert "UTF-8" in answer.json()["error"]["message"]


def test_a_training_that_breaks_says_why_and_can_go_on(
    server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(server)
    monkeypatch.setattr("l2c.learning.workshop.LanguageModel.create", _no_memory)
    with learning(server) as learners:
        learners.once_round()
        assert only(server)["state"] == TrainingState.FAILED
        assert "too large" in only(server)["reason"]
        monkeypatch.undo()
        server.post(f"/app/v1/trainings/{only(server)['id']}/continue")
        learners.once_round()
        assert only(server)["state"] in ("running", "done")


def _no_memory(*_: object, **__: object) -> None:
    raise MemoryError("too large")
