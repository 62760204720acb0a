import logging
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, text

from l2c import machine
from l2c.errors import Conflict, StoreError
from l2c.store import sqlite
from l2c.store.accounts import Accounts
from l2c.store.database import Database
from l2c.store.writer import Work
from tests.store.talk import BALLAST_BYTES, Clock, open_store


def names(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(text("SELECT name FROM account ORDER BY name")).scalars())


def add(connection: Connection, name: str) -> str:
    columns = "id, name, role, local, created_at"
    values = ":name, :name, 'user', FALSE, 'now'"
    connection.execute(text(f"INSERT INTO account ({columns}) VALUES ({values})"), {"name": name})
    return name


@contextmanager
def held_up(database: Database) -> Iterator[None]:
    """The writer waits inside a transaction until the block ends."""
    began, go_on = threading.Event(), threading.Event()

    def work(connection: Connection) -> None:
        began.set()
        go_on.wait()

    future = database.write_later(work)
    began.wait()
    try:
        yield
    finally:
        go_on.set()
        future.result()


@contextmanager
def told(name: str) -> Iterator[list[str]]:
    """Every `commit`, or the text at `before_cursor_execute`, while the block runs."""
    heard: list[str] = []

    def hear(_: Connection, *what: object) -> None:
        heard.append(str(what[1]) if what else name)

    event.listen(Engine, name, hear)
    try:
        yield heard
    finally:
        event.remove(Engine, name, hear)


def test_what_was_written_is_there_after_opening_again(tmp_path: Path, clock: Clock) -> None:
    with open_store(tmp_path, clock) as database:
        database.write(lambda connection: add(connection, "ada"))
    with open_store(tmp_path, clock) as database:
        assert names(database) == ["ada"]


def test_write_returns_what_the_work_returns(database: Database) -> None:
    assert database.write(lambda connection: add(connection, "ada")) == "ada"


def test_work_that_raises_changes_nothing(database: Database) -> None:
    def work(connection: Connection) -> None:
        add(connection, "ada")
        raise Conflict("no")

    with pytest.raises(Conflict, match="no"):
        database.write(work)
    assert names(database) == []


def test_a_failing_write_does_not_harm_the_writes_committed_with_it(database: Database) -> None:
    def fail(connection: Connection) -> str:
        add(connection, "eve")
        raise Conflict("no")

    with held_up(database):
        before = database.write_later(lambda connection: add(connection, "ada"))
        failing = database.write_later(fail)
        after = database.write_later(lambda connection: add(connection, "bob"))
    assert (before.result(), after.result()) == ("ada", "bob")
    assert isinstance(failing.exception(), Conflict)
    assert names(database) == ["ada", "bob"]


def test_writes_that_wait_together_are_one_commit(database: Database) -> None:
    with told("commit") as commits:
        with held_up(database):
            futures = [database.write_later(partial(add, name=f"user {i:03}")) for i in range(200)]
        assert [future.result() for future in futures] == names(database)
    assert len(commits) == 2  # the one that held the others up, and all the others


def test_a_write_that_is_alone_keeps_no_pages_for_a_savepoint(database: Database) -> None:
    with told("before_cursor_execute") as statements:
        database.write(lambda connection: add(connection, "ada"))
        database.write_all([partial(add, name="bob"), partial(add, name="eve")])
    assert not [one for one in statements if one.startswith("SAVEPOINT")]
    assert names(database) == ["ada", "bob", "eve"]


def test_writes_given_together_share_their_transaction_with_nobody(
    tmp_path: Path, clock: Clock
) -> None:
    a_day = 86_400.0
    with (
        Database.open(
            tmp_path, clock=clock, ballast_bytes=BALLAST_BYTES, linger_s=a_day
        ) as database,
        told("commit") as commits,
    ):
        patient = database.write_later(lambda connection: add(connection, "ada"))
        database.write_all([partial(add, name=f"user {i:03}") for i in range(50)])
        assert patient.done()
        assert len(names(database)) == 51
    assert len(commits) == 2


def test_of_writes_given_together_one_that_fails_harms_no_other(database: Database) -> None:
    def fail(connection: Connection) -> str:
        add(connection, "eve")
        raise Conflict("no")

    works: list[Work[str]] = [partial(add, name="ada"), fail, partial(add, name="bob")]
    before, failing, after = database.write_all(works)
    assert (before.result(), after.result()) == ("ada", "bob")
    assert isinstance(failing.exception(), Conflict)
    assert names(database) == ["ada", "bob"]
    assert database.write_all([]) == []


def test_writes_keep_their_order(database: Database) -> None:
    seen: list[int] = []

    def work(connection: Connection, *, number: int) -> None:
        seen.append(number)

    later = [database.write_later(partial(work, number=number)) for number in range(50)]
    database.write(partial(work, number=50))
    assert all(future.done() for future in later)
    assert seen == list(range(51))


def test_a_write_that_may_wait_goes_with_the_next_one_that_may_not(
    tmp_path: Path, clock: Clock
) -> None:
    a_day = 86_400.0
    with Database.open(
        tmp_path, clock=clock, ballast_bytes=BALLAST_BYTES, linger_s=a_day
    ) as database:
        patient = database.write_later(lambda connection: add(connection, "ada"))
        database.write(lambda connection: add(connection, "bob"))
        assert patient.done()


def test_closing_commits_what_still_waits(tmp_path: Path, clock: Clock) -> None:
    a_day = 86_400.0
    with Database.open(
        tmp_path, clock=clock, ballast_bytes=BALLAST_BYTES, linger_s=a_day
    ) as database:
        patient = database.write_later(lambda connection: add(connection, "ada"))
    assert patient.result() == "ada"
    with open_store(tmp_path, clock) as database:
        assert names(database) == ["ada"]


def test_a_reader_does_not_wait_for_the_writer_and_sees_the_state_before(
    database: Database,
) -> None:
    database.write(lambda connection: add(connection, "ada"))
    inside, go_on = threading.Event(), threading.Event()

    def work(connection: Connection) -> None:
        add(connection, "bob")
        inside.set()
        go_on.wait()

    future = database.write_later(work)
    inside.wait()
    assert names(database) == ["ada"]
    go_on.set()
    future.result()
    assert names(database) == ["ada", "bob"]


def test_one_read_sees_one_moment(database: Database) -> None:
    if sqlite.journal_mode() != "wal":
        pytest.skip("with a rollback journal a writer waits for readers")
    with database.read() as connection:
        count = text("SELECT count(*) FROM account")
        before = connection.execute(count).scalar_one()
        database.write(lambda other: add(other, "ada"))
        assert connection.execute(count).scalar_one() == before


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError, match="cannot be opened for writing"), database.read() as reader:
        add(reader, "eve")


def test_every_connection_has_the_settings_durability_rests_on(in_a_file: Database) -> None:
    database = in_a_file
    full, on, off = 2, 1, 0
    expected = {
        "journal_mode": sqlite.journal_mode(),
        "synchronous": full,
        "foreign_keys": on,
        "trusted_schema": off,
        "secure_delete": on,
        "mmap_size": 0,
        "busy_timeout": 5000,
    }

    def settings(connection: Connection) -> dict[str, object]:
        return {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in expected
        }

    assert database.write(settings) == expected
    with database.read() as connection:
        assert settings(connection) == expected


def test_two_openings_at_once_see_each_others_writes(tmp_path: Path, clock: Clock) -> None:
    with open_store(tmp_path, clock) as server, open_store(tmp_path, clock) as learner:
        server.write(lambda connection: add(connection, "ada"))
        learner.write(lambda connection: add(connection, "bob"))
        assert names(server) == names(learner) == ["ada", "bob"]


def test_the_local_user_is_one_however_often_asked(tmp_path: Path, clock: Clock) -> None:
    with open_store(tmp_path, clock) as one, open_store(tmp_path, clock) as other:
        assert Accounts(one).local() == Accounts(other).local() == Accounts(one).local()
        assert Accounts(one).named("ada") != Accounts(one).local()


def test_a_closed_store_says_so(tmp_path: Path, clock: Clock) -> None:
    database = open_store(tmp_path, clock)
    database.close()
    database.close()
    with pytest.raises(StoreError, match="closed"):
        database.write(lambda connection: None)
    with pytest.raises(StoreError, match="closed"), database.read():
        pass


def test_a_store_is_readable_by_its_owner_only(tmp_path: Path, clock: Clock) -> None:
    with open_store(tmp_path / "new", clock) as database:
        database.write(lambda connection: add(connection, "ada"))
        files = [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
        assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path, clock: Clock) -> None:
    foreign = sqlite.driver.connect(str(tmp_path / "l2c.db"))
    foreign.execute("CREATE TABLE recipe (id)")
    foreign.close()
    before = (tmp_path / "l2c.db").read_bytes()
    with pytest.raises(StoreError, match="another program"):
        open_store(tmp_path, clock)
    assert (tmp_path / "l2c.db").read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_that_is_no_database_is_refused(
    tmp_path: Path, clock: Clock, content: bytes
) -> None:
    (tmp_path / "l2c.db").write_bytes(content)
    with pytest.raises(StoreError, match=r"no database|another program"):
        open_store(tmp_path, clock)
    assert (tmp_path / "l2c.db").read_bytes() == content


def test_a_directory_that_cannot_be_used_is_named(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"file.data cannot be used for the store"):
        open_store(tmp_path / "file" / "data", clock)


def test_a_network_disk_is_refused(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted = f"30 1 0:35 / {tmp_path.resolve()} rw - nfs4 server:/home rw"
    monkeypatch.setattr(machine, "_mountinfo", lambda: mounted)
    with pytest.raises(StoreError, match="network disk"):
        open_store(tmp_path / "data", clock)
    assert not (tmp_path / "data" / "l2c.db").exists()


def test_an_unsound_library_gets_a_rollback_journal_and_it_is_said(
    tmp_path: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sqlite.driver, "sqlite_version_info", (3, 51, 2))
    with caplog.at_level(logging.WARNING), open_store(tmp_path, clock) as database:
        database.write(lambda connection: add(connection, "ada"))
        with database.read() as connection:
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "delete"
    assert "unsafe in WAL mode" in caplog.text
    monkeypatch.undo()
    with open_store(tmp_path, clock) as database:
        assert names(database) == ["ada"]


def test_a_store_opened_before_a_fork_refuses_in_the_child(database: Database) -> None:
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    result, answer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork in a program with threads
        child = os.fork()
    if child == 0:
        try:
            database.write(lambda connection: None)
        except StoreError:
            os.write(answer, b"refused")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert os.read(result, 100) == b"refused"


def test_the_wait_for_another_writer_has_an_end(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", 0.01)
    with open_store(tmp_path, clock) as patient, open_store(tmp_path, clock) as other:
        with held_up(other), pytest.raises(Conflict, match="try again"):
            patient.write(lambda connection: add(connection, "ada"))
        patient.write(lambda connection: add(connection, "bob"))
        assert names(other) == ["bob"]
