"""A data directory with a life in it: settings, a talk, a lesson's checkpoint."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from l2c.runtime import Runtime
from l2c.settings import Settings
from tests.server.serving import settings, write_starter


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_starter(tmp_path_factory.mktemp("starter") / "tiny.safetensors")


@pytest.fixture
def home(tmp_path: Path, starter: Path) -> Settings:
    return settings(tmp_path / "data", starter)


@pytest.fixture
def runtime(home: Settings) -> Iterator[Runtime]:
    with Runtime.open(home, role="server") as runtime:
        yield runtime
