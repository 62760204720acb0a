"""Kill the whole server while it writes an answer, and look what is left.

One cycle: say something, read the stream until a random instant, kill -9, start again, compare.
What must hold: the user's turn is there; the answer is in a final state; what is kept and what
was shown are beginnings of one text; and what is missing was shown at most `allowed_s` before the
kill. A reader who comes back with all it saw ends up with exactly what is kept.
"""

from __future__ import annotations

import random
import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.journeys.household import Household, Json
from tests.server.serving import listening, read

HIDDEN = 1024
"""Units of a starter that takes about a millisecond for a character."""

TOKENS = 512
LATEST_S = 0.5
"""The latest instant of a kill, after the turn was acknowledged."""

FINAL = ("complete", "interrupted")


@dataclass
class Findings:
    """What the kills of a server came to; `violations` must stay empty."""

    kills: int = 0
    interrupted: int = 0
    shown_characters: int = 0
    kept_characters: int = 0
    oldest_loss_ms: float = 0.0
    violations: list[str] = field(default_factory=list)


@dataclass
class Reader:
    """Follows a stream, and remembers when it saw which character."""

    house: Household
    answer: str
    text: str = ""
    seen_at: list[tuple[float, int]] = field(default_factory=list)

    def follow(self) -> None:
        """Read until the connection breaks."""
        try:
            with listening(self.house.client, self.answer) as arriving:
                for event in arriving:
                    if event.kind == "piece":
                        self.text += event.data["text"]
                        self.seen_at.append((time.monotonic(), len(self.text)))
        except httpx.TransportError:
            return  # the server was killed: that is the point

    def age_of_loss(self, kept: int, killed: float) -> float:
        """How long before the kill the oldest character that is not kept was shown."""
        lost = [seen for seen, count in self.seen_at if count > kept]
        return killed - lost[0] if lost else 0.0


def run(
    house: Household, kills: int, *, chance: random.Random, allowed_s: float, forgetful: bool
) -> Findings:
    """Kill a server `kills` times.

    A `forgetful` disk goes back, at each kill, to what it held before the turn: the control that
    must be found out.
    """
    found = Findings()
    for _ in range(kills):
        if forgetful:
            house.stop()
            _replace(house.data_dir, _copy_of(house.data_dir))
            house.start()
        _cycle(house, found, chance, allowed_s, forgetful=forgetful)
    house.stop()
    return found


def _cycle(
    house: Household, found: Findings, chance: random.Random, allowed_s: float, *, forgetful: bool
) -> None:
    text = f"Number {found.kills}: {chance.random()}"
    conversation = house.post("/app/v1/conversations", {})["id"]
    path = f"/app/v1/conversations/{conversation}"
    exchange = house.post(f"{path}/turns", {"text": text, "seed": chance.getrandbits(32)})
    reader = Reader(house, exchange["answer"]["id"])
    following = threading.Thread(target=reader.follow)
    following.start()
    time.sleep(chance.uniform(0, LATEST_S))
    killed = time.monotonic()
    house.kill()
    following.join()
    if forgetful:
        _replace(_copy_of(house.data_dir), house.data_dir)
    house.start()
    found.kills += 1
    response = house.client.get(path)
    turns = response.json()["turns"] if response.is_success else []
    if [turn["text"] for turn in turns[:1]] != [text]:
        found.violations.append(f"the acknowledged turn {text!r} is gone")
        return
    _judge(house, found, reader, turns[1], killed, allowed_s)


def _judge(
    house: Household, found: Findings, reader: Reader, turn: Json, killed: float, allowed_s: float
) -> None:
    kept, shown = turn["text"], reader.text
    found.interrupted += turn["status"] == "interrupted"
    found.shown_characters += len(shown)
    found.kept_characters += len(kept)
    if turn["status"] not in FINAL:
        found.violations.append(f"an answer is {turn['status']} after the restart")
    if not (kept.startswith(shown) or shown.startswith(kept)):
        found.violations.append(f"shown {shown!r}, kept {kept!r}")
    age_s = reader.age_of_loss(len(kept), killed)
    found.oldest_loss_ms = max(found.oldest_loss_ms, round(1000 * age_s, 1))
    if age_s > allowed_s:
        found.violations.append(f"a character shown {1000 * age_s:.0f} ms before the kill is gone")
    with listening(house.client, turn["id"], after=len(shown)) as arriving:
        if read(arriving, shown)[0] != kept:
            found.violations.append("a reader who came back has another text")


def _copy_of(directory: Path) -> Path:
    return directory.with_name(f"{directory.name}-before")


def _replace(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
