"""Proof: `kill -9` at any instant loses no acknowledged message and stores none twice.

    python -m tests.proofs.kill_store --kills 300 [--seed 1] [--control]

Four threads of a child process hold conversations: they begin exchanges, journal answers in
pieces and finish them, and after every promise the store has kept they write down what was
acknowledged. At a random instant the child is killed. Then the parent opens the store, which
checks the file, and compares: everything acknowledged must be there, whole. The next child first
sends again, with the same idempotency keys, what was under way, as a browser would; nothing may
be there twice.

`--control` is the positive control: the child writes "acknowledged" down before the store has
committed. The proof must then find messages lost; if it does not, it proves nothing.

A process that is killed takes nothing with it that the operating system has accepted, so this
says nothing about power loss. What stands against that is `synchronous=FULL`.

Prints one line of JSON. With 0 of N kills the true rate is below 3/N (95 %).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from sqlalchemy import text

from l2c.conversation import TurnStatus
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.turns import TurnRow

T = TypeVar("T")

THREADS = 4
LONGEST_LIFE_S = 0.5
PIECES = ("Well, ", "that is ", "a good question. 猫")
ANSWER = "".join(PIECES)


@dataclass
class Report:
    """What the kills came to. `lost` and `twice` name exchanges, `damaged` what a check said."""

    kills: int = 0
    acknowledged_turns: int = 0
    acknowledged_pieces: int = 0
    acknowledged_ends: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not (self.lost or self.twice or self.damaged)


def prove(directory: Path, *, kills: int, seed: int, control: bool = False) -> Report:
    """Kill `kills` children that write to a new store in `directory`; what was found."""
    chance, report = random.Random(seed), Report()
    with open_store(directory) as database:
        conversations = conversations_of(database)
        talks = [conversations.create(model="le").id for _ in range(THREADS)]
    under_way: list[str] = []
    for number in range(kills):
        log = directory / "acknowledged.log"
        log.write_text("")
        live_and_be_killed(
            directory,
            number,
            talks,
            under_way,
            life_s=chance.uniform(0, LONGEST_LIFE_S),
            control=control,
        )
        lines = [line.split() for line in log.read_text().splitlines()]
        report.kills += 1
        compare(directory, lines, report)
        said = {words[1] for words in lines if words[0] == "turn"}
        under_way = [words[1] for words in lines if words[0] == "try" and words[1] not in said]
    look_through_everything(directory, report)
    return report


def live_and_be_killed(
    directory: Path,
    number: int,
    talks: list[str],
    under_way: list[str],
    *,
    life_s: float,
    control: bool,
) -> None:
    life = {"number": number, "talks": talks, "again": under_way, "control": control}
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.proofs.kill_store", "--child", str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
    )
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(json.dumps(life) + "\n")
    child.stdin.flush()
    if child.stdout.readline() != "alive\n":
        raise RuntimeError("The child did not come to life; see its error above.")
    try:
        child.wait(life_s)
        raise RuntimeError(f"The child ended by itself with {child.returncode}.")
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()


# The child


def live(directory: Path) -> None:
    """Talk in every thread until killed."""
    life = json.loads(sys.stdin.readline())
    log = os.open(directory / "acknowledged.log", os.O_WRONLY | os.O_APPEND)
    conversations = conversations_of(open_store(directory))
    conversations.interrupt_orphans()

    def note(*words: object) -> None:
        os.write(log, (" ".join(map(str, words)) + "\n").encode())

    for token in life["again"]:
        talk = life["talks"][int(token.split(".")[1])]
        note("try", token)
        exchange(conversations, talk, token, note, early=False)
    for thread, talk in enumerate(life["talks"]):
        tokens = f"{life['number']}.{thread}"
        threading.Thread(
            target=chatter, args=(conversations, talk, tokens, note, life["control"])
        ).start()
    print("alive", flush=True)


def chatter(
    conversations: Conversations,
    talk: str,
    tokens: str,
    note: Callable[..., None],
    early: bool,
) -> None:
    number = 0
    while True:
        token = f"{tokens}.{number}"
        note("try", token)
        exchange(conversations, talk, token, note, early=early)
        number += 1


def exchange(
    conversations: Conversations,
    talk: str,
    token: str,
    note: Callable[..., None],
    *,
    early: bool,
) -> None:
    """One exchange; every promise is noted once it is kept, or, for the control, too early."""

    def promise(keep: Callable[[], T], *words: object) -> T:
        if early:
            note(*words)
        kept = keep()
        if not early:
            note(*words)
        return kept

    begin = partial(
        conversations.begin_exchange, talk, said(token), key=token, request_digest=token
    )
    answer = promise(partial(begin, model="le"), "turn", token).answer
    if answer.status is not TurnStatus.STREAMING:
        return
    offset = 0
    for piece in PIECES:
        future = conversations.journal(answer.id, offset, piece)
        offset += len(piece)
        promise(future.result, "piece", token, offset)
    finish = partial(conversations.finish, answer.id, status=TurnStatus.COMPLETE, text=ANSWER)
    promise(finish, "end", token)


def said(token: str) -> str:
    return f"Is {token} a good number?"


# The parent


def compare(directory: Path, lines: list[list[str]], report: Report) -> None:
    """See that everything the child wrote down as acknowledged is in the store."""
    pieces = {words[1]: int(words[2]) for words in lines if words[0] == "piece"}
    ended = {words[1] for words in lines if words[0] == "end"}
    acknowledged = [words[1] for words in lines if words[0] == "turn"]
    report.acknowledged_turns += len(acknowledged)
    report.acknowledged_pieces += sum(words[0] == "piece" for words in lines)
    report.acknowledged_ends += len(ended)
    with open_store(directory) as database:
        stored = exchanges(conversations_of(database).history(len(lines) + 100))
    for token in acknowledged:
        answers = stored.get(said(token), [])
        report.lost += [] if answers else [token]
        report.twice += [token] if len(answers) > 1 else []
        for answer in answers:
            length = pieces.get(token, 0)
            kept = answer.text[:length] == ANSWER[:length]
            if not kept or (token in ended and answer.status is not TurnStatus.COMPLETE):
                report.lost.append(f"{token} answer")


def exchanges(turns: list[TurnRow]) -> dict[str, list[TurnRow]]:
    """The answers to each text that was said."""
    texts = {turn.id: turn.text for turn in turns}
    answers: dict[str, list[TurnRow]] = {}
    for turn in turns:
        if turn.parent_id in texts and turn.model is not None:
            answers.setdefault(texts[turn.parent_id], []).append(turn)
    return answers


def look_through_everything(directory: Path, report: Report) -> None:
    """The whole store at the end: sound, nothing twice, nothing left open."""
    with open_store(directory) as database:
        conversations_of(database).interrupt_orphans()
        with database.read() as connection:
            for check in ("integrity_check", "foreign_key_check"):
                rows = connection.exec_driver_sql(f"PRAGMA {check}").all()
                report.damaged += [str(row) for row in rows if tuple(row) != ("ok",)]
            open_answers = "SELECT count(*) FROM turn WHERE status = 'streaming'"
            journaled = "SELECT count(*) FROM journal"
            for query in (open_answers, journaled):
                if connection.execute(text(query)).scalar_one():
                    report.damaged.append(query)
            texts = connection.execute(text("SELECT text FROM turn WHERE role = 'user'")).scalars()
            report.twice += [name for name, count in Counter(texts).items() if count > 1]
        database.write(
            lambda connection: connection.execute(
                text("INSERT INTO turn_search (turn_search, rank) VALUES ('integrity-check', 0)")
            )
        )


def open_store(directory: Path) -> Database:
    return Database.open(directory / "data", ballast_bytes=1 << 16, linger_s=0.005)


def conversations_of(database: Database) -> Conversations:
    return Conversations(database, Accounts(database).local())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--control", action="store_true")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child is not None:
        live(asked.child)
        return 0
    with TemporaryDirectory() as directory:
        report = prove(Path(directory), kills=asked.kills, seed=asked.seed, control=asked.control)
    figures = {
        name: len(value) if isinstance(value, list) else value
        for name, value in asdict(report).items()
    }
    print(json.dumps({"proof": "kill_store", "control": asked.control} | figures))
    return 0 if report.sound != asked.control else 1


if __name__ == "__main__":
    sys.exit(main())
