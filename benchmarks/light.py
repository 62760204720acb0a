"""How light the light server is: from the command to the first page, and what memory it holds.

    python -m benchmarks.light [--rounds N]

Fresh processes on loopback with the shipped starter. Memory is the resident set after the model
was loaded and ten turns of all kinds were answered, `first_resident_mb` of a first start, where
another process makes the practice and it is kept, `resident_mb` of a later one.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

from benchmarks import record

TURNS = (
    "Hello",
    "My cat is called Tom.",
    "What is 12 times 7?",
    "What is a river?",
    "What time is it in Tokyo?",
    "Tell me a story about a fox.",
    "What colour is snow?",
    "Write a poem about the river Main",
    "Explain quantum chromodynamics",
    "Thanks, bye",
)
KINDS = {"practised", "generated", "computed", "declined"}
"""The origins that answers to these have, each at least once."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = [measure() for _ in range(parser.parse_args().rounds)]
    figures = {
        name: {"median": statistics.median(values), "best": min(values), "worst": max(values)}
        for name in rounds[0]
        for values in [[figures[name] for figures in rounds]]
    }
    busy = round(os.getloadavg()[0], 1)
    record.write("light", {"rounds": len(rounds), "load_average": busy, **figures})
    print(json.dumps(figures, indent=1))


def measure() -> dict[str, float]:
    """A first start in a new data directory, and another one in the same.

    Seconds from the command to the page and CPU seconds until then, of the later start, and
    megabytes after the answers, of both.
    """
    with tempfile.TemporaryDirectory() as data_dir:
        first = served(data_dir)
        later = served(data_dir)
    return later | {"first_resident_mb": first["resident_mb"]}


def served(data_dir: str) -> dict[str, float]:
    """One server from its start to the last answer."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "l2c", "serve", "--light", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--data-dir", data_dir], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    port = int(line.split(":")[2].split()[0])
    try:
        ask(port, "GET", "/")
        page_after, cpu = time.perf_counter() - began, cpu_seconds(process.pid)
        at_first = resident_mb(process.pid)
        answers = [json.loads(ask(port, "POST", "/chat", {"prompt": turn})) for turn in TURNS]
        assert {answer["origin"] for answer in answers} == KINDS, answers
        return {
            "page_after_s": page_after,
            "cpu_s": cpu,
            "page_resident_mb": at_first,
            "resident_mb": resident_mb(process.pid),
        }
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def ask(port: int, method: str, path: str, body: dict[str, str] | None = None) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    content = None if body is None else json.dumps(body)
    connection.request(method, path, content, {"content-type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    assert answer.status == 200, said
    return said


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    (size,) = re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(size) / 1000


if __name__ == "__main__":
    main()
