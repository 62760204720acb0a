"""The answers being written right now, in memory, for whoever is watching.

The journal in the store is the truth; it is a quarter of a second behind. A tail holds the whole
text so far, so letters can be shown the moment they are written. A watcher registers a callback
that must not block; it is called after every change, from the writing thread, and reads the tail
when it likes. Slow watchers cost nothing: nobody queues anything for them.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from l2c.store.turns import TurnRow

Watcher = Callable[[], None]


class Tail:
    """One answer while it is written: its text only grows, then it closes."""

    def __init__(self, text: str = "") -> None:
        self.row: TurnRow | None = None
        """What the store made of the answer, once it is closed; None where that failed."""
        self._lock = threading.Lock()
        self._text = text
        self._closed = threading.Event()
        self._stopping = False
        self._watchers: set[Watcher] = set()

    @property
    def text(self) -> str:
        """Everything written so far."""
        return self._text

    @property
    def closed(self) -> bool:
        """Whether the answer is finished and stands in the store."""
        return self._closed.is_set()

    @property
    def stopping(self) -> bool:
        """Whether somebody asked the writer to stop."""
        return self._stopping

    def append(self, text: str) -> None:
        """Add characters at the end."""
        self._text += text
        self._notify()

    def close(self, row: TurnRow | None = None) -> None:
        """Say that the answer is finished; the store must have it by now."""
        self.row = row
        self._closed.set()
        self._notify()

    def wait_closed(self, timeout_s: float | None = None) -> bool:
        """Wait until the answer is finished; false when it took longer than `timeout_s`."""
        return self._closed.wait(timeout_s)

    def stop(self) -> None:
        """Ask the writer to stop; it does so within a few tokens."""
        self._stopping = True

    def watch(self, watcher: Watcher) -> None:
        """Call `watcher` after every change from now on."""
        with self._lock:
            self._watchers.add(watcher)

    def unwatch(self, watcher: Watcher) -> None:
        """No longer call `watcher`."""
        with self._lock:
            self._watchers.discard(watcher)

    def _notify(self) -> None:
        with self._lock:
            watchers = list(self._watchers)
        for watcher in watchers:
            watcher()


class Tails:
    """The tails of this process, by turn."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tails: dict[str, Tail] = {}
        self.opened_at = -math.inf
        """When the last answer began, on the clock of `time.monotonic`."""

    def open(self, turn_id: str, text: str = "") -> Tail:
        """A new tail for an answer that begins, with the text it goes on from."""
        tail = Tail(text)
        self.opened_at = time.monotonic()
        with self._lock:
            self._tails[turn_id] = tail
        return tail

    def get(self, turn_id: str) -> Tail | None:
        """The tail of an answer that is being written here, or None."""
        with self._lock:
            return self._tails.get(turn_id)

    def close(self, turn_id: str, row: TurnRow | None) -> None:
        """Close the tail and forget it; whoever watches it sees that it closed."""
        with self._lock:
            tail = self._tails.pop(turn_id, None)
        if tail is not None:
            tail.close(row)

    def all(self) -> list[Tail]:
        """Every open tail: what a stopping server has to wait for."""
        with self._lock:
            return list(self._tails.values())
