"""Everyday messages put to a fresh installation, with what a good answer must be like.

    python -m benchmarks.everyday [company] [--model llama] [--show wrong|all] [--out FILE]

236 messages in `everyday.toml`, and those of somebody who wants company in `company.toml`, answered
greedily by the router as in a conversation. The router was written looking at them, so the figures
say that it does what it was made for; how it meets messages it was not made for is the
examination's (`python -m benchmarks.examination`).
"""

from __future__ import annotations

import argparse
import functools
import re
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import record
from l2c.chat.live import LiveModels
from l2c.conversation import Message, Role
from l2c.learning.first_model import NAME
from l2c.providers.provider import Sampling
from l2c.runtime import Runtime
from l2c.settings import Settings

FOLDER = Path(__file__).parent
SAMPLING = Sampling(temperature=0.0, length=200, seed=0)


@dataclass(frozen=True, slots=True)
class Everyday:
    """A conversation whose last message waits for an answer, and what makes it a good one."""

    kind: str
    messages: tuple[Message, ...]
    any: re.Pattern[str]
    none: re.Pattern[str] | None

    def good(self, answer: str) -> bool:
        """Whether the answer is like a good one."""
        bad = self.none is not None and self.none.search(answer)
        return self.any.search(answer) is not None and not bad


def everyday(name: str = "everyday") -> Iterator[Everyday]:
    """Every message of the file of that name, in its order."""
    text = (FOLDER / name).with_suffix(".toml").read_text(encoding="utf-8")
    for group in tomllib.loads(text)["group"]:
        wanted = re.compile(group["any"], re.IGNORECASE)
        unwanted = re.compile(group["none"], re.IGNORECASE) if "none" in group else None
        for said in group["said"]:
            turns = [said] if isinstance(said, str) else said
            roles = (Role.USER, Role.ASSISTANT)
            messages = tuple(Message(roles[at % 2], text) for at, text in enumerate(turns))
            yield Everyday(group["kind"], messages, wanted, unwanted)


def main() -> None:
    """Answer, print, write `results/NAME.json`."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("name", nargs="?", choices=("everyday", "company"), default="everyday")
    parser.add_argument("--model", choices=("le", "llama"), default="le", help="which starter")
    parser.add_argument("--show", choices=("wrong", "all"), help="print these answers")
    parser.add_argument("--out", type=Path, help="where the result goes")
    args = parser.parse_args()
    good: dict[str, list[bool]] = defaultdict(list)
    origins: dict[str, int] = defaultdict(int)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), learner=False, model=args.model)
        with Runtime.open(settings) as runtime:
            begin(runtime)
            for one in everyday(args.name):
                answer, origin = answered(runtime, one.messages)
                fine = one.good(answer)
                good[one.kind].append(fine)
                origins[origin] += 1
                if args.show == "all" or (args.show == "wrong" and not fine):
                    print(f"{'+' if fine else '-'} {one.messages[-1].text} | {origin} | {answer}")
    kinds = {kind: (sum(fine), len(fine)) for kind, fine in good.items()}
    total = sum(right for right, _ in kinds.values()), sum(number for _, number in kinds.values())
    print(f"{total[0]} of {total[1]} good", kinds, dict(origins), sep="\n")
    figures = {"good": total[0], "messages": total[1], "kinds": kinds, "origins": origins}
    record.write(called(args.name, args.model), figures, out=args.out)


def begin(runtime: Runtime) -> None:
    """Make sure the starter that is to answer is there."""
    if runtime.settings.model != NAME:
        runtime.begin_model(runtime.settings.model)


def called(benchmark: str, model: str) -> str:
    """The name of a result: of another starter than `le` it says so."""
    return benchmark if model == NAME else f"{benchmark}_{model}"


def answered(runtime: Runtime, messages: tuple[Message, ...]) -> tuple[str, str]:
    """The answer to the last message, and its origin."""
    live = LiveModels(runtime.models, runtime.folder, runtime.servers)
    provider = live.current(runtime.settings.model)
    rules = runtime.speakers.rules()
    told = functools.partial(runtime.memory.answer, messages, rules, turn_id=None)
    route = runtime.router.route(provider, messages, anyway=False, told=told)
    return "".join(route.pieces(provider, messages, SAMPLING)), str(route.origin)


if __name__ == "__main__":
    main()
