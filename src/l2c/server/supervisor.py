"""Keeps the learner process alive beside the server, and never lets it take the server down.

The learner is another process: it may crash, be killed or hang without an answer being lost. When
it ends by itself it is started again, after a second at first, then after twice as long each time
up to ten minutes; one that lived ten minutes starts the count anew. Its standard input is a pipe
from here that is never written: its end tells the learner that the server is gone, also when the
server was killed.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections.abc import Sequence

log = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 600.0
ENDING_S = 15.0
"""How long a learner may take to save its resume point when it is asked to end."""


class Supervisor:
    """Runs `command` until `stop`, starting it again with growing waits when it ends."""

    def __init__(self, command: Sequence[str], *, first_wait_s: float = FIRST_WAIT_S) -> None:
        self._command = list(command)
        self._first_wait_s = first_wait_s
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    @property
    def pid(self) -> int | None:
        """The learner's process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start the learner, and go on starting it."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the learner to end, wait for it, and kill it only when it does not."""
        self._stopping.set()
        process = self._process
        if process is not None:
            _end_input(process)
            try:
                process.wait(ENDING_S)
            except subprocess.TimeoutExpired:
                log.warning("The learner did not end within %.0f s; it is killed.", ENDING_S)
                process.kill()
        self._thread.join()

    def _run(self) -> None:
        wait_s = self._first_wait_s
        while not self._stopping.is_set():
            started = time.monotonic()
            self._process = process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, start_new_session=True
            )
            if self._stopping.is_set():
                _end_input(process)
            code = process.wait()
            _end_input(process)
            if self._stopping.is_set():
                return
            if time.monotonic() - started > LONGEST_WAIT_S:
                wait_s = self._first_wait_s
            log.warning("The learner ended with code %d; starting it in %.0f s.", code, wait_s)
            self._stopping.wait(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def _end_input(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
