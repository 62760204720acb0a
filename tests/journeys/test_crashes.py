"""Servers that are killed, stopped in mid-answer, or leave a learner behind."""

import threading
from pathlib import Path

import psutil
import pytest

from l2c.machine import RoleLock
from tests.journeys.household import Household, eventually, write_starter
from tests.proofs import kill
from tests.server.serving import listening, read


@pytest.fixture(scope="session")
def talker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A starter that speaks slowly and does not end by itself."""
    path = tmp_path_factory.mktemp("starter") / "talker.safetensors"
    return write_starter(path, hidden_size=1024, talkative=True)


@pytest.mark.slow
def test_kills_lose_nothing_and_teach_nothing_twice(tmp_path: Path) -> None:
    served, learned = kill.prove(tmp_path, 6, seed=1, allowed_ms=5_000)
    assert (served.violations, learned.violations) == ([], [])
    assert (served.kills, learned.kills) == (6, 6)
    assert served.interrupted > 0
    assert learned.lessons_kept > 0


@pytest.mark.slow
def test_the_proof_sees_a_disk_that_forgets(tmp_path: Path) -> None:
    served, learned = kill.prove(tmp_path, 1, forgetful=True)
    assert "is gone" in served.violations[0]
    assert "still wait" in learned.violations[0]


@pytest.mark.slow
def test_a_server_that_is_asked_to_end_in_mid_answer_keeps_what_was_shown(
    tmp_path: Path, talker: Path
) -> None:
    with Household(tmp_path / "data", talker, learner=False, answer_tokens=512) as house:
        conversation = house.post("/app/v1/conversations", {})["id"]
        said = house.post(f"/app/v1/conversations/{conversation}/turns", {"text": "Talk."})
        with listening(house.client, said["answer"]["id"]) as arriving:
            shown = next(arriving).data["text"]
            ending = threading.Thread(target=house.signal_end)
            ending.start()
            text, turn = read(arriving, shown)
            ending.join()
        assert house.wait() == 0
        assert turn["status"] in ("complete", "stopped")
        house.start()
        kept = house.get(f"/app/v1/turns/{said['answer']['id']}")
        assert (kept["text"], kept["status"]) == (text, turn["status"])


@pytest.mark.slow
def test_a_killed_server_takes_its_learner_with_it(tmp_path: Path, talker: Path) -> None:
    with Household(tmp_path / "data", talker) as house:
        lock = RoleLock(house.data_dir / "learner.lock")
        eventually(lambda: house.get("/stats")["learner"] == "alive", "the learner's start")
        first = lock.holder()
        house.kill()
        eventually(lambda: not lock.held(), "the learner's end")
        house.start()
        eventually(lambda: lock.held() and lock.holder() != first, "the next learner's start")


@pytest.mark.slow
def test_a_learner_that_is_killed_comes_back(tmp_path: Path, talker: Path) -> None:
    with Household(tmp_path / "data", talker) as house:
        lock = RoleLock(house.data_dir / "learner.lock")
        first = eventually(lambda: lock.holder(), "the learner's start")
        psutil.Process(first).kill()
        eventually(lambda: lock.held() and lock.holder() != first, "the next learner's start")
        assert "The learner ended with code -9" in house.console.read_text()
        assert house.get("/health")["learner"] == "alive"
