"""Proof that what is forgotten was never learned: `make proof-forgetting`.

    python -m tests.proofs.forgetting --histories 20 [--families lstm ngram ...]

For every engine random histories: things are said and learned, a lesson at a time, among them a
secret, in a turn or on a page of the notebook; then `l2c forget` is told to forget it, killed with
-9 at random instants, and started again until it is done. The live checkpoint must be, bit for bit,
that of a world in which the secret was never said, also where the gate had set text aside that the
secret's weights could not learn, and no file may hold it. There are as many histories as it takes
until the weights had learned the secret in so many; where the gate had refused it, they only count
for what the files hold. Prints one line of JSON for each, with whether the secret was `learned` and
the lessons `set_aside` before and after, and ends with 1 when something was violated. With
`--control` the secret stays in the other world, so that the proof must fail.
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
from l2c.learning.lesson import ATTEMPTS
from l2c.store.states import LessonState
from l2c.text.characters import CharacterTokenizer
from tests.journeys.household import environment
from tests.learning.school import ALPHABET, School
from tests.learning.test_pages import page
from tests.learning.test_unlearning import CANARY, SAYINGS, SMALL, files_with, live_after

LATEST_S = 6.0
"""The latest instant of a kill, from the command's start."""

KILLS = 6
"""Kills of one history, after which forgetting is left alone."""

MOST_TRIES = 5
"""Histories tried for each that is wanted."""

History = Sequence[Sequence[str]]
Lived = tuple[list[str], str, int]
"""What names the secret on the command line, the live checkpoint, and lessons set aside."""


def main() -> int:
    """Prove it, print the figures; 1 when something was violated."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, default=20, help="with the secret in the weights")
    parser.add_argument("--families", nargs="+", default=sorted(families()))
    parser.add_argument("--seed", type=int, default=0, help="decides everything that is chance")
    parser.add_argument("--control", action="store_true", help="it stays there: must fail")
    asked = parser.parse_args()
    violated = 0
    for family in asked.families:
        learned = 0
        for number in range(MOST_TRIES * asked.histories):
            chance = random.Random(f"{asked.seed} {family} {number}")
            with tempfile.TemporaryDirectory() as home:
                found = one_history(family, chance, Path(home), control=asked.control)
            learned += bool(found["learned"])
            violated += bool(found["violations"])
            print(json.dumps({"family": family, "history": number} | found), flush=True)
            if learned == asked.histories:
                break
        else:
            raise AssertionError(f"{family} learned the secret in {learned} histories only")
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
    lived = _with_a_page if chance.random() < 0.5 else _with_a_turn
    wanted, knew, aside = lived(home / "ours", model, never, at)
    never_knew = live_after(home / "never", model, never)
    expected = lived(home / "again", model, never, at)[1] if control else never_knew
    kills = _forget(home / "ours", starter, wanted, chance)
    with closing(School.open(home / "ours", model)) as school:
        live, still = school.live(), _set_aside(school)
    violations = []
    if live != expected:
        violations.append(f"live {live[:12]}, of the world that never knew {expected[:12]}")
    if left := files_with(home / "ours", CANARY):
        violations.append(f"the secret is still in {left}")
    seconds = round(time.monotonic() - began)
    found = {"of": wanted[0], "learned": knew != never_knew, "set_aside": [aside, still]}
    return found | {"kills": kills, "seconds": seconds, "violations": violations}


def _with_a_turn(home: Path, model: LanguageModel, never: History, at: int) -> Lived:
    """A world in which the secret was said first in one of the conversations."""
    with closing(School.open(home, model)) as school:
        secret = ""
        for number, together in enumerate(never):
            said = school.tell(*([CANARY] if number == at else []), *together)
            secret = said[0] if number == at else secret
            school.learn()
        return ["--turn", secret], school.live(), _set_aside(school)


def _with_a_page(home: Path, model: LanguageModel, never: History, at: int) -> Lived:
    """A world in which the secret was written down before one of the conversations."""
    with closing(School.open(home, model)) as school:
        secret = ""
        for number, together in enumerate(never):
            if number == at:
                secret = page(school, SAYINGS[0], CANARY).id
            school.tell(*together)
            school.learn()
        return ["--note", secret], school.live(), _set_aside(school)


def _set_aside(school: School) -> int:
    """How many lessons the gate refused for the last time."""
    rows = school.learning.lessons("le").lessons
    return sum(r.state is LessonState.REFUSED and r.attempt == ATTEMPTS - 1 for r in rows)


def _forget(home: Path, starter: Path, wanted: list[str], chance: random.Random) -> int:
    """Forget it with the command, killed now and then; how often that was."""
    command = [sys.executable, "-m", "l2c", "forget", "--data-dir", str(home)]
    kills = 0
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
        if kills and b"There is no page" in errors:
            wanted = []  # its text is gone already; the rest goes on
            continue
        if running.returncode != 0:
            raise AssertionError(errors.decode())
        return kills


if __name__ == "__main__":
    sys.exit(main())
