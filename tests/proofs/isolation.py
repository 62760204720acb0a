"""Proof that nothing one person teaches reaches another: `make proof-isolation`.

    python -m tests.proofs.isolation --turns 500

runs two worlds. In one, Ada tells her model that many secrets while Eve talks to hers; in the
other Ada is silent. What Eve can see must be the same in both, bit for bit: the digest of the
checkpoint that answers her, its greedy answers, what a search for each secret finds. It is no
statistics: a single bit of Ada's in Eve's model would change the digest. Prints one line of JSON
and ends with 1 when something differs. With `--control` a tenth of the secrets is told by Eve
too, in the world where Ada talks, and the proof must fail.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from l2c.runtime import Runtime
from l2c.runtime.learners import Learners
from l2c.runtime.residents import Residents
from tests.journeys.household import write_starter
from tests.server.serving import settings

HIDDEN = 24
TOGETHER = 10
"""Turns that are told before the learners have their turn."""

PASSWORD = "correct horse battery"

EVES = ("My boat is made of larch.", "The mast is made of spruce.", "I paint on Sundays.")
PROMPTS = (
    "Hello",
    "What is the password?",
    "What did Ada say?",
    "The code of",
    "Tell me a secret.",
    "My boat is made of",
)


@dataclass(frozen=True)
class Seen:
    """All that Eve can see."""

    checkpoint: str
    answers: tuple[str, ...]
    hits: int


def secrets(turns: int) -> list[str]:
    """What Ada knows."""
    chance = random.Random(0)
    return [
        f"The code of box {number} is {chance.getrandbits(40):010x}." for number in range(turns)
    ]


def world(home: Path, starter: Path, ada_says: Sequence[str], eve_says: Sequence[str]) -> Seen:
    """A world in which both say these things, and what Eve sees at its end."""
    with Runtime.open(settings(home, starter, ollama_url="")) as local:
        residents = Residents(local)
        local.house.door.accounts.found("root", password=local.house.door.passwords.hash(PASSWORD))
        ada, eve = (residents.of(_account(local, name)) for name in ("ada", "eve"))
        with closing(Learners(residents, threading.Event())) as learners:
            for first in range(0, max(len(ada_says), len(eve_says)), TOGETHER):
                for side, said in ((ada, ada_says), (eve, eve_says)):
                    for text in said[first : first + TOGETHER]:
                        side.chat(text, seed=1, length=4)
                while learners.once_round():
                    pass
        answers = [eve.chat(text, temperature=0.0, seed=1, learn=False).text for text in PROMPTS]
        hits = sum(len(eve.conversations.search(text)) for text in secrets(len(ada_says) or 1))
        found = Seen(eve.models.live("le"), tuple(answers), hits)
        residents.close()
    return found


def _account(local: Runtime, name: str) -> str:
    door = local.house.door
    return door.accounts.create(name, password=door.passwords.hash(PASSWORD)).id


def differences(home: Path, turns: int, *, leaking: bool = False) -> list[str]:
    """What Eve can tell the two worlds apart by."""
    starter = write_starter(home / "starter.safetensors", hidden_size=HIDDEN)
    told = secrets(turns)
    leaked = told[:: max(turns // 10, 1)] if leaking else []
    with_ada = world(home / "with", starter, told, [*EVES, *leaked])
    without = world(home / "without", starter, [], EVES)
    found = [name for name in ("checkpoint", "answers") if differ(with_ada, without, name)]
    return found + ["hits"] * (with_ada.hits > 0)


def differ(left: Seen, right: Seen, name: str) -> bool:
    """Whether the two worlds differ in this."""
    return bool(getattr(left, name) != getattr(right, name))


def main() -> int:
    """Prove it, print the figures; 1 when something differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=500, help="secrets Ada tells")
    parser.add_argument("--control", action="store_true", help="Eve is told some: must fail")
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        found = differences(Path(home), asked.turns, leaking=asked.control)
    seconds = round(time.monotonic() - began)
    print(json.dumps({"turns": asked.turns, "differences": found, "seconds": seconds}))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
