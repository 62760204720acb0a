"""Every schema ever released still opens, and a change of schema is whole or not at all."""

import re
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.schema import CreateIndex, CreateTable

from l2c.errors import StoreError
from l2c.store import migration, sqlite
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.learning import Learning
from l2c.store.models import Models
from l2c.store.schema import metadata
from tests.store.talk import Clock, open_store

RELEASED = sorted((Path(__file__).parent / "released").glob("*.db"))


def plain(sql: str) -> str:
    """SQL without what does not change its meaning here: line breaks and quotes."""
    return re.sub(r"KEY ?\(", "KEY (", " ".join(sql.replace('"', "").split()))


def test_the_migrations_make_the_tables_the_code_believes_in(database: Database) -> None:
    with database.read() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_schema WHERE sql NOT NULL"))
        made = {row.name: plain(row.sql) for row in rows}
        believed = {
            table.name: plain(str(CreateTable(table).compile(connection)))
            for table in metadata.tables.values()
        }
        believed |= {
            str(index.name): plain(str(CreateIndex(index).compile(connection)))
            for table in metadata.tables.values()
            for index in table.indexes
        }
    beside = {name for name in made if name.startswith(("turn_search", "sqlite_", "alembic_"))}
    assert {name: sql for name, sql in made.items() if name not in beside} == believed


def test_every_released_schema_has_a_store_here() -> None:
    versions = Path(migration.__file__).parent / "migrations" / "versions"
    released = {path.stem.partition("_")[0] for path in versions.glob("[0-9]*.py")}
    assert {path.stem for path in RELEASED} == released


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_a_released_store_is_brought_up_to_date_with_everything_in_it(
    released: Path, tmp_path: Path, clock: Clock
) -> None:
    shutil.copy(released, tmp_path / "l2c.db")
    with open_store(tmp_path, clock) as database:
        user = Accounts(database).local()
        conversations, learning = Conversations(database, user), Learning(database, user)
        (conversation,) = conversations.list().conversations
        said = [turn.text for turn in conversations.turns(conversation.id)]
        assert said == ["Where does Mirela live?", "In Bergen.", "And Pim? 猫", "With the cat."]
        assert [hit.role for hit in conversations.search("bergen")] == ["assistant"]
        assert [hit.role for hit in conversations.search("猫")] == ["user"]
        model = Models(database, user).get("le")
        (entry,) = learning.ledger("le", model.live)
        assert [source.user_text for source in entry.sources] == ["Where does Mirela live?"]
        assert learning.queue_size("le") == 1
        with database.read() as connection:
            assert sqlite.schema_version(connection) == migration.newest_schema()
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def set_version(directory: Path, name: str) -> None:
    connection = sqlite.driver.connect(str(directory / "l2c.db"))
    connection.execute("UPDATE alembic_version SET version_num = ?", (name,))
    connection.commit()
    connection.close()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path, clock: Clock) -> None:
    open_store(tmp_path, clock).close()
    set_version(tmp_path, "9999")
    before = (tmp_path / "l2c.db").read_bytes()
    with pytest.raises(StoreError, match=r"newer L2C.*9999"):
        open_store(tmp_path, clock)
    assert (tmp_path / "l2c.db").read_bytes() == before
