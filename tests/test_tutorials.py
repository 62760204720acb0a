"""The tutorial about one's own notes does what it says, command by command."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parent.parent / "docs" / "tutorial" / "your-own-notes.md"


@pytest.mark.slow
def test_the_tutorial_s_commands_do_what_it_says(tmp_path: Path) -> None:
    commands = re.findall(r"```sh\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)
    assert len(commands) >= 8
    command = tmp_path / "bin" / "l2c"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m l2c "$@"\n')
    command.chmod(0o755)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("L2C_")}
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
        cwd=tmp_path,
        env=inherited | {"PATH": f"{command.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    home = tmp_path / "my-l2c"
    for said in (
        "new: boat.txt",
        "new: garden.md",
        "left out: .env (may hold a secret)",
        "notes learned it in",
        "Nothing was trained.",
        "The broad beans",
        "repetition",
        "ok",
    ):
        assert said in ended.stdout, ended.stdout
    assert list((home / "datasets").glob("notes-*.bin"))
    assert list((home / "dreams").glob("*.txt"))
    assert (home / "log" / "train_log.json").is_file()
