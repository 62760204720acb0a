"""A document that was read, made ready to be found: passages, their words, their vectors."""

from __future__ import annotations

from collections.abc import Sequence

from l2c.retrieval import splitter, summary
from l2c.retrieval.embedding import Embedding
from l2c.retrieval.reader import Reading
from l2c.retrieval.terms import terms
from l2c.store.documents import NewDocument, NewPassage
from l2c.store.passages import Place


def prepare(
    reading: Reading, *, name: str, size_bytes: int, sha256: str, embedding: Embedding | None
) -> NewDocument:
    """Everything the store keeps of a document. With an `embedding` each passage has a vector."""
    found = list(splitter.passages(reading.pages, reading.tables, name=name))
    texts = [reading.pages[one.page - 1][one.start : one.end] for one in found]
    vectors: Sequence[bytes | None] = [None] * len(found)
    if embedding is not None:
        # The context tells apart passages that say the same of different things.
        together = [f"{one.context}. {text}" for one, text in zip(found, texts, strict=True)]
        vectors = [vector.tobytes() for vector in embedding.embed(together)]
    return NewDocument(
        name=name,
        kind=reading.kind,
        size_bytes=size_bytes,
        sha256=sha256,
        pages=reading.pages,
        tables=[[Place(s.page, s.start, s.end) for s in table] for table in reading.tables],
        warnings=reading.warnings,
        summary=summary.summarize(reading.pages, found),
        passages=[
            NewPassage(
                Place(one.page, one.start, one.end),
                one.context,
                [term.stem for term in terms(f"{text} {one.context}")],
                vector,
            )
            for one, text, vector in zip(found, texts, vectors, strict=True)
        ],
        embedding=None if embedding is None else embedding.name,
    )
