"""After a process that died without closing, a store is checked before anybody uses it."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from l2c.errors import StoreError
from l2c.store import sqlite
from l2c.store.accounts import Accounts
from tests.store.talk import Clock, open_store

OPEN_AND_STAY = """
import sys
from pathlib import Path
from l2c.store.accounts import Accounts
from l2c.store.database import Database

database = Database.open(Path(sys.argv[1]), ballast_bytes=4096)
Accounts(database).local()
print("open", flush=True)
sys.stdin.read()
database.close()
"""


def opened_elsewhere(directory: Path) -> subprocess.Popen[str]:
    """Another process that has the store open until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", OPEN_AND_STAY, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.fixture
def directory(tmp_path: Path, clock: Clock) -> Path:
    """A store with one user, closed."""
    with open_store(tmp_path, clock) as database:
        Accounts(database).local()
    return tmp_path


def damage(directory: Path) -> None:
    """Overwrite the table `account`, which opening alone does not read."""
    connection = sqlite.driver.connect(str(directory / "l2c.db"))
    query = "SELECT rootpage FROM sqlite_schema WHERE name = 'account'"
    page = connection.execute(query).fetchone()[0]
    page_size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with (directory / "l2c.db").open("rb+") as file:
        file.seek((page - 1) * page_size)
        file.write(b"\xff" * 100)


def test_a_store_whose_process_was_killed_opens_with_everything_in_it(
    tmp_path: Path, clock: Clock
) -> None:
    kill(opened_elsewhere(tmp_path))
    with open_store(tmp_path, clock) as database, database.read() as connection:
        assert connection.execute(text("SELECT name FROM account")).scalars().all() == ["local"]


def test_after_a_kill_a_damaged_store_is_refused_until_it_is_mended(
    directory: Path, clock: Clock
) -> None:
    sound = (directory / "l2c.db").read_bytes()
    kill(opened_elsewhere(directory))
    damage(directory)
    for _ in range(2):
        with pytest.raises(StoreError, match="damaged"):
            open_store(directory, clock)
    (directory / "l2c.db").write_bytes(sound)
    open_store(directory, clock).close()


def test_a_store_that_was_closed_is_not_read_through_when_it_opens(
    directory: Path, clock: Clock
) -> None:
    damage(directory)
    with open_store(directory, clock) as database, pytest.raises(StoreError, match="damaged"):
        Accounts(database).local()


def test_a_process_that_lives_is_not_taken_for_dead(directory: Path, clock: Clock) -> None:
    server = opened_elsewhere(directory)
    damage(directory)
    open_store(directory, clock).close()  # would be refused after a kill
    server.communicate()


def test_the_dead_are_forgotten_once_the_store_was_found_sound(
    directory: Path, clock: Clock
) -> None:
    kill(opened_elsewhere(directory))
    open_store(directory, clock).close()
    assert list((directory / "open").iterdir()) == []
    damage(directory)
    open_store(directory, clock).close()
