"""What may be asked about something told: by the thing it is about, or by how it is said.

Whoever tells of a dog would like to be asked about the dog. `topics.toml` lists ordinary matters
with what one asks about them, the particular ones first: animals, people, journeys, food, work,
music, the garden. After these come sentences of which only the grammar is plain: something that
happened, a plan, a wish, an opinion. Cues and questions were written for this, from scratch.

>>> follow_up("I bought an old piano yesterday")[0]
'What is the piano like?'
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from l2c.text.cues import cue_text


@dataclass(frozen=True, slots=True)
class Topic:
    """What may be asked, and the cues of what it is asked about.

    `{it}` in what is asked stands for what a cue finds under that name.
    """

    asks: tuple[str, ...]
    cues: tuple[re.Pattern[str], ...]

    def asked_about(self, plain: str) -> tuple[str, ...]:
        """Everything that may be asked about a text in small letters; nothing without a cue."""
        for cue in self.cues:
            if found := cue.search(plain):
                it = found.groupdict().get("it") or ""
                return tuple(
                    ask.replace("{it}", it) for ask in self.asks if it or "{it}" not in ask
                )
        return ()


_NAMED = re.compile(r"\b(?:called|named)\b|[a-z,] (?!I\b)[A-Z]")


def follow_up(text: str) -> tuple[str, ...]:
    """What may be asked about what was told, of the first topic with a cue; for remarks alone.

    Nobody who told a name is asked for it.

    >>> any("called" in ask for ask in follow_up("My two cats are called Tim and Tom"))
    False
    """
    plain = cue_text(text)
    asks = next((asks for topic in topics() if (asks := topic.asked_about(plain))), ())
    if _NAMED.search(text) is None:
        return asks
    return tuple(one for one in asks if "called" not in one) or asks


@cache
def topics() -> tuple[Topic, ...]:
    """Every topic in its order; read once."""
    text = Path(__file__).with_name("topics.toml").read_text("utf-8")
    return tuple(
        Topic(tuple(entry["asks"]), tuple(map(re.compile, entry["cues"])))
        for entry in tomllib.loads(text)["topic"]
    )
