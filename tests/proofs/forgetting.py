"""Proof that what is forgotten was never learned: `make proof-forgetting`.

    python -m tests.proofs.forgetting --histories 20 [--families lstm ngram ...]

For every engine and so many random histories: things are said and learned, a lesson at a time,
among them a secret; then `l2c forget` is told to forget it, killed with -9 at random instants, and
started again until it is done. The live checkpoint must be, bit for bit, that of a world in which
the secret was never said, and no file may hold it. Prints one line of JSON for each history and
ends with 1 when something was violated. With `--control` the secret stays in the other world, so
that the proof must fail.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.engines.registry import families
from l2c.text.characters import CharacterTokenizer
from tests.journeys.household import environment
from tests.learning.school import ALPHABET, School
from tests.learning.test_unlearning import CANARY, SAYINGS, SMALL, files_with

LATEST_S = 6.0
"""The latest instant of a kill, from the command's start."""

KILLS = 6
"""Kills of one history, after which forgetting is left alone."""

History = Sequence[Sequence[str]]


def main() -> int:
    """Prove it, print the figures; 1 when something was violated."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, default=20)
    parser.add_argument("--families", nargs="+", default=sorted(families()))
    parser.add_argument("--seed", type=int, default=0, help="decides everything that is chance")
    parser.add_argument("--control", action="store_true", help="it stays there: must fail")
    asked = parser.parse_args()
    violated = 0
    for family in asked.families:
        for number in range(asked.histories):
            chance = random.Random(f"{asked.seed} {family} {number}")
            with tempfile.TemporaryDirectory() as home:
                found = one_history(family, chance, Path(home), control=asked.control)
            violated += bool(found["violations"])
            print(json.dumps({"family": family, "history": number} | found), flush=True)
    return 1 if violated else 0


def one_history(
    family: str, chance: random.Random, home: Path, *, control: bool
) -> dict[str, object]:
    """Say, learn, forget and be killed; what came of it."""
    began = time.monotonic()
    config = SMALL.get(family, {})
    model = LanguageModel.create(family, config, CharacterTokenizer(ALPHABET), seed=0)
    starter = home / "starter.safetensors"
    starter.write_bytes(checkpoint.to_bytes(model, optimizer=False))
    never: History = [chance.sample(SAYINGS, chance.choice([1, 2])) for _ in range(3)]
    at = chance.randrange(len(never))
    said = [[CANARY, *together] if n == at else together for n, together in enumerate(never)]
    secret, knew = _live_after(home / "ours", model, said)
    expected = _live_after(home / "never", model, said if control else never)[1]
    kills = _forget(home / "ours", starter, secret[at][0], chance)
    with closing(School.open(home / "ours", model)) as school:
        live = school.live()
    violations = []
    if live != expected:
        violations.append(f"live {live[:12]}, of the world that never knew {expected[:12]}")
    if live == knew:
        violations.append("the checkpoint that knew still answers")
    if left := files_with(home / "ours", CANARY):
        violations.append(f"the secret is still in {left}")
    seconds = round(time.monotonic() - began)
    return {"kills": kills, "seconds": seconds, "violations": violations}


def _live_after(home: Path, model: LanguageModel, history: History) -> tuple[list[list[str]], str]:
    """The turns in which it was said, and the live checkpoint when each part was a lesson."""
    with closing(School.open(home, model)) as school:
        turns = []
        for together in history:
            turns.append(school.tell(*together))
            school.learn()
        return turns, school.live()


def _forget(home: Path, starter: Path, turn: str, chance: random.Random) -> int:
    """Forget the turn with the command, killed now and then; how often that was."""
    command = [sys.executable, "-m", "l2c", "forget", "--data-dir", str(home)]
    kills, wanted = 0, ["--turn", turn]
    while True:
        running = subprocess.Popen(
            [*command, *wanted],
            env=environment(starter=starter, practice_tokens=0, autosave_s=0.2),
            cwd=home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            _, errors = running.communicate(
                timeout=chance.uniform(0, LATEST_S) if kills < KILLS else None
            )
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()
            kills += 1
            continue
        if running.returncode != 0:
            raise AssertionError(errors.decode())
        return kills


if __name__ == "__main__":
    sys.exit(main())
