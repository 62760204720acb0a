"""What training keeps of its speed beside eight busy processes: its fair share, or less?

    python -m benchmarks.busy [--processes N] [--seconds S]

One step after the other of an LSTM (H256 T64 B32) with one thread and with two, alone and then
beside N processes that do nothing but count. With T threads, N processes and C cores a fair share
is C T / (T + N) cores, T at most. A kernel whose threads wait by spinning, or that hands work over
many times a step, gets less done with its share than it would alone; the last figure says how
much: characters a second beside the others, as a part of what the fair share would have given.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from typing import Any

from benchmarks import record
from benchmarks.speed import Shape, Work, our_training

SHAPE = Shape(256, 1, 64, 32)
ROUNDS = 5


def rate(work: Work, seconds: float) -> float:
    """Characters a second of the clock."""
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        done += work()
    return done / (time.perf_counter() - start)


def beside(work: Work, processes: int, seconds: float) -> float:
    """The same while so many processes count."""
    others = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)
    ]
    try:
        return rate(work, seconds)
    finally:
        for process in others:
            process.kill()
            process.wait()


def measured(threads: int, processes: int, seconds: float) -> dict[str, Any]:
    """Alone and beside others in turns; the median of the rounds' shares."""
    work = our_training(SHAPE, threads)
    rate(work, seconds / 4)
    pairs = [(rate(work, seconds), beside(work, processes, seconds)) for _ in range(ROUNDS)]
    cores = os.cpu_count() or 1
    alone_cores = min(threads, cores)
    fair = min(cores * threads / (threads + processes), alone_cores) / alone_cores
    kept = statistics.median(busy / alone for alone, busy in pairs)
    return {
        "threads": threads,
        "characters_per_second_alone": round(statistics.median(alone for alone, _ in pairs)),
        "characters_per_second_beside": round(statistics.median(busy for _, busy in pairs)),
        "kept": round(kept, 3),
        "fair_share": round(fair, 3),
        "of_fair_share": round(kept / fair, 2),
    }


def main() -> None:
    """Measure and write the results down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one slice")
    options = parser.parse_args()
    load = round(os.getloadavg()[0], 1)
    rows = []
    for threads in (1, 2):
        rows.append(measured(threads, options.processes, options.seconds))
        print(rows[-1], flush=True)
    conditions = {"processes": options.processes, "load_average_before": load}
    record.write("busy", conditions | {"shape": str(SHAPE), "measurements": rows})


if __name__ == "__main__":
    main()
