"""The learner is started again whenever it ends, and told when the server does."""

import sys
from pathlib import Path

from l2c.server.supervisor import Supervisor

NOTE = "import sys; open(sys.argv[1], 'a').write('x')"
STAY = f"{NOTE}; sys.stdin.read(); open(sys.argv[1], 'a').write('.')"


def written(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_a_learner_that_ends_is_started_again_and_again(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    supervisor = Supervisor([sys.executable, "-c", NOTE, str(notes)], first_wait_s=0.001)
    supervisor.start()
    while len(written(notes)) < 3:
        pass
    supervisor.stop()
    assert supervisor.pid is None


def test_a_learner_is_told_that_the_server_ends_and_may_finish(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    supervisor = Supervisor([sys.executable, "-c", STAY, str(notes)])
    supervisor.start()
    while written(notes) != "x":
        pass
    assert supervisor.pid is not None
    supervisor.stop()
    assert written(notes) == "x."
    assert supervisor.pid is None


def test_stopping_does_not_wait_for_the_next_start(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    supervisor = Supervisor([sys.executable, "-c", NOTE, str(notes)], first_wait_s=1e6)
    supervisor.start()
    while written(notes) != "x" or supervisor.pid is not None:
        pass
    supervisor.stop()
    assert written(notes) == "x"
