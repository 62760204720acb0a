"""What is being forgotten, what is kept on purpose, what must not be learned, and what is asked."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from l2c.store.schema.columns import OWNER, Integer, child_of, json_of, metadata, one_of, required


class Forgettable(StrEnum):
    """What can be forgotten."""

    CONVERSATION = "conversation"
    TURN = "turn"
    DOCUMENT = "document"
    NOTE = "note"


class ForgettingState(StrEnum):
    """How far forgetting has come: text goes first, then what models learned from it."""

    ERASING = "erasing"
    REBUILDING = "rebuilding"
    DONE = "done"


class Redacted(StrEnum):
    """What can be taken out of text before it teaches."""

    EMAIL = "email"
    CARD = "card"
    PHONE = "phone"
    KEY = "key"


class Threshold(StrEnum):
    """What a verdict asks for; what each means stands at `l2c.learning.gate.Thresholds`."""

    GENERAL = "general"
    GENERAL_NIGHT = "general_night"
    OLD_KEPT = "old_kept"
    RECALLED = "recalled"
    RECALL_KEPT = "recall_kept"
    LIKED = "liked"


# One row for each time somebody asked. It names ids and digests and never holds text. `plan` says
# which checkpoints knew of it and what has taken the place of each so far.
forgetting = Table(
    "forgetting",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("id"),
    required("user_id"),
    required("kind"),
    required("target"),
    required("state"),
    json_of("plan", nullable=False),
    json_of("report", nullable=False),
    required("created_at"),
    Column("finished_at", Text),
    child_of("account", ("user_id", "id")),
    UniqueConstraint("id"),
    one_of("kind", Forgettable),
    one_of("state", ForgettingState),
    CheckConstraint("(state = 'done') = (finished_at IS NOT NULL)", name="finished"),
    sqlite_autoincrement=True,
)

# Checkpoints that are kept however old they become.
pin = Table(
    "pin",
    metadata,
    required("user_id"),
    required("model"),
    required("digest"),
    PrimaryKeyConstraint("user_id", "model", "digest"),
    child_of("checkpoint", OWNER, ("model", "model"), ("digest", "digest"), cascade=True),
)

# Folders whose conversations teach nothing.
unlearned_folder = Table(
    "unlearned_folder",
    metadata,
    required("folder_id"),
    required("user_id"),
    PrimaryKeyConstraint("folder_id"),
    child_of("folder", ("folder_id", "id"), OWNER, cascade=True),
)

# What a user lets through: everything of `Redacted` is taken out unless a row says otherwise.
redaction = Table(
    "redaction",
    metadata,
    required("user_id"),
    required("kind"),
    required("applied", Boolean),
    PrimaryKeyConstraint("user_id", "kind"),
    child_of("account", ("user_id", "id"), cascade=True),
    one_of("kind", Redacted),
)

# When the learner may work, in minutes since midnight by the machine's clock.
schedule = Table(
    "schedule",
    metadata,
    required("user_id"),
    Column("quiet_from", Integer),
    Column("quiet_until", Integer),
    required("only_when_idle", Boolean),
    required("on_battery", Boolean),
    PrimaryKeyConstraint("user_id"),
    child_of("account", ("user_id", "id"), cascade=True),
    CheckConstraint("quiet_from BETWEEN 0 AND 1439", name="quiet_from"),
    CheckConstraint("quiet_until BETWEEN 0 AND 1439", name="quiet_until"),
    CheckConstraint("(quiet_from IS NULL) = (quiet_until IS NULL)", name="quiet_hours"),
)

# What a user asks of verdicts instead of what the settings say.
threshold = Table(
    "threshold",
    metadata,
    required("user_id"),
    required("name"),
    required("fraction", Float),
    PrimaryKeyConstraint("user_id", "name"),
    child_of("account", ("user_id", "id"), cascade=True),
    one_of("name", Threshold),
    CheckConstraint("fraction >= 0 AND fraction <= 1", name="fraction"),
)
