"""One server for each test, on a data directory of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from l2c.runtime import Runtime
from tests.server.serving import Serving, serving, settings, write_starter


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_starter(tmp_path_factory.mktemp("starter") / "tiny.safetensors")


@pytest.fixture
def runtime(tmp_path: Path, starter: Path, store_at: str | None) -> Iterator[Runtime]:
    at = {} if store_at is None else {"database_url": SecretStr(store_at)}
    with Runtime.open(settings(tmp_path / "data", starter, **at), role="server") as runtime:
        yield runtime


@pytest.fixture
def server(runtime: Runtime) -> Iterator[Serving]:
    with serving(runtime) as server:
        yield server
