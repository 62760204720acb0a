"""A document's summary in a model's words; and the wish that an answer end, for other servers."""

from alembic import op

from l2c.store.migrations import statements

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    statements.run(op.get_bind(), COLUMNS)


COLUMNS = """
ALTER TABLE document ADD COLUMN abstract JSON;

ALTER TABLE writing ADD COLUMN stopping BOOLEAN DEFAULT FALSE NOT NULL
"""
