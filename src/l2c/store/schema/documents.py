"""Documents, their pages and passages, and where they are used."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from l2c.store.schema.columns import OWNER, Integer, child_of, json_of, metadata, one_of, required


class DocumentKind(StrEnum):
    """What a document was read as."""

    PDF = "pdf"
    DOCX = "docx"
    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    CSV = "csv"
    CODE = "code"


OF_A_DOCUMENT = (("document_id", "id"), OWNER)

# The file itself is not kept, only what was read from it. `summary` are places in its pages;
# `abstract` is what a model wrote of it: the text, whose, when, and how much of it was read.
document = Table(
    "document",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("id"),
    required("user_id"),
    required("name"),
    required("kind"),
    required("size_bytes", Integer),
    required("sha256"),
    required("page_count", Integer),
    required("characters", Integer),
    json_of("warnings", nullable=False),
    json_of("summary", nullable=False),
    # The conversation that teaches it, once its owner said so.
    Column("learned_in", Text),
    required("created_at"),
    json_of("abstract", nullable=True),
    child_of("account", ("user_id", "id")),
    UniqueConstraint("id"),
    UniqueConstraint("id", "user_id"),
    UniqueConstraint("user_id", "sha256", "name"),
    one_of("kind", DocumentKind),
    CheckConstraint("length(sha256) = 64", name="sha256"),
    CheckConstraint("page_count >= 1", name="page_count"),
    Index("ix_document_owner", "user_id", "seq"),
    sqlite_autoincrement=True,
)

document_page = Table(
    "document_page",
    metadata,
    required("user_id"),
    required("document_id"),
    required("number", Integer),
    required("text"),
    PrimaryKeyConstraint("document_id", "number"),
    child_of("document", *OF_A_DOCUMENT, cascade=True),
    CheckConstraint("number >= 1", name="number"),
)

# A passage is a place in a page: characters `start` to `end`. `words` is the length of what is
# indexed of it; `context` are the words that stand over it: headings, and the document's name.
passage = Table(
    "passage",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("user_id"),
    required("document_id"),
    required("number", Integer),
    required("page", Integer),
    required("start", Integer),
    required("end", Integer),
    required("words", Integer),
    required("context"),
    child_of("document", *OF_A_DOCUMENT, cascade=True),
    UniqueConstraint("document_id", "number"),
    CheckConstraint('start >= 0 AND "end" > start', name="range"),
    Index("ix_passage_owner", "user_id", "document_id"),
    sqlite_autoincrement=True,
)

# What a passage means, as a vector of `model`: 32-bit floats, little-endian, of length 1.
passage_vector = Table(
    "passage_vector",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    required("model"),
    Column("vector", LargeBinary, nullable=False),
    child_of("passage", ("seq", "seq"), cascade=True),
)

# A piece of a table: lines of a page, cells between tabs. The first line of the first piece are
# the names of the columns.
document_table = Table(
    "document_table",
    metadata,
    required("user_id"),
    required("document_id"),
    required("number", Integer),
    required("page", Integer),
    required("start", Integer),
    required("end", Integer),
    PrimaryKeyConstraint("document_id", "number", "page", "start"),
    child_of("document", *OF_A_DOCUMENT, cascade=True),
    CheckConstraint('start >= 0 AND "end" > start', name="range"),
)

# Which conversation answers from which documents.
attachment = Table(
    "attachment",
    metadata,
    required("user_id"),
    required("conversation_id"),
    required("document_id"),
    required("created_at"),
    PrimaryKeyConstraint("conversation_id", "document_id"),
    child_of("conversation", ("conversation_id", "id"), OWNER, cascade=True),
    child_of("document", *OF_A_DOCUMENT, cascade=True),
    Index("ix_attachment_document_id", "document_id"),
)

# The same for every conversation of a folder.
folder_attachment = Table(
    "folder_attachment",
    metadata,
    required("user_id"),
    required("folder_id"),
    required("document_id"),
    required("created_at"),
    PrimaryKeyConstraint("folder_id", "document_id"),
    child_of("folder", ("folder_id", "id"), OWNER, cascade=True),
    child_of("document", *OF_A_DOCUMENT, cascade=True),
    Index("ix_folder_attachment_document_id", "document_id"),
)

# What an answer rests on: a list of quotes.
citation = Table(
    "citation",
    metadata,
    required("answer_id"),
    required("user_id"),
    json_of("quotes", nullable=False),
    PrimaryKeyConstraint("answer_id"),
    child_of("turn", ("answer_id", "id"), OWNER, cascade=True),
)
