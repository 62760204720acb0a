"""How much memory the import of a large ChatGPT export takes.

    python -m benchmarks.importing --megabytes 8 32 128 2048

An export is made as ChatGPT makes it today: a ZIP of JSON files, each a list of conversations, of
text drawn by Zipf's law. `l2c import` reads it in a process of its own into an empty data
directory; its peak memory is the kernel's count. Everything is deleted at the end.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import record

FILE_BYTES = 32 << 20
MOST_MB = 300


def main() -> None:
    """Make and import an export of each size, write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, nargs="+", default=[2048])
    asked = parser.parse_args()
    figures = {"peak_rss_mb_at_most": MOST_MB, "sizes": [measure(mb) for mb in asked.megabytes]}
    record.write("importing", figures)
    print(json.dumps(figures, indent=1))


def measure(megabytes: int) -> dict[str, Any]:
    """What the import of an export of this size takes."""
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder, "export.zip")
        conversations = write_export(export, megabytes << 20)
        environment = {name: value for name, value in os.environ.items() if name[:4] != "L2C_"}
        command = [sys.executable, "-m", "l2c", "import", str(export), "--json"]
        load, began = os.getloadavg()[0], time.monotonic()
        with open(Path(folder, "told"), "w+") as told:
            process = subprocess.Popen(
                [*command, "--data-dir", str(Path(folder, "data"))],
                env=environment, stdout=told, stderr=subprocess.STDOUT,
            )  # fmt: skip
            _, status, spent = os.wait4(process.pid, 0)
            process.returncode = code = os.waitstatus_to_exitcode(status)
            told.seek(0)
            printed = told.read()
        return {
            "json_mb": megabytes,
            "zip_mb": round(export.stat().st_size / 1e6, 1),
            "conversations": conversations,
            "exit_code": code,
            "outcome": _totals(printed) if code == 0 else printed,
            "store_mb": round(Path(folder, "data", "l2c.db").stat().st_size / 1e6),
            "peak_rss_mb": round(spent.ru_maxrss / 1024),
            "cpu_s": round(spent.ru_utime + spent.ru_stime, 1),
            "wall_s": round(time.monotonic() - began, 1),
            "load_before": round(load, 1),
        }


def _totals(printed: str) -> dict[str, int]:
    """How many conversations came to what, without the line of each."""
    told = json.loads(printed)
    return {name: told[name] for name in told if name != "conversations"}


def write_export(path: Path, size_bytes: int) -> int:
    """Write an export of about so many bytes of JSON; how many conversations it holds."""
    rng = random.Random(1)
    words = [f"word{number}" for number in range(5000)]
    weights = [1 / (rank + 1) for rank in range(len(words))]
    written = number = part = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        while written < size_bytes:
            with archive.open(f"conversations-{part:03}.json", "w") as file:
                begin, here = "[", 0
                while here < FILE_BYTES and written + here < size_bytes:
                    said = json.dumps(conversation(number, rng, words, weights))
                    here += file.write((begin + said).encode())
                    begin = ","
                    number += 1
                file.write(b"]")
            written += here
            part += 1
    return number


def conversation(
    number: int, rng: random.Random, words: list[str], weights: list[float]
) -> dict[str, Any]:
    """One conversation of ten turns, of a thousand words each."""
    mapping: dict[str, Any] = {"root": {"id": "root", "message": None, "parent": None}}
    last = "root"
    for turn, text in enumerate(texts(rng, words, weights)):
        name = f"{number}-{turn}"
        message = {
            "id": name,
            "author": {"role": "assistant" if turn % 2 else "user"},
            "create_time": 1.7e9 + number + turn,
            "content": {"content_type": "text", "parts": [text]},
        }
        mapping[name] = {"id": name, "message": message, "parent": last, "children": []}
        mapping[last].setdefault("children", []).append(name)
        last = name
    title = f"Conversation {number}"
    whole = {"title": title, "create_time": 1.7e9 + number, "mapping": mapping}
    return whole | {"current_node": last, "conversation_id": f"{number:032x}"}


def texts(rng: random.Random, words: list[str], weights: list[float]) -> Iterator[str]:
    """What is said, turn by turn."""
    for _ in range(10):
        yield " ".join(rng.choices(words, weights, k=1000))


if __name__ == "__main__":
    main()
