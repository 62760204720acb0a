"""Automatic titles: the first words that say what a conversation is about."""

from __future__ import annotations

from collections.abc import Sequence

TITLE_CHARACTERS = 48
TELLING_CHARACTERS = 16
"""A first turn shorter than this is taken for a greeting, if a longer one follows."""

LOOKED_AT = 4
"""So many turns of the user are looked at; later ones do not change a title."""


def title_from(text: str) -> str:
    """A title for a conversation about `text`: its first words, on one line."""
    line = " ".join(text.split())
    if len(line) <= TITLE_CHARACTERS:
        return line
    head = line[:TITLE_CHARACTERS]
    words, _, cut = head.rpartition(" ")
    return (words if len(words) > len(cut) else head[:-1]) + "…"


def title_of(texts: Sequence[str]) -> str:
    """The title of a conversation in which its user said `texts`, oldest first.

    >>> title_of(["Hello!", "How do I store garlic over the winter?"])
    'How do I store garlic over the winter?'
    """
    lines = [title_from(text) for text in texts[:LOOKED_AT]]
    telling = (line for line in lines if len(line) >= TELLING_CHARACTERS)
    return next(telling, next((line for line in lines if line), ""))
