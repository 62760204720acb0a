"""The disk is full: what was acknowledged stays, deleting works, and space brings it all back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from l2c import machine
from l2c.conversation import TurnStatus
from l2c.errors import StorageFull
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from tests.disks import small_disk
from tests.store.talk import Clock

DISK_BYTES = 6 << 20
BALLAST_BYTES = 1 << 20
PAGE_OF_TEXT = "x" * 20_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with few megabytes."""
    with small_disk(tmp_path / "disk", DISK_BYTES) as disk:
        yield disk


@pytest.fixture
def database(disk: Path, clock: Clock) -> Iterator[Database]:
    with Database.open(
        disk / "data", clock=clock, ballast_bytes=BALLAST_BYTES, linger_s=0.0
    ) as database:
        yield database


def begin(conversations: Conversations) -> str:
    """Say one page in a new conversation; the id of the answer, once that is acknowledged."""
    conversation = conversations.create(model="le")
    return conversations.begin_exchange(conversation.id, PAGE_OF_TEXT, model="le").answer.id


def fill(conversations: Conversations) -> list[str]:
    """Speak until the disk is full; the ids of the answers that were acknowledged."""
    acknowledged: list[str] = []
    try:
        while True:
            acknowledged.append(begin(conversations))
    except StorageFull:
        return acknowledged


def test_a_full_disk_loses_nothing_that_was_acknowledged(
    database: Database, disk: Path, clock: Clock
) -> None:
    user = Accounts(database).local()
    acknowledged = fill(Conversations(database, user))
    assert len(acknowledged) > 10
    database.close()
    with Database.open(disk / "data", clock=clock, ballast_bytes=BALLAST_BYTES) as reopened:
        kept = {turn.id for turn in Conversations(reopened, user).history(limit=10_000)}
    assert kept.issuperset(acknowledged)


def test_on_a_full_disk_answers_can_be_closed_and_conversations_deleted(
    database: Database, conversations: Conversations
) -> None:
    last = fill(conversations)[-1]
    with pytest.raises(StorageFull, match="nothing already stored was lost"):
        begin(conversations)
    closed = conversations.finish(last, status=TurnStatus.STOPPED, text="so far")
    conversations.delete(closed.conversation_id)
    assert conversations.purge_deleted() == 1


def test_an_answer_in_progress_is_closed_when_the_disk_has_just_become_full(
    database: Database, conversations: Conversations, disk: Path
) -> None:
    answer = begin(conversations)
    (disk / "filler").write_bytes(b"\0" * (machine.free_bytes(disk) - 4096))
    long = PAGE_OF_TEXT * 10
    assert conversations.finish(answer, status=TurnStatus.COMPLETE, text=long).text == long
    with pytest.raises(StorageFull):
        begin(conversations)


def test_deleting_enough_makes_room_for_new_turns(
    database: Database, conversations: Conversations
) -> None:
    fill(conversations)
    conversations.interrupt_orphans()
    for conversation in conversations.list(limit=1000).conversations:
        conversations.delete(conversation.id)
    conversations.purge_deleted()
    assert conversations.turn(begin(conversations))


def test_space_that_comes_back_is_used_without_opening_again(
    database: Database, conversations: Conversations, disk: Path
) -> None:
    filler = disk / "filler"
    filler.write_bytes(b"\0" * (machine.free_bytes(disk) - 4096))
    assert fill(conversations) == []
    filler.unlink()
    assert conversations.turn(begin(conversations))


def test_a_second_process_sees_that_the_disk_is_full(
    database: Database, conversations: Conversations, disk: Path, clock: Clock, user: str
) -> None:
    fill(conversations)
    with (
        Database.open(disk / "data", clock=clock, ballast_bytes=BALLAST_BYTES) as learner,
        pytest.raises(StorageFull),
    ):
        begin(Conversations(learner, user))
