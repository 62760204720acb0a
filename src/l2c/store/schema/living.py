"""What a model wrote by itself, and what it read outside of conversations."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Table,
    UniqueConstraint,
)

from l2c.store.schema.columns import MODEL, Integer, child_of, json_of, metadata, required

# Free text of a model. `said` is a list of [role or null, text]: a talk it dreamt, or plain text.
dream = Table(
    "dream",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("id"),
    required("user_id"),
    required("model"),
    required("checkpoint"),
    required("seed", Integer),
    required("temperature", Float),
    json_of("said", nullable=False),
    required("tokens", Integer),
    required("entropy", Float),
    required("repetition", Float),
    required("kept", Boolean),
    required("created_at"),
    child_of("model", *MODEL),
    UniqueConstraint("id"),
    CheckConstraint("tokens >= 0", name="tokens"),
    Index("ix_dream_user_id_model", "user_id", "model"),
    sqlite_autoincrement=True,
)

# The ledger of texts: which file, or turn of a log, is in which dataset and taught which
# checkpoint. Only digests and names; the text lies where it came from, and in the dataset.
material = Table(
    "material",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("user_id"),
    required("model"),
    required("sha256"),
    required("name"),
    required("characters", Integer),
    required("tokens", Integer),
    required("dataset"),
    required("checkpoint"),
    required("read_at"),
    child_of("model", *MODEL),
    UniqueConstraint("user_id", "model", "sha256"),
    CheckConstraint("length(sha256) = 64", name="sha256"),
    sqlite_autoincrement=True,
)
