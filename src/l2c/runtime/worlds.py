"""Worlds of their own for measurements: a data directory, a server on it, somebody at its page.

What is measured goes the way everybody's turns go, through the API, in processes like any other
user's, and never touches anybody's data.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from l2c.errors import ProviderError

ANSWER_TOKENS = 48
PATIENCE_S = 120.0


class Speaker:
    """Somebody at the page of one world."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=PATIENCE_S)
        self._client.get("/").raise_for_status()  # the page's cookie
        self.slowest_s = 0.0

    def begin(self) -> str:
        """A new conversation; its id."""
        return str(self._call("POST", "/app/v1/conversations", {})["id"])

    def say(self, conversation: str, text: str, **how: Any) -> dict[str, Any]:
        """Say something as the page does; the finished answer."""
        path = f"/app/v1/conversations/{conversation}/turns"
        sampling = {"temperature": 0, "seed": 0, "length": ANSWER_TOKENS}
        answer = self._call("POST", path, {"text": text, **sampling, **how})["answer"]
        with self._client.stream("GET", f"/app/v1/turns/{answer['id']}/stream") as stream:
            for _ in stream.iter_raw():
                pass
        finished: dict[str, Any] = self._call("GET", f"/app/v1/turns/{answer['id']}")
        return finished

    def ask(self, question: str, **how: Any) -> tuple[str, str | None]:
        """Ask in a new conversation, without teaching anything; the answer and its origin."""
        began = time.monotonic()
        asked = {"message": question, "temperature": 0, "seed": 0, "learn": False, **how}
        answer = self._call("POST", "/chat", asked)
        if answer["origin"] == "remembered":
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        return answer["response"], answer["origin"]

    def live_checkpoint(self, home: Path) -> Path:
        """The file of the checkpoint that answers there."""
        models = self._call("GET", "/app/v1/models")["models"]
        live = next(model["live"] for model in models if model["name"] == "le")
        (file,) = (home / "checkpoints").rglob(f"*{live}*")
        return file

    def close(self) -> None:
        """Leave."""
        self._client.close()

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        response = self._client.request(method, path, json=body)
        if response.is_error:
            raise ProviderError(f"{method} {path} was refused: {response.text[:200]}")
        return response.json()


@contextmanager
def serving(home: Path, **environment: str) -> Iterator[Speaker]:
    """A server on a data directory, without a learner, and somebody at its page."""
    home.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "l2c", "serve", "--json", "--port", "0", "--data-dir", str(home)],
        cwd=home,
        env=_environment() | {"L2C_LEARNER": "false"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise ProviderError("The server of this world ended before it said where it is.")
        speaker = Speaker(json.loads(line)["url"])
        try:
            yield speaker
        finally:
            speaker.close()
    finally:
        process.terminate()
        with process:
            process.wait()


def l2c(command: str, home: Path) -> str:
    """What a command says in a world, as JSON. Raises `ProviderError` when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "l2c", command, "--json", "--data-dir", str(home)],
        cwd=home, env=_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ProviderError(f"`l2c {command}` failed in this world: {done.stderr[-300:]}")
    return done.stdout


def _environment() -> dict[str, str]:
    """This one without settings of L2C: a world is as if freshly installed."""
    return {name: value for name, value in os.environ.items() if not name.startswith("L2C_")}
