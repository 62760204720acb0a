"""Forgetting, pinned checkpoints, folders that teach nothing, redaction, the learner's hours."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for statement in STATEMENTS.split(";"):
        op.execute(statement)


STATEMENTS = """
CREATE TABLE forgetting (
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
    CONSTRAINT ck_forgetting_kind CHECK (kind IN ('conversation', 'turn', 'document')),
    CONSTRAINT ck_forgetting_state CHECK (state IN ('erasing', 'rebuilding', 'done')),
    CONSTRAINT ck_forgetting_finished CHECK ((state = 'done') = (finished_at IS NOT NULL))
);

CREATE TABLE pin (
    user_id TEXT NOT NULL,
    model TEXT NOT NULL,
    digest TEXT NOT NULL,
    CONSTRAINT pk_pin PRIMARY KEY (user_id, model, digest),
    CONSTRAINT fk_pin_user_id_model_digest
        FOREIGN KEY (user_id, model, digest)
            REFERENCES checkpoint (user_id, model, digest) ON DELETE CASCADE
);

CREATE TABLE unlearned_folder (
    folder_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    CONSTRAINT pk_unlearned_folder PRIMARY KEY (folder_id),
    CONSTRAINT fk_unlearned_folder_folder_id_user_id
        FOREIGN KEY (folder_id, user_id) REFERENCES folder (id, user_id) ON DELETE CASCADE
);

CREATE TABLE redaction (
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    applied BOOLEAN NOT NULL,
    CONSTRAINT pk_redaction PRIMARY KEY (user_id, kind),
    CONSTRAINT fk_redaction_user_id FOREIGN KEY (user_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT ck_redaction_kind CHECK (kind IN ('email', 'card', 'phone', 'key'))
);

CREATE TABLE schedule (
    user_id TEXT NOT NULL,
    quiet_from INTEGER,
    quiet_until INTEGER,
    only_when_idle BOOLEAN NOT NULL,
    on_battery BOOLEAN NOT NULL,
    CONSTRAINT pk_schedule PRIMARY KEY (user_id),
    CONSTRAINT fk_schedule_user_id FOREIGN KEY (user_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT ck_schedule_quiet_from CHECK (quiet_from BETWEEN 0 AND 1439),
    CONSTRAINT ck_schedule_quiet_until CHECK (quiet_until BETWEEN 0 AND 1439),
    CONSTRAINT ck_schedule_quiet_hours CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))
)
"""
