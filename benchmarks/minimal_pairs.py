"""Minimal pairs: two sentences that differ in one thing, of which one is English.

In the style of BLiMP (Warstadt et al. 2020, "BLiMP: the benchmark of linguistic minimal pairs for
English"), with the small vocabulary of the starter corpus. Words and templates stand in
`minimal_pairs.toml`; a template is filled in every way, and `PAIRS` of the sentences are drawn,
always the same ones. A pair is written once, with the difference in brackets, the right form
first: `The {one} [sleeps|sleep] {where}.`
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

from l2c.corpus.chance import Chance

PAIRS = 50
"""Pairs of every phenomenon."""

SEED = 20261121

_SLOT = re.compile(r"\{([a-z]+)(2?)\}")
_CHOICE = re.compile(r"\[([^|\]]*)\|([^\]]*)\]")

Pairs = Sequence[tuple[str, str]]
"""Sentences, the right one and the wrong one."""


def minimal_pairs() -> dict[str, Pairs]:
    """`PAIRS` different pairs of every phenomenon; the same ones every time."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {
        name: _drawn([_filled(template, table["words"]) for template in templates], Chance(SEED, n))
        for n, (name, templates) in enumerate(table["phenomena"].items())
    }


def _drawn(lines: Sequence[Sequence[str]], chance: Chance) -> Pairs:
    """The templates take turns until there are enough pairs."""
    shuffled = [chance.shuffled(of_template) for of_template in lines]
    drawn: dict[tuple[str, str], None] = {}
    while len(drawn) < PAIRS:
        for of_template in shuffled:
            if of_template:
                line = of_template.pop()
                drawn[_CHOICE.sub(r"\1", line), _CHOICE.sub(r"\2", line)] = None
    return list(drawn)[:PAIRS]


def _filled(template: str, words: Mapping[str, Sequence[str]]) -> list[str]:
    """The template with every choice of different words for its slots."""
    slots = list(dict.fromkeys(_SLOT.findall(template)))
    filled = []
    for chosen in product(*(words[name] for name, _ in slots)):
        line = template
        for (name, second), word in zip(slots, chosen, strict=True):
            line = line.replace(f"{{{name}{second}}}", word)
        if len(set(chosen)) == len(chosen):
            filled.append(line)
    return filled
