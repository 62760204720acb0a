"""The indexes of words are merged a little with every write, and never a whole level in one.

FTS5 merges a level of 16 segments at once, whatever else it was about to do. In a store of
gigabytes that is hundreds of megabytes, and as much memory, since a savepoint remembers every page.
https://sqlite.org/fts5.html#the_crisismerge_configuration_option
"""

from alembic import op

revision = "0013"
down_revision = "0012"

INDEXES = ("turn_search", "passage_search")
SEGMENTS = 1000
"""Of a level; far more than pile up while the merging by and by goes on."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        return
    for index in INDEXES:
        op.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('crisismerge', {SEGMENTS})")
