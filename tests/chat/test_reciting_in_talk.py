"""A model that was taught recites what it was told, and in a conversation only where it belongs."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from l2c.chat.router import Router
from l2c.conversation import Message, Origin, Role
from l2c.engines.doubt import Doubt
from l2c.providers.local import LocalProvider
from l2c.providers.provider import Outcome, Said, Sampling, Writing
from tests.chat.room import Room
from tests.chat.test_router import DOUBT


class Reciting(LocalProvider):
    """A model that says this to everything."""

    def __init__(self, room: Room, says: str, *, checkpoint: str) -> None:
        heard = room.live.current("le")
        assert isinstance(heard, LocalProvider)
        super().__init__("le", checkpoint, heard.model)
        self.says = says

    def answer(self, messages: Sequence[Message], sampling: Sampling) -> Writing:
        yield Said(self.says)
        return Outcome("stop", 1)


def doubt(name: str) -> Doubt:
    return replace(DOUBT, words=DOUBT.words | {"have", "you", "got"})


@pytest.mark.parametrize(
    ("asked", "says", "recites"),
    [
        ("What is my cat called?", "Rex. Your cat is called Rex.", True),
        ("Tell me about a cat", "Rex. Your cat is called Rex.", True),
        ("What is my cat called?", "You want to plant tomatoes.", False),
        ("have you got a cat", "Rex. Your cat is called Rex.", False),
        ("Why the cat?", "You have not told me.", False),
        ("hello", "Hello. How is your day?", True),
        ("hello", "I run on your computer.", True),
    ],
)
def test_what_was_taught_is_recited_only_where_it_belongs(
    room: Room, asked: str, says: str, recites: bool
) -> None:
    """What lessons practise comes to a model readily, whatever it is asked."""
    said, router = [Message(Role.USER, asked)], Router(doubt=doubt)
    taught = Reciting(room, says, checkpoint="of a lesson")
    assert (router.route(taught, said, anyway=False).origin is Origin.GENERATED) is recites
    starter = Reciting(room, says, checkpoint=DOUBT.starter)
    assert router.route(starter, said, anyway=False).origin is Origin.GENERATED
    assert router.route(taught, said, anyway=True).origin is Origin.GENERATED
