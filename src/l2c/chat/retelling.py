"""Saying a remembered fact anew, with another value: what mending the list means to the weights.

A mended fact is a correction like any other. So it is said: the sentence it was told in, with the
value that is right, becomes a turn of the conversation that told it. Then all that holds for turns
holds for it: the next lesson teaches the new value and withdraws the old one, the conversation
shows it, and forgetting the turn, or the conversation, forgets it exactly.

Words are chosen that do what was wished and nothing else. Who likes cheese and wine cannot mend
cheese by "No, I like bread.", which would take the wine back, too; then there are no such words.
"""

from __future__ import annotations

from collections.abc import Sequence

from l2c.text import facts
from l2c.text.facts import Fact
from l2c.text.standing import standing

_BEGINNINGS = ("My", "Our", "We", "The")
"""Words that begin with a capital letter only where a sentence does."""


def said_with(fact: Fact, value: str) -> str:
    """The words a fact was told in, with another value; the value alone where it is not in them."""
    return fact.said.replace(fact.value, value) if fact.value in fact.said else value


def retold(told: Sequence[Fact], at: int, value: str, before: Sequence[Fact]) -> str | None:
    """What to say so that `value` takes the place of `told[at]`, and nothing else changes.

    `told` are all facts in the order of their telling, `before` those of the conversation in which
    it will be said. None when no words are known to do that.

    >>> cat = Fact("cat", "name", "Pim", "My cat is called Pim")
    >>> retold([cat], 0, "Tom", [cat])
    'My cat is called Tom.'
    """
    said = said_with(told[at], value)
    first, _, rest = said.partition(" ")
    within = f"{first.lower()} {rest}" if first in _BEGINNINGS else said
    wished = (told[at].topic, value.casefold())
    kept = [fact for place, fact in _standing(told) if place != at]
    for sentence in (f"{said}.", f"No, {within}."):
        new = facts.find(sentence, before)
        if [(fact.topic, fact.value.casefold()) for fact in new] != [wished]:
            continue
        if [fact for _, fact in _standing([*told, *new])] == [*kept, *new]:
            return sentence
    return None


def _standing(told: Sequence[Fact]) -> list[tuple[int, Fact]]:
    return [(place, told[place]) for place in standing(told)]
