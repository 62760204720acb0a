"""Branches, folders, tags, system prompts, ratings, and a place for what is to be forgotten.

Three tables get constraints, so they are rebuilt (https://sqlite.org/lang_altertable.html#otheralter);
their counters go on where they were, since a number of a deleted row must not come back. The index
of words is made again with the owner of each turn in it, so that a search reads only its user's
turns, and with the beginnings of words, so that one being typed is found as fast as a whole one.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

SECURE_DELETE_SINCE = (3, 42)
REBUILT = ("conversation", "turn", "exchange")


def upgrade() -> None:
    for statement in TABLES.split(";"):
        op.execute(statement)
    for statement in COPIES.split(";"):
        op.execute(statement)
    for name in REBUILT:
        op.execute(f"DELETE FROM sqlite_sequence WHERE name = '{name}_new'")
        op.execute(
            "INSERT INTO sqlite_sequence (name, seq) "
            f"SELECT '{name}_new', seq FROM sqlite_sequence WHERE name = '{name}'"
        )
        op.execute(f"DROP TABLE {name}")
        op.execute(f"ALTER TABLE {name}_new RENAME TO {name}")
    for statement in INDEXES.split(";"):
        op.execute(statement)
    _index_words_again()


def _index_words_again() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE turn_search_new "
        "USING fts5 (words, owner, tokenize = 'ascii', prefix = '1 2 3 4')"
    )
    library = op.get_bind().exec_driver_sql("SELECT sqlite_version()").scalar_one()
    if tuple(int(part) for part in library.split(".")) >= SECURE_DELETE_SINCE:
        op.execute(
            "INSERT INTO turn_search_new (turn_search_new, rank) VALUES ('secure-delete', 1)"
        )
    op.execute(
        "INSERT INTO turn_search_new (rowid, words, owner) "
        "SELECT turn.seq, words, turn.user_id "
        "FROM turn_search JOIN turn ON turn.seq = turn_search.rowid ORDER BY turn.seq"
    )
    op.execute("DROP TABLE turn_search")
    op.execute("ALTER TABLE turn_search_new RENAME TO turn_search")


TABLES = """
CREATE TABLE folder (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT fk_folder_user_id FOREIGN KEY (user_id) REFERENCES account (id),
    CONSTRAINT uq_folder_id UNIQUE (id),
    CONSTRAINT uq_folder_id_user_id UNIQUE (id, user_id),
    CONSTRAINT uq_folder_user_id_name UNIQUE (user_id, name)
);

CREATE TABLE tag (
    user_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT pk_tag PRIMARY KEY (conversation_id, name),
    CONSTRAINT fk_tag_conversation_id_user_id
        FOREIGN KEY (conversation_id, user_id)
        REFERENCES conversation (id, user_id) ON DELETE CASCADE
);

CREATE INDEX ix_tag_name ON tag (user_id, name);

CREATE TABLE conversation_new (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    title TEXT NOT NULL,
    titled BOOLEAN NOT NULL,
    model TEXT NOT NULL,
    learn BOOLEAN NOT NULL,
    pinned BOOLEAN NOT NULL,
    archived BOOLEAN NOT NULL,
    folder_id TEXT,
    system_prompt TEXT NOT NULL,
    sampling JSON,
    draft TEXT NOT NULL,
    active_turn_id TEXT,
    activity INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    deleted_at TEXT,
    source_id TEXT,
    source_digest TEXT,
    CONSTRAINT fk_conversation_user_id FOREIGN KEY (user_id) REFERENCES account (id),
    CONSTRAINT fk_conversation_folder_id_user_id
        FOREIGN KEY (folder_id, user_id) REFERENCES folder (id, user_id),
    CONSTRAINT fk_conversation_active_turn_id_id
        FOREIGN KEY (active_turn_id, id) REFERENCES turn (id, conversation_id),
    CONSTRAINT uq_conversation_id UNIQUE (id),
    CONSTRAINT uq_conversation_id_user_id UNIQUE (id, user_id),
    CONSTRAINT uq_conversation_user_id_activity UNIQUE (user_id, activity),
    CONSTRAINT ck_conversation_source CHECK ((source_id IS NULL) = (source_digest IS NULL))
);

CREATE TABLE turn_new (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    parent_id TEXT,
    made_from TEXT,
    depth INTEGER NOT NULL,
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    status TEXT NOT NULL,
    learn BOOLEAN NOT NULL,
    pinned BOOLEAN NOT NULL,
    rating INTEGER,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    model TEXT,
    checkpoint TEXT,
    origin TEXT,
    sampling JSON,
    "window" JSON,
    error TEXT,
    source_id TEXT,
    CONSTRAINT fk_turn_conversation_id_user_id
        FOREIGN KEY (conversation_id, user_id)
        REFERENCES conversation (id, user_id) ON DELETE CASCADE,
    CONSTRAINT fk_turn_parent_id_conversation_id
        FOREIGN KEY (parent_id, conversation_id) REFERENCES turn (id, conversation_id),
    CONSTRAINT fk_turn_made_from_conversation_id
        FOREIGN KEY (made_from, conversation_id) REFERENCES turn (id, conversation_id),
    CONSTRAINT uq_turn_id UNIQUE (id),
    CONSTRAINT uq_turn_id_user_id UNIQUE (id, user_id),
    CONSTRAINT uq_turn_id_conversation_id UNIQUE (id, conversation_id),
    CONSTRAINT uq_turn_conversation_id_source_id UNIQUE (conversation_id, source_id),
    CONSTRAINT ck_turn_role CHECK (role IN ('system', 'user', 'assistant')),
    CONSTRAINT ck_turn_status
        CHECK (status IN ('streaming', 'complete', 'stopped', 'interrupted', 'error')),
    CONSTRAINT ck_turn_origin
        CHECK (origin IN ('generated', 'computed', 'remembered', 'quoted', 'declined')),
    CONSTRAINT ck_turn_depth CHECK ((parent_id IS NULL) = (depth = 1)),
    CONSTRAINT ck_turn_finished CHECK ((status = 'streaming') = (finished_at IS NULL)),
    CONSTRAINT ck_turn_only_answers_stream
        CHECK (role = 'assistant' OR status = 'complete'),
    CONSTRAINT ck_turn_answers_name_a_model
        CHECK ((role = 'assistant') = (model IS NOT NULL)),
    CONSTRAINT ck_turn_rating CHECK (rating IN (-1, 1)),
    CONSTRAINT ck_turn_only_answers_are_rated CHECK (rating IS NULL OR role = 'assistant')
);

CREATE TABLE exchange_new (
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
    forget_at TEXT,
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
    CONSTRAINT ck_exchange_learned_in_a_lesson
        CHECK (state <> 'learned' OR lesson IS NOT NULL),
    CONSTRAINT ck_exchange_only_learned_is_forgotten
        CHECK (forget_at IS NULL OR state = 'learned')
)
"""

COPIES = """
INSERT INTO conversation_new
SELECT seq, id, user_id, title, title <> '', model, learn, FALSE, FALSE, NULL, '', NULL, draft,
    active_turn_id, activity, created_at, updated_at, deleted_at, NULL, NULL
FROM conversation;

INSERT INTO turn_new
SELECT seq, id, user_id, conversation_id, parent_id, NULL, depth, role, text, status, learn, FALSE,
    NULL, created_at, finished_at, model, checkpoint, origin, NULL, "window", error, NULL
FROM turn;

INSERT INTO exchange_new
SELECT seq, id, user_id, model, conversation_id, user_turn_id, answer_turn_id, state, attempts,
    lesson, queued_at, NULL
FROM exchange
"""

INDEXES = """
CREATE INDEX ix_conversation_active_turn_id ON conversation (active_turn_id);

CREATE INDEX ix_conversation_archived ON conversation (user_id, archived, activity);

CREATE INDEX ix_conversation_folder_id ON conversation (folder_id, activity);

CREATE INDEX ix_conversation_pinned ON conversation (user_id, activity) WHERE pinned;

CREATE INDEX ix_conversation_source ON conversation (user_id, source_id);

CREATE INDEX ix_turn_conversation ON turn (conversation_id, seq);

CREATE INDEX ix_turn_made_from ON turn (made_from);

CREATE INDEX ix_turn_owner ON turn (user_id, seq);

CREATE INDEX ix_turn_parent_id ON turn (parent_id);

CREATE UNIQUE INDEX uq_turn_streaming ON turn (conversation_id) WHERE status = 'streaming';

CREATE INDEX ix_exchange_answer_turn_id ON exchange (answer_turn_id);

CREATE INDEX ix_exchange_conversation_id ON exchange (conversation_id);

CREATE INDEX ix_exchange_queue ON exchange (user_id, model, state, seq);

CREATE INDEX ix_exchange_user_turn_id ON exchange (user_turn_id)
"""
