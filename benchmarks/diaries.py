"""Three diaries of distinct styles, written by generators: a gardener, a walker, a workshop.

Each has people, places and habits of its own, drawn as in life: few of them often, many seldom.
Sentences are built from parts (`diaries.toml`), so that they resemble each other without being
repeated; which ones depends on a seed alone. They are simpler than what people write.
"""

from __future__ import annotations

import random
import re
import tomllib
from pathlib import Path
from typing import Any

BYTES = 70_000
STYLES = Path(__file__).with_suffix(".toml")


def all_diaries(seed: int = 1) -> dict[str, str]:
    """Every diary by its name."""
    styles = tomllib.loads(STYLES.read_text(encoding="utf-8"))
    return {name: _diary(style, random.Random(f"{name} {seed}")) for name, style in styles.items()}


def pages(text: str) -> list[str]:
    """A diary in its pages, which blank lines part; together they are the whole text."""
    return re.findall(r"(?:[^\n]+\n?)+\n*", text)


def _diary(style: dict[str, Any], chance: random.Random) -> str:
    text, day = "", 0
    while len(text.encode()) < BYTES:
        day += 1
        few, many = style["sentences"]
        parts = chance.sample(style["parts"], min(chance.randint(few, many), len(style["parts"])))
        head = _filled(style["head"], style, chance).replace("#", str(day % 28 + 1))
        text += f"{head}\n{style['between'].join(_filled(one, style, chance) for one in parts)}\n\n"
    return text


def _filled(template: str, style: dict[str, Any], chance: random.Random) -> str:
    """The template with a word for each `{name}`, the first ones far more often (Zipf)."""

    def word(found: re.Match[str]) -> str:
        words = style[found[1]]
        weights = [1 / (place + 1) for place in range(len(words))]
        return _filled(chance.choices(words, weights)[0], style, chance)

    return re.sub(r"\{(\w+)\}", word, template)
