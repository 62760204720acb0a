"""New models that are being trained on a text of the user's."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, Float, Index, Table, Text, UniqueConstraint

from l2c.store.schema.columns import Integer, child_of, json_of, metadata, one_of, required


class TrainingState(StrEnum):
    """Where a training stands. Of those that run, the oldest is worked on and the others wait."""

    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"


# A training on a text. `model` is what the new model will be called: it is there when the training
# is done, and then the text goes. `curve` is a list of [step, loss], `samples` of [step, text].
training = Table(
    "training",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    required("id"),
    required("user_id"),
    required("model"),
    required("engine"),
    Column("text", Text),
    required("characters", Integer),
    required("minutes", Float),
    required("seed", Integer),
    required("state"),
    required("step", Integer),
    required("steps", Integer),
    Column("loss", Float),
    Column("seconds_left", Float),
    json_of("curve", nullable=False),
    json_of("samples", nullable=False),
    Column("reason", Text),
    required("created_at"),
    Column("finished_at", Text),
    child_of("account", ("user_id", "id"), cascade=True),
    UniqueConstraint("id"),
    one_of("state", TrainingState),
    CheckConstraint("(text IS NULL) = (state = 'done')", name="text_until_done"),
    CheckConstraint("(finished_at IS NULL) = (state <> 'done')", name="finished"),
    CheckConstraint("step >= 0 AND step <= steps", name="step"),
    Index("ix_training_owner", "user_id", "seq"),
    sqlite_autoincrement=True,
)
