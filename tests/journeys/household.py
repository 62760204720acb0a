"""`l2c serve` as a user starts it: a process of its own, with its learner, on a data directory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.text.characters import CharacterTokenizer
from l2c.text.tokenizer import Control

T = TypeVar("T")
Json = dict[str, Any]

PATIENCE_S = 120.0
"""How long something may take before a test is given up; nothing is ever measured against it."""


SERVE = ("serve", "--port", "0", "--json")


def environment(**settings: object) -> dict[str, str]:
    """The environment of a process with these settings and no others."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("L2C_")}
    return inherited | {f"L2C_{name.upper()}": f"{value}" for name, value in settings.items()}


def write_starter(path: Path, *, hidden_size: int, talkative: bool = False) -> Path:
    """An untrained starter; a talkative one never ends its turn by itself."""
    alphabet = "".join(map(chr, range(32, 127)))
    model = LanguageModel.create(
        "lstm", {"hidden_size": hidden_size}, CharacterTokenizer(alphabet), seed=1
    )
    if talkative:
        tensors = model.engine.tensors()
        tensors["output.b"][Control.END] = -1e4
        engine = type(model.engine).from_tensors(model.engine.config, tensors)
        model = LanguageModel(engine, model.tokenizer)
    path.write_bytes(checkpoint.to_bytes(model, optimizer=False))
    return path


def eventually(look: Callable[[], T | None], what: str) -> T:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {PATIENCE_S:.0f} s")


class Household:
    """A data directory and the server on it, which can be stopped, killed and started again."""

    def __init__(self, data_dir: Path, starter: Path, **settings: object) -> None:
        self.data_dir = data_dir
        self.console = data_dir.with_name(f"{data_dir.name}.log")
        self._environment = environment(starter=starter, practice_tokens=0, **settings)
        self._process: subprocess.Popen[str] | None = None
        self.client = httpx.Client(trust_env=False)

    def start(self) -> None:
        """Start the server and wait until it listens."""
        assert self._process is None
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        with self.console.open("a") as console:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "l2c", *SERVE, "--data-dir", str(self.data_dir)],
                env=self._environment,
                cwd=self.data_dir.parent,
                stdout=subprocess.PIPE,
                stderr=console,
                text=True,
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self.console.read_text()
        url = json.loads(line)["url"]
        self.client = httpx.Client(base_url=url, timeout=PATIENCE_S, trust_env=False)
        self.client.get("/")  # as a browser does, which gives the page its token

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End the server at once, as a crash does."""
        self._end(signal.SIGKILL)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask the server to end, and wait for it; its exit code."""
        return self._end(how)

    def wait(self) -> int:
        """Wait for a server that was asked to end; its exit code."""
        return self._end()

    def signal_end(self) -> None:
        """Ask the server to end."""
        assert self._process is not None
        self._process.terminate()

    def _end(self, how: signal.Signals | None = None) -> int:
        process = self._process
        assert process is not None
        if how is not None:
            process.send_signal(how)
        code = process.wait(PATIENCE_S)
        assert process.stdout is not None
        process.stdout.close()
        self.client.close()
        self._process = None
        return code

    def get(self, path: str, **parameters: str) -> Json:
        """A JSON object the server has."""
        return _object(self.client.get(path, params=parameters))

    def post(self, path: str, body: Json | None = None) -> Json:
        """What the server answers to a JSON object."""
        return _object(self.client.post(path, json=body))

    def patch(self, path: str, body: Json) -> Json:
        """What the server answers to a change."""
        return _object(self.client.patch(path, json=body))

    def learning(self, look: Callable[[Json], bool], what: str) -> Json:
        """The state of learning, once `look` is true of it."""

        def see() -> Json | None:
            view = self.get("/app/v1/learning")
            return view if look(view) else None

        return eventually(see, what)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self.kill()
        self.client.close()


def _object(response: httpx.Response) -> Json:
    assert response.is_success, f"{response.status_code}: {response.text}"
    value = response.json()
    assert isinstance(value, dict)
    return value
