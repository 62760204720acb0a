"""Conversations made by rules: the same seed, the same bytes, for ever.

Conversation `i` of a seed and a split has its own stream of chance, so it is the same however
many are asked for, and a run can be cut or continued anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import get_args

from l2c.conversation import Message
from l2c.corpus.chance import Chance
from l2c.corpus.facts import facts
from l2c.corpus.knowledge import knowledge
from l2c.corpus.replies import anything, beyond, everyday
from l2c.corpus.script import Script
from l2c.corpus.talk import named, say, talk
from l2c.corpus.typist import typed
from l2c.corpus.wordings import Split, read_wordings
from l2c.errors import InvalidInput


def generated(seed: int, conversations: int, *, split: Split = "train") -> Iterator[list[Message]]:
    """That many made-up conversations; a user's wordings are those of `split` alone.

    The first n of a seed are the same whatever `conversations` is. Raises `InvalidInput` for a
    negative number or an unknown split.
    """
    if conversations < 0:
        raise InvalidInput(f"`conversations` must be at least 0; found {conversations}.")
    if split not in get_args(Split):
        raise InvalidInput(f"`split` must be `train` or `held_out`; found {split!r}.")
    return _generated(seed, conversations, split)


def _generated(seed: int, conversations: int, split: Split) -> Iterator[list[Message]]:
    wordings = read_wordings()
    for index in range(conversations):
        chance = Chance(seed, get_args(Split).index(split), index)
        script = Script(wordings, split, chance)
        chance.choice(_FAMILIES)(script)
        yield typed(script.messages, chance)


def _chat(script: Script) -> None:
    """One to three ordinary remarks, now and then with a greeting before and a goodbye after."""
    chance = script.chance
    if chance.one_in(3):
        say(script, named(script, "hello", "time of day", "evening", "how are you"))
    for _ in range(chance.between(1, 3)):
        chance.choice((everyday, everyday, everyday, anything, anything, beyond))(script)
    if chance.one_in(4):
        say(script, named(script, "thanks", "bye", "good night"))


def _questions(script: Script) -> None:
    """A few questions of small knowledge, now and then with a greeting and a thank you."""
    chance = script.chance
    if chance.one_in(4):
        say(script, named(script, "hello", "time of day", "how are you"))
    for _ in range(chance.between(1, 4)):
        chance.choice((knowledge, knowledge, knowledge, everyday, beyond))(script)
    if chance.one_in(4):
        say(script, named(script, "thanks", "praise", "bye", "good night"))


_FAMILIES: tuple[Callable[[Script], None], ...] = (
    *(facts, facts, facts, facts),
    *(_questions, _questions, _questions, _chat, _chat, talk),
)
