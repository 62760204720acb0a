"""What being taught costs the rest: the same messages before and after three lessons.

    python -m benchmarks.the_rest [--facts 50] [--lessons 3] [--show] [--out FILE]

A fresh installation is told invented facts (`benchmarks.invented`) among other talk, through the
API, and learns them, lesson after lesson. Before the first and after each, everything is asked that
has nothing to do with them, as a user asks, with memory and router: the messages of
`benchmarks.everyday` (the company of `company.toml` among them) and the examination of `l2c eval
--chat`. `--show` prints those of the first two that were answered well before and no longer are.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import record
from benchmarks.everyday import answered, everyday
from benchmarks.invented import facts
from l2c.corpus.chance import Chance
from l2c.learning.lesson import RECIPE_VERSION
from l2c.runtime import Runtime, recalling
from l2c.runtime.worlds import l2c, serving
from l2c.settings import Settings

Answers = dict[str, tuple[str, bool]]
"""The answer to each message, and whether it is a good one."""


def asked(home: Path) -> tuple[dict[str, Any], Answers]:
    """The figures of this installation, and what it answered to the messages that may be read."""
    answers: Answers = {}
    figures: dict[str, Any] = {}
    with Runtime.open(Settings(data_dir=home, learner=False)) as runtime:
        for name in ("everyday", "company"):
            messages = list(everyday(name))
            for one in messages:
                answer, _ = answered(runtime, one.messages)
                said = " · ".join(message.text for message in one.messages)
                answers[said] = answer, one.good(answer)
            good = sum(answers[" · ".join(m.text for m in one.messages)][1] for one in messages)
            figures[name] = {"good": good, "messages": len(messages)}
        examined = runtime.evaluate(None, chat=True, model=None)
        assert examined.chat is not None
        figures["examination"] = {
            "right": examined.chat.right,
            "uncovered_declined": examined.chat.declined,
            "covered_declined": examined.chat.declined_covered,
        }
        figures["bits_per_byte"] = round(examined.bits_per_byte, 4)
    return figures, answers


def main() -> None:
    """Ask, teach, ask again; print and write `results/the_rest.json`."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--facts", type=int, default=50, help="told before each lesson")
    parser.add_argument("--lessons", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0, help="decides the order of the facts")
    parser.add_argument("--show", action="store_true", help="print what was answered well before")
    parser.add_argument("--out", type=Path, help="where the result goes")
    given = parser.parse_args()
    chance = Chance(given.seed)
    told = chance.shuffled(facts(given.seed))
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="l2c-the-rest-") as folder:
        home = Path(folder)
        figures, before = asked(home)
        for lesson in range(given.lessons + 1):
            if lesson:
                part = told[(lesson - 1) * given.facts : lesson * given.facts]
                with serving(home) as speaker:
                    recalling.tell(speaker, part, chance)
                verdicts = json.loads(l2c("learn", home))["lessons"]
                figures, now = asked(home)
                figures["lessons"] = verdicts
                if given.show:
                    show(before, now)
            rows.append({"told": lesson * given.facts} | figures)
            print(json.dumps(rows[-1]), flush=True)
    record.write("the_rest", {"recipe": RECIPE_VERSION, "after": rows}, out=given.out)


def show(before: Answers, now: Answers) -> None:
    """What was answered well and no longer is."""
    for said, (answer, good) in before.items():
        if good and not now[said][1]:
            print(f"- {said} | {answer} | {now[said][0]}")


if __name__ == "__main__":
    main()
