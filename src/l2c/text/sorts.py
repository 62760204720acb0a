"""What sort of thing a word names: coriander is a herb, and whoever asks may say so.

Ordinary words, as a dictionary would have them (`sorts.toml`).
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from l2c.text.lexicon import tokens


def sorts_of(value: str) -> tuple[str, ...]:
    """The sorts of thing that a value is, by its last words; none for what is not listed.

    >>> sorts_of("fresh coriander")
    ('herb', 'spice')
    """
    words = [word.lower() for word in tokens(value)]
    known = _sorts()
    spelt = ((word, word.removesuffix("s")) for word in reversed(words))
    return next((sorts for pair in spelt for one in pair if (sorts := known.get(one, ()))), ())


@cache
def names() -> tuple[str, ...]:
    """Every sort there is, each once."""
    return tuple(dict.fromkeys(sort for sorts in _sorts().values() for sort in sorts))


@cache
def _sorts() -> dict[str, tuple[str, ...]]:
    """The sorts of each word; read once."""
    text = Path(__file__).with_name("sorts.toml").read_text("utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for sorts, members in tomllib.loads(text).items():
        for word in members.split():
            found[word] = (*found.get(word, ()), *sorts.split(", "))
    return found
