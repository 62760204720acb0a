"""What is made once for the whole session: one practice, and one PostgreSQL server when needed.

`tests/store` runs on both databases. Above it every module whose promises rest on what the store
does says `pytestmark = pytest.mark.both_stores`, and its fixtures ask for `store_at`.
"""

from collections.abc import Iterator

import pytest

from l2c.learning.practice import practice
from tests import postgresql


@pytest.fixture(scope="session", autouse=True)
def practised_once() -> Iterator[None]:
    """Every runtime of this process has the practice made here, and no file in each directory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("l2c.runtime.practice_in", lambda folder: practice())
        yield


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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    both = metafunc.definition.get_closest_marker("both_stores") is not None
    if both and "store_at" in metafunc.fixturenames:
        names = ["sqlite", "postgresql"]
        metafunc.parametrize("store_at", [None, "store_url"], ids=names, indirect=True)


@pytest.fixture
def store_at(request: pytest.FixtureRequest) -> str | None:
    """The address of a store in PostgreSQL; None where it is a file of the data directory."""
    name: str | None = getattr(request, "param", None)
    return None if name is None else str(request.getfixturevalue(name))
