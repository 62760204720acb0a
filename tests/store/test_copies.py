"""Daily copies: one a day, seven kept, whole, and without what was deleted for good."""

from datetime import timedelta
from pathlib import Path

import pytest

from l2c import machine
from l2c.errors import StorageFull
from l2c.store import sqlite
from l2c.store.conversations import Conversations
from l2c.store.copies import Copies
from l2c.store.database import Database
from tests.store.talk import Clock, Talk, open_store

SECRET = "Mirela lives in Bergen"


@pytest.fixture
def copies(database: Database) -> Copies:
    return Copies(database)


def opened(copy: Path, elsewhere: Path, clock: Clock) -> Database:
    elsewhere.mkdir()
    (elsewhere / "l2c.db").write_bytes(copy.read_bytes())
    return open_store(elsewhere, clock)


def test_a_day_has_one_copy_and_seven_days_are_kept(
    copies: Copies, clock: Clock, talk: Talk
) -> None:
    for _ in range(9):
        assert copies.take_daily() is not None
        assert copies.take_daily() is None
        clock.forward(days=1)
    kept = [path.stem for path in copies.daily()]
    assert kept == [f"2026-11-{day}" for day in range(23, 30)]
    assert {path.stat().st_mode & 0o777 for path in copies.daily()} == {0o600}


def test_a_copy_is_the_whole_store_of_that_moment(
    copies: Copies, talk: Talk, clock: Clock, tmp_path: Path, user: str
) -> None:
    talk.say(SECRET)
    path = copies.take_daily()
    assert path is not None
    talk.say("later")
    with opened(path, tmp_path / "copy", clock) as copy:
        said = [turn.text for turn in Conversations(copy, user).history(9)]
        assert said == [SECRET, "I see."]


def test_what_is_deleted_for_good_leaves_every_copy_without_a_trace(
    copies: Copies, talk: Talk, clock: Clock, tmp_path: Path, user: str
) -> None:
    deleted, kept = talk.say(SECRET), talk.say("The beans are ripe")
    daily, other = copies.take_daily(), copies.take("replaced")
    assert daily is not None
    assert all(SECRET.encode() in path.read_bytes() for path in (daily, other))
    talk.conversations.delete(deleted.conversation)
    copies.forget_deleted(older_than=timedelta(seconds=30))
    assert SECRET.encode() in daily.read_bytes(), "its time is not over"
    clock.forward(seconds=31)
    copies.forget_deleted(older_than=timedelta(seconds=30))
    for number, path in enumerate((daily, other)):
        assert not any(word in path.read_bytes() for word in (b"Mirela", b"Bergen", b"bergen"))
        with opened(path, tmp_path / f"copy{number}", clock) as copy:
            conversations = Conversations(copy, user)
            assert [row.id for row in conversations.list().conversations] == [kept.conversation]
            assert conversations.search("bergen") == []
            assert len(conversations.search("beans")) == 1
            with copy.read() as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
                assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_a_copy_of_every_released_schema_forgets_too(copies: Copies) -> None:
    folder = copies.take("x").parent
    for released in (Path(__file__).parent / "released").glob("*.db"):
        copy = folder / f"{released.stem}-20261121.db"
        copy.write_bytes(released.read_bytes())
        assert b"Mirela" in copy.read_bytes()
        connection = sqlite.driver.connect(str(copy))
        ids = [row[0] for row in connection.execute("SELECT id FROM conversation")]
        connection.close()
        copies.forget_conversations(ids)
        assert b"Mirela" not in copy.read_bytes()


def test_a_copy_that_cannot_be_cleaned_is_removed(copies: Copies, talk: Talk) -> None:
    said = talk.say(SECRET)
    path = copies.take("replaced")
    path.write_bytes(path.read_bytes()[:9000])
    copies.forget_conversations([said.conversation])
    assert not path.exists()


def test_a_copy_that_would_fill_the_disk_is_not_begun(
    copies: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "free_bytes", lambda _: 1 << 20)
    with pytest.raises(StorageFull):
        copies.take_daily()
    assert copies.daily() == []
