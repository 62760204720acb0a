"""What several servers on one store need: roles with a term, who writes which answer, files.

In a store of one machine these tables stay empty.
"""

from alembic import op

from l2c.store.migrations import statements

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    statements.run(op.get_bind(), TABLES)


TABLES = """
CREATE TABLE role (
    name TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    holder TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    CONSTRAINT pk_role PRIMARY KEY (name),
    CONSTRAINT ck_role_epoch CHECK (epoch >= 1)
);

CREATE TABLE writing (
    answer_id TEXT NOT NULL,
    role TEXT NOT NULL,
    CONSTRAINT pk_writing PRIMARY KEY (answer_id),
    CONSTRAINT fk_writing_answer_id FOREIGN KEY (answer_id) REFERENCES turn (id) ON DELETE CASCADE
);

CREATE TABLE file_chunk (
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    content BLOB NOT NULL,
    added_at TEXT NOT NULL,
    CONSTRAINT pk_file_chunk PRIMARY KEY (name, number),
    CONSTRAINT ck_file_chunk_number CHECK (number >= 0)
)
"""
