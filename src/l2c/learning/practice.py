"""What the starters practised, ready to be looked through.

As a program it writes what `l2c.learning.practice_file` keeps in a file.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from l2c.corpus import practice as written
from l2c.learning.practice_file import kept_practice, sources_digest, to_bytes
from l2c.text.known import Exchange, Knowledge
from l2c.text.practice import Practice
from l2c.text.repertoire import Repertoire, Sayings
from l2c.text.tales import Tales


@cache
def practice() -> Practice:
    """The practice of the shipped corpus, made once in a process."""
    return Practice(repertoire())


@cache
def practice_in(folder: Path) -> Practice:
    """The same out of a folder, read once in a process; made here, and kept, where it is not."""
    return kept_practice(folder, make=made_here)


def made_here() -> bytes:
    """The content of a file."""
    return to_bytes(repertoire(), sources_digest())


def repertoire() -> Repertoire:
    """What the shipped corpus has of everything."""
    return Repertoire.of(
        [Exchange(*line) for line in written.exchanges()],
        itself=written.itself(),
        knowledge=Knowledge(
            opposites=_known(written.opposites()),
            colours=_known(written.colours()),
            meanings=_known(written.meanings()),
        ),
        passing=[Exchange(*line) for line in written.passing()],
        sayings=Sayings(
            remarks=written.remarks(),
            heard=written.heard(),
            more=written.more(),
            general=sorted(written.general()),
            tales=Tales(*written.tales()),
        ),
    )


def _known(lines: dict[str, written.Line]) -> dict[str, Exchange]:
    return {word: Exchange(*line) for word, line in lines.items()}


if __name__ == "__main__":
    sys.stdout.buffer.write(made_here())
