"""Ordinary things people say, and what is beyond a small model on a small machine.

An honest "I do not know" has to be practised like everything else: without it, a model answers
every question with the nearest thing it has read.
"""

from __future__ import annotations

from collections.abc import Sequence

from l2c.corpus.script import Script
from l2c.corpus.wordings import Reply, fill, slots_of


def everyday(script: Script) -> None:
    """One ordinary remark or question, and an answer that fits."""
    _reply(script, script.wordings.everyday)


def beyond(script: Script) -> None:
    """One request that is too much for `le`, and its honest answer."""
    _reply(script, script.wordings.beyond)


def _reply(script: Script, replies: Sequence[Reply]) -> None:
    """One of the replies; a slot that stands in question and answer is filled alike."""
    reply = script.chance.choice(replies)
    ask, answer = script.one_of(reply.ask), script.chance.choice(reply.le)
    slots = {slot: script.filler(slot) for slot in sorted(slots_of(ask) | slots_of(answer))}
    script.exchange(fill(ask, slots), fill(answer, slots))
