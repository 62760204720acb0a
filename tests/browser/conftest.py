"""A real Chromium before a real server: of this process with a scripted model, or `l2c serve`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from l2c.runtime import Runtime
from l2c.server.app import WEB
from tests.browser import chromium
from tests.browser.process import ServerProcess
from tests.browser.visitor import Visitor, visiting
from tests.server.serving import Serving, serving, settings, write_starter


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _missing(reason: str) -> None:
    """Skip by name; where everything must be there, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not (WEB / "index.html").exists():
        _missing("The page is not built: run `npm --prefix ui ci` and `npm --prefix ui run build`.")
    with sync_playwright() as playwright:
        executable = chromium.find(playwright)
        if executable is None:
            _missing(chromium.NOWHERE)
        assert executable is not None
        with chromium.launch(playwright, executable) as browser:
            yield browser


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained model: says nonsense at once."""
    return write_starter(tmp_path_factory.mktemp("starter") / "tiny.safetensors")


@pytest.fixture
def server(tmp_path: Path, tiny: Path) -> Iterator[Serving]:
    """A server in this process, without a learner, whose model a test can script."""
    with (
        Runtime.open(settings(tmp_path / "data", tiny), role="server") as runtime,
        serving(runtime) as server,
    ):
        yield server


@pytest.fixture
def visitor(browser: Browser, server: Serving) -> Iterator[Visitor]:
    """Somebody who comes to that server with a large window."""
    with visiting(browser, server.url) as visitor:
        yield visitor


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Starts `l2c serve` on a new data directory, with settings by name."""
    started: list[ServerProcess] = []

    def start(**given: str) -> ServerProcess:
        data_dir = tmp_path / f"served-{len(started)}"
        data_dir.mkdir()
        started.append(ServerProcess(data_dir, **given))
        started[-1].start()
        return started[-1]

    yield start
    for server in started:
        server.stop()
