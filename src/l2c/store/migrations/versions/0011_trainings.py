"""Trainings of new models on a text."""

from alembic import op

from l2c.store.migrations import statements

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    statements.run(op.get_bind(), TABLES)


TABLES = """
CREATE TABLE training (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    model TEXT NOT NULL,
    engine TEXT NOT NULL,
    text TEXT,
    characters INTEGER NOT NULL,
    minutes FLOAT NOT NULL,
    seed INTEGER NOT NULL,
    state TEXT NOT NULL,
    step INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    loss FLOAT,
    seconds_left FLOAT,
    curve JSON NOT NULL,
    samples JSON NOT NULL,
    reason TEXT,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    CONSTRAINT fk_training_user_id
        FOREIGN KEY (user_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT uq_training_id UNIQUE (id),
    CONSTRAINT ck_training_state CHECK (state IN ('running', 'paused', 'done', 'failed')),
    CONSTRAINT ck_training_text_until_done CHECK ((text IS NULL) = (state = 'done')),
    CONSTRAINT ck_training_finished CHECK ((finished_at IS NULL) = (state <> 'done')),
    CONSTRAINT ck_training_step CHECK (step >= 0 AND step <= steps)
);

CREATE INDEX ix_training_owner ON training (user_id, seq)
"""
