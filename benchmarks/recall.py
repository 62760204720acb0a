"""Does it learn from what it is told? The RECALL protocol on the files that come with L2C.

    python -m benchmarks.recall hundred odd corrections --seeds 1

Each file's figures take the place of its former ones in `results/recall.json`; the others stay.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

from benchmarks import record

FILES = ("hundred", "odd", "corrections")


def main() -> None:
    """Run the protocol on each file and write the figures."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("files", nargs="*", default=FILES)
    arguments.add_argument("--seeds", type=int, default=1)
    arguments.add_argument("--rounds", type=int, default=1)
    arguments.add_argument("--first", type=int, help="only so many facts of each file")
    arguments.add_argument("--swap", action="store_true", help="a second world as a control")
    given = arguments.parse_args()
    path = record.RESULTS / "recall.json"
    for name in given.files:
        command = ["recall", "--facts", name, "--seeds", str(given.seeds)]
        command += ["--rounds", str(given.rounds)]
        command += ["--first", str(given.first)] if given.first else []
        command += ["--swap"] if given.swap else []
        done = subprocess.run(
            [sys.executable, "-m", "l2c", *command, "--json"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        figures = json.loads(done.stdout)
        former = json.loads(path.read_text())["files"] if path.exists() else {}
        how = {"command": f"l2c {' '.join(command)}", "commit": record.commit()}
        record.write("recall", {"files": former | {_named(given, name): how | figures}})


def _named(given: argparse.Namespace, name: str) -> str:
    """What a run is filed under: facts, rounds and a second world make other measurements."""
    facts = f"{name}, {given.first} facts" if given.first else name
    named = facts if given.rounds == 0 else f"{facts}, {given.rounds} rounds"
    return f"{named}, swap" if given.swap else named


if __name__ == "__main__":
    main()
