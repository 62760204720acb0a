"""One PostgreSQL server for the whole session, started when the first test needs it."""

from collections.abc import Iterator

import pytest

from tests import postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    with postgresql.serving() as server:
        yield server


@pytest.fixture
def store_url(postgresql_server: postgresql.Server) -> Iterator[str]:
    """The address of an empty store of this test's own, in PostgreSQL."""
    yield from postgresql_server.store()


@pytest.fixture
def fresh_url(postgresql_server: postgresql.Server) -> Iterator[str]:
    """The address of an empty database of this test's own, in PostgreSQL."""
    with postgresql_server.fresh() as url:
        yield url
