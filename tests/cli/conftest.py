"""`l2c` run in this process as its command: arguments in, exit code and output out."""

import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from l2c import machine
from l2c.cli.main import main
from tests.server.serving import write_starter


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_starter(tmp_path_factory.mktemp("starter") / "tiny.safetensors", hidden_size=24)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The data directory."""
    return tmp_path / "data"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, starter: Path, home: Path) -> None:
    monkeypatch.setenv("L2C_STARTER", str(starter))
    monkeypatch.setenv("L2C_DATA_DIR", str(home))
    monkeypatch.setenv("L2C_PRACTICE_TOKENS", "0")
    monkeypatch.chdir(tmp_path)
    # It would slow down every test that comes after.
    monkeypatch.setattr(machine, "lower_priority", lambda: None)


@pytest.fixture
def run(
    environment: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    handlers = {ending: signal.getsignal(ending) for ending in (signal.SIGINT, signal.SIGTERM)}

    def run(*arguments: object, typed: str = "") -> Ran:
        monkeypatch.setattr(sys, "argv", ["l2c", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", StringIO(typed))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, said.out, said.err)

    yield run
    for ending, handler in handlers.items():
        signal.signal(ending, handler)
