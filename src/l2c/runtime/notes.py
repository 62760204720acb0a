"""The notebook: pages in which the user's own models write along.

What is learned of a page goes into a counting memory, at once and exactly as it stands. The
memory holds nothing the store does not: it is brought up to date with what the store says is
learned before every use, so that pages learned or forgotten by another process, or before a
restart, count from the next letter on.

Of a page that is learned it is measured how many of its keystrokes suggestions would have spared:
by the live model with everything learned but this page, and by the untouched starter alone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from l2c.chat.catalog import Catalog
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.ghost import ByteReader, CountingMemory, Ghost, keystrokes_saved, suggest
from l2c.errors import InvalidInput, L2CError, NotFound
from l2c.store.copies import Copies
from l2c.store.notes import Learned, NoteRow, Notes

__all__ = ["NoteRow", "Notebook", "Suggestion", "title_of"]

log = logging.getLogger(__name__)

MEASURED_CHARACTERS = 4_000
"""How much of a page is measured, from its beginning."""

TITLE_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How a text goes on, by which model, and the checkpoint of it that answers."""

    ghost: Ghost
    model: str
    checkpoint: str


class Notebook:
    """The notebook of one user."""

    def __init__(
        self, notes: Notes, catalog: Catalog, folder: CheckpointFolder, copies: Copies
    ) -> None:
        self.page = notes.page
        self.add = notes.add
        self.get = notes.get
        self.write = notes.write
        self._notes = notes
        self._catalog = catalog
        self._folder = folder
        self._copies = copies
        self._lock = threading.Lock()
        self._memory = CountingMemory()
        self._known: dict[Learned, str] = {}
        self._readers: dict[str, ByteReader] = {}
        self._measuring = ThreadPoolExecutor(1, thread_name_prefix="notebook")
        self._measured: Future[None] | None = None

    def all(self) -> Iterator[NoteRow]:
        """Every page with its whole text, the oldest first."""
        ids: list[str] = []
        before: int | None = None
        while True:
            page = self.page(limit=200, before=before)
            ids += [row.id for row in page.notes]
            before = page.next
            if before is None:
                break
        for note_id in reversed(ids):
            with suppress(NotFound):  # erased meanwhile
                yield self.get(note_id)

    def suggest(self, before: str) -> Suggestion:
        """How `before`, the text up to the cursor, goes on."""
        row = self._catalog.get()
        with self._lock:
            self._catch_up()
            return Suggestion(
                suggest(before, self._memory, self._reader(row.live)), row.name, row.live
            )

    def learn(self, note_id: str) -> NoteRow:
        """Count the page as it stands; what was learned of it before goes. Raises `NotFound`.

        Raises `InvalidInput` for an empty page. How many keystrokes were spared in it is measured
        in the background.
        """
        if not self._notes.get(note_id).text.strip():
            raise InvalidInput("There is nothing on this page to learn from.")
        with self._lock:
            self._notes.unlearn(note_id)
            self._catch_up()
            row = self._notes.learn(note_id)
            self._catch_up()
        assert row.learned_at is not None
        self._measured = self._measuring.submit(self._measure, Learned(row.id, row.learned_at))
        return row

    def unlearn(self, note_id: str) -> NoteRow:
        """Take the page out of the counting memory, exactly. Raises `NotFound`."""
        row = self._notes.unlearn(note_id)
        with self._lock:
            self._catch_up()
        return row

    def delete(self, note_id: str) -> None:
        """Erase a page for good, in the store's copies first. Raises `NotFound`."""
        self._copies.forget_note(self._notes.get(note_id).id)
        self._notes.delete(note_id)
        with self._lock:
            self._catch_up()

    def wait_measured(self) -> None:
        """Wait until the page that was learned last is measured."""
        if self._measured is not None:
            self._measured.result()

    def close(self) -> None:
        """Measure nothing more. Can be repeated."""
        self._measuring.shutdown(cancel_futures=True)

    def _catch_up(self) -> None:
        """Bring the memory up to date with what the store says is learned."""
        learned = self._notes.learned()
        for gone in self._known.keys() - learned:
            self._memory.forget(self._known.pop(gone))
        for new in learned - self._known.keys():
            text = self._notes.learned_text(new)
            if text is not None:
                self._memory.learn(text)
                self._known[new] = text

    def _reader(self, digest: str) -> ByteReader:
        """The reader of the live checkpoint; that of another one goes."""
        if digest not in self._readers:
            self._readers = {digest: ByteReader(self._folder.load(digest))}
        return self._readers[digest]

    def _measure(self, learned: Learned) -> None:
        with self._lock:
            self._catch_up()
            whole = self._known.get(learned)
            if whole is None:
                return
            text = whole[:MEASURED_CHARACTERS]
            self._memory.forget(whole)
            counted = self._memory.expected(text)
            self._memory.learn(whole)
        row = self._catalog.get()
        try:
            live, starter = (self._folder.load(digest) for digest in (row.live, row.starter))
            mine = keystrokes_saved(text, counted, ByteReader(live))
            theirs = keystrokes_saved(text, None, ByteReader(starter))
            self._notes.measured(learned, saved=mine, starter_saved=theirs)
        except L2CError as error:
            log.warning("A page of the notebook could not be measured: %s", error)


def title_of(text: str) -> tuple[str, str]:
    """The first line of a page that says something, and the beginning of what follows."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    first, rest = (lines[0], " ".join(lines[1:])) if lines else ("", "")
    return first[:TITLE_CHARACTERS], rest[:TITLE_CHARACTERS]
