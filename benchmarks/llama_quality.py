"""How well the Llama predicts a text after half the time that nanoGPT's CPU recipe took.

    python -m benchmarks.llama_quality tinyshakespeare [--iterations 2000 …] [--threads 1]
        [--clock cpu] [--data FOLDER] [--seconds S …]

Characters are tokens, the first 90 % of the text train, the last 10 % validate; figures are nats a
character over the whole validation part. nanoGPT's recipe (`benchmarks/nanogpt.py`, in PyTorch)
runs first, so many iterations; the Llama then gets half of the time that took, by the same clock,
on the same number of threads: plain, and with its table of two characters. With `--seconds` it
trains for so long besides, without a peer. Beside them stands what counting reaches in less than a
second.

How many steps fit is measured on twenty steps before each training. On a machine that is busy with
other things `--clock cpu` counts processor seconds, shared among the threads.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import record
from benchmarks.quality import Text, counting, find, predictions, read, static_loss
from l2c.engines.llama.engine import Llama
from l2c.engines.schedule import warmup_stable_decay
from l2c.learning.texts import rounds

CONFIG = {"dim": 128, "layers": 4, "heads": 4, "kv_heads": 4, "hidden": 352, "context": 128}
LEARNING = {"muon": 0.02, "learning_rate": 4e-3, "weight_decay": 0.1}
VARIANTS: dict[str, dict[str, Any]] = {"plain": {}, "ngram_rows": {"ngram_rows": 4096}}
ROWS, SEQUENCE, SEED = 16, 64, 1
TIMED_STEPS = 20
SAFE = 0.9
"""Of the steps that these promise so many are taken, for a machine's speed drifts meanwhile."""
DECAY = 0.9
"""The share of the run over which the rate falls to 0."""

Clock = Callable[[], float]


def clock_of(name: str, threads: int) -> Clock:
    """Seconds of the wall's clock, or of the processor's, shared among the threads."""
    if name == "wall":
        return time.perf_counter
    return lambda: time.process_time() / threads


def theirs(text: Text, iterations: int, threads: int, clock: Clock) -> dict[str, Any]:
    """The loss that nanoGPT's recipe reaches, and the seconds it took."""
    from benchmarks import nanogpt  # noqa: PLC0415 (needs PyTorch, which only peers have)

    began = clock()
    net = nanogpt.train(
        text.training, text.vocab_size, iterations, threads=threads, on_step=lambda: None
    )
    seconds = clock() - began
    loss = nanogpt.loss(net, int(text.training[-1]), text.validation)
    return {"iterations": iterations, "seconds": round(seconds, 1), "static_nats": loss}


def ours(text: Text, variant: str, seconds: float, threads: int, clock: Clock) -> dict[str, Any]:
    """A Llama after so many seconds."""
    engine = Llama.create(CONFIG | LEARNING | VARIANTS[variant], text.vocab_size, seed=SEED)
    engine.threads = threads
    steps = steps_in(seconds, engine, text, clock)
    began = clock()
    batches = rounds(text.training, ROWS, SEQUENCE)
    for step, batch in zip(range(steps), batches, strict=False):
        engine.train(batch, rate=warmup_stable_decay(step, steps, decay=DECAY))
    return {
        "variant": variant,
        "steps": steps,
        "seconds": round(clock() - began, 1),
        "static_nats": static_loss(predictions(engine, text), text),
    }


def steps_in(seconds: float, engine: Llama, text: Text, clock: Clock) -> int:
    """How many steps fit; measured on a copy of the engine."""
    trial = Llama.from_tensors(engine.config, engine.tensors())
    trial.threads = engine.threads
    batches = rounds(text.training, ROWS, SEQUENCE)
    trial.train(next(batches))
    began = clock()
    for _, batch in zip(range(TIMED_STEPS), batches, strict=False):
        trial.train(batch)
    return max(int(SAFE * seconds * TIMED_STEPS / (clock() - began)), 1)


def main() -> None:
    """Measure, print and write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("text")
    parser.add_argument("--iterations", type=int, nargs="*", default=[2000, 8000])
    parser.add_argument("--seconds", type=float, nargs="*", default=[])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    path = find(given.text, given.data)
    if path is None:
        print(f"{given.text}: skipped, there is no {given.text}.txt; see --data.")
        return
    text, clock = read(path), clock_of(given.clock, given.threads)
    figures: dict[str, Any] = {
        "text": given.text,
        "clock": given.clock,
        "threads": given.threads,
        "counting": counting(text, 6),
        "recipe": {"rows": ROWS, "sequence": SEQUENCE, **CONFIG, **LEARNING},
        "against": [],
        "alone": [],
    }
    peer = importlib.util.find_spec("torch") is not None
    if not peer:
        print("PyTorch is not here: nanoGPT's recipe is left out.")

    def report(kind: str, found: dict[str, Any]) -> None:
        figures[kind].append(found)
        print(found, flush=True)
        figures["load_average"] = round(os.getloadavg()[0], 1)
        record.write("llama_quality", figures)

    print(figures["counting"], flush=True)
    for iterations in given.iterations if peer else []:
        peers = theirs(text, iterations, given.threads, clock)
        print(peers, flush=True)
        half = peers["seconds"] / 2
        found = [ours(text, name, half, given.threads, clock) for name in VARIANTS]
        report("against", {"nanogpt": peers, "llama": found})
    for seconds in given.seconds:
        for name in VARIANTS:
            report("alone", ours(text, name, seconds, given.threads, clock))


if __name__ == "__main__":
    main()
