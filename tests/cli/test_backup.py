"""`l2c backup` and `l2c restore`: what they say."""

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_what_was_backed_up_and_restored_is_told(run: Run, tmp_path: Path) -> None:
    run("chat", "--prompt", "Hello")
    assert "1 conversations and 1 checkpoints" in run("backup", tmp_path / "l2c.tar").out
    run("chat", "--prompt", "Hello again")
    restored = json.loads(run("restore", tmp_path / "l2c.tar", "--json").out)
    assert (restored["conversations"], restored["checkpoints"]) == (1, 1)


def test_what_cannot_be_done_is_one_line(run: Run, tmp_path: Path) -> None:
    assert "nothing to back up" in run("backup", tmp_path / "l2c.tar").err
    (tmp_path / "x").write_text("x")
    assert "no backup that can be restored" in run("restore", tmp_path / "x").err
