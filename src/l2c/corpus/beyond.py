"""What a small model on a small machine cannot know or do, and saying so.

An honest "I do not know" has to be practised like everything else: without it, a model answers
every question with the nearest thing it has read.
"""

from __future__ import annotations

from l2c.corpus.script import Script
from l2c.corpus.wordings import fill, slots_of


def beyond(script: Script) -> None:
    """One request that is too much for `le`, and its honest answer."""
    request = script.chance.choice(script.wordings.requests)
    ask, answer = script.one_of(request.ask), script.chance.choice(request.le)
    slots = {slot: script.filler(slot) for slot in sorted(slots_of(ask) | slots_of(answer))}
    script.exchange(fill(ask, slots), fill(answer, slots))
