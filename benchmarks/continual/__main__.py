"""Run them all, or go on where an earlier run stopped; keep every figure, print the means."""

from __future__ import annotations

import argparse
import csv
import importlib
import pkgutil
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks import record
from benchmarks.continual import learners, plot, streams
from benchmarks.continual.run import run
from benchmarks.continual.streams import Stream

CSV = record.RESULTS / "continual.csv"
KEY = ("stream", "learner", "strategy", "seed")
FIGURES = (
    "prequential", "at_the_end", "forgetting", "backward_transfer", "forward_transfer", "cpu_s",
)  # fmt: skip

Row = Mapping[str, str]


def main() -> None:
    """See the package's text."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.continual")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--streams", nargs="+", default=["play", "dialogues", "endings"])
    parser.add_argument("--learners", nargs="+", default=found())
    parser.add_argument("--data", type=Path, help="the folder of tinyshakespeare.txt")
    parser.add_argument("--anew", action="store_true", help="forget what earlier runs measured")
    parser.add_argument("--out", type=Path, default=CSV)
    given = parser.parse_args()
    if given.anew:
        given.out.unlink(missing_ok=True)
    rows = kept(given.out)
    known = {tuple(row[name] for name in KEY) for row in rows}
    for name in given.streams:
        stream = made(name, given.data)
        if stream is None:
            print(f"{name}: left out, tinyshakespeare.txt was not found (see --data).")
            continue
        for key, learner in wanted(name, given.learners, given.seeds):
            if key in known:
                continue
            outcome = run(learner.engine, stream, key[2], int(key[3]))
            figures = {name: f"{outcome.figures[name]:.4f}" for name in FIGURES}
            rows.append(dict(zip(KEY, key, strict=True)) | figures)
            keep(given.out, rows)
            print(*key, figures, flush=True)
    table = means(rows)
    record.write("continual", {"means": table}, out=given.out.with_suffix(".json"))
    for name in sorted({row["stream"] for row in rows}):
        drawn = given.out.with_name(f"continual_{name}.svg")
        drawn.write_text(plot.drawn([row for row in table if row["stream"] == name]))
    for row in table:
        print(row)


def found() -> list[str]:
    """The learners there are: a file each."""
    return sorted(one.name for one in pkgutil.iter_modules(learners.__path__))


def made(name: str, data: Path | None) -> Stream | None:
    """The stream of this name; None where its text is not here."""
    makers: dict[str, Callable[[], Stream | None]] = {
        "play": lambda: streams.play(data),
        "dialogues": streams.dialogues,
        "endings": streams.endings,
    }
    return makers[name]()


def wanted(
    stream: str, names: list[str], seeds: int
) -> Iterator[tuple[tuple[str, str, str, str], Any]]:
    """What is to be run on a stream, seed by seed, so that a run cut short has a few of all."""
    for seed in range(1, seeds + 1):
        for name in names:
            learner = importlib.import_module(f"{learners.__name__}.{name}")
            for strategy in learner.STRATEGIES:
                yield (stream, name, strategy, str(seed)), learner


def kept(path: Path) -> list[Row]:
    """What earlier runs measured."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def keep(path: Path, rows: list[Row]) -> None:
    """Every row there is, in place of what the file held."""
    beside = path.with_suffix(".part")
    with beside.open("w", newline="") as file:
        writer = csv.DictWriter(file, (*KEY, *FIGURES), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    beside.replace(path)


def means(rows: list[Row]) -> list[dict[str, Any]]:
    """Mean and standard deviation over the seeds, and how many these were."""
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["stream"], row["learner"], row["strategy"]].append(row)
    table = []
    for (stream, learner, strategy), group in groups.items():
        of_one: dict[str, Any] = {"stream": stream, "learner": learner, "strategy": strategy}
        of_one["seeds"] = len(group)
        for name in FIGURES:
            values = [float(row[name]) for row in group]
            spread = statistics.stdev(values) if len(values) > 1 else 0.0
            of_one[name] = [round(statistics.mean(values), 4), round(spread, 4)]
        table.append(of_one)
    return table


if __name__ == "__main__":
    main()
