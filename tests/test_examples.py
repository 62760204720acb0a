"""Every example runs, from the folder it lies in, as the documentation says."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
ARGUMENTS = {"lstm_text_generator.py": ["--steps", "60"]}
SAYS = {
    "lstm_text_generator.py": "--- temperature 0.8 ---",
    "continuous_learning.py": "Lesson 1: Kept.",
    "htm_text.py": "unusual: _he sun is warm, the s",
    "htm_anomaly.py": "most unusual at 90",
}


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_runs_and_says_what_it_should(example: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(example), *ARGUMENTS.get(example.name, [])]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert SAYS[example.name] in done.stdout


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_is_short(example: Path) -> None:
    assert len(example.read_text().splitlines()) <= 40
