"""How well the engines predict a text: counted, read by a network, and both together.

    python -m benchmarks.quality tinyshakespeare [--seconds S ...] [--clock cpu] [--data FOLDER]

The first 90 % of the text train, the last 10 % validate, characters are tokens, figures are nats a
character over the whole validation part (bits a character where a text is read in one pass from
nothing). *Static*: what was trained is left alone. *Adaptive*: counting goes on through the
validation part, each character predicted before it is counted, and the network is left alone. In
both a mixture's weights begin equal and are learned as it reads, prediction first.

A network trains for so many seconds, and its learning rate follows the clock: no run is planned by
a guess of how many steps will fit, and none ends early or late. On a machine that is busy with
other things `--clock cpu` counts the processor's seconds instead, shared among the threads: what
an idle machine would have had, but for the moments in which one thread waits for the other. The
results say which clock it was.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import record
from l2c.engines.averaging import Average
from l2c.engines.engine import Batch, Engine, State
from l2c.engines.lstm.engine import LSTM
from l2c.engines.mixture.engine import Mixture
from l2c.engines.mixture.mixing import Mixer
from l2c.engines.ngram.engine import NGram
from l2c.engines.sampling import log_softmax
from l2c.engines.schedule import warmup_stable_decay
from l2c.learning.texts import rounds

CONTEXTS = (3, 4, 5, 6, 8)
MIXED_CONTEXT = 8
"""Alone 6 predicts better; beside a network, which knows what is frequent, 8 does."""

LOOK_BACK = 256
"""Characters of the training part that are read before the validation part begins."""

CHUNK = 8192
THREADS = 2
MS = 1000
AVERAGED_EVERY = 20
CLOCKS: dict[str, Callable[[], float]] = {
    "wall": time.perf_counter,
    "cpu": lambda: time.process_time() / THREADS,
}


@dataclass(frozen=True)
class Text:
    """A text in tokens, and where its validation part begins."""

    tokens: np.ndarray
    cut: int
    vocab_size: int

    @property
    def training(self) -> np.ndarray:
        return self.tokens[: self.cut]

    @property
    def validation(self) -> np.ndarray:
        return self.tokens[self.cut :]


@dataclass(frozen=True)
class Recipe:
    """A network and how it is trained: 2 % warm-up, then linearly to 0, state carried.

    Its weights are the mean of those of the last `averaged` of all steps. Whoever reads a text a
    dozen times grows surer than new text bears out: at the end `confidence` multiplies every logit.
    """

    hidden_size: int = 256
    rows: int = 16
    sequence: int = 32
    learning_rate: float = 4e-3
    weight_decay: float = 0.1
    recurrent_dropout: float = 0.05
    averaged: float = 0.1
    confidence: float = 0.95
    seed: int = 1


def find(name: str, folder: Path | None) -> Path | None:
    """The text's file, in `folder` or in `shared/data` beside or above this checkout."""
    folders = [folder] if folder else [record.ROOT / "shared", record.ROOT.parent / "shared"]
    candidates = [f / sub / f"{name}.txt" for f in folders for sub in (".", "data")]
    return next((path for path in candidates if path.exists()), None)


def read(path: Path) -> Text:
    """Characters in the order of their code points are the tokens."""
    text = path.read_text(encoding="utf-8")
    ids = {character: token for token, character in enumerate(sorted(set(text)))}
    tokens = np.array([ids[character] for character in text], np.int32)
    return Text(tokens, int(len(tokens) * 0.9), len(ids))


def entering(engine: Engine, text: Text) -> State:
    """The state in which the engine enters the validation part."""
    return engine.advance(text.training[-LOOK_BACK:])[1]


def predictions(engine: Engine, text: Text) -> np.ndarray:
    """The engine's logits before every token of the validation part, left as it is."""
    state = entering(engine, text)
    rows = [engine.advance(np.zeros(0, np.int32), state)[0][None]]
    for begin in range(0, len(text.validation), CHUNK):
        piece = text.validation[begin : begin + CHUNK]
        rows.append(engine.logits(piece, state))
        _, state = engine.advance(piece, state)
    return np.concatenate(rows)[:-1]


def static_loss(logits: np.ndarray, text: Text) -> float:
    """Nats a token when these are the logits before each token of the validation part."""
    log_p = log_softmax(logits.astype(np.float64))
    return -float(log_p[np.arange(len(log_p)), text.validation].mean())


def counted(text: Text, context: int) -> NGram:
    """The training part, counted."""
    engine = NGram.create({"context": context}, text.vocab_size, seed=0)
    row = text.training[None]
    engine.train(Batch(row, np.ones((1, row.shape[1] - 1), np.float32), np.ones(1, bool)))
    return engine


def counting(text: Text, context: int) -> dict[str, Any]:
    """Static, adaptive and one-pass figures of the counting engine, and its speed."""
    began = time.process_time()
    engine = counted(text, context)
    learned_s = time.process_time() - began
    began = time.process_time()
    static = static_loss(predictions(engine, text), text)
    scored_s = time.process_time() - began
    adaptive, _ = engine.follow(text.validation, entering(engine, text))
    one_pass, _ = NGram.create({"context": context}, text.vocab_size, seed=0).follow(text.tokens)
    return {
        "context": context,
        "static_nats": static,
        "adaptive_nats": -float(adaptive.mean()),
        "one_pass_bits": -float(one_pass.mean()) / math.log(2),
        "scored_and_learned_per_cpu_s": round(len(text.training) / learned_s),
        "distributions_per_cpu_s": round(len(text.validation) / scored_s),
    }


def trained(seconds: float, text: Text, recipe: Recipe, clock: str) -> tuple[LSTM, dict[str, Any]]:
    """A network after so many seconds, and what they were."""
    config = {
        "hidden_size": recipe.hidden_size,
        "learning_rate": recipe.learning_rate,
        "weight_decay": recipe.weight_decay,
        "recurrent_dropout": recipe.recurrent_dropout,
    }
    engine = LSTM.create(config, text.vocab_size, seed=recipe.seed)
    engine.threads = THREADS
    wall, cpu, loads = time.perf_counter(), time.process_time(), [os.getloadavg()[0]]
    batches, average = rounds(text.training, recipe.rows, recipe.sequence), Average()
    began, whole, steps = CLOCKS[clock](), round(seconds * MS), 0
    while (spent := round((CLOCKS[clock]() - began) * MS)) < whole:
        engine.train(next(batches), rate=warmup_stable_decay(spent, whole, decay=0.98))
        steps += 1
        if whole - spent <= recipe.averaged * whole and steps % AVERAGED_EVERY == 0:
            average.add(engine)
        if steps % 1000 == 0:
            loads.append(os.getloadavg()[0])
    average.add(engine)
    return with_confidence(average.made(engine), recipe.confidence), {
        "recipe": asdict(recipe),
        "seconds": seconds,
        "clock": clock,
        "steps": steps,
        "characters": steps * recipe.rows * recipe.sequence,
        "wall_s": round(time.perf_counter() - wall, 1),
        "cpu_s": round(time.process_time() - cpu, 1),
        "load_average": [round(min(loads), 1), round(max(loads), 1)],
    }


def with_confidence(engine: LSTM, confidence: float) -> LSTM:
    """The engine with every logit multiplied (Guo et al. 2017, "On calibration of modern neural
    networks", temperature scaling)."""
    tensors = engine.tensors(optimizer=False)
    for name in ("output.W", "output.b"):
        tensors[name] *= np.float32(confidence)
    return LSTM.from_tensors(engine.config, tensors)


def mixed(network: LSTM, text: Text, context: int) -> dict[str, float]:
    """Network and counts together."""
    counts = counted(text, context)
    rows = np.stack([predictions(engine, text) for engine in (network, counts)])
    mixture = Mixture.of([network, counts])
    rate = mixture.config["learning_rate"]
    mixer = Mixer.fresh(2, text.vocab_size, learning_rate=rate)
    before = text.tokens[text.cut - 1 : -1]
    static = mixer.follow(rows, before, text.validation, known=text.vocab_size)
    adaptive, _ = mixture.follow(text.validation, entering(mixture, text))
    return {
        "context": context,
        "equal_weights_nats": static_loss(rows.mean(axis=0), text),
        "static_nats": -float(static.mean()),
        "adaptive_nats": -float(adaptive.mean()),
    }


def measure(
    text: Text, seconds: Sequence[float], clock: str, on_network: Callable[[dict[str, Any]], None]
) -> None:
    """Every figure, printed as it comes; `on_network` gets all there are after every network."""
    figures: dict[str, Any] = {"counting": [], "networks": []}
    for context in CONTEXTS:
        figures["counting"].append(counting(text, context))
        print(figures["counting"][-1], flush=True)
    for budget in seconds:
        network, facts = trained(budget, text, Recipe(), clock)
        facts["static_nats"] = static_loss(predictions(network, text), text)
        print(facts, flush=True)
        facts["mixture"] = mixed(network, text, MIXED_CONTEXT)
        print(facts["mixture"], flush=True)
        figures["networks"].append(facts)
        on_network(figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("text")
    parser.add_argument("--seconds", type=float, nargs="*", default=[60.0, 180.0])
    parser.add_argument("--clock", choices=sorted(CLOCKS), default="wall")
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    path = find(arguments.text, arguments.data)
    if path is None:
        print(f"{arguments.text}: skipped, there is no {arguments.text}.txt; see --data.")
        return
    out = record.RESULTS / f"quality_{arguments.text}.json"

    def write_down(figures: dict[str, Any]) -> None:
        record.write("quality", {"text": arguments.text} | figures, out=out)

    measure(read(path), arguments.seconds, arguments.clock, write_down)


if __name__ == "__main__":
    main()
