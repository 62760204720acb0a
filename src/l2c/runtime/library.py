"""The documents of one user: uploaded, read, asked, attached, taught, erased."""

from __future__ import annotations

import builtins
import hashlib
from typing import IO

from l2c.chat import abstracting
from l2c.chat.live import LiveModels
from l2c.errors import InvalidInput
from l2c.retrieval.answer import Answer, Quote
from l2c.retrieval.embedding import Embedding
from l2c.retrieval.shelf import Shelf
from l2c.store.attachments import Attachments
from l2c.store.copies import Copies
from l2c.store.database import Database
from l2c.store.documents import DocumentPage, DocumentRow, Documents, PageRow
from l2c.store.passages import Passages

QUESTION_CHARACTERS = 2_000
MOST_TAUGHT = 500
"""Passages of one document that are taught; what stands behind them is not."""

FEWEST_CHARACTERS = 20
"""A passage shorter than this teaches nothing."""


class Library:
    """What can be done with documents."""

    def __init__(
        self,
        database: Database,
        user_id: str,
        *,
        live: LiveModels,
        embedding: Embedding | None,
        most_bytes: int,
        copies: Copies,
    ) -> None:
        self._copies = copies
        self._live = live
        self.most_bytes = most_bytes
        self.attachments = Attachments(database, user_id)
        self._documents = Documents(database, user_id)
        self._passages = Passages(database, user_id)
        self.shelf = Shelf(self._documents, self._passages, embedding=embedding)

    def add(self, file: IO[bytes], *, name: str) -> tuple[DocumentRow, bool]:
        """Read an open file from its beginning and keep what is in it; and whether it is new.

        Raises `InvalidInput` with the reason in words for one that is too large or cannot be read.
        """
        digest = hashlib.sha256()
        file.seek(0)
        size = 0
        while block := file.read(1 << 20):
            digest.update(block)
            size += len(block)
        if size > self.most_bytes:
            raise InvalidInput(
                f"A document may have {self.most_bytes >> 20} MB; this one has {size >> 20} MB."
            )
        file.seek(0)
        return self.shelf.add(file, name=name, size_bytes=size, sha256=digest.hexdigest())

    def get(self, document_id: str) -> DocumentRow:
        """A document. Raises `NotFound`."""
        return self._documents.get(document_id)

    def list(self, *, limit: int = 100, before: int | None = None) -> DocumentPage:
        """Documents, newest first."""
        return self._documents.list(limit=limit, before=before)

    def extent(self) -> tuple[int, int]:
        """How many documents there are, and how many characters their text has."""
        return self._documents.extent()

    def page(self, document_id: str, number: int) -> PageRow:
        """A page of a document as it was read. Raises `NotFound`."""
        return self._documents.page(document_id, number)

    def summary(self, row: DocumentRow) -> tuple[Quote, ...]:
        """The most telling sentences of a document, each where it stands."""
        return self.shelf.summary(row)

    def summarize(self, document_id: str, *, model: str) -> DocumentRow:
        """Have a model of another server write what a document says; it is kept with the document.

        Raises `NotFound`, `ProviderError`, and `InvalidInput` for a model of this machine, or when
        nothing it wrote stands in the document.
        """
        row = self.get(document_id)
        pages = self._documents.pages(document_id)
        abstract = abstracting.write(row, pages, self._live.current(model))
        return self._documents.note_abstract(document_id, abstract)

    def ask(self, question: str, *, documents: tuple[str, ...] | None = None) -> Answer:
        """The answer from these documents, or from all. Raises `NotFound`, `InvalidInput`."""
        if not question.strip() or len(question) > QUESTION_CHARACTERS:
            raise InvalidInput(
                f"`question` must have 1 to {QUESTION_CHARACTERS} characters, not only spaces."
            )
        for document_id in documents or ():
            self.get(document_id)
        return self.shelf.ask(question, among=documents)

    def delete(self, document_id: str) -> None:
        """Erase a document for good, in the store's copies first. Raises `NotFound`."""
        self._copies.forget_document(self._documents.get(document_id).id)
        self._documents.delete(document_id)

    def learn(self, document_id: str, *, model: str) -> DocumentRow:
        """Put a document's passages into a conversation that teaches; its owner's own decision.

        There they can be read, kept out one by one, or deleted together. Nothing else brings text
        of a document to a learner. Raises `NotFound`, `InvalidInput` when nothing in it could be
        learned, and `Conflict` when it teaches already.
        """
        row = self.get(document_id)
        texts = [text for text in self._taught(row) if len(text) >= FEWEST_CHARACTERS]
        if not texts:
            raise InvalidInput(f"{row.name} has no text that could be learned.")
        title = f"Learned from {row.name}"[:200]
        return self._documents.learn(document_id, texts[:MOST_TAUGHT], title=title, model=model)

    def _taught(self, row: DocumentRow) -> builtins.list[str]:
        """The passages of a document without its tables, whose lines are no language."""
        texts = []
        for number in range(1, row.page_count + 1):
            page = self.page(row.id, number)
            for place in page.passages:
                text = page.text[place.start : place.end]
                if "\t" not in text:
                    texts.append(" ".join(text.split()))
        return texts
