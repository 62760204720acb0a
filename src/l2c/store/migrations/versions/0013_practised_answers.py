"""An answer may be practised: chosen by the model from its corpus, not written by it."""

from alembic import op

from l2c.store.migrations import statements

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    connection = op.get_bind()
    postgresql = connection.dialect.name == "postgresql"
    statements.run(connection, ORIGIN_IN_POSTGRESQL if postgresql else ORIGIN)


ORIGIN_IN_POSTGRESQL = """
ALTER TABLE turn DROP CONSTRAINT ck_turn_origin;

ALTER TABLE turn ADD CONSTRAINT ck_turn_origin CHECK
    (origin IN ('generated', 'practised', 'computed', 'remembered', 'quoted', 'declined'))
"""

# A check that allows more needs no new table: SQLite's documentation of ALTER TABLE, "Making Other
# Kinds Of Table Schema Changes", has these steps for what no row on the disk can tell.
ORIGIN = """
PRAGMA writable_schema = ON;

UPDATE sqlite_schema
SET sql = replace(sql, '''generated'', ''computed''', '''generated'', ''practised'', ''computed''')
WHERE type = 'table' AND name = 'turn';

PRAGMA writable_schema = RESET
"""
