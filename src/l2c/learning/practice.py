"""What the starters practised, ready to be looked through; built once in a process."""

from __future__ import annotations

from functools import cache

from l2c import machine
from l2c.corpus import practice as written
from l2c.text.known import Exchange, Knowledge
from l2c.text.practice import Practice
from l2c.text.tales import Tales


@cache
def practice() -> Practice:
    """The practice of the shipped corpus; what making it took is given back to the system."""
    made = _made()
    machine.release_memory()
    return made


def _made() -> Practice:
    return Practice(
        [Exchange(*line) for line in written.exchanges()],
        itself=written.itself(),
        knowledge=Knowledge(
            opposites=_known(written.opposites()),
            colours=_known(written.colours()),
            meanings=_known(written.meanings()),
        ),
        remarks=written.remarks(),
        passing=[Exchange(*line) for line in written.passing()],
        heard=written.heard(),
        more=written.more(),
        general=written.general(),
        tales=Tales(*written.tales()),
    )


def _known(lines: dict[str, written.Line]) -> dict[str, Exchange]:
    return {word: Exchange(*line) for word, line in lines.items()}
