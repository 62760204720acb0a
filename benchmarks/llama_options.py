"""What the Llama's options and Muon are worth to a small model: tinyshakespeare, equal CPU seconds.

    python -m benchmarks.llama_options [--seconds S] [--seeds N] [--data FOLDER] [VARIANT …]

Every variant learns for so many CPU seconds of one thread, in turns of a second each so that a busy
machine is busy for all of them. The number of steps is fixed beforehand from a few timed ones, and
with it the schedule; the loss is that of 32 768 characters of the validation part, in nats.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import record
from benchmarks.quality import Text, find, read
from l2c.engines.engine import Batch
from l2c.engines.llama.engine import Llama
from l2c.engines.sampling import log_softmax
from l2c.engines.schedule import warmup_stable_decay

ROWS, LENGTH, VALIDATED, TIMED_STEPS, SLICE_S = 16, 64, 32_768, 3, 1.0

PLAIN: dict[str, Any] = {"dim": 128, "layers": 4, "heads": 4, "kv_heads": 4, "hidden": 352}
MUON = PLAIN | {"muon": 0.02, "learning_rate": 4e-3}
VARIANTS: dict[str, dict[str, Any]] = {
    "adam 2e-3": PLAIN,
    "adam 4e-3": PLAIN | {"learning_rate": 4e-3},
    "muon .02": MUON,
    "muon .01": MUON | {"muon": 0.01},
    "muon .04": MUON | {"muon": 0.04},
    "muon, qk_norm": MUON | {"qk_norm": True},
    "muon, softcap 15": MUON | {"softcap": 15.0},
    "muon, ngram_rows 4096": MUON | {"ngram_rows": 4096},
    "all": MUON | {"qk_norm": True, "softcap": 15.0, "ngram_rows": 4096},
}


@dataclass(slots=True)
class Learner:
    """One variant on its way."""

    name: str
    engine: Llama
    steps: int = 0
    done: int = 0
    seconds: float = 0.0

    def learn(self, text: Text, seconds: float, chance: np.random.Generator) -> None:
        """Take steps for so many CPU seconds, or until all are taken."""
        began = time.process_time()
        while self.done < self.steps and time.process_time() - began < seconds:
            rate = warmup_stable_decay(self.done, self.steps)
            self.engine.train(batch(text, chance), rate=rate)
            self.done += 1
        self.seconds += time.process_time() - began


def batch(text: Text, chance: np.random.Generator) -> Batch:
    """Rows from anywhere in the training part."""
    starts = chance.integers(0, len(text.training) - LENGTH - 1, ROWS)
    tokens = np.stack([text.training[start : start + LENGTH + 1] for start in starts])
    return Batch(tokens, np.ones((ROWS, LENGTH), np.float32), np.ones(ROWS, np.bool_))


def planned(name: str, text: Text, seconds: float, seed: int) -> Learner:
    """The variant with as many steps as fit, by the fastest of a few."""
    chance, spent = np.random.default_rng(seed), []
    trial = Llama.create(VARIANTS[name], text.vocab_size, seed=seed)
    for _ in range(TIMED_STEPS):
        began = time.process_time()
        trial.train(batch(text, chance))
        spent.append(time.process_time() - began)
    engine = Llama.create(VARIANTS[name], text.vocab_size, seed=seed)
    return Learner(name, engine, steps=max(1, int(seconds / min(spent))))


def loss(engine: Llama, text: Text) -> float:
    """Nats a character of the beginning of the validation part, read from an empty state."""
    tokens = text.validation[: VALIDATED + 1]
    log_p = log_softmax(engine.logits(tokens[:-1]))
    return -float(np.take_along_axis(log_p, tokens[1:, None], axis=1).mean())


def measure(names: list[str], text: Text, seconds: float, seed: int) -> dict[str, dict[str, float]]:
    """Loss, steps and CPU seconds of every variant."""
    learners = [planned(name, text, seconds, seed) for name in names]
    chances = [np.random.default_rng(seed) for _ in names]
    while any(learner.done < learner.steps for learner in learners):
        for learner, chance in zip(learners, chances, strict=True):
            learner.learn(text, SLICE_S, chance)
    return {
        learner.name: {
            "nats": round(loss(learner.engine, text), 4),
            "steps": learner.steps,
            "cpu_seconds": round(learner.seconds, 1),
        }
        for learner in learners
    }


def main() -> None:
    """Measure, print and write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("variants", nargs="*", help=f"some of: {'; '.join(VARIANTS)}")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    path = find("tinyshakespeare", given.data)
    if path is None:
        raise SystemExit("tinyshakespeare.txt was not found; name its folder with --data.")
    text, names = read(path), given.variants or list(VARIANTS)
    for name in set(names) - set(VARIANTS):
        parser.error(f"{name!r} is none of: {'; '.join(VARIANTS)}")
    figures: dict[str, Any] = {"seconds": given.seconds, "seeds": {}}
    for seed in range(1, given.seeds + 1):
        figures["seeds"][str(seed)] = measure(names, text, given.seconds, seed)
        for name in names:
            nats = [found[name]["nats"] for found in figures["seeds"].values()]
            print(f"{name:24} {statistics.mean(nats):.4f} {nats}", flush=True)
        record.write("llama_options", figures)


if __name__ == "__main__":
    main()
