"""Ordinary things people say, and what is beyond a small model on a small machine.

An honest "I do not know" has to be practised like everything else: without it, a model answers
every question with the nearest thing it has read.
"""

from __future__ import annotations

from collections.abc import Sequence

from l2c.corpus.script import Script
from l2c.corpus.wordings import Reply, fill, slots_of

_WIDE = ("noun", "did", "do", "quality")
"""Slots that sometimes take a word that does not exist, as any word may be new to `le`."""

_UNKNOWN_ONE_IN = 6


def everyday(script: Script) -> None:
    """One ordinary remark or question, and an answer that fits."""
    _reply(script, script.wordings.everyday)


def beyond(script: Script) -> None:
    """One request that is too much for `le`, and its honest answer."""
    _reply(script, script.wordings.beyond)


def anything(script: Script) -> None:
    """A remark or a question about anything at all, and an answer that is never wrong."""
    _reply(script, script.wordings.open)


def _reply(script: Script, replies: Sequence[Reply]) -> None:
    """One of the replies; a slot that stands in question and answer is filled alike."""
    reply = script.chance.choice(replies)
    ask, answer = script.one_of(reply.ask), script.chance.choice(reply.le)
    slots = {slot: _filler(script, slot) for slot in sorted(slots_of(ask) | slots_of(answer))}
    said = fill(ask, slots)
    script.exchange(said[:1].upper() + said[1:], fill(answer, slots))


def _filler(script: Script, slot: str) -> str:
    """A word for a slot such as `noun` or, where a second one is needed, `noun2`."""
    if slot in _WIDE and script.chance.one_in(_UNKNOWN_ONE_IN):
        return script.filler("nonsense")
    return script.filler(slot.rstrip("2"))
