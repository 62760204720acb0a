"""What was told: facts found in turns, and which answers rest on them.

Nothing is looked through here: the first question or turn after it reads what was said before.
"""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    for statement in STATEMENTS.split(";"):
        op.execute(statement)


STATEMENTS = """
CREATE TABLE memory (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    turn_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    subject TEXT NOT NULL,
    relation TEXT NOT NULL,
    value TEXT NOT NULL,
    said TEXT NOT NULL,
    replaces BOOLEAN NOT NULL,
    ended BOOLEAN NOT NULL,
    edited_at TEXT,
    deleted_at TEXT,
    created_at TEXT NOT NULL,
    CONSTRAINT fk_memory_conversation_id_user_id
        FOREIGN KEY (conversation_id, user_id) REFERENCES conversation (id, user_id)
        ON DELETE CASCADE,
    CONSTRAINT fk_memory_turn_id_user_id
        FOREIGN KEY (turn_id, user_id) REFERENCES turn (id, user_id) ON DELETE CASCADE,
    CONSTRAINT uq_memory_id UNIQUE (id),
    CONSTRAINT uq_memory_turn_id_place UNIQUE (turn_id, place),
    CONSTRAINT ck_memory_deleted CHECK (deleted_at IS NULL OR said = '')
);

CREATE INDEX ix_memory_conversation_id ON memory (conversation_id);

CREATE INDEX ix_memory_owner ON memory (user_id, seq);

CREATE TABLE memory_progress (
    user_id TEXT NOT NULL,
    turn_seq INTEGER NOT NULL,
    CONSTRAINT pk_memory_progress PRIMARY KEY (user_id),
    CONSTRAINT fk_memory_progress_user_id
        FOREIGN KEY (user_id)
        REFERENCES account (id) ON DELETE CASCADE
);

CREATE TABLE recollection (
    user_id TEXT NOT NULL,
    answer_id TEXT NOT NULL,
    turn_id TEXT NOT NULL,
    CONSTRAINT pk_recollection PRIMARY KEY (answer_id, turn_id),
    CONSTRAINT fk_recollection_answer_id_user_id
        FOREIGN KEY (answer_id, user_id) REFERENCES turn (id, user_id) ON DELETE CASCADE,
    CONSTRAINT fk_recollection_turn_id_user_id
        FOREIGN KEY (turn_id, user_id) REFERENCES turn (id, user_id) ON DELETE CASCADE
);

CREATE INDEX ix_recollection_turn_id ON recollection (turn_id)
"""
