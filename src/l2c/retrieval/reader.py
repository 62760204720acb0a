"""Files to text with pages: what `l2c.retrieval.child` read, waited for with a bound on everything.

    reading = read(file, "handbook.pdf")

Libraries that parse PDF and DOCX meet hostile files, so they run in a process of their own, one for
each file (`l2c.retrieval.child` says how it is confined; `Reading.isolation` says which fence the
machine allowed). This side bounds the time, the size of the answer, and how many run at once.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO, Any

from l2c.errors import Busy, InvalidInput
from l2c.retrieval.formats.book import MOST_CHARACTERS, MOST_PAGES, Span

WALL_S = 60.0
AT_ONCE = 2
"""Files read at the same time; more have to come back."""

_LONGEST_ANSWER = 6 * MOST_CHARACTERS + (8 << 20)
"""JSON writes a character in at most six bytes (twelve for a rare one)."""

_reading = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is in a file: `pages` of text, and `tables` as spans of lines with tabs between cells.

    `isolation` is `namespace` when the kernel kept the network away from the reading process, and
    `interpreter` when only Python refused it sockets.
    """

    kind: str
    pages: tuple[str, ...]
    tables: tuple[tuple[Span, ...], ...]
    warnings: tuple[str, ...]
    isolation: str


def read(file: IO[bytes], name: str) -> Reading:
    """Read an open file from where it stands to its end.

    Raises `InvalidInput`, with the reason in words, for a file that cannot be read, and `Busy`
    while `AT_ONCE` others are being read.
    """
    if not _reading.acquire(blocking=False):
        raise Busy(f"{AT_ONCE} documents are being read; try again in a few seconds.")
    try:
        answer = _run(file, name)
    finally:
        _reading.release()
    if "refused" in answer:
        raise InvalidInput(str(answer["refused"]))
    return _reading_of(answer)


def _run(file: IO[bytes], name: str) -> dict[str, Any]:
    command = [sys.executable, "-I", "-X", "utf8", "-m", "l2c.retrieval.child", name]
    with subprocess.Popen(
        command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
    ) as child:
        assert child.stdout is not None
        late = threading.Timer(WALL_S, child.kill)
        late.start()
        try:
            said = child.stdout.read(_LONGEST_ANSWER)
            if len(said) == _LONGEST_ANSWER:
                child.kill()
        finally:
            late.cancel()
    try:
        answer = json.loads(said)
    except ValueError as error:
        raise InvalidInput(
            f"This file could not be read within {WALL_S:.0f} seconds and the memory a document "
            "may take; it is damaged, or made to exhaust its reader."
        ) from error
    assert isinstance(answer, dict)
    return answer


def _reading_of(answer: dict[str, Any]) -> Reading:
    """The child's answer as a value; one that is not as promised is a bug or an attack."""
    reading = Reading(
        kind=str(answer["kind"]),
        pages=tuple(map(str, answer["pages"])),
        tables=tuple(
            tuple(Span(int(s["page"]), int(s["start"]), int(s["end"])) for s in table)
            for table in answer["tables"]
        ),
        warnings=tuple(map(str, answer["warnings"])),
        isolation=str(answer["isolation"]),
    )
    spans = [span for table in reading.tables for span in table]
    sound = 1 <= len(reading.pages) <= MOST_PAGES and all(
        1 <= s.page <= len(reading.pages) and 0 <= s.start < s.end <= len(reading.pages[s.page - 1])
        for s in spans
    )
    if not sound:
        raise InvalidInput("This file was read, but what came out of it contradicts itself.")
    return reading
