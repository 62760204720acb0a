"""Temporary conversations: everything works in them, nothing of them is kept unless one asks."""

from pathlib import Path

import pytest

from l2c.chat.talks import MOST_TEMPORARY
from l2c.conversation import TurnStatus
from l2c.errors import Busy, NotFound
from l2c.store.learning import Learning
from tests.chat.room import Room

pytestmark = pytest.mark.both_stores

SECRET = "xylophonequince"


def said(room: Room, conversation: str, text: str = SECRET) -> str:
    begun = room.replies.begin(room.request(conversation, text))
    return room.replies.wait(begun.answer.id).parent_id or ""


def test_a_temporary_conversation_is_answered_and_reaches_no_disk(
    room: Room, tmp_path: Path
) -> None:
    conversation = room.talks.begin_temporary(model="le", system_prompt=SECRET).id
    turn = said(room, conversation)
    talks = room.talks.of(conversation)
    assert talks.turns(conversation)[0].text == SECRET
    assert room.talks.of_turn(turn).turn(turn).learning == "none"
    assert talks.get(conversation).temporary
    assert [hit.turn_id for hit in talks.search(SECRET)] == [turn]
    with pytest.raises(NotFound):
        room.conversations.get(conversation)
    assert room.conversations.search(SECRET) == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not any(SECRET.encode() in path.read_bytes() for path in files)


def test_what_is_kept_has_the_same_ids_and_may_teach(room: Room) -> None:
    conversation = room.talks.begin_temporary(model="le", title="Pim").id
    turn = said(room, conversation)
    before = room.talks.of(conversation).turns(conversation)
    row = room.talks.keep(conversation, learn=True)
    assert (row.id, row.title, row.temporary) == (conversation, "Pim", False)
    after = room.conversations.turns(conversation)
    assert [(one.id, one.text, one.window) for one in after] == [
        (one.id, one.text, one.window) for one in before
    ]
    assert room.conversations.turn(turn).learning == "queued"
    assert room.talks.of(conversation) is room.conversations
    assert room.talks.keep(conversation, learn=True).id == conversation
    said(room, conversation, "And you?")
    assert len(room.conversations.turns(conversation)) == 4


def test_what_is_kept_without_teaching_is_not_queued(room: Room) -> None:
    conversation = room.talks.begin_temporary(model="le").id
    said(room, conversation)
    assert room.talks.keep(conversation, learn=False).learn is False
    learning = Learning(room.conversations._database, room.conversations._user_id)
    assert learning.queue_size("le") == 0


def test_an_answer_on_the_way_is_not_torn_apart(room: Room) -> None:
    conversation = room.talks.begin_temporary(model="le").id
    talks = room.talks.of(conversation)
    begun = talks.begin_exchange(conversation, "Hello", model="le")
    with pytest.raises(Busy):
        room.talks.keep(conversation, learn=True)
    talks.finish(begun.answer.id, status=TurnStatus.STOPPED, text="")
    assert room.talks.keep(conversation, learn=True).turn_count == 2


def test_a_deleted_one_comes_back_or_is_gone(room: Room) -> None:
    conversation = room.talks.begin_temporary(model="le").id
    room.talks.delete(conversation)
    assert room.talks.restore(conversation).temporary
    room.talks.delete(conversation)
    assert room.talks.purge_deleted() == 1
    with pytest.raises(NotFound):
        room.talks.restore(conversation)


def test_the_one_that_rested_longest_makes_room(room: Room) -> None:
    made = [room.talks.begin_temporary(model="le").id for _ in range(MOST_TEMPORARY + 1)]
    held = {row.id for row in room.talks.temporary().list(limit=500).conversations}
    assert held == set(made[1:])


def test_they_end_with_the_program(room: Room) -> None:
    conversation = room.talks.begin_temporary(model="le").id
    room.talks.close()
    with pytest.raises(NotFound):
        room.talks.of(conversation).get(conversation)
