"""What several servers on one store need; empty where one machine has it alone."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    text,
)

from l2c.store.schema.columns import Integer, metadata, required

# Who has a role until when, by the database's clock. `epoch` only ever grows.
role = Table(
    "role",
    metadata,
    required("name"),
    required("epoch", Integer),
    required("holder"),
    required("expires_at"),
    PrimaryKeyConstraint("name"),
    CheckConstraint("epoch >= 1", name="epoch"),
)

# Which server, by the name of its role, writes an open answer; and whether it is to stop.
writing = Table(
    "writing",
    metadata,
    required("answer_id"),
    required("role"),
    Column("stopping", Boolean, nullable=False, server_default=text("FALSE")),
    PrimaryKeyConstraint("answer_id"),
    ForeignKeyConstraint(["answer_id"], ["turn.id"], ondelete="CASCADE"),
)

# Files that all servers need, in pieces: checkpoints, named by the digest of the whole.
file_chunk = Table(
    "file_chunk",
    metadata,
    required("name"),
    required("number", Integer),
    required("content", LargeBinary),
    required("added_at"),
    PrimaryKeyConstraint("name", "number"),
    CheckConstraint("number >= 0", name="number"),
)
