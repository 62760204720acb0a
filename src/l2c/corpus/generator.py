"""Conversations made by rules: the same seed, the same bytes, for ever.

Conversation `i` of a seed and a split has its own stream of chance, so it is the same however
many are asked for, and a run can be cut or continued anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import get_args

from l2c.conversation import Message
from l2c.corpus.chance import Chance
from l2c.corpus.facts import facts, practice
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
    return _generated(seed, _checked(conversations, split), split, _FAMILIES)


def practised(seed: int, conversations: int) -> Iterator[list[Message]]:
    """That many conversations of facts told and asked for at once, in training wordings.

    This is what the starter reads first. Raises `InvalidInput` for a negative number.
    """
    return _generated(seed, _checked(conversations, "train"), "train", (practice,))


def _checked(conversations: int, split: str) -> int:
    if conversations < 0:
        raise InvalidInput(f"`conversations` must be at least 0; found {conversations}.")
    if split not in get_args(Split):
        raise InvalidInput(f"`split` must be `train` or `held_out`; found {split!r}.")
    return conversations


def _generated(
    seed: int, conversations: int, split: Split, families: Sequence[Callable[[Script], None]]
) -> Iterator[list[Message]]:
    wordings = read_wordings()
    for index in range(conversations):
        chance = Chance(seed, get_args(Split).index(split), index)
        script = Script(wordings, split, chance)
        chance.choice(families)(script)
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
