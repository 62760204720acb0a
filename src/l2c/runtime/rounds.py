"""What a server does again and again beside its answers; no fault of it ever stops anything."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from l2c.errors import L2CError

log = logging.getLogger(__name__)


class Rounds:
    """A thread that does `work` at once and then every `every_s` seconds.

    When that fails because of the store or a disk, `trouble` is logged and the next round comes.
    """

    def __init__(
        self, name: str, work: Callable[[], object], *, every_s: float, trouble: str
    ) -> None:
        self._work = work
        self._every_s = every_s
        self._trouble = trouble
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the round under way. Can be repeated, and called when it never began."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._work()
            except (L2CError, OSError) as error:
                log.warning("%s: %s", self._trouble, error)
            self._closing.wait(self._every_s)
