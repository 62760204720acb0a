"""The first schema.

A migration is frozen: it says what the tables were on the day it was written, and never follows
`l2c.store.schema`, where the reasons are.
"""

from alembic import op

revision = "0001"
down_revision = None

APPLICATION_ID = 0x4C324331
SECURE_DELETE_SINCE = (3, 42)


def upgrade() -> None:
    for statement in TABLES.split(";"):
        op.execute(statement)
    # The words are made in Python (`l2c.store.search`); `ascii` only splits them at the spaces.
    op.execute("CREATE VIRTUAL TABLE turn_search USING fts5 (words, tokenize = 'ascii')")
    library = op.get_bind().exec_driver_sql("SELECT sqlite_version()").scalar_one()
    if tuple(int(part) for part in library.split(".")) >= SECURE_DELETE_SINCE:
        op.execute("INSERT INTO turn_search (turn_search, rank) VALUES ('secure-delete', 1)")
    op.execute(f"PRAGMA application_id = {APPLICATION_ID}")


TABLES = """
CREATE TABLE account (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT pk_account PRIMARY KEY (id),
    CONSTRAINT uq_account_name UNIQUE (name)
);

CREATE TABLE conversation (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    title TEXT NOT NULL,
    model TEXT NOT NULL,
    learn BOOLEAN NOT NULL,
    draft TEXT NOT NULL,
    active_turn_id TEXT,
    activity INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT,
    CONSTRAINT fk_conversation_user_id FOREIGN KEY (user_id) REFERENCES account (id),
    CONSTRAINT fk_conversation_active_turn_id_id
        FOREIGN KEY (active_turn_id, id) REFERENCES turn (id, conversation_id),
    CONSTRAINT uq_conversation_id UNIQUE (id),
    CONSTRAINT uq_conversation_id_user_id UNIQUE (id, user_id),
    CONSTRAINT uq_conversation_user_id_activity UNIQUE (user_id, activity)
);

CREATE INDEX ix_conversation_active_turn_id ON conversation (active_turn_id);

CREATE TABLE turn (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    parent_id TEXT,
    depth INTEGER NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    status TEXT NOT NULL,
    learn BOOLEAN NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    model TEXT,
    checkpoint TEXT,
    origin TEXT,
    "window" JSON,
    error TEXT,
    CONSTRAINT fk_turn_conversation_id_user_id
        FOREIGN KEY (conversation_id, user_id)
        REFERENCES conversation (id, user_id) ON DELETE CASCADE,
    CONSTRAINT fk_turn_parent_id_conversation_id
        FOREIGN KEY (parent_id, conversation_id) REFERENCES turn (id, conversation_id),
    CONSTRAINT uq_turn_id UNIQUE (id),
    CONSTRAINT uq_turn_id_user_id UNIQUE (id, user_id),
    CONSTRAINT uq_turn_id_conversation_id UNIQUE (id, conversation_id),
    CONSTRAINT ck_turn_role CHECK (role IN ('system', 'user', 'assistant')),
    CONSTRAINT ck_turn_status
        CHECK (status IN ('streaming', 'complete', 'stopped', 'interrupted', 'error')),
    CONSTRAINT ck_turn_origin
        CHECK (origin IN ('generated', 'computed', 'remembered', 'quoted', 'declined')),
    CONSTRAINT ck_turn_depth CHECK ((parent_id IS NULL) = (depth = 1)),
    CONSTRAINT ck_turn_finished CHECK ((status = 'streaming') = (finished_at IS NULL)),
    CONSTRAINT ck_turn_only_answers_stream CHECK (role = 'assistant' OR status = 'complete'),
    CONSTRAINT ck_turn_answers_name_a_model CHECK ((role = 'assistant') = (model IS NOT NULL))
);

CREATE INDEX ix_turn_conversation ON turn (conversation_id, seq);

CREATE INDEX ix_turn_owner ON turn (user_id, seq);

CREATE INDEX ix_turn_parent_id ON turn (parent_id);

CREATE UNIQUE INDEX uq_turn_streaming ON turn (conversation_id) WHERE status = 'streaming';

CREATE TABLE journal (
    answer_id TEXT NOT NULL,
    start INTEGER NOT NULL,
    length INTEGER NOT NULL,
    text TEXT NOT NULL,
    CONSTRAINT pk_journal PRIMARY KEY (answer_id, start),
    CONSTRAINT fk_journal_answer_id
        FOREIGN KEY (answer_id) REFERENCES turn (id) ON DELETE CASCADE,
    CONSTRAINT ck_journal_start CHECK (start >= 0),
    CONSTRAINT ck_journal_length CHECK (length > 0)
);

CREATE TABLE request (
    user_id TEXT NOT NULL,
    "key" TEXT NOT NULL,
    digest TEXT,
    answer_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT pk_request PRIMARY KEY (user_id, "key"),
    CONSTRAINT fk_request_answer_id_user_id
        FOREIGN KEY (answer_id, user_id) REFERENCES turn (id, user_id) ON DELETE CASCADE
);

CREATE INDEX ix_request_answer_id ON request (answer_id);

CREATE TABLE model (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    engine TEXT NOT NULL,
    starter TEXT NOT NULL,
    live TEXT NOT NULL,
    learns BOOLEAN NOT NULL,
    rebuild_requested BOOLEAN NOT NULL,
    summary JSON NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT fk_model_user_id FOREIGN KEY (user_id) REFERENCES account (id),
    CONSTRAINT fk_model_user_id_name_live
        FOREIGN KEY (user_id, name, live)
        REFERENCES checkpoint (user_id, model, digest) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT fk_model_user_id_name_starter
        FOREIGN KEY (user_id, name, starter)
        REFERENCES checkpoint (user_id, model, digest) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT uq_model_user_id_name UNIQUE (user_id, name)
);

CREATE TABLE checkpoint (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    model TEXT NOT NULL,
    digest TEXT NOT NULL,
    parent TEXT,
    lesson INTEGER,
    size_bytes INTEGER NOT NULL,
    metrics JSON NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT fk_checkpoint_user_id_model
        FOREIGN KEY (user_id, model) REFERENCES model (user_id, name),
    CONSTRAINT fk_checkpoint_user_id_model_parent
        FOREIGN KEY (user_id, model, parent) REFERENCES checkpoint (user_id, model, digest),
    CONSTRAINT fk_checkpoint_user_id_model_lesson
        FOREIGN KEY (user_id, model, lesson) REFERENCES lesson (user_id, model, number),
    CONSTRAINT uq_checkpoint_user_id_model_digest UNIQUE (user_id, model, digest),
    CONSTRAINT ck_checkpoint_only_starters_have_no_parent
        CHECK ((parent IS NULL) = (lesson IS NULL)),
    CONSTRAINT ck_checkpoint_size_bytes CHECK (size_bytes >= 0)
);

CREATE TABLE exchange (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    model TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    user_turn_id TEXT NOT NULL,
    answer_turn_id TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    lesson INTEGER,
    queued_at TEXT NOT NULL,
    CONSTRAINT fk_exchange_user_id_model
        FOREIGN KEY (user_id, model) REFERENCES model (user_id, name),
    CONSTRAINT fk_exchange_conversation_id_user_id
        FOREIGN KEY (conversation_id, user_id)
        REFERENCES conversation (id, user_id) ON DELETE CASCADE,
    CONSTRAINT fk_exchange_user_turn_id_conversation_id
        FOREIGN KEY (user_turn_id, conversation_id)
        REFERENCES turn (id, conversation_id) ON DELETE CASCADE,
    CONSTRAINT fk_exchange_answer_turn_id_conversation_id
        FOREIGN KEY (answer_turn_id, conversation_id)
        REFERENCES turn (id, conversation_id) ON DELETE CASCADE,
    CONSTRAINT fk_exchange_user_id_model_lesson
        FOREIGN KEY (user_id, model, lesson) REFERENCES lesson (user_id, model, number),
    CONSTRAINT uq_exchange_id UNIQUE (id),
    CONSTRAINT uq_exchange_user_id_model_answer_turn_id UNIQUE (user_id, model, answer_turn_id),
    CONSTRAINT ck_exchange_state
        CHECK (state IN ('pending', 'learned', 'refused', 'withdrawn')),
    CONSTRAINT ck_exchange_attempts CHECK (attempts >= 0),
    CONSTRAINT ck_exchange_learned_in_a_lesson CHECK (state <> 'learned' OR lesson IS NOT NULL)
);

CREATE INDEX ix_exchange_answer_turn_id ON exchange (answer_turn_id);

CREATE INDEX ix_exchange_conversation_id ON exchange (conversation_id);

CREATE INDEX ix_exchange_queue ON exchange (user_id, model, state, seq);

CREATE INDEX ix_exchange_user_turn_id ON exchange (user_turn_id);

CREATE TABLE lesson (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    model TEXT NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    parent TEXT NOT NULL,
    recipe_version INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    sources INTEGER NOT NULL,
    steps INTEGER,
    tokens INTEGER,
    cpu_seconds FLOAT,
    loss_before FLOAT,
    loss_after FLOAT,
    bits_before FLOAT,
    bits_after FLOAT,
    general_percent FLOAT,
    checkpoint TEXT,
    verdict TEXT,
    metrics JSON NOT NULL,
    CONSTRAINT fk_lesson_user_id_model
        FOREIGN KEY (user_id, model) REFERENCES model (user_id, name),
    CONSTRAINT fk_lesson_user_id_model_parent
        FOREIGN KEY (user_id, model, parent) REFERENCES checkpoint (user_id, model, digest),
    CONSTRAINT fk_lesson_user_id_model_checkpoint
        FOREIGN KEY (user_id, model, checkpoint) REFERENCES checkpoint (user_id, model, digest),
    CONSTRAINT uq_lesson_user_id_model_number UNIQUE (user_id, model, number),
    CONSTRAINT ck_lesson_kind CHECK (kind IN ('exchanges', 'practice')),
    CONSTRAINT ck_lesson_state CHECK (state IN ('training', 'kept', 'refused', 'failed')),
    CONSTRAINT ck_lesson_number CHECK (number >= 1),
    CONSTRAINT ck_lesson_attempt CHECK (attempt >= 0),
    CONSTRAINT ck_lesson_kept_as_a_checkpoint
        CHECK ((state = 'kept') = (checkpoint IS NOT NULL)),
    CONSTRAINT ck_lesson_finished CHECK ((state = 'training') = (finished_at IS NULL))
);

CREATE TABLE lesson_source (
    user_id TEXT NOT NULL,
    model TEXT NOT NULL,
    lesson INTEGER NOT NULL,
    position INTEGER NOT NULL,
    exchange_id TEXT,
    conversation_id TEXT,
    user_turn_id TEXT,
    answer_turn_id TEXT,
    user_text TEXT,
    answer_text TEXT,
    answer_teaches BOOLEAN NOT NULL,
    sha256 TEXT NOT NULL,
    first_step INTEGER,
    last_step INTEGER,
    CONSTRAINT pk_lesson_source PRIMARY KEY (user_id, model, lesson, position),
    CONSTRAINT fk_lesson_source_user_id_model_lesson
        FOREIGN KEY (user_id, model, lesson) REFERENCES lesson (user_id, model, number),
    CONSTRAINT ck_lesson_source_position CHECK (position >= 0),
    CONSTRAINT ck_lesson_source_sha256 CHECK (length(sha256) = 64),
    CONSTRAINT ck_lesson_source_steps CHECK (first_step <= last_step),
    CONSTRAINT ck_lesson_source_erased_together
        CHECK ((user_text IS NULL) = (answer_text IS NULL))
);

CREATE INDEX ix_lesson_source_conversation_id ON lesson_source (conversation_id);

CREATE TABLE learner (
    user_id TEXT NOT NULL,
    model TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    holder TEXT NOT NULL,
    acquired_at TEXT NOT NULL,
    heartbeat_at TEXT NOT NULL,
    doing TEXT,
    lesson INTEGER,
    step INTEGER,
    steps INTEGER,
    loss FLOAT,
    seconds_left FLOAT,
    iterations INTEGER NOT NULL,
    practice_tokens INTEGER NOT NULL,
    practice_day TEXT,
    autosaved_at TEXT,
    CONSTRAINT pk_learner PRIMARY KEY (user_id, model),
    CONSTRAINT fk_learner_user_id_model
        FOREIGN KEY (user_id, model) REFERENCES model (user_id, name),
    CONSTRAINT ck_learner_epoch CHECK (epoch >= 1)
);

CREATE TABLE curve_point (
    user_id TEXT NOT NULL,
    model TEXT NOT NULL,
    iteration INTEGER NOT NULL,
    loss FLOAT NOT NULL,
    CONSTRAINT pk_curve_point PRIMARY KEY (user_id, model, iteration),
    CONSTRAINT fk_curve_point_user_id_model
        FOREIGN KEY (user_id, model) REFERENCES model (user_id, name)
);

CREATE TABLE learning_control (
    user_id TEXT NOT NULL,
    paused BOOLEAN NOT NULL,
    cpu_share FLOAT NOT NULL,
    CONSTRAINT pk_learning_control PRIMARY KEY (user_id),
    CONSTRAINT fk_learning_control_user_id FOREIGN KEY (user_id) REFERENCES account (id),
    CONSTRAINT ck_learning_control_cpu_share CHECK (cpu_share >= 0.05 AND cpu_share <= 1)
)
"""
