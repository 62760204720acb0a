"""Conversations, their turns, and answers on the way."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
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
    child_of,
    json_of,
    metadata,
    one_of,
    required,
)

conversation = Table(
    "conversation",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("id"),
    required("user_id"),
    required("title"),
    required("model"),
    required("learn", Boolean),
    required("draft"),
    Column("active_turn_id", Text),
    # Counts up per user with every exchange: the order of the list, newest activity first.
    required("activity", Integer),
    required("created_at"),
    required("updated_at"),
    Column("deleted_at", Text),
    child_of("account", ("user_id", "id")),
    child_of("turn", ("active_turn_id", "id"), ("id", "conversation_id")),
    UniqueConstraint("id"),
    UniqueConstraint("id", "user_id"),
    UniqueConstraint("user_id", "activity"),
    Index("ix_conversation_active_turn_id", "active_turn_id"),
    sqlite_autoincrement=True,
)

turn = Table(
    "turn",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("id"),
    required("user_id"),
    required("conversation_id"),
    Column("parent_id", Text),
    required("depth", Integer),
    required("role"),
    required("text"),
    required("status"),
    required("learn", Boolean),
    required("created_at"),
    Column("finished_at", Text),
    Column("model", Text),
    Column("checkpoint", Text),
    Column("origin", Text),
    json_of("window", nullable=True),
    Column("error", Text),
    child_of("conversation", ("conversation_id", "id"), OWNER, cascade=True),
    child_of("turn", ("parent_id", "id"), SAME_CONVERSATION),
    UniqueConstraint("id"),
    UniqueConstraint("id", "user_id"),
    UniqueConstraint("id", "conversation_id"),
    one_of("role", Role),
    one_of("status", TurnStatus),
    one_of("origin", Origin),
    CheckConstraint("(parent_id IS NULL) = (depth = 1)", name="depth"),
    CheckConstraint("(status = 'streaming') = (finished_at IS NULL)", name="finished"),
    CheckConstraint("role = 'assistant' OR status = 'complete'", name="only_answers_stream"),
    CheckConstraint("(role = 'assistant') = (model IS NOT NULL)", name="answers_name_a_model"),
    Index("ix_turn_conversation", "conversation_id", "seq"),
    Index("ix_turn_owner", "user_id", "seq"),
    Index("ix_turn_parent_id", "parent_id"),
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
