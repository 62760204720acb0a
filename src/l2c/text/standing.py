"""Which of the facts that were told hold now: the newest value wins, and what ended is gone.

So does the newest word on whether somebody likes something.
"""

from __future__ import annotations

from collections.abc import Sequence

from l2c.text.answering import IMPLIED, OPPOSITE
from l2c.text.lexicon import concepts
from l2c.text.predicates import Fact


def standing(told: Sequence[Fact]) -> dict[int, tuple[int, ...]]:
    """The places of the facts that hold, oldest first, each with those of the ones it replaced.

    Of `told`, in the order of telling; what a fact replaced comes newest first.

    >>> standing([Fact("cat", "name", "Pim", "my cat is called Pim"),
    ...           Fact("cat", "name", "Tom", "my cat is called Tom now")])
    {1: (0,)}
    """
    topics = [fact.topic for fact in told]
    tastes = [_taste(fact) for fact in told]
    holding: dict[int, tuple[int, ...]] = {}
    for at, fact in enumerate(told):
        if fact.ended:
            holding = {old: past for old, past in holding.items() if not _ends(fact, told[old])}
            continue
        if tastes[at] is not None:
            holding = {old: past for old, past in holding.items() if tastes[old] != tastes[at]}
        history: tuple[int, ...] = ()
        if fact.single or fact.replaces:
            same = [old for old in holding if topics[old] == topics[at]]
            for old in [old for old in same if fact.single or told[old].value == fact.value]:
                history = (old, *holding.pop(old), *history)
        holding[at] = history
    return holding


def _taste(fact: Fact) -> tuple[str, frozenset[str]] | None:
    """Who likes or dislikes what; None for what is neither."""
    if fact.relation not in OPPOSITE:
        return None
    return fact.topic[0], frozenset(concepts(fact.value))


def _ends(over: Fact, fact: Fact) -> bool:
    """Whether a fact is the one that is said to hold no longer: by its value, or in its words."""
    if over.relation:
        return over.topic == fact.topic and over.value == fact.value
    if over.topic[0] != fact.topic[0] and over.subject:
        return False
    ended = set(concepts(over.value))
    value = {*concepts(fact.value), *IMPLIED.get(fact.relation, ())}
    return bool(ended & value) or (not ended and over.topic == fact.topic)
