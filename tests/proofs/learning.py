"""Proof that a killed learner learns everything once: `make proof-learning`.

    python -m tests.proofs.learning --kills 1000

kills the learner in mid-training that many times, at random instants that follow from `--seed`,
and starts it again. Every exchange must be learned exactly once, and the live checkpoint be the
one of a twin that was never killed, bit for bit. Prints one line of JSON and ends with 1 when
something was violated. With `--control` the disk forgets what it promised, and it must fail.
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

from tests.journeys.household import write_starter
from tests.proofs import kill_learner


def main() -> int:
    """Prove it, print the figures; 1 when something was violated."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="decides every instant")
    parser.add_argument("--control", action="store_true", help="a disk that forgets: must fail")
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        pupil = write_starter(Path(home) / "pupil.safetensors", hidden_size=kill_learner.HIDDEN)
        found = kill_learner.run(
            Path(home) / "learner",
            pupil,
            asked.kills,
            chance=random.Random(asked.seed),
            forgetful=asked.control,
        )
    print(json.dumps(asdict(found) | {"seconds": round(time.monotonic() - began)}))
    return 1 if found.violations else 0


if __name__ == "__main__":
    sys.exit(main())
