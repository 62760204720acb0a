"""The starter and its router before the examination of `l2c eval --chat`, in a fresh installation.

    python -m benchmarks.examination [--model llama] [--out FILE]

Beside the figures of the examination: the starter's size, and how many milliseconds pass between a
message and the first letters of its answer, for what is computed, declined and generated (median of
what the examination's questions and requests took, routing included).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from dataclasses import asdict
from datetime import date
from pathlib import Path
from statistics import median

from benchmarks import record
from benchmarks.everyday import begin, called
from l2c import starter
from l2c.chat.live import LiveModels
from l2c.conversation import Message, Role
from l2c.engines import checkpoint
from l2c.learning.questions import chat_questions, uncovered
from l2c.providers.provider import Sampling
from l2c.runtime import Runtime
from l2c.settings import Settings

SAMPLING = Sampling(temperature=0.0, length=200, seed=0)
FILES = {"le": starter.PATH, "llama": starter.LLAMA_PATH}


def main() -> None:
    """Measure, print, write `results/examination.json`."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", choices=FILES, default="le", help="which starter")
    parser.add_argument("--out", type=Path, help="where the result goes")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), learner=False, model=args.model)
        with Runtime.open(settings) as runtime:
            begin(runtime)
            held = runtime.evaluate(None, chat=True, model=None)
            first_letters_ms = waiting(runtime)
    figures = asdict(held) | {
        "starter_bytes": FILES[args.model].stat().st_size,
        "parameters": checkpoint.load(FILES[args.model]).parameters(),
        "first_letters_ms": first_letters_ms,
    }
    for name in ("right", "looked_up_right", "declined", "declined_covered", "ordinary", "kinds"):
        print(name, figures["chat"][name])
    print("first letters, milliseconds", first_letters_ms)
    record.write(called("examination", args.model), figures, out=args.out)


def waiting(runtime: Runtime) -> dict[str, float]:
    """Median milliseconds until the first letters of an answer, by its origin."""
    live = LiveModels(runtime.models, runtime.folder, runtime.servers)
    provider = live.current(runtime.settings.model)
    asked = [list(question.messages) for question in chat_questions(date.today())]
    asked += [[Message(Role.USER, text)] for text in uncovered("exam")]
    took: dict[str, list[float]] = defaultdict(list)
    for messages in asked:
        began = time.perf_counter()
        route = runtime.router.route(provider, messages, anyway=False)
        next(route.pieces(provider, messages, SAMPLING), "")
        took[route.origin].append(1000 * (time.perf_counter() - began))
    return {origin: round(median(times), 1) for origin, times in took.items()}


if __name__ == "__main__":
    main()
