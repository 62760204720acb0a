"""Erases deleted conversations for good, once the time to take the deletion back is over.

One thread for all of them, which sleeps while nothing is deleted: a conversation goes after one
to two undo times. Whoever stops the program earlier finds it erased at the server's next start.
"""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

from l2c.chat.talks import Talks
from l2c.errors import L2CError
from l2c.store.copies import Copies

log = logging.getLogger(__name__)


class Eraser:
    """Purges what was deleted at least `undo_s` seconds ago."""

    def __init__(self, talks: Talks, copies: Copies, *, undo_s: float) -> None:
        self._talks = talks
        self._copies = copies
        self._undo_s = undo_s
        self._deleted = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def note(self) -> None:
        """Something was deleted: erase it when its time is over."""
        self._deleted.set()
        with self._starting:
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._run, name="eraser", daemon=True)
                self._thread.start()

    def purge(self) -> None:
        """Erase now whatever was deleted long enough ago, in the copies first."""
        long_enough = timedelta(seconds=self._undo_s)
        self._copies.forget_deleted(older_than=long_enough)
        self._talks.purge_deleted(older_than=long_enough)

    def close(self) -> None:
        """Erase nothing more."""
        with self._starting:
            self._closing.set()
        self._deleted.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while self._deleted.wait() and not self._closing.is_set():
            self._deleted.clear()
            if self._closing.wait(self._undo_s):
                return
            try:
                self.purge()
            except L2CError as error:
                log.warning("Deleted conversations could not be erased yet: %s", error)
