"""Every schema ever released still opens, and a change of schema is whole or not at all."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, UniqueConstraint, inspect, text
from sqlalchemy.schema import CreateIndex, CreateTable

from l2c.errors import Busy, StoreError
from l2c.store import migration, sqlite
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.forgetting import Forgettable, Forgetting
from l2c.store.learning import Learning
from l2c.store.models import Models
from l2c.store.schema import metadata
from tests.store.talk import Clock, Talk, open_store

RELEASED = sorted((Path(__file__).parent / "released").glob("*.db"))


def plain(sql: str) -> str:
    """SQL without what does not change its meaning here: line breaks and quotes."""
    return re.sub(r"KEY ?\(", "KEY (", " ".join(sql.replace('"', "").split()))


def test_the_migrations_make_the_tables_the_code_believes_in(in_a_file: Database) -> None:
    with in_a_file.read() as connection:
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
    beside = {
        name
        for name in made
        if name.startswith(("turn_search", "passage_search", "sqlite_", "alembic_"))
    }
    assert {name: sql for name, sql in made.items() if name not in beside} == believed


def test_postgresql_has_the_tables_the_code_believes_in(store_url: str, tmp_path: Path) -> None:
    with Database.connect(store_url, tmp_path) as database, database.read() as connection:
        made = inspect(connection)
        for table in metadata.tables.values():
            columns = {
                column["name"]: (column["type"].compile(connection.dialect), column["nullable"])
                for column in made.get_columns(table.name)
            }
            believed = {
                column.name: (
                    _with_collation(column.type.compile(connection.dialect)),
                    bool(column.nullable),
                )
                for column in table.columns
            }
            assert columns == believed, table.name
            assert _names(made.get_foreign_keys(table.name)) == {
                str(key.name) for key in table.foreign_key_constraints
            }
            assert _names(made.get_check_constraints(table.name)) == {
                str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)
            }
            assert _names(made.get_unique_constraints(table.name)) == {
                str(unique.name)
                for unique in table.constraints
                if isinstance(unique, UniqueConstraint)
            }
            indexes = {one["name"] for one in made.get_indexes(table.name)}
            assert {str(index.name) for index in table.indexes} <= indexes


def _with_collation(kind: str) -> str:
    return {"TEXT": 'TEXT COLLATE "C"', "FLOAT": "DOUBLE PRECISION"}.get(kind, kind)


def _names(parts: Sequence[Mapping[str, Any]]) -> set[str]:
    return {part["name"] for part in parts}


def test_a_newer_store_in_postgresql_is_refused(store_url: str, tmp_path: Path) -> None:
    with Database.connect(store_url, tmp_path) as database:
        newer = text("UPDATE alembic_version SET version_num = '9999'")
        database.write(lambda connection: connection.execute(newer))
    with pytest.raises(StoreError, match="newer L2C"):
        Database.connect(store_url, tmp_path)


def test_a_schema_in_postgresql_changes_only_when_nobody_has_it_open(
    fresh_url: str, tmp_path: Path
) -> None:
    with Database.connect(fresh_url, tmp_path) as database:
        older = text("UPDATE alembic_version SET version_num = '0007'")
        database.write(lambda connection: connection.execute(older))
        with pytest.raises(Busy, match="stop all of them"):
            Database.connect(fresh_url, tmp_path)


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
        answers = "UPDATE turn SET origin = 'practised' WHERE role = 'assistant'"
        assert database.write(lambda writing: writing.exec_driver_sql(answers).rowcount) == 2


def test_wishes_to_forget_outlive_the_change_of_their_table(tmp_path: Path, clock: Clock) -> None:
    shutil.copy(RELEASED[0].with_name("0011.db"), tmp_path / "l2c.db")
    with closing(sqlite.driver.connect(str(tmp_path / "l2c.db"))) as raw:
        raw.execute(
            "INSERT INTO forgetting SELECT 7, 'wish', id, 'turn', 't', 'done', '{}', '{}', "
            "'2026', '2026' FROM account"
        )
        raw.commit()
    with open_store(tmp_path, clock) as database:
        user = Accounts(database).local()
        wishes = Forgetting(database, user)
        assert [(wish.id, wish.kind) for wish in wishes.all()] == [("wish", "turn")]
        (conversation,) = Conversations(database, user).list().conversations
        wishes.begin(Forgettable.CONVERSATION, conversation.id, has=bool)
        with database.read() as connection:
            numbers = connection.exec_driver_sql("SELECT seq FROM forgetting ORDER BY seq")
            assert numbers.scalars().all() == [7, 8]


# A change of schema


NEXT_SCHEMA = """
import os
import signal

from alembic import op

revision = "9999"
down_revision = "NEWEST"

STATEMENTS = [
    "CREATE TABLE account_new (id TEXT PRIMARY KEY, name TEXT, local INTEGER, born TEXT)",
    "INSERT INTO account_new SELECT id, name, local, '1984' FROM account",
    "DROP TABLE account",
    "ALTER TABLE account_new RENAME TO account",
]


def upgrade():
    for number, statement in enumerate(STATEMENTS):
        if os.environ.get("KILL_AT") == str(number):
            os.kill(os.getpid(), signal.SIGKILL)
        if os.environ.get("FAIL_AT") == str(number):
            raise ZeroDivisionError
        op.execute(statement)
    if "LOSE_ROWS" in os.environ:
        op.execute("DELETE FROM account")
"""

OPEN = """
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from l2c.store import migration
from l2c.store.database import Database

migration.SCRIPTS = sys.argv[2]
Database.open(Path(sys.argv[1]), ballast_bytes=4096)
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """The migrations, and one more that rebuilds the table of accounts."""
    scripts = tmp_path / "migrations"
    shutil.copytree(Path(migration.__file__).parent / "migrations", scripts)
    newest = migration.newest_schema()
    (scripts / "versions" / "9999_birthdays.py").write_text(NEXT_SCHEMA.replace("NEWEST", newest))
    return scripts


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Path:
    """A closed store of the newest schema, with a conversation."""
    with open_store(tmp_path / "data", clock) as database:
        user = Accounts(database).local()
        Talk(Conversations(database, user)).say("Hello", "Good morning")
    return tmp_path / "data"


def is_whole(directory: Path, clock: Clock) -> bool:
    with open_store(directory, clock) as database:
        history = Conversations(database, Accounts(database).local()).history(9)
        with database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        return [turn.text for turn in history] == ["Hello", "Good morning"]


def born(directory: Path, clock: Clock) -> str:
    with open_store(directory, clock) as database, database.read() as connection:
        return str(connection.execute(text("SELECT born FROM account")).scalar_one())


def test_a_change_of_schema_keeps_everything_and_a_copy_of_what_was(
    store: Path, scripts: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    newest = migration.newest_schema()
    with monkeypatch.context() as newer:
        newer.setattr(migration, "SCRIPTS", str(scripts))
        assert is_whole(store, clock)
        assert born(store, clock) == "1984"
        (backup,) = (store / "backups").iterdir()
        assert backup.name == f"{newest}-20261121T120000000000.db"
        assert backup.stat().st_mode & 0o777 == 0o600
    with pytest.raises(StoreError, match="newer L2C"):
        open_store(store, clock)
    (store / "l2c.db").write_bytes(backup.read_bytes())  # the way back
    assert is_whole(store, clock)


def test_the_newest_three_copies_are_kept(
    store: Path, scripts: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (store / "l2c.db").read_bytes()
    newest = migration.newest_schema()
    monkeypatch.setattr(migration, "SCRIPTS", str(scripts))
    for _ in range(5):
        (store / "l2c.db").write_bytes(first)
        open_store(store, clock).close()
        clock.forward(hours=1)
    kept = sorted(path.name for path in (store / "backups").iterdir())
    assert kept == [f"{newest}-20261121T{hour}0000000000.db" for hour in (14, 15, 16)]


@pytest.mark.parametrize("statement", range(4))
def test_a_kill_between_two_statements_leaves_the_old_schema(
    store: Path, scripts: Path, clock: Clock, statement: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", OPEN, str(store), str(scripts)],
        env=dict(os.environ, KILL_AT=str(statement)),
    )
    assert ended.returncode == -signal.SIGKILL
    assert is_whole(store, clock)
    monkeypatch.setattr(migration, "SCRIPTS", str(scripts))
    assert born(store, clock) == "1984"


def test_a_change_that_fails_leaves_the_old_schema(
    store: Path, scripts: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(migration, "SCRIPTS", str(scripts))
        newer.setenv("FAIL_AT", "3")
        with pytest.raises(ZeroDivisionError):
            open_store(store, clock)
    assert is_whole(store, clock)


def test_a_change_that_would_leave_dangling_rows_is_taken_back(
    store: Path, scripts: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer:
        newer.setattr(migration, "SCRIPTS", str(scripts))
        newer.setenv("LOSE_ROWS", "1")
        with pytest.raises(StoreError, match="dangling"):
            open_store(store, clock)
    assert is_whole(store, clock)


def test_a_store_somebody_has_open_is_not_changed_under_them(
    store: Path, scripts: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(store, clock), monkeypatch.context() as newer:
        newer.setattr(migration, "SCRIPTS", str(scripts))
        with pytest.raises(Busy, match=f"process {os.getpid()}"):
            open_store(store, clock)
    assert is_whole(store, clock)


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
