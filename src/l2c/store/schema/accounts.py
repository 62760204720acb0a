"""Who owns everything else, what they come in with, and what happened at the door."""

from __future__ import annotations

from enum import StrEnum

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

from l2c.store.schema.columns import Integer, child_of, json_of, metadata, one_of, required


class AccountRole(StrEnum):
    """What a person may do in the house. Nobody may read another one's conversations."""

    ADMINISTRATOR = "administrator"
    USER = "user"


class Speaker(StrEnum):
    """Whose words something is."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    DOCUMENT = "document"


account = Table(
    "account",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("id"),
    required("name"),
    required("role"),
    # The one whose machine it is: as long as nobody has a password, who comes in is this one.
    required("local", Boolean),
    # As argon2id writes it; without one nobody can sign in under this name.
    Column("password", Text),
    Column("disabled_at", Text),
    required("created_at"),
    UniqueConstraint("id"),
    UniqueConstraint("name"),
    one_of("role", AccountRole),
    Index(
        "uq_account_local",
        "local",
        unique=True,
        sqlite_where=text("local"),
        postgresql_where=text("local"),
    ),
    sqlite_autoincrement=True,
)

# A browser that signed in. Of its token only the SHA-256 is kept; signing out deletes the row.
session = Table(
    "session",
    metadata,
    required("id"),
    required("user_id"),
    required("digest"),
    required("created_at"),
    required("expires_at"),
    PrimaryKeyConstraint("id"),
    child_of("account", ("user_id", "id"), cascade=True),
    UniqueConstraint("digest"),
    CheckConstraint("length(digest) = 64", name="digest"),
    Index("ix_session_user_id", "user_id"),
)

# A key for a program. Of the key only the SHA-256 is kept, and its last letters to know it by.
api_key = Table(
    "api_key",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("id"),
    required("user_id"),
    required("name"),
    required("digest"),
    required("ending"),
    json_of("scopes", nullable=False),
    # Whether what is said with it through the dialects of other programs is learned.
    required("teaches", Boolean),
    required("created_at"),
    Column("expires_at", Text),
    Column("revoked_at", Text),
    child_of("account", ("user_id", "id"), cascade=True),
    UniqueConstraint("id"),
    UniqueConstraint("digest"),
    CheckConstraint("length(digest) = 64", name="digest"),
    Index("ix_api_key_user_id", "user_id"),
    sqlite_autoincrement=True,
)

# What happened at the door. No foreign key: what somebody did stays when they are gone.
audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("at"),
    Column("actor", Text),
    required("event"),
    required("about"),
    required("address"),
    sqlite_autoincrement=True,
)

# What each speaker's words may become, where that differs from the rule everybody begins with.
speaker_rule = Table(
    "speaker_rule",
    metadata,
    required("user_id"),
    required("speaker"),
    required("window", Boolean),
    required("memory", Boolean),
    required("training", Boolean),
    PrimaryKeyConstraint("user_id", "speaker"),
    child_of("account", ("user_id", "id"), cascade=True),
    one_of("speaker", Speaker),
)
