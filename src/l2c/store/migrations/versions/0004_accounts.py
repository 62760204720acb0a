"""Passwords, sessions, keys, an audit log, and what each speaker's words may become.

The table of accounts gets constraints, so it is rebuilt. Who is there already, the local user,
has no password and stays the one who comes in without, until there is one.
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for statement in STATEMENTS.split(";"):
        op.execute(statement)


STATEMENTS = """
CREATE TABLE account_new (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    local BOOLEAN NOT NULL,
    password TEXT,
    disabled_at TEXT,
    created_at TEXT NOT NULL,
    CONSTRAINT uq_account_id UNIQUE (id),
    CONSTRAINT uq_account_name UNIQUE (name),
    CONSTRAINT ck_account_role CHECK (role IN ('administrator', 'user'))
);

INSERT INTO account_new (id, name, role, local, created_at)
SELECT id, name, CASE name WHEN 'local' THEN 'administrator' ELSE 'user' END, name = 'local',
    created_at
FROM account ORDER BY rowid;

DROP TABLE account;

ALTER TABLE account_new RENAME TO account;

CREATE UNIQUE INDEX uq_account_local ON account (local) WHERE local;

CREATE TABLE session (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    CONSTRAINT pk_session PRIMARY KEY (id),
    CONSTRAINT fk_session_user_id
        FOREIGN KEY (user_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT uq_session_digest UNIQUE (digest),
    CONSTRAINT ck_session_digest CHECK (length(digest) = 64)
);

CREATE INDEX ix_session_user_id ON session (user_id);

CREATE TABLE api_key (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    ending TEXT NOT NULL,
    scopes JSON NOT NULL,
    teaches BOOLEAN NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT,
    CONSTRAINT fk_api_key_user_id
        FOREIGN KEY (user_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT uq_api_key_id UNIQUE (id),
    CONSTRAINT uq_api_key_digest UNIQUE (digest),
    CONSTRAINT ck_api_key_digest CHECK (length(digest) = 64)
);

CREATE INDEX ix_api_key_user_id ON api_key (user_id);

CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    actor TEXT,
    event TEXT NOT NULL,
    about TEXT NOT NULL,
    address TEXT NOT NULL
);

CREATE TABLE speaker_rule (
    user_id TEXT NOT NULL,
    speaker TEXT NOT NULL,
    "window" BOOLEAN NOT NULL,
    memory BOOLEAN NOT NULL,
    training BOOLEAN NOT NULL,
    CONSTRAINT pk_speaker_rule PRIMARY KEY (user_id, speaker),
    CONSTRAINT fk_speaker_rule_user_id
        FOREIGN KEY (user_id) REFERENCES account (id) ON DELETE CASCADE,
    CONSTRAINT ck_speaker_rule_speaker
        CHECK (speaker IN ('system', 'user', 'assistant', 'document'))
)
"""
