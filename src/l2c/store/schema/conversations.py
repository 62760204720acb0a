"""Conversations, their folders and tags, their turns, and answers on the way."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from l2c.conversation import Origin, Role, TurnStatus
from l2c.store.schema.columns import (
    OWNER,
    SAME_CONVERSATION,
    Integer,
    child_of,
    json_of,
    metadata,
    one_of,
    required,
)

folder = Table(
    "folder",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("id"),
    required("user_id"),
    required("name"),
    required("created_at"),
    child_of("account", ("user_id", "id")),
    UniqueConstraint("id"),
    UniqueConstraint("id", "user_id"),
    UniqueConstraint("user_id", "name"),
    sqlite_autoincrement=True,
)

conversation = Table(
    "conversation",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("id"),
    required("user_id"),
    required("title"),
    # Whether its user named it; else the title follows what is said.
    required("titled", Boolean),
    required("model"),
    required("learn", Boolean),
    required("pinned", Boolean),
    required("archived", Boolean),
    Column("folder_id", Text),
    required("system_prompt"),
    json_of("sampling", nullable=True),
    required("draft"),
    Column("active_turn_id", Text),
    # Counts up per user with every exchange: the order of the list, newest activity first.
    required("activity", Integer),
    required("created_at"),
    required("updated_at"),
    Column("deleted_at", Text),
    # Where it was imported from, and the digest of what was there.
    Column("source_id", Text),
    Column("source_digest", Text),
    child_of("account", ("user_id", "id")),
    child_of("folder", ("folder_id", "id"), OWNER),
    child_of("turn", ("active_turn_id", "id"), ("id", "conversation_id")),
    UniqueConstraint("id"),
    UniqueConstraint("id", "user_id"),
    UniqueConstraint("user_id", "activity"),
    CheckConstraint("(source_id IS NULL) = (source_digest IS NULL)", name="source"),
    Index("ix_conversation_active_turn_id", "active_turn_id"),
    Index("ix_conversation_archived", "user_id", "archived", "activity"),
    Index("ix_conversation_folder_id", "folder_id", "activity"),
    Index("ix_conversation_source", "user_id", "source_id"),
    Index(
        "ix_conversation_pinned",
        "user_id",
        "activity",
        sqlite_where=text("pinned"),
        postgresql_where=text("pinned"),
    ),
    sqlite_autoincrement=True,
)

tag = Table(
    "tag",
    metadata,
    required("user_id"),
    required("conversation_id"),
    required("name"),
    PrimaryKeyConstraint("conversation_id", "name"),
    child_of("conversation", ("conversation_id", "id"), OWNER, cascade=True),
    Index("ix_tag_name", "user_id", "name"),
)

turn = Table(
    "turn",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("id"),
    required("user_id"),
    required("conversation_id"),
    Column("parent_id", Text),
    # The turn whose text this one began with: an edit, or an answer that was continued.
    Column("made_from", Text),
    required("depth", Integer),
    required("role"),
    required("text"),
    required("status"),
    required("learn", Boolean),
    # Kept in the model's window, however long ago it was said.
    required("pinned", Boolean),
    # 1 is a thumb up, -1 a thumb down.
    Column("rating", Integer),
    required("created_at"),
    Column("finished_at", Text),
    Column("model", Text),
    Column("checkpoint", Text),
    Column("origin", Text),
    json_of("sampling", nullable=True),
    json_of("window", nullable=True),
    Column("error", Text),
    # The name it had where it was imported from.
    Column("source_id", Text),
    child_of("conversation", ("conversation_id", "id"), OWNER, cascade=True),
    child_of("turn", ("parent_id", "id"), SAME_CONVERSATION),
    child_of("turn", ("made_from", "id"), SAME_CONVERSATION),
    UniqueConstraint("id"),
    UniqueConstraint("id", "user_id"),
    UniqueConstraint("id", "conversation_id"),
    UniqueConstraint("conversation_id", "source_id"),
    one_of("role", Role),
    one_of("status", TurnStatus),
    one_of("origin", Origin),
    CheckConstraint("(parent_id IS NULL) = (depth = 1)", name="depth"),
    CheckConstraint("(status = 'streaming') = (finished_at IS NULL)", name="finished"),
    CheckConstraint("role = 'assistant' OR status = 'complete'", name="only_answers_stream"),
    CheckConstraint("(role = 'assistant') = (model IS NOT NULL)", name="answers_name_a_model"),
    CheckConstraint("rating IN (-1, 1)", name="rating"),
    CheckConstraint("rating IS NULL OR role = 'assistant'", name="only_answers_are_rated"),
    Index("ix_turn_conversation", "conversation_id", "seq"),
    Index("ix_turn_owner", "user_id", "seq"),
    Index("ix_turn_parent_id", "parent_id"),
    Index("ix_turn_made_from", "made_from"),
    Index(
        "uq_turn_streaming",
        "conversation_id",
        unique=True,
        sqlite_where=text("status = 'streaming'"),
        postgresql_where=text("status = 'streaming'"),
    ),
    sqlite_autoincrement=True,
)

# What an unfinished answer says so far, in pieces; `start` and `length` count characters.
journal = Table(
    "journal",
    metadata,
    required("answer_id"),
    required("start", Integer),
    required("length", Integer),
    required("text"),
    PrimaryKeyConstraint("answer_id", "start"),
    child_of("turn", ("answer_id", "id"), cascade=True),
    CheckConstraint("start >= 0", name="start"),
    CheckConstraint("length > 0", name="length"),
)

# Requests already carried out, so that a repeat of one is answered and not done again.
request = Table(
    "request",
    metadata,
    required("user_id"),
    required("key"),
    Column("digest", Text),
    required("answer_id"),
    required("created_at"),
    PrimaryKeyConstraint("user_id", "key"),
    child_of("turn", ("answer_id", "id"), OWNER, cascade=True),
    Index("ix_request_answer_id", "answer_id"),
)
