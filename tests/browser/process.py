"""`l2c serve` as its users start it, in a process that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit


class ServerProcess:
    """A server on a data directory; it comes back on the same address."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self._data_dir = data_dir
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith("L2C_")
        } | {f"L2C_{name.upper()}": value for name, value in settings.items()}
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> None:
        """Start it and wait until it says where it is."""
        port = urlsplit(self.url).port or 0
        command = [sys.executable, "-m", "l2c", "serve", "--json", "--port", str(port)]
        self._process = subprocess.Popen(
            [*command, "--data-dir", str(self._data_dir)],
            cwd=self._data_dir,
            env=self._environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the server ended before it said where it is"
        self.url = json.loads(line)["url"]

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        with self._process:
            self._process.wait()
        self._process = None
