"""What answers have grown by goes to the store, for all of them at once.

A thread looks ten times a second which answers have more text than the journal has, and hands
all of it over in one write. So a piece is durable a quarter of a second after it was shown,
whether or not another one follows, and two hundred answers cost hardly more writes than one. While
the store cannot take a piece nothing is skipped: the next write begins where the last one that
succeeded ended. The same write learns which answers another server was asked to stop.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from l2c.chat.tails import Tail
from l2c.errors import L2CError
from l2c.store.conversations import Conversations

log = logging.getLogger(__name__)

EVERY_S = 0.1
"""Seconds between two writes; the store commits them at once."""


@dataclass(slots=True, eq=False)
class _Growing:
    """An answer being written: where it is kept, and how much of it the journal has."""

    talks: Conversations
    turn_id: str
    tail: Tail
    written: int


class Journal:
    """Follows the answers of this process while they grow."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._growing: set[_Growing] = set()
        self._begun = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @contextmanager
    def follow(self, talks: Conversations, turn_id: str, tail: Tail) -> Iterator[None]:
        """Keep the journal of an answer while the block runs; the journal has its text so far."""
        growing = _Growing(talks, turn_id, tail, len(tail.text))
        with self._lock:
            self._growing.add(growing)
        self._begun.set()
        try:
            yield
        finally:
            with self._lock:
                self._growing.discard(growing)

    def close(self) -> None:
        """End; whoever closes an answer afterwards writes its whole text."""
        self._ending.set()
        self._begun.set()
        self._thread.join()

    def _run(self) -> None:
        while self._begun.wait() and not self._ending.wait(EVERY_S):
            with self._lock:
                growing = list(self._growing)
                if not growing:
                    self._begun.clear()
            for talks in {answer.talks for answer in growing}:
                _write(talks, [answer for answer in growing if answer.talks is talks])


def _write(talks: Conversations, growing: list[_Growing]) -> None:
    """Write what these answers have grown by. What cannot be written now is written next time."""
    pieces = [(answer, answer.tail.text[answer.written :]) for answer in growing]
    pieces = [(answer, text) for answer, text in pieces if text]
    if not pieces:
        return
    try:
        to_stop = talks.journal_all(
            [(answer.turn_id, answer.written, text) for answer, text in pieces]
        )
    except L2CError as error:
        # The journal is only for a crash; the whole text is written once more at the end.
        log.warning("Pieces of %d answers could not be journaled: %s", len(pieces), error)
        return
    for answer, text in pieces:
        answer.written += len(text)
        if answer.turn_id in to_stop:
            answer.tail.stop()
