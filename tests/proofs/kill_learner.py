"""Kill the learner while it trains, and look what was learned.

A round: some exchanges wait, the learner is killed at random instants until it has learned them
all, and a twin that was never killed learns the same. What must hold: every exchange was taught
by exactly one kept lesson, or set aside; and the live checkpoint is the twin's, bit for bit.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from l2c.runtime import Runtime
from l2c.settings import Settings
from l2c.store import sqlite
from tests.journeys.household import environment, eventually
from tests.server.serving import settings

HIDDEN = 64
EXCHANGES = 20
"""More than one lesson takes, so that a round has several."""

AUTOSAVE_S = 0.2
LATEST_S = (0.3, 1.0)
"""The latest instant of a kill after a lesson was seen to train, either as likely: while it trains,
or also while it is judged and kept."""

GIVEN_UP = 40
"""Kills of one round before the learner is left alone."""


@dataclass
class Findings:
    """What the kills of learners came to; `violations` must stay empty."""

    kills: int = 0
    rounds: int = 0
    exchanges: int = 0
    lessons_kept: int = 0
    lessons_broken: int = 0
    violations: list[str] = field(default_factory=list)


def run(
    home: Path, starter: Path, kills: int, *, chance: random.Random, forgetful: bool
) -> Findings:
    """Kill learners `kills` times, in as many rounds as that takes.

    A `forgetful` disk goes back, at the end, to what it held before the lessons: the control that
    must be found out.
    """
    found = Findings()
    while found.kills < kills:
        found.rounds += 1
        ours = settings(home / f"round-{found.rounds}", starter, autosave_s=AUTOSAVE_S)
        twins = settings(home / f"twin-{found.rounds}", starter)
        before = home / f"before-{found.rounds}"
        _talk(ours, f"round {found.rounds}", chance)
        for copy in (twins.data_dir, before):
            shutil.copytree(ours.data_dir, copy)
        _kill_until_learned(ours, found, chance, most=kills - found.kills)
        _learn_undisturbed(twins)
        if forgetful:
            shutil.rmtree(ours.data_dir)
            shutil.copytree(before, ours.data_dir)
        _judge(ours, twins, found)
        said = f"{found.rounds} rounds, {found.kills} kills, {len(found.violations)} violations"
        print(said, file=sys.stderr, flush=True)
    return found


def integrity(data_dir: Path) -> str:
    """What SQLite says of the whole file."""
    with closing(sqlite.driver.connect(str(data_dir / "l2c.db"))) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def _talk(where: Settings, about: str, chance: random.Random) -> None:
    with Runtime.open(where) as runtime:
        for number in range(EXCHANGES):
            runtime.chat(f"Of {about} I say {number}: {chance.random()}", seed=number)


def _kill_until_learned(
    where: Settings, found: Findings, chance: random.Random, *, most: int
) -> None:
    for _ in range(min(most, GIVEN_UP)):
        learner = _start(where)
        if _trains(where, learner):
            time.sleep(chance.uniform(0, chance.choice(LATEST_S)))
        learner.kill()
        if learner.wait() == 0:
            return
        found.kills += 1
    _learn_undisturbed(where)


def _trains(where: Settings, learner: subprocess.Popen[bytes]) -> bool:
    """Whether the learner is in a lesson now; false when it has ended, having learned all."""
    with Runtime.open(where) as runtime:

        def look() -> str | None:
            if learner.poll() is not None:
                return "ended"
            return "training" if runtime.learning_view().now is not None else None

        return eventually(look, "a lesson, or the end of all") == "training"


def _start(where: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "l2c", "learn", "--data-dir", str(where.data_dir)],
        env=environment(starter=where.starter, practice_tokens=0, autosave_s=AUTOSAVE_S),
        cwd=where.data_dir.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if os.environ.get("CI") else None,
    )


def _learn_undisturbed(where: Settings) -> None:
    with Runtime.open(where) as runtime, closing(runtime.learner(threading.Event())) as learner:
        learner.run_until_idle()


def _judge(where: Settings, twins: Settings, found: Findings) -> None:
    ours, theirs = _learned(where), _learned(twins)
    found.exchanges += EXCHANGES
    found.lessons_kept += ours.kept
    found.lessons_broken += ours.broken
    if ours.waiting:
        found.violations.append(f"{ours.waiting} exchanges still wait to be learned")
    if set(ours.taught.values()) - {1}:
        found.violations.append(f"exchanges were learned more than once: {ours.taught}")
    if len(ours.taught) != len(ours.marked):
        found.violations.append("turns marked as learned are not those the ledger names")
    if ours.live != theirs.live:
        found.violations.append(f"live {ours.live[:12]}, the twin's is {theirs.live[:12]}")
    for directory in (where.data_dir, twins.data_dir):
        if (said := integrity(directory)) != "ok":
            found.violations.append(f"integrity_check: {said}")


@dataclass(frozen=True)
class _Learned:
    """What a data directory says was learned; `taught` counts the lessons of each turn."""

    live: str
    kept: int
    broken: int
    waiting: int
    taught: Counter[str]
    marked: list[str]


def _learned(where: Settings) -> _Learned:
    with Runtime.open(where) as runtime:
        lessons = runtime.lessons(limit=1000, before=None).lessons
        kept = [lesson for lesson in lessons if lesson.state == "kept"]
        taught = Counter(
            source.turn_id or source.sha256
            for lesson in kept
            for source in runtime.lesson(lesson.number)[1]
        )
        turns = runtime.conversations.history(2 * EXCHANGES)
        marked = [turn.id for turn in turns if turn.learning == "learned"]
        view = runtime.learning_view()
        broken = sum(lesson.state == "failed" for lesson in lessons)
        return _Learned(view.checkpoint, len(kept), broken, view.queue_size, taught, marked)
