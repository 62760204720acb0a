"""Several servers on one store: roles with a term, answers of the dead, files for all."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from l2c.conversation import TurnStatus
from l2c.errors import Busy
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.files import CHUNK_BYTES, SharedFiles
from l2c.store.roles import Presence, SharedRole
from tests.store.talk import Clock, conversations_of, open_store

LONG_TERM_S = 3600.0  # renewed by nobody within a test


@pytest.fixture
def other(store_url: str, clock: Clock, tmp_path: Path) -> Iterator[Database]:
    """The same store as another machine has it open."""
    with open_store(tmp_path / "other", clock, url=store_url) as database:
        yield database


@pytest.fixture
def one(store_url: str, clock: Clock, tmp_path: Path) -> Iterator[Database]:
    with open_store(tmp_path / "one", clock, url=store_url) as database:
        yield database


def test_a_role_is_had_by_one_and_free_after_it_was_given_back(
    one: Database, other: Database
) -> None:
    mine = SharedRole(one, "learner", term_s=LONG_TERM_S)
    theirs = SharedRole(other, "learner", term_s=LONG_TERM_S)
    mine.acquire()
    assert theirs.held()
    with pytest.raises(Busy, match="is the learner"):
        theirs.acquire()
    mine.release()
    theirs.acquire()
    assert theirs.is_mine
    theirs.release()


def test_who_slept_through_the_end_of_its_term_has_lost_the_role(
    one: Database, other: Database, clock: Clock
) -> None:
    sleeper = SharedRole(one, "learner", term_s=LONG_TERM_S)
    sleeper.acquire()
    clock.forward(seconds=LONG_TERM_S + 1)
    successor = SharedRole(other, "learner", term_s=LONG_TERM_S)
    successor.acquire()
    with pytest.raises(Exception, match="has become the learner"):
        one.write(sleeper._prolong)
    sleeper.release()
    assert successor.held(), "a loser gives nothing back"
    successor.release()


def test_time_is_the_databases_whatever_a_machines_clock_says(
    store_url: str, tmp_path: Path
) -> None:
    with Database.connect(store_url, tmp_path) as database:
        with database.read() as connection:
            told = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        assert abs(database.seconds_since(database.now())) < 1
        assert abs(database.seconds_since(told.isoformat())) < 60
        database.dialect._clock = (told - timedelta(days=9), 0.0)  # type: ignore[attr-defined]
        database.write(lambda _: None)
        assert database.seconds_since(told.isoformat()) < 600


def test_the_answers_of_a_dead_server_are_closed_and_those_of_a_living_one_are_not(
    one: Database, other: Database, clock: Clock
) -> None:
    answers = []
    for database in (one, other):
        presence = Presence(database, term_s=LONG_TERM_S)
        presence.acquire()
        database.writes_as = presence.name
        conversations = conversations_of(database)
        begun = conversations.begin_exchange(
            conversations.create(model="le").id, "Hello", model="le"
        )
        conversations.journal(begun.answer.id, 0, "Once upon").result()
        answers.append(begun.answer.id)
        if database is one:
            clock.forward(seconds=LONG_TERM_S + 1)  # it was never heard of again
    conversations = conversations_of(other)
    conversations.interrupt_orphans()
    dead, living = (conversations.turn(answer) for answer in answers)
    assert (dead.status, dead.text) == (TurnStatus.INTERRUPTED, "Once upon")
    assert (living.status, living.text) == (TurnStatus.STREAMING, "Once upon")


def test_what_one_server_writes_another_reads_while_it_is_written(
    one: Database, other: Database
) -> None:
    writing, reading = conversations_of(one), conversations_of(other)
    begun = writing.begin_exchange(writing.create(model="le").id, "Hello", model="le")
    writing.journal(begun.answer.id, 0, "Half an ").result()
    assert reading.turn(begun.answer.id).text == "Half an "
    writing.finish(begun.answer.id, status=TurnStatus.COMPLETE, text="Half an answer.")
    assert reading.turn(begun.answer.id).text == "Half an answer."


def test_two_servers_that_write_at_once_never_give_a_number_twice(
    one: Database, other: Database
) -> None:
    user = Accounts(one).local()
    both = [Conversations(database, user) for database in (one, other)]
    ids = [conversations.create(model="le").id for conversations in both * 10]
    listed = [row.id for row in both[0].list().conversations]
    assert listed == ids[::-1]


def test_a_file_is_there_for_all_whole_and_the_first_one_stays(
    one: Database, other: Database
) -> None:
    content = bytes(range(256)) * (CHUNK_BYTES // 128) + b"end"
    here, there = SharedFiles(one), SharedFiles(other)
    assert here.put("a", content) == content
    assert there.get("a") == content
    assert there.put("a", b"another") == content
    assert there.among(["a", "b"]) == {"a"}
    there.remove(["a", "b"])
    assert here.get("a") is None
