"""Deleted conversations are erased when the time to undo is over, and nobody waits for that."""

import pytest
from sqlalchemy import text

from l2c.chat.eraser import Eraser
from l2c.store.copies import Copies
from tests.chat.room import Room

pytestmark = pytest.mark.both_stores


def kept(room: Room) -> int:
    with room.conversations._database.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM conversation")).scalar_one())


def test_what_was_deleted_is_erased_when_its_time_is_over(room: Room) -> None:
    eraser = Eraser(room.talks, Copies(room.conversations._database), undo_s=0.01)
    for _ in range(2):
        room.conversations.delete(room.new())
        eraser.note()
        while kept(room):
            pass
    eraser.close()


def test_before_its_time_is_over_nothing_is_erased_and_closing_does_not_wait(room: Room) -> None:
    eraser = Eraser(room.talks, Copies(room.conversations._database), undo_s=1e6)
    conversation = room.new()
    room.conversations.delete(conversation)
    eraser.note()
    eraser.close()
    assert room.conversations.restore(conversation).id == conversation
