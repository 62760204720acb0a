"""Finding passages: by their words, by what they mean, and the tables beside them.

The index holds words only, each behind the id of its owner, so that what is rare or common is
counted over one user's documents, and nobody's results depend on what others have uploaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Table,
    and_,
    cast,
    func,
    select,
)

from l2c.store.database import Database
from l2c.store.schema import document, document_page, document_table, passage, passage_vector
from l2c.store.word_index import PASSAGES, Phrase

MOST_QUERY_WORDS = 64

_index = PASSAGES.table


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `start` to `end` of a page of a document."""

    page: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage with its text; `rank` is the index's own, smaller is better."""

    seq: int
    document_id: str
    name: str
    place: Place
    context: str
    words: int
    text: str
    rank: float


@dataclass(frozen=True, slots=True)
class TableRow:
    """A table with the text of its pieces, in their order, and the words that stand over it."""

    document_id: str
    name: str
    number: int
    context: str
    pieces: list[tuple[Place, str]]


def index(connection: Connection, user_id: str, seq: int, words: Sequence[str]) -> None:
    """Let the passage numbered `seq` be found by these words of its owner."""
    owned = " ".join(_owned(user_id, word) for word in words)
    PASSAGES.add(connection, [(seq, owned)])


def unindex(connection: Connection, document_id: str) -> None:
    """Take a document's passages out of the index, so that none of their words remain."""
    of_it = select(passage.c.seq).where(passage.c.document_id == document_id)
    PASSAGES.remove(connection, connection.execute(of_it).scalars().all())


class Passages:
    """The passages and tables of one user's documents."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def find(
        self,
        stems: Sequence[str],
        *,
        among: Sequence[str] | None,
        limit: int,
    ) -> list[PassageRow]:
        """Passages that have any of these beginnings of words, by the index's rank, best first.

        `among` names the documents to look in; None means all.
        """
        if not stems:
            return []
        with self._database.read() as connection:
            best = PASSAGES.best(
                connection,
                [self._beginning(stem) for stem in stems[:MOST_QUERY_WORDS]],
                select(passage.c.seq).where(self._among(among)),
                limit=limit,
            )
            query = self._passages().where(passage.c.seq.in_(best))
            found = [_passage(row, best[row.seq]) for row in connection.execute(query)]
        return sorted(found, key=lambda row: (row.rank, row.seq))

    def passages(self, seqs: Sequence[int]) -> list[PassageRow]:
        """These passages, in no order; those of others, or erased ones, are left out."""
        query = self._passages().where(passage.c.seq.in_(list(seqs)))
        with self._database.read() as connection:
            return [_passage(row, 0.0) for row in connection.execute(query)]

    def count(self, stems: Iterable[str]) -> dict[str, int]:
        """In how many of the user's passages words with these beginnings occur."""
        with self._database.read() as connection:
            return {
                stem: connection.execute(
                    select(func.count())
                    .select_from(_index)
                    .where(PASSAGES.having_any(connection, [self._beginning(stem)]))
                ).scalar_one()
                for stem in dict.fromkeys(stems)
            }

    def size(self, among: Sequence[str] | None = None) -> tuple[int, float]:
        """How many passages there are, and their mean length in words (1 when there are none)."""
        query = select(func.count(), func.avg(passage.c.words)).where(self._among(among))
        with self._database.read() as connection:
            number, mean = connection.execute(query).one()
        return int(number), float(mean or 1.0)

    def vectors(self, model: str, *, among: Sequence[str] | None) -> list[tuple[int, bytes]]:
        """Number and vector of every passage that `model` has read."""
        query = (
            select(passage_vector.c.seq, passage_vector.c.vector)
            .join(passage, passage.c.seq == passage_vector.c.seq)
            .where(passage_vector.c.model == model, self._among(among))
        )
        with self._database.read() as connection:
            return [(row.seq, row.vector) for row in connection.execute(query)]

    def tables(self, among: Sequence[str] | None) -> list[TableRow]:
        """The tables of these documents, or of all, each with the text of its pieces."""
        rows = document_table.c
        query = (
            select(
                rows.document_id,
                document.c.name,
                rows.number,
                rows.page,
                rows.start,
                rows.end,
                _text(document_table).label("piece"),
                passage.c.context,
            )
            .join(document, document.c.id == rows.document_id)
            .join(document_page, _on_its_page(document_table))
            .join(
                passage,
                and_(
                    passage.c.document_id == rows.document_id,
                    passage.c.page == rows.page,
                    passage.c.start == rows.start,
                ),
            )
            .where(rows.user_id == self._user_id)
            .order_by(document.c.seq.desc(), rows.number, rows.page, rows.start)
        )
        if among is not None:
            query = query.where(rows.document_id.in_(list(among)))
        found: dict[tuple[str, int], TableRow] = {}
        with self._database.read() as connection:
            for document_id, name, number, page, start, end, piece, over in connection.execute(
                query
            ):
                it = found.setdefault(
                    (document_id, number), TableRow(document_id, name, number, over, [])
                )
                it.pieces.append((Place(page, start, end), piece))
        return list(found.values())

    def _among(self, among: Sequence[str] | None) -> ColumnElement[bool]:
        mine = passage.c.user_id == self._user_id
        return mine if among is None else mine & passage.c.document_id.in_(list(among))

    def _beginning(self, stem: str) -> Phrase:
        return Phrase([_owned(self._user_id, stem)], prefix=True)

    def _passages(self) -> Any:
        return (
            select(passage, document.c.name, _text(passage).label("text"))
            .join(document, document.c.id == passage.c.document_id)
            .join(document_page, _on_its_page(passage))
            .where(passage.c.user_id == self._user_id)
        )


def _passage(row: Any, rank: float) -> PassageRow:
    place = Place(row.page, row.start, row.end)
    return PassageRow(
        row.seq, row.document_id, row.name, place, row.context, row.words, row.text, rank
    )


def _text(of: Table) -> ColumnElement[str]:
    """What stands on the page between start and end."""
    start, length = cast(of.c.start + 1, Integer), cast(of.c.end - of.c.start, Integer)
    return func.substr(document_page.c.text, start, length)


def _on_its_page(of: Table) -> ColumnElement[bool]:
    return (document_page.c.document_id == of.c.document_id) & (document_page.c.number == of.c.page)


def _owned(user_id: str, word: str) -> str:
    """A word of the index: only its owner's queries have it."""
    return f"{user_id}{word}"
