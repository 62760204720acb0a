"""What is trained on, and what is only ever measured with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from l2c.conversation import Message
from l2c.corpus.chance import Chance
from l2c.corpus.dialogues import handwritten, is_held_out
from l2c.corpus.generator import generated
from l2c.corpus.typist import typed

HANDWRITTEN_PERCENT = 40
"""So many of a hundred training conversations are handwritten ones."""

_HELD_OUT_SEED = 20261121
_HELD_OUT_GENERATED = 400


def training(
    seed: int, conversations: int, *, handwritten_percent: int = HANDWRITTEN_PERCENT
) -> Iterator[list[Message]]:
    """That many conversations to train on, handwritten and generated ones mixed.

    The handwritten ones come in a new order each time they have all been used, and what the
    user says in them is typed as carelessly as in the generated ones. The first n of a seed are
    the same whatever `conversations` is.
    """
    invented = generated(seed, conversations)
    chance = Chance(seed)
    written = _endless(_written(kept_out=False), chance)
    for conversation in invented:
        yield next(written) if chance.below(100) < handwritten_percent else conversation


def handwritten_for_training() -> Sequence[list[Message]]:
    """The handwritten conversations that are trained on, as they were written."""
    return _written(kept_out=False)


def held_out() -> list[list[Message]]:
    """General text that no training conversation contains; always the same, at least 400.

    One handwritten conversation in twenty, and generated ones in wordings that are never trained.
    """
    return list(_held_out())


@cache
def _held_out() -> tuple[list[Message], ...]:
    invented = generated(_HELD_OUT_SEED, _HELD_OUT_GENERATED, split="held_out")
    return (*_written(kept_out=True), *invented)


@cache
def _written(*, kept_out: bool) -> tuple[list[Message], ...]:
    """The handwritten conversations of one side; read once, since every lesson asks for them."""
    return tuple(c for c in handwritten() if is_held_out(c) is kept_out)


def _endless(conversations: Sequence[list[Message]], chance: Chance) -> Iterator[list[Message]]:
    while True:
        for conversation in chance.shuffled(conversations):
            yield typed(conversation, chance)
