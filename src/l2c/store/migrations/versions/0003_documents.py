"""Documents: what was read from them, where their passages are, and what rests on them."""

from alembic import op

revision = "0003"
down_revision = "0002"

SECURE_DELETE_SINCE = (3, 42)


def upgrade() -> None:
    for statement in TABLES.split(";"):
        op.execute(statement)
    # The words are made in Python; `ascii` only splits them at the spaces.
    op.execute("CREATE VIRTUAL TABLE passage_search USING fts5 (words, tokenize = 'ascii')")
    library = op.get_bind().exec_driver_sql("SELECT sqlite_version()").scalar_one()
    if tuple(int(part) for part in library.split(".")) >= SECURE_DELETE_SINCE:
        op.execute("INSERT INTO passage_search (passage_search, rank) VALUES ('secure-delete', 1)")


TABLES = """
CREATE TABLE document (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    page_count INTEGER NOT NULL,
    characters INTEGER NOT NULL,
    warnings JSON NOT NULL,
    summary JSON NOT NULL,
    learned_in TEXT,
    created_at TEXT NOT NULL,
    CONSTRAINT fk_document_user_id FOREIGN KEY(user_id) REFERENCES account (id),
    CONSTRAINT uq_document_id UNIQUE (id),
    CONSTRAINT uq_document_id_user_id UNIQUE (id, user_id),
    CONSTRAINT uq_document_user_id_sha256_name UNIQUE (user_id, sha256, name),
    CONSTRAINT ck_document_kind
        CHECK (kind IN ('pdf', 'docx', 'text', 'markdown', 'html', 'csv', 'code')),
    CONSTRAINT ck_document_sha256 CHECK (length(sha256) = 64),
    CONSTRAINT ck_document_page_count CHECK (page_count >= 1)
);

CREATE INDEX ix_document_owner ON document (user_id, seq);

CREATE TABLE document_page (
    user_id TEXT NOT NULL,
    document_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    CONSTRAINT pk_document_page PRIMARY KEY (document_id, number),
    CONSTRAINT fk_document_page_document_id_user_id
        FOREIGN KEY(document_id, user_id) REFERENCES document (id, user_id) ON DELETE CASCADE,
    CONSTRAINT ck_document_page_number CHECK (number >= 1)
);

CREATE TABLE passage (
    seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    document_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    page INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    words INTEGER NOT NULL,
    context TEXT NOT NULL,
    CONSTRAINT fk_passage_document_id_user_id
        FOREIGN KEY(document_id, user_id) REFERENCES document (id, user_id) ON DELETE CASCADE,
    CONSTRAINT uq_passage_document_id_number UNIQUE (document_id, number),
    CONSTRAINT ck_passage_range CHECK (start >= 0 AND "end" > start)
);

CREATE INDEX ix_passage_owner ON passage (user_id, document_id);

CREATE TABLE passage_vector (
    seq INTEGER NOT NULL,
    model TEXT NOT NULL,
    vector BLOB NOT NULL,
    CONSTRAINT pk_passage_vector PRIMARY KEY (seq),
    CONSTRAINT fk_passage_vector_seq FOREIGN KEY(seq) REFERENCES passage (seq) ON DELETE CASCADE
);

CREATE TABLE document_table (
    user_id TEXT NOT NULL,
    document_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    page INTEGER NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    CONSTRAINT pk_document_table PRIMARY KEY (document_id, number, page, start),
    CONSTRAINT fk_document_table_document_id_user_id
        FOREIGN KEY(document_id, user_id) REFERENCES document (id, user_id) ON DELETE CASCADE,
    CONSTRAINT ck_document_table_range CHECK (start >= 0 AND "end" > start)
);

CREATE TABLE attachment (
    user_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    document_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT pk_attachment PRIMARY KEY (conversation_id, document_id),
    CONSTRAINT fk_attachment_conversation_id_user_id
        FOREIGN KEY(conversation_id, user_id)
        REFERENCES conversation (id, user_id) ON DELETE CASCADE,
    CONSTRAINT fk_attachment_document_id_user_id
        FOREIGN KEY(document_id, user_id) REFERENCES document (id, user_id) ON DELETE CASCADE
);

CREATE INDEX ix_attachment_document_id ON attachment (document_id);

CREATE TABLE folder_attachment (
    user_id TEXT NOT NULL,
    folder_id TEXT NOT NULL,
    document_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CONSTRAINT pk_folder_attachment PRIMARY KEY (folder_id, document_id),
    CONSTRAINT fk_folder_attachment_folder_id_user_id
        FOREIGN KEY(folder_id, user_id) REFERENCES folder (id, user_id) ON DELETE CASCADE,
    CONSTRAINT fk_folder_attachment_document_id_user_id
        FOREIGN KEY(document_id, user_id) REFERENCES document (id, user_id) ON DELETE CASCADE
);

CREATE INDEX ix_folder_attachment_document_id ON folder_attachment (document_id);

CREATE TABLE citation (
    answer_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    quotes JSON NOT NULL,
    CONSTRAINT pk_citation PRIMARY KEY (answer_id),
    CONSTRAINT fk_citation_answer_id_user_id
        FOREIGN KEY(answer_id, user_id) REFERENCES turn (id, user_id) ON DELETE CASCADE
)
"""
