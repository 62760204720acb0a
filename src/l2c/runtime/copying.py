"""Takes the daily copy of the store while the server runs; no fault of a copy ever stops it."""

from __future__ import annotations

import logging
import threading

from l2c.errors import L2CError
from l2c.store.copies import Copies

log = logging.getLogger(__name__)

LOOK_S = 900.0
"""How often it is looked whether a new day has begun."""


class DailyCopies:
    """A thread that sees to it that today's copy is there."""

    def __init__(self, copies: Copies) -> None:
        self._copies = copies
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="daily-copies", daemon=True)

    def start(self) -> None:
        """Take today's copy, and one every day from now on."""
        self._thread.start()

    def close(self) -> None:
        """Take no more copies. Can be repeated, and called when it was never started."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                self._copies.take_daily()
            except (L2CError, OSError) as error:
                log.warning("Today's copy of the store could not be taken yet: %s", error)
            if self._closing.wait(LOOK_S):
                return
