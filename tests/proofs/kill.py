"""Proof that nothing is lost and nothing is learned twice: `make proof-kill`.

    python -m tests.proofs.kill --kills 100

kills the whole server in mid-answer, and the learner in mid-training, that many times each, at
random instants that follow from `--seed`. Prints one line of JSON and ends with 1 when anything
was violated. With `--control` the disk forgets what it promised, and the proof must fail; a proof
that cannot fail proves nothing.

A kill shows what survives the end of a process. What survives the end of power is shown by
`tests/store`, with a disk that loses what was not flushed.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.journeys.household import Household, write_starter
from tests.proofs import kill_learner, kill_server

ALLOWED_MS = 250.0
"""How long before a kill the oldest lost character may have been shown."""


def prove(
    home: Path,
    kills: int,
    *,
    seed: int = 0,
    allowed_ms: float = ALLOWED_MS,
    forgetful: bool = False,
) -> tuple[kill_server.Findings, kill_learner.Findings]:
    """Kill each of the two `kills` times; what was found."""
    talker = write_starter(
        home / "talker.safetensors", hidden_size=kill_server.HIDDEN, talkative=True
    )
    settings = {"learner": False, "answer_tokens": kill_server.TOKENS}
    with Household(home / "server", talker, **settings) as house:
        served = kill_server.run(
            house,
            kills,
            chance=random.Random(seed),
            allowed_s=allowed_ms / 1000,
            forgetful=forgetful,
        )
    said = kill_learner.integrity(home / "server")
    if said != "ok":
        served.violations.append(f"integrity_check: {said}")
    pupil = write_starter(home / "pupil.safetensors", hidden_size=kill_learner.HIDDEN)
    learned = kill_learner.run(
        home / "learner", pupil, kills, chance=random.Random(seed), forgetful=forgetful
    )
    return served, learned


def main() -> int:
    """Prove it, print the figures; 1 when something was violated."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100, help="of server and learner each")
    parser.add_argument("--seed", type=int, default=0, help="decides every instant")
    parser.add_argument("--allowed-ms", type=float, default=ALLOWED_MS)
    parser.add_argument("--control", action="store_true", help="a disk that forgets: must fail")
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        served, learned = prove(
            Path(home),
            asked.kills,
            seed=asked.seed,
            allowed_ms=asked.allowed_ms,
            forgetful=asked.control,
        )
    seconds = round(time.monotonic() - began)
    print(json.dumps({"server": asdict(served), "learner": asdict(learned), "seconds": seconds}))
    return 1 if served.violations or learned.violations else 0


if __name__ == "__main__":
    sys.exit(main())
