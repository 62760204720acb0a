"""A short run of the proof in `tests/proofs/kill_store.py`, and of its control."""

from pathlib import Path

import pytest

from tests.proofs.kill_store import prove


@pytest.mark.slow
def test_killing_the_writer_loses_nothing_and_stores_nothing_twice(tmp_path: Path) -> None:
    report = prove(tmp_path, kills=20, seed=1)
    assert (report.lost, report.twice, report.damaged) == ([], [], [])
    assert report.acknowledged_turns > 0
    assert report.acknowledged_pieces > 0
    assert report.acknowledged_ends > 0


@pytest.mark.slow
def test_the_proof_notices_when_a_message_is_acknowledged_too_early(tmp_path: Path) -> None:
    assert prove(tmp_path, kills=5, seed=1, control=True).lost
