"""Nothing one person teaches changes a bit of what another can see."""

from pathlib import Path

import pytest

from l2c.learning import gate, lesson
from tests.proofs import isolation


@pytest.fixture(autouse=True)
def short_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lesson, "FEWEST_STEPS", 3)
    monkeypatch.setattr(lesson, "MOST_STEPS", 6)
    monkeypatch.setattr(gate, "GATE_DOCUMENTS", 8)
    monkeypatch.setattr(gate, "SEALED_DOCUMENTS", 4)


@pytest.mark.slow
def test_a_world_in_which_somebody_teaches_secrets_looks_the_same_to_another(
    tmp_path: Path,
) -> None:
    assert isolation.differences(tmp_path, 6) == []


@pytest.mark.slow
def test_the_proof_finds_a_leak(tmp_path: Path) -> None:
    assert isolation.differences(tmp_path, 6, leaking=True) != []
