"""A store of its own for each test, with a clock that only moves when told to: in SQLite and in
PostgreSQL, one after the other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.learning import Learning
from l2c.store.lease import Lease
from l2c.store.models import Models
from tests.store.talk import STARTER, Clock, Talk, open_store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=[None, "store_url"], ids=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Database]:
    url = None if request.param is None else request.getfixturevalue(request.param)
    with open_store(tmp_path / "data", clock, url=url) as database:
        yield database


@pytest.fixture
def in_a_file(tmp_path: Path, clock: Clock) -> Iterator[Database]:
    """For what only a store in SQLite has."""
    with open_store(tmp_path / "data", clock) as database:
        yield database


@pytest.fixture
def user(database: Database) -> str:
    return Accounts(database).local()


@pytest.fixture
def conversations(database: Database, user: str) -> Conversations:
    return Conversations(database, user)


@pytest.fixture
def models(database: Database, user: str) -> Models:
    """The models, with one called `le` that learns."""
    models = Models(database, user)
    models.ensure("le", engine="lstm", starter=STARTER, size_bytes=10, summary={"window": 512})
    return models


@pytest.fixture
def learning(database: Database, user: str, models: Models) -> Learning:
    return Learning(database, user)


@pytest.fixture
def talk(conversations: Conversations, models: Models) -> Talk:
    return Talk(conversations)


@pytest.fixture
def lease(learning: Learning) -> Lease:
    return learning.acquire("le", holder="pid 1")
