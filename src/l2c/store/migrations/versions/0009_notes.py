"""The notebook: pages, and what of them was learned."""

from alembic import op

from l2c.store.migrations import statements

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    statements.run(op.get_bind(), TABLES)


TABLES = """
CREATE TABLE note (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    text TEXT NOT NULL,
    revision INTEGER NOT NULL,
    learned_text TEXT,
    learned_revision INTEGER,
    learned_at TEXT,
    saved FLOAT,
    starter_saved FLOAT,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    CONSTRAINT fk_note_user_id
        FOREIGN KEY (user_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT uq_note_id UNIQUE (id),
    CONSTRAINT ck_note_learned CHECK ((learned_text IS NULL) = (learned_at IS NULL))
);

CREATE INDEX ix_note_owner ON note (user_id, seq)
"""
