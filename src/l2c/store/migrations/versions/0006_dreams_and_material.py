"""Dreams a model wrote, and the files and turns that taught it by `l2c train --auto`."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for statement in STATEMENTS.split(";"):
        op.execute(statement)


STATEMENTS = """
CREATE TABLE dream (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    model TEXT NOT NULL,
    checkpoint TEXT NOT NULL,
    seed INTEGER NOT NULL,
    temperature FLOAT NOT NULL,
    said JSON NOT NULL,
    tokens INTEGER NOT NULL,
    entropy FLOAT NOT NULL,
    repetition FLOAT NOT NULL,
    kept BOOLEAN NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT fk_dream_user_id_model
        FOREIGN KEY (user_id, model) REFERENCES model (user_id, name),
    CONSTRAINT uq_dream_id UNIQUE (id),
    CONSTRAINT ck_dream_tokens CHECK (tokens >= 0)
);

CREATE INDEX ix_dream_user_id_model ON dream (user_id, model);

CREATE TABLE material (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    model TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    name TEXT NOT NULL,
    characters INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    dataset TEXT NOT NULL,
    checkpoint TEXT NOT NULL,
    read_at TEXT NOT NULL,
    CONSTRAINT fk_material_user_id_model
        FOREIGN KEY (user_id, model) REFERENCES model (user_id, name),
    CONSTRAINT uq_material_user_id_model_sha256 UNIQUE (user_id, model, sha256),
    CONSTRAINT ck_material_sha256 CHECK (length(sha256) = 64)
)
"""
