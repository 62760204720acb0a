"""A whole store into PostgreSQL and back: every row, every number, all or nothing."""

from pathlib import Path

import pytest
from sqlalchemy import text

from l2c.errors import Conflict, StoreError
from l2c.store import transfer
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.learning import Learning
from l2c.store.models import Models
from tests.store.talk import STARTER, Clock, Talk, begin_lesson, keep, open_store


@pytest.fixture
def lived_in(in_a_file: Database) -> Database:
    """A store with talks, a lesson and a deleted number."""
    user = Accounts(in_a_file).local()
    models = Models(in_a_file, user)
    models.ensure("le", engine="lstm", starter=STARTER, size_bytes=10, summary={"ä": [1, None]})
    conversations = Conversations(in_a_file, user)
    talk = Talk(conversations)
    talk.say("Wo wächst die Möhre?", "Im Beet, neben der 黒い猫.")
    learning = Learning(in_a_file, user)
    lease = learning.acquire("le", holder="pid 1")
    keep(lease, begin_lesson(learning, lease), "first")
    gone = talk.say("gone")
    conversations.delete(gone.conversation)
    conversations.purge_deleted()
    return in_a_file


def everything(database: Database) -> dict[str, transfer.Tally]:
    with database.read() as connection:
        return {table.name: transfer.tally(connection, table) for table in transfer.brought_over()}


def bring(source: Database, target: Database) -> int:
    with source.read() as reading:
        return target.write(lambda connection: transfer.copy(reading, connection))


def test_a_store_goes_to_postgresql_and_back_and_nothing_is_another(
    lived_in: Database, store_url: str, clock: Clock, tmp_path: Path
) -> None:
    with open_store(tmp_path / "shared", clock, url=store_url) as shared:
        rows = bring(lived_in, shared)
        assert everything(shared) == everything(lived_in)
        assert rows == sum(tally.rows for tally in everything(lived_in).values())
        user = Accounts(shared).local()
        conversations = Conversations(shared, user)
        for words in ("möhre", "黒い", "bee*", '"neben der"'):
            assert len(conversations.search(words)) == 1, words
        copy = tmp_path / "copy" / "l2c.db"
        copy.parent.mkdir()
        shared.copy_to(copy)
    with open_store(copy.parent, clock) as back:
        assert everything(back) == everything(lived_in)
        assert [hit.title for hit in Conversations(back, user).search("möhre")] != []


def test_a_number_that_was_given_is_not_given_again_after_the_move(
    lived_in: Database, store_url: str, clock: Clock, tmp_path: Path
) -> None:
    last = "SELECT seq FROM sqlite_sequence WHERE name = 'conversation'"
    with lived_in.read() as connection:
        given = connection.execute(text(last)).scalar_one()
        present = connection.execute(text("SELECT max(seq) FROM conversation")).scalar_one()
    assert present < given, "the newest conversation was erased"
    with open_store(tmp_path / "shared", clock, url=store_url) as shared:
        bring(lived_in, shared)
        made = Conversations(shared, Accounts(shared).local()).create(model="le").id
        query = text("SELECT seq FROM conversation WHERE id = :id")
        with shared.read() as connection:
            assert connection.execute(query, {"id": made}).scalar_one() == given + 1


def test_a_store_that_is_not_empty_is_left_alone(
    lived_in: Database, store_url: str, clock: Clock, tmp_path: Path
) -> None:
    with open_store(tmp_path / "shared", clock, url=store_url) as shared:
        bring(lived_in, shared)
        before = everything(shared)
        with pytest.raises(Conflict, match="not empty"):
            bring(lived_in, shared)
        assert everything(shared) == before


def test_a_move_that_breaks_off_has_changed_nothing(
    lived_in: Database, store_url: str, clock: Clock, tmp_path: Path
) -> None:
    def stop(name: str, count: int) -> None:
        if name == "turn":
            raise InterruptedError

    with open_store(tmp_path / "shared", clock, url=store_url) as shared:
        with lived_in.read() as reading, pytest.raises(InterruptedError):
            shared.write(lambda connection: transfer.copy(reading, connection, stop))
        with shared.read() as connection:
            assert transfer.is_empty(connection)


def test_what_arrives_changed_is_not_kept(
    lived_in: Database, store_url: str, clock: Clock, tmp_path: Path
) -> None:
    meddle = text(
        "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.text = 'something else'; RETURN NEW; END $$"
    )
    always = "CREATE TRIGGER meddle BEFORE INSERT ON turn FOR EACH ROW EXECUTE FUNCTION meddle()"
    with open_store(tmp_path / "shared", clock, url=store_url) as shared:
        shared.write(lambda connection: connection.execute(meddle))
        shared.write(lambda connection: connection.execute(text(always)))
        with pytest.raises(StoreError, match="Of turn"):
            bring(lived_in, shared)
        with shared.read() as connection:
            assert transfer.is_empty(connection)
