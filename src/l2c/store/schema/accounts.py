"""Who owns everything else."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint

from l2c.store.schema.columns import metadata, required

account = Table(
    "account",
    metadata,
    required("id"),
    required("name"),
    required("created_at"),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("name"),
)
