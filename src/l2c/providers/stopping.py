"""Ends a text before the first of some strings, which may arrive in pieces.

What could be the beginning of such a string is held back until the next piece decides, so nothing
of it is ever shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

from l2c.engines.model import Written
from l2c.providers.provider import Outcome, Said, Writing


def until(writing: Writing, stops: Sequence[str]) -> Writing:
    """`writing` up to the first of `stops`, none of which may be empty; tokens count as written."""
    if not stops:
        return (yield from writing)
    held, written, tokens = "", list[Written](), 0
    with closing(writing):
        while True:
            try:
                said = next(writing)
            except StopIteration as ended:
                if held or written:
                    yield Said(held, tuple(written))
                outcome: Outcome = ended.value
                return outcome
            held += said.text
            written += said.written
            tokens += len(said.written)
            found = [at for stop in stops if (at := held.find(stop)) >= 0]
            if found:
                yield Said(held[: min(found)], tuple(written))
                return Outcome("stop", tokens or None)
            keep = _possible_beginning(held, stops)
            if len(held) > keep:
                yield replace(said, text=held[: len(held) - keep], written=tuple(written))
                held, written = held[len(held) - keep :], []


def _possible_beginning(text: str, stops: Sequence[str]) -> int:
    """How many characters at the end of `text` could begin one of the strings."""
    longest = max(map(len, stops)) - 1
    for length in range(min(longest, len(text)), 0, -1):
        end = text[-length:]
        if any(stop.startswith(end) for stop in stops):
            return length
    return 0
