"""The first day with L2C, over HTTP alone: three conversations, three lessons, nothing lost."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.household import Household, Json, eventually, write_starter

LEARNED = ("learned", "refused")


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_starter(tmp_path_factory.mktemp("starter") / "small.safetensors", hidden_size=24)


@pytest.fixture
def house(tmp_path: Path, starter: Path) -> Iterator[Household]:
    with Household(tmp_path / "data", starter) as house:
        yield house


def say(house: Household, text: str, **fields: object) -> Json:
    return house.post("/chat", {"message": text, "seed": 1, **fields})


def marks(house: Household, conversation: str) -> list[str]:
    turns = house.get(f"/app/v1/conversations/{conversation}")["turns"]
    return [turn["learning"] for turn in turns if turn["role"] == "user"]


def judged(house: Household, lessons: int) -> Json:
    """The state of learning once so many lessons were judged and nothing waits."""
    return house.learning(
        lambda view: (
            view["queue_size"] == 0
            and view["now"] is None
            and sum(row["state"] in ("kept", "refused") for row in view["lessons"]) >= lessons
        ),
        f"{lessons} lessons",
    )


def test_three_conversations_become_three_lessons_and_the_model_changes(house: Household) -> None:
    starter = house.get("/stats")["checkpoint"]
    said = []
    for number, text in enumerate(
        ("My cat is called Pim.", "Pim likes broad beans.", "The beans grow in May."), 1
    ):
        said.append(say(house, text))
        judged(house, number)
    view = judged(house, 3)
    kept = [lesson for lesson in view["lessons"] if lesson["state"] == "kept"]
    assert view["conversations_learned"] >= 1
    assert all(lesson["verdict"] for lesson in view["lessons"])
    for exchange in said:
        assert set(marks(house, exchange["conversation_id"])) <= set(LEARNED)
    taught = [
        source["turn_id"]
        for lesson in kept
        for source in house.get(f"/app/v1/learning/lessons/{lesson['number']}")["sources"]
    ]
    learned = [
        turn["turn_id"]
        for turn in house.get("/history")["turns"]
        if house.get(f"/app/v1/turns/{turn['turn_id']}")["learning"] == "learned"
    ]
    assert sorted(taught) == sorted(learned)
    assert view["checkpoint"] != starter
    assert say(house, "Hello")["checkpoint"] == view["checkpoint"]
    assert "Lesson 1: " in house.console.read_text()


def test_going_back_to_the_starter_takes_effect_with_the_next_answer(house: Household) -> None:
    say(house, "My cat is called Pim.")
    judged(house, 1)
    model = house.get("/app/v1/models/le")["model"]
    house.post("/app/v1/models/le/promote", {"checkpoint": model["starter"]})
    assert say(house, "Hello", learn=False)["checkpoint"] == model["starter"]
    house.post("/app/v1/models/le/promote", {"checkpoint": model["live"]})
    assert say(house, "Hello", learn=False)["checkpoint"] == model["live"]


@pytest.mark.slow
def test_a_deleted_model_is_rebuilt_bit_for_bit_while_the_starter_answers(house: Household) -> None:
    say(house, "My cat is called Pim.")
    judged(house, 1)
    model = house.get("/app/v1/models/le")["model"]
    file = house.data_dir / "checkpoints" / f"{model['live']}.safetensors"
    before = file.read_bytes()
    house.patch("/app/v1/learning", {"paused": True})
    house.stop()
    file.unlink()
    house.start()
    assert say(house, "Hello", learn=False)["checkpoint"] == model["starter"]
    assert "cannot be read" in house.get("/health")["problems"][0]
    house.patch("/app/v1/learning", {"paused": False})
    eventually(file.exists, "the rebuild")
    assert file.read_bytes() == before
    assert say(house, "Hello", learn=False)["checkpoint"] == model["live"]
    assert all("cannot be read" not in one for one in house.get("/health")["problems"])


def test_what_is_not_to_be_learned_teaches_nothing(house: Household) -> None:
    alone = say(house, "My password is bean soup.", learn=False)
    secret = house.post("/app/v1/conversations", {"learn": False})["id"]
    say(house, "My other password is pea soup.", conversation_id=secret)
    open_one = say(house, "Pim is a cat.")
    judged(house, 1)
    assert marks(house, alone["conversation_id"]) == marks(house, secret) == ["off"]
    assert marks(house, open_one["conversation_id"])[0] in LEARNED
    for lesson in house.get("/app/v1/learning/lessons")["lessons"]:
        for source in house.get(f"/app/v1/learning/lessons/{lesson['number']}")["sources"]:
            assert "soup" not in source["text"]


def test_a_deleted_conversation_can_be_restored(house: Household) -> None:
    conversation = say(house, "Keep me.", learn=False)["conversation_id"]
    path = f"/app/v1/conversations/{conversation}"
    assert house.client.delete(path).status_code == 204
    assert house.client.get(path).status_code == 404
    house.post(f"{path}/restore")
    assert house.get(path)["turns"][0]["text"] == "Keep me."


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_restart_keeps_everything(house: Household, how: signal.Signals) -> None:
    conversation = say(house, "My cat is called Pim.")["conversation_id"]
    judged(house, 1)
    house.patch(f"/app/v1/conversations/{conversation}", {"title": "Pim", "draft": "and al"})
    paths = ("/app/v1/conversations", f"/app/v1/conversations/{conversation}",
             "/app/v1/models/le", "/app/v1/learning/lessons", "/history")  # fmt: skip
    before = [house.get(path) for path in paths]
    assert house.stop(how) == 0
    assert "Traceback" not in house.console.read_text()
    house.start()
    assert [house.get(path) for path in paths] == before
