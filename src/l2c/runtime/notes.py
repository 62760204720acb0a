"""The notebook: pages in which the user's own models write along.

What is learned of a page goes into a counting memory, at once and exactly as it stands. The
memory holds nothing the store does not: it is brought up to date with what the store says is
learned before every use, so that pages learned or forgotten by another process, or before a
restart, count from the next letter on.

Its paragraphs teach the weights too, later: each waits as if it had been said, in a conversation
of the page's own, and is taught, shown, kept out and forgotten by what does that for turns.
Learning a page again puts in what is new on it, and forgets what stands there no more.

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
from l2c.conversation import Role
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.ghost import ByteReader, CountingMemory, Ghost, keystrokes_saved, suggest
from l2c.errors import InvalidInput, L2CError, NotFound
from l2c.retrieval import splitter
from l2c.runtime.forgetting import Forgettable, Forgetter, ForgettingRow
from l2c.store.conversations import Conversations
from l2c.store.notes import Learned, NoteRow, Notes
from l2c.store.teaching import READ

__all__ = ["NoteRow", "Notebook", "Suggestion", "title_of"]

log = logging.getLogger(__name__)

MEASURED_CHARACTERS = 4_000
"""How much of a page is measured, from its beginning."""

TITLE_CHARACTERS = 80

FEWEST_OF_AN_ID = 6
"""Characters of an id that name its page, at least."""

MOST_TAUGHT = 500
"""Paragraphs of one page that teach the weights; those behind them are only counted."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """How a text goes on, by which model, and the checkpoint of it that answers."""

    ghost: Ghost
    model: str
    checkpoint: str


class Notebook:
    """The notebook of one user."""

    def __init__(
        self,
        notes: Notes,
        catalog: Catalog,
        folder: CheckpointFolder,
        *,
        conversations: Conversations,
        forgetter: Forgetter,
    ) -> None:
        self.page = notes.page
        self.add = notes.add
        self.get = notes.get
        self.write = notes.write
        self._notes = notes
        self._catalog = catalog
        self._folder = folder
        self._conversations = conversations
        self._forgetter = forgetter
        self._lock = threading.Lock()
        self._memory = CountingMemory()
        self._known: dict[Learned, str] = {}
        self._readers: dict[str, ByteReader] = {}
        self._measuring = ThreadPoolExecutor(1, thread_name_prefix="notebook")
        self._measured: Future[None] | None = None

    def pages(self) -> Iterator[NoteRow]:
        """Every page, the newest first, each with only the beginning of its text."""
        before: int | None = None
        while True:
            page = self.page(limit=200, before=before)
            yield from page.notes
            before = page.next
            if before is None:
                return

    def all(self) -> Iterator[NoteRow]:
        """Every page with its whole text, the oldest first."""
        for note_id in [row.id for row in self.pages()][::-1]:
            with suppress(NotFound):  # erased meanwhile
                yield self.get(note_id)

    def named(self, name: str) -> str:
        """The id of the page of this id, or of this beginning of one. Raises `NotFound`."""
        found = [row.id for row in self.pages() if row.id.startswith(name)]
        if len(found) != 1 or len(name) < FEWEST_OF_AN_ID:
            raise NotFound(f"There is no page {name!r}; `l2c notes list` shows them.")
        return found[0]

    def suggest(self, before: str) -> Suggestion:
        """How `before`, the text up to the cursor, goes on."""
        row = self._catalog.get()
        with self._lock:
            self._catch_up()
            return Suggestion(
                suggest(before, self._memory, self._reader(row.live)), row.name, row.live
            )

    def learn(self, note_id: str) -> NoteRow:
        """Learn the page as it stands; what was learned of it before goes.

        It is counted when this returns, and waits for a lesson; how many keystrokes were spared in
        it is measured in the background. Raises `NotFound`, `InvalidInput` for an empty page, and
        `Conflict` when it is changed meanwhile.
        """
        before = self._notes.get(note_id)
        taught = paragraphs(before.text)
        if not taught:
            raise InvalidInput("There is nothing on this page to learn from.")
        self._forget_all_but(before, taught)
        title = f"From the notebook: {title_of(before.text)[0]}"
        model = self._catalog.get().name
        with self._lock:
            row = self._notes.learn(
                note_id, taught, revision=before.revision, title=title, model=model
            )
            self._catch_up()
        assert row.learned_revision is not None
        learned = Learned(row.id, row.learned_revision)
        self._measured = self._measuring.submit(self._measure, learned)
        return row

    def unlearn(self, note_id: str) -> NoteRow:
        """Take the page out of what was counted and taught, exactly; the page stays.

        Its conversation goes. Raises `NotFound`, and `Busy` while an answer is written there.
        """
        row = self._notes.get(note_id)
        if row.learned_in is not None:
            with suppress(NotFound):  # it was erased, and had taught nothing
                self._forgetter.forget(Forgettable.CONVERSATION, row.learned_in)
        row = self._notes.unlearn(note_id)
        with self._lock:
            self._catch_up()
        return row

    def delete(self, note_id: str) -> ForgettingRow:
        """Erase a page for good, and what was counted and taught of it; how far that is.

        Raises `NotFound`, and `Busy` while an answer is written in its conversation.
        """
        forgetting = self._forgetter.forget(Forgettable.NOTE, note_id)
        with self._lock:
            self._catch_up()
        return forgetting

    def wait_measured(self) -> None:
        """Wait until the page that was learned last is measured."""
        if self._measured is not None:
            self._measured.result()

    def close(self) -> None:
        """Measure nothing more. Can be repeated."""
        self._measuring.shutdown(cancel_futures=True)

    def _forget_all_but(self, row: NoteRow, taught: list[str]) -> None:
        """Forget the paragraphs of a page that it taught and that do not stand there now."""
        if row.learned_in is None:
            return
        try:
            said = self._conversations.turns(row.learned_in)
        except NotFound:
            self.unlearn(row.id)
            return
        read = {turn.parent_id for turn in said if turn.text == READ}
        gone = [
            turn.id
            for turn in said
            if turn.role is Role.USER and turn.id in read and turn.text not in taught
        ]
        if gone:
            self._forgetter.forget_turns(gone)

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


def paragraphs(text: str) -> list[str]:
    """What a page teaches the weights: its paragraphs, each once and on one line."""
    found = (" ".join(text[start:end].split()) for start, end in splitter.paragraphs(text))
    return list(dict.fromkeys(found))[:MOST_TAUGHT]
