"""Keystrokes saved in a diary by ghost text, test-then-train, beside the frozen starter.

Three diaries are written by generators of distinct styles (`benchmarks/diaries.py`), 70 KB each, or
read from files (`--diary`). Page by page it is measured how many keystrokes suggestions would
have spared, with everything learned from the pages before and with the starter alone; only then is
the page learned. Reported is the part behind the first 50 KB. Then suggestions are asked for at
every seventh letter of the last pages, as somebody types them, and their time is taken.

    python -m benchmarks.notebook [--diary FILE]... [--write]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import diaries, record
from l2c import starter
from l2c.engines.checkpoint import load
from l2c.engines.ghost import ByteReader, CountingMemory, keystrokes_saved, suggest
from l2c.engines.model import LanguageModel

LEARNED_BYTES = 50_000
TIMED_LETTERS = 2_000
EVERY = 7


def measure(text: str, model: LanguageModel) -> dict[str, Any]:
    """What ghost text is worth in one diary."""
    memory, reader, alone = CountingMemory(), ByteReader(model), ByteReader(model)
    read, sizes, mine, theirs, learning = 0, [], [], [], []
    for page in diaries.pages(text):
        size = len(page.encode())
        if read >= LEARNED_BYTES:
            mine.append(keystrokes_saved(page, memory.expected(page), reader))
            theirs.append(keystrokes_saved(page, None, alone))
            sizes.append(size)
        began = time.process_time()
        memory.learn(page)
        learning.append(time.process_time() - began)
        read += size
    saved, frozen = (float(np.average(shares, weights=sizes)) for shares in (mine, theirs))
    return {
        "bytes": read,
        "measured_bytes": sum(sizes),
        "saved_percent": 100 * saved,
        "starter_percent": 100 * frozen,
        "points": 100 * (saved - frozen),
        "learning_a_page_ms": 1e3 * float(np.median(learning)),
        **timed(text, memory, model),
    }


def timed(text: str, memory: CountingMemory, model: LanguageModel) -> dict[str, float]:
    """How long a suggestion takes while somebody types the end of a text."""
    reader, typed = ByteReader(model), text[-2 * TIMED_LETTERS :]
    wall, processor = [], []
    for end in range(TIMED_LETTERS, len(typed), EVERY):
        began, used = time.perf_counter(), time.process_time()
        suggest(typed[:end], memory, reader)
        wall.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    return {
        "suggestion_p95_ms": 1e3 * float(np.percentile(wall, 95)),
        "suggestion_p95_processor_ms": 1e3 * float(np.percentile(processor, 95)),
    }


def main() -> None:
    """Measure every diary and write the result."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--diary", type=Path, action="append", default=[])
    arguments.add_argument("--write", action="store_true", help="Write results/notebook.json.")
    given = arguments.parse_args()
    texts = {path.stem: path.read_text(encoding="utf-8") for path in given.diary}
    model = load(starter.PATH)
    results = {
        name: measure(text, model) for name, text in (texts or diaries.all_diaries()).items()
    }
    for name, found in results.items():
        print(
            f"{name}: {found['saved_percent']:.1f} % of keystrokes saved, starter "
            f"{found['starter_percent']:.1f} %, {found['points']:+.1f} points; a suggestion "
            f"{found['suggestion_p95_ms']:.1f} ms (p95)"
        )
    if given.write:
        record.write("notebook", results)


if __name__ == "__main__":
    main()
