"""What is written in the notebook, and which words of it were learned."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    Index,
    Table,
    Text,
    UniqueConstraint,
)

from l2c.store.schema.columns import Integer, child_of, metadata, required

# A page of the notebook. `learned_text` is exactly what the counting memory has read of it, None
# for nothing; `learned_in` is the conversation in which its paragraphs teach the weights; `saved`
# and `starter_saved` are the shares of keystrokes that suggestions would have spared in it before
# it was learned, by the user's models and by the untouched starter.
note = Table(
    "note",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("id"),
    required("user_id"),
    required("text"),
    required("revision", Integer),
    Column("learned_text", Text),
    Column("learned_revision", Integer),
    Column("learned_at", Text),
    Column("saved", Float),
    Column("starter_saved", Float),
    required("created_at"),
    required("changed_at"),
    Column("learned_in", Text),
    child_of("account", ("user_id", "id"), cascade=True),
    UniqueConstraint("id"),
    CheckConstraint("(learned_text IS NULL) = (learned_at IS NULL)", name="learned"),
    Index("ix_note_learned_in", "learned_in"),
    Index("ix_note_owner", "user_id", "seq"),
    sqlite_autoincrement=True,
)
