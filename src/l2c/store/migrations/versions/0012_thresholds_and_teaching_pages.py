"""What a user asks of verdicts; pages of the notebook that teach, and are forgotten as such."""

from alembic import op

from l2c.store.migrations import statements

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    connection = op.get_bind()
    statements.run(connection, TABLES)
    postgresql = connection.dialect.name == "postgresql"
    statements.run(connection, KIND_IN_POSTGRESQL if postgresql else KIND)


TABLES = """
CREATE TABLE threshold (
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    fraction FLOAT NOT NULL,
    CONSTRAINT pk_threshold PRIMARY KEY (user_id, name),
    CONSTRAINT fk_threshold_user_id
        FOREIGN KEY (user_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT ck_threshold_name CHECK (name IN ('general', 'general_night', 'old_kept',
        'recalled', 'recall_kept', 'liked')),
    CONSTRAINT ck_threshold_fraction CHECK (fraction >= 0 AND fraction <= 1)
);

ALTER TABLE note ADD COLUMN learned_in TEXT;

CREATE INDEX ix_note_learned_in ON note (learned_in)
"""

KIND_IN_POSTGRESQL = """
ALTER TABLE forgetting DROP CONSTRAINT ck_forgetting_kind;

ALTER TABLE forgetting ADD CONSTRAINT ck_forgetting_kind
    CHECK (kind IN ('conversation', 'turn', 'document', 'note'))
"""

KIND = """
CREATE TABLE forgetting_new (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    state TEXT NOT NULL,
    plan JSON NOT NULL,
    report JSON NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    CONSTRAINT fk_forgetting_user_id FOREIGN KEY (user_id) REFERENCES account (id),
    CONSTRAINT uq_forgetting_id UNIQUE (id),
    CONSTRAINT ck_forgetting_kind CHECK (kind IN ('conversation', 'turn', 'document', 'note')),
    CONSTRAINT ck_forgetting_state CHECK (state IN ('erasing', 'rebuilding', 'done')),
    CONSTRAINT ck_forgetting_finished CHECK ((state = 'done') = (finished_at IS NOT NULL))
);

INSERT INTO forgetting_new
SELECT seq, id, user_id, kind, target, state, plan, report, created_at, finished_at
FROM forgetting;

DROP TABLE forgetting;

ALTER TABLE forgetting_new RENAME TO forgetting
"""
