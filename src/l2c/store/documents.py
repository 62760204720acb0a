"""Documents: their pages, where their passages are, and which conversations answer from them.

Everything of a document is written in one transaction and erased in one, index and vectors
included, so there is never a document of which half can be found. How passages are found is in
`l2c.store.passages`.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from l2c.errors import Conflict, InvalidInput
from l2c.store import passages, teaching
from l2c.store.database import Database, new_id
from l2c.store.exchanges import storable
from l2c.store.passages import Place
from l2c.store.schema import (
    conversation,
    document,
    document_page,
    document_table,
    passage,
    passage_vector,
)
from l2c.store.turns import not_found

NAME_CHARACTERS = 200

_AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage to store: its place, its context, and the words it is found by."""

    place: Place
    context: str
    words: Sequence[str]
    vector: bytes | None = None


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document that was read. `tables` lists the places of each table's pieces."""

    name: str
    kind: str
    size_bytes: int
    sha256: str
    pages: Sequence[str]
    tables: Sequence[Sequence[Place]]
    warnings: Sequence[str]
    summary: Sequence[Place]
    passages: Sequence[NewPassage]
    embedding: str | None = None


@dataclass(frozen=True, slots=True)
class Abstract:
    """What a model wrote of a document, of which it was shown the first `characters`.

    `left_out` counts the sentences that did not stand in them.
    """

    text: str
    model: str
    characters: int
    left_out: int


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document as the store has it; `passages` and `tables` are counted."""

    id: str
    name: str
    kind: str
    size_bytes: int
    sha256: str
    page_count: int
    characters: int
    passages: int
    tables: int
    warnings: list[str]
    summary: list[Place]
    learned_in: str | None
    created_at: str
    abstract: Abstract | None = None


class DocumentPage(NamedTuple):
    """Some documents, and what to pass as `before` for the next ones, if there are any."""

    documents: list[DocumentRow]
    next: int | None


@dataclass(frozen=True, slots=True)
class PageRow:
    """The text of a page, and the places of its passages."""

    document_id: str
    number: int
    page_count: int
    text: str
    passages: list[Place]


class Documents:
    """The documents of one user."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def add(self, new: NewDocument) -> tuple[DocumentRow, bool]:
        """Store a document; and whether it is new: the same bytes under one name are one document.

        Raises `InvalidInput` for a name that is none.
        """
        name = storable(" ".join(new.name.split()), "name")
        if not 1 <= len(name) <= NAME_CHARACTERS:
            raise InvalidInput(
                f"`name` must have 1 to {NAME_CHARACTERS} characters; found {len(name)}."
            )
        document_id = new_id()

        def work(connection: Connection) -> tuple[DocumentRow, bool]:
            same = (document.c.sha256 == new.sha256) & (document.c.name == name)
            there = connection.execute(self._select().where(same)).one_or_none()
            if there is not None:
                return _document(there), False
            connection.execute(
                insert(document).values(
                    id=document_id,
                    user_id=self._user_id,
                    name=name,
                    kind=new.kind,
                    size_bytes=new.size_bytes,
                    sha256=new.sha256,
                    page_count=len(new.pages),
                    characters=sum(map(len, new.pages)),
                    warnings=list(new.warnings),
                    summary=[[place.page, place.start, place.end] for place in new.summary],
                    created_at=self._database.now(),
                )
            )
            self._add_pages(connection, document_id, new)
            self._add_passages(connection, document_id, new)
            return self._get(connection, document_id), True

        return self._database.write(work)

    def find_same(self, sha256: str, name: str) -> DocumentRow | None:
        """The document with these bytes and this name, if it is there."""
        same = (document.c.sha256 == sha256) & (document.c.name == " ".join(name.split()))
        with self._database.read() as connection:
            row = connection.execute(self._select().where(same)).one_or_none()
        return None if row is None else _document(row)

    def get(self, document_id: str) -> DocumentRow:
        """The document. Raises `NotFound`."""
        with self._database.read() as connection:
            return self._get(connection, document_id)

    def list(self, *, limit: int = 100, before: int | None = None) -> DocumentPage:
        """The documents, newest first; `before` is a former page's `next`."""
        query = self._select().order_by(document.c.seq.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(document.c.seq < before)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        following = rows[limit - 1].seq if len(rows) > limit else None
        return DocumentPage([_document(row) for row in rows[:limit]], following)

    def page(self, document_id: str, number: int) -> PageRow:
        """A page of a document. Raises `NotFound`."""
        with self._database.read() as connection:
            row = self._get(connection, document_id)
            here = (document_page.c.document_id == document_id) & (document_page.c.number == number)
            content = connection.execute(select(document_page.c.text).where(here)).scalar()
            if content is None:
                raise not_found(f"page of {row.name!r} with the number", str(number))
            places = connection.execute(
                select(passage.c.page, passage.c.start, passage.c.end)
                .where(passage.c.document_id == document_id, passage.c.page == number)
                .order_by(passage.c.number)
            )
            return PageRow(
                document_id, number, row.page_count, content, [Place(*place) for place in places]
            )

    def extent(self) -> tuple[int, int]:
        """How many documents there are, and how many characters their text has."""
        query = select(func.count(), func.coalesce(func.sum(document.c.characters), 0))
        with self._database.read() as connection:
            row = connection.execute(query.where(document.c.user_id == self._user_id)).one()
        return int(row[0]), int(row[1])

    def pages(self, document_id: str) -> builtins.list[str]:
        """The text of every page of a document. Raises `NotFound`."""
        with self._database.read() as connection:
            self._get(connection, document_id)
            query = select(document_page.c.text).where(document_page.c.document_id == document_id)
            return list(connection.execute(query.order_by(document_page.c.number)).scalars())

    def delete(self, document_id: str) -> None:
        """Erase a document for good: text, passages, index and vectors. Raises `NotFound`.

        Quotes in old answers stay, as what was said, and name no document any more.
        """

        def work(connection: Connection) -> None:
            self._get(connection, document_id)
            passages.unindex(connection, document_id)
            connection.execute(delete(document).where(document.c.id == document_id))

        self._database.write(work, reserve=True)
        self._database.shrink()

    def learn(
        self, document_id: str, pieces: Sequence[str], *, title: str, model: str
    ) -> DocumentRow:
        """Let these pieces of a document teach, in a conversation of their own.

        Raises `NotFound`, and `Conflict` when the document teaches already.
        """

        def work(connection: Connection) -> DocumentRow:
            here = self._get(connection, document_id)
            if here.learned_in is not None:
                raise Conflict(
                    f"{here.name} is taught already, in the conversation {here.learned_in}."
                )
            now = self._database.now()
            learned_in = teaching.put(
                connection, self._user_id, pieces, into=None, title=title, model=model, now=now
            )
            mine = document.c.id == document_id
            connection.execute(update(document).where(mine).values(learned_in=learned_in))
            return self._get(connection, document_id)

        return self._database.write(work)

    def note_abstract(self, document_id: str, abstract: Abstract) -> DocumentRow:
        """Keep what a model wrote of the document, in place of what one wrote before.

        Raises `NotFound`.
        """
        written = asdict(abstract) | {"text": storable(abstract.text, "text")}

        def work(connection: Connection) -> DocumentRow:
            self._get(connection, document_id)
            mine = document.c.id == document_id
            connection.execute(update(document).where(mine).values(abstract=written))
            return self._get(connection, document_id)

        return self._database.write(work)

    # --- within ---

    def _select(self) -> Any:
        return _ROWS.where(document.c.user_id == self._user_id)

    def those(self, connection: Connection, ids: Any) -> builtins.list[DocumentRow]:
        """The documents whose ids a query gives, oldest first; for other repositories."""
        query = self._select().where(document.c.id.in_(ids)).order_by(document.c.seq)
        return [_document(row) for row in connection.execute(query)]

    def _get(self, connection: Connection, document_id: str) -> DocumentRow:
        row = connection.execute(self._select().where(document.c.id == document_id)).one_or_none()
        if row is None:
            raise not_found("document", document_id)
        return _document(row)

    def _add_pages(self, connection: Connection, document_id: str, new: NewDocument) -> None:
        of_it = {"user_id": self._user_id, "document_id": document_id}
        connection.execute(
            insert(document_page),
            [of_it | {"number": n, "text": page} for n, page in enumerate(new.pages, 1)],
        )
        rows = [
            of_it | {"number": n, "page": at.page, "start": at.start, "end": at.end}
            for n, pieces in enumerate(new.tables, 1)
            for at in pieces
        ]
        if rows:
            connection.execute(insert(document_table), rows)

    def _add_passages(self, connection: Connection, document_id: str, new: NewDocument) -> None:
        for number, one in enumerate(new.passages, 1):
            seq = connection.execute(
                insert(passage).values(
                    user_id=self._user_id,
                    document_id=document_id,
                    number=number,
                    page=one.place.page,
                    start=one.place.start,
                    end=one.place.end,
                    words=len(one.words),
                    context=one.context,
                )
            ).inserted_primary_key
            assert seq is not None
            passages.index(connection, self._user_id, seq[0], one.words)
            if one.vector is not None:
                vector = {"seq": seq[0], "model": new.embedding, "vector": one.vector}
                connection.execute(insert(passage_vector).values(vector))


def _document(row: Row[Any]) -> DocumentRow:
    fields = {name: getattr(row, name) for name in DocumentRow.__dataclass_fields__}
    fields["summary"] = [Place(*place) for place in row.summary]
    fields["abstract"] = None if row.abstract is None else Abstract(**row.abstract)
    return DocumentRow(**fields)


def _rows() -> Any:
    of_it = passage.c.document_id == document.c.id
    tables_of_it = document_table.c.document_id == document.c.id
    learned_in = select(conversation.c.id).where(
        conversation.c.id == document.c.learned_in, conversation.c.deleted_at.is_(None)
    )
    columns = [c for c in document.c if c.name != "learned_in"]
    return select(
        *columns,
        learned_in.scalar_subquery().label("learned_in"),
        select(func.count()).select_from(passage).where(of_it).scalar_subquery().label("passages"),
        select(func.count(document_table.c.number.distinct()))
        .where(tables_of_it)
        .scalar_subquery()
        .label("tables"),
    )


_ROWS = _rows()
"""Every document; put together once, since every answer looks for those of its conversation."""
