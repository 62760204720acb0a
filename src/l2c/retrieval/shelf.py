"""The documents of one user, from a file to an answer: reader, index, retriever and answers.

shelf.add(file, name="handbook.pdf", size_bytes=48_211, sha256="…")
shelf.ask("How long is the notice period?").text
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

from l2c.retrieval import answer, index, reader
from l2c.retrieval.answer import Answer, Quote
from l2c.retrieval.embedding import Embedding
from l2c.retrieval.retriever import Retriever
from l2c.store.documents import DocumentRow, Documents
from l2c.store.passages import Passages, Place


class Shelf:
    """One user's documents."""

    def __init__(
        self, documents: Documents, passages: Passages, *, embedding: Embedding | None
    ) -> None:
        """With an `embedding` documents are found by meaning too."""
        self._documents = documents
        self._passages = passages
        self._embedding = embedding
        self._retriever = Retriever(passages, embedding)

    def add(
        self, file: IO[bytes], *, name: str, size_bytes: int, sha256: str
    ) -> tuple[DocumentRow, bool]:
        """Read an open file and store what is in it; and whether it is new.

        Raises `InvalidInput`, with the reason in words, for one that cannot be read, and `Busy`
        while others are being read.
        """
        there = self._documents.find_same(sha256, name)
        if there is not None:
            return there, False
        reading = reader.read(file, name)
        return self._documents.add(
            index.prepare(
                reading, name=name, size_bytes=size_bytes, sha256=sha256, embedding=self._embedding
            )
        )

    def summary(self, row: DocumentRow) -> tuple[Quote, ...]:
        """The most telling sentences of a document, each where it stands."""
        pages = {place.page: self._documents.page(row.id, place.page).text for place in row.summary}
        return tuple(_quoted(row, place, pages[place.page]) for place in row.summary)

    def beginning(self, row: DocumentRow) -> tuple[Quote, ...]:
        """The first passage of a document, if it has one on its first page."""
        page = self._documents.page(row.id, 1)
        return tuple(_quoted(row, place, page.text) for place in page.passages[:1])

    def ask(self, question: str, *, among: Sequence[str] | None = None) -> Answer:
        """The answer from the documents `among`, or from all; declined when it is not in them."""
        return answer.answer(
            question, retriever=self._retriever, passages=self._passages, among=among
        )


def _quoted(row: DocumentRow, place: Place, page: str) -> Quote:
    said = " ".join(page[place.start : place.end].split())
    return Quote(row.id, row.name, place.page, place.start, place.end, said)
