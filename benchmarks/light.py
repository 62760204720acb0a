"""How light the light server is: from the command to the first page, and what memory it holds.

    python -m benchmarks.light [--rounds N]

Fresh processes on loopback with the shipped starter. Memory is the resident set after the model
was loaded and ten turns were answered.
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

ANSWERS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = [measure() for _ in range(parser.parse_args().rounds)]
    figures = {
        name: {"median": statistics.median(values), "best": min(values)}
        for name, values in zip(
            ("page_after_s", "cpu_s", "resident_mb"), zip(*rounds, strict=True), strict=True
        )
    }
    busy = round(os.getloadavg()[0], 1)
    record.write("light", {"rounds": len(rounds), "load_average": busy, **figures})
    print(json.dumps(figures, indent=1))


def measure() -> tuple[float, float, float]:
    """Seconds to the first page, CPU seconds until then, and megabytes after some answers."""
    with tempfile.TemporaryDirectory() as data_dir:
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
            for _ in range(ANSWERS):
                ask(port, "POST", "/chat", {"prompt": "Hello"})
            return page_after, cpu, resident_mb(process.pid)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def ask(port: int, method: str, path: str, body: dict[str, str] | None = None) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    content = None if body is None else json.dumps(body)
    connection.request(method, path, content, {"content-type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 200, answer.status


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    (size,) = re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(size) / 1000


if __name__ == "__main__":
    main()
