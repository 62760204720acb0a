"""`l2c export` and `l2c import`."""

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_conversations_leave_and_come_back(run: Run, tmp_path: Path) -> None:
    run("chat", "--prompt", "Hello", "--no-learn")
    file = tmp_path / "all.json"
    assert run("export", file).code == 0
    written = file.read_bytes()
    assert json.loads(written)["format"] == "l2c-conversations"
    again = run("export", file)
    assert (again.code, "exists already" in again.err) == (1, True)
    elsewhere = tmp_path / "elsewhere"
    ran = run("import", file, "--data-dir", elsewhere)
    assert ran.code == 0
    assert ran.out.splitlines()[0].startswith("added")
    assert "1 added" in ran.out
    assert run("export", "-", "--data-dir", elsewhere).out.encode() == written
    totals = json.loads(run("import", file, "--data-dir", elsewhere, "--json").out)
    assert (totals["added"], totals["unchanged"]) == (0, 1)


def test_a_file_that_is_not_there_or_not_known_is_said_in_one_line(
    run: Run, tmp_path: Path
) -> None:
    assert "no file" in run("import", tmp_path / "missing").err
    (tmp_path / "x").write_text("hello")
    ran = run("import", tmp_path / "x")
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
