"""What was told: facts, how far they were looked for, and which answers rest on them."""

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
)

from l2c.store.schema.columns import OWNER, Integer, child_of, metadata, required

# A fact a turn tells, number `place` in it. `said` is its sentence; `ended` says that it holds no
# longer, `replaces` that older values do not. A deleted one keeps nothing but its place.
memory = Table(
    "memory",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("id"),
    required("user_id"),
    required("conversation_id"),
    required("turn_id"),
    required("place", Integer),
    required("subject"),
    required("relation"),
    required("value"),
    required("said"),
    required("replaces", Boolean),
    required("ended", Boolean),
    Column("edited_at", Text),
    Column("deleted_at", Text),
    required("created_at"),
    child_of("conversation", ("conversation_id", "id"), OWNER, cascade=True),
    child_of("turn", ("turn_id", "id"), OWNER, cascade=True),
    UniqueConstraint("id"),
    UniqueConstraint("turn_id", "place"),
    CheckConstraint("deleted_at IS NULL OR said = ''", name="deleted"),
    Index("ix_memory_conversation_id", "conversation_id"),
    Index("ix_memory_owner", "user_id", "seq"),
    sqlite_autoincrement=True,
)

# Every turn up to number `turn_seq` was looked through for facts.
memory_progress = Table(
    "memory_progress",
    metadata,
    required("user_id"),
    required("turn_seq", Integer),
    PrimaryKeyConstraint("user_id"),
    child_of("account", ("user_id", "id"), cascade=True),
)

# Which turns an answer remembers.
recollection = Table(
    "recollection",
    metadata,
    required("user_id"),
    required("answer_id"),
    required("turn_id"),
    PrimaryKeyConstraint("answer_id", "turn_id"),
    child_of("turn", ("answer_id", "id"), OWNER, cascade=True),
    child_of("turn", ("turn_id", "id"), OWNER, cascade=True),
    Index("ix_recollection_turn_id", "turn_id"),
)
