"""What Alembic runs for every upgrade: the scripts, on the connection the store hands over.

There is no `alembic.ini`: `l2c.store.migration` is the only caller. A script runs on SQLite and on
PostgreSQL; `l2c.store.migrations.statements` says how. To add a schema, write the
next file in `versions/`, change `l2c.store.schema` to match, and commit a store of the schema
before it to `tests/store/released/` so that the step is tested for ever.
"""

from alembic import context

# The store has begun a transaction; schema changes are part of it.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
