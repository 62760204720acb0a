"""How fast the Llama writes, reads and learns here, and how fast its peers do in the same minutes.

    python -m benchmarks.llama [--sizes 1M 15M 110M] [--rounds N] [--clock cpu] [--training N ...]
        [--out FILE]

Random weights of three sizes are made here and given to every side. Writing: tokens a second, one
conversation, greedy. Reading: a prompt of 128 tokens. Learning: tokens a second through whole steps
(forward, backward, clipping, AdamW). The peers: PyTorch trains the same network; llama.cpp (the
`xllamacpp` wheel) reads and writes the same weights as GGUF in f32, q8_0 and q4_0; llama2.c writes
with them in f32 where `LLAMA2C_DIR` names its folder (compiled `-O3 -march=native`). Whoever is
missing is named in the results.

One thread each. Sides take turns in short slices, and only medians, and medians of the ratios of
neighbouring slices, are reported, for a machine's speed drifts. On a machine that others use,
`--clock cpu` counts processor time instead, also llama.cpp's, whose server runs in this process; at
1 M weights much of its time is the server's. Beside the figures stand the machine's own limits and
the share of them that was reached; `memory` is how many tokens a second one thread could write if
it only read the matrices once each from memory, measured in turns with the others. Small models
stay in the caches and write more.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import llama_peers as peers
from benchmarks import record
from benchmarks.speed import peak_gflops
from l2c.engines.engine import Batch, Sampler
from l2c.engines.llama.config import LlamaConfig
from l2c.engines.llama.engine import Llama
from l2c.engines.llama.files.model_file import ModelFile
from l2c.kernels import binding

CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.process_time}

SIZES: dict[str, tuple[dict[str, Any], int, int]] = {
    "1M": ({"dim": 128, "layers": 4, "heads": 4, "hidden": 352, "context": 256}, 2048, 96),
    "15M": ({"dim": 288, "layers": 6, "heads": 6, "hidden": 768, "context": 256}, 32_000, 48),
    "110M": ({"dim": 768, "layers": 12, "heads": 12, "hidden": 2048, "context": 1024}, 32_000, 12),
}
"""Configuration, vocabulary, and the tokens written in a slice."""

READINGS = ("f32", "q8_0", "q4_0")
BITS = {"f32": 32.0, "q8_0": 8.5, "q4_0": 4.5}
PROMPT = 128

TRAINING: dict[str, tuple[dict[str, Any], int, int]] = {
    "0.9M": ({"dim": 128, "layers": 4, "heads": 4, "hidden": 352, "context": 128}, 32, 128),
    "5M": ({"dim": 256, "layers": 6, "heads": 8, "hidden": 688, "context": 256}, 16, 256),
    "10.6M": ({"dim": 384, "layers": 6, "heads": 6, "hidden": 1024, "context": 256}, 16, 256),
}
"""Configuration, rows and length of a batch of characters."""

CHARACTERS = 65

Side = Callable[[], float]
"""Does a slice of work; returns tokens a second."""


def made(config: dict[str, Any], vocab_size: int) -> Llama:
    """A Llama of random weights."""
    return Llama.create(config | {"kv_heads": config["heads"]}, vocab_size, seed=1)


def timed(work: Callable[[], object], tokens: int, clock: Callable[[], float]) -> float:
    """Tokens a second of one piece of work."""
    began = clock()
    work()
    return tokens / (clock() - began)


def taking_turns(sides: dict[str, Side], rounds: int) -> dict[str, Any]:
    """Medians of all sides, and of the ratios of the first one to each other one."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for side in sides.values():
        side()
    for _ in range(rounds):
        for name, side in sides.items():
            found[name].append(side())
    ours, *others = sides
    medians: dict[str, Any] = {
        f"{name}_tokens_per_second": round(statistics.median(rates), 1)
        for name, rates in found.items()
    }
    for name in others:
        pairs = zip(found[ours], found[name], strict=True)
        medians[f"ratio_to_{name}"] = round(statistics.median(a / b for a, b in pairs), 2)
    return medians


def installed(package: str) -> bool:
    """Whether this peer takes part."""
    return importlib.util.find_spec(package) is not None


# ------------------------------------------------------------------------- reading and writing


def answering(
    size: str, reading: str, rounds: int, clock: Callable[[], float]
) -> tuple[dict[str, Any], dict[str, Any], int]:
    """Writing and reading, ours and the peers', and the bytes of all matrices."""
    config, vocab_size, length = SIZES[size]
    plain = made(config, vocab_size)
    weights = plain.tensors(optimizer=False)
    engine = Llama.from_tensors(plain.config | {"reading": reading}, weights)
    prompt = np.random.default_rng(0).integers(300, vocab_size, PROMPT).astype(np.int32)
    state = engine.advance(prompt)[1]
    matrices = sum(w.size for name, w in weights.items() if w.ndim == 2)
    size_bytes = int(matrices * BITS[reading] / 8)
    greedy = Sampler(temperature=0)
    writing: dict[str, Side] = {
        "our": lambda: timed(lambda: engine.generate(state, length, greedy, seed=1), length, clock)
    }
    reading_: dict[str, Side] = {
        "our": lambda: timed(lambda: engine.advance(prompt), PROMPT, clock)
    }
    with tempfile.TemporaryDirectory() as folder:
        checked = LlamaConfig.from_mapping(plain.config)
        file = ModelFile(checked, weights, peers.vocabulary(vocab_size))
        if installed("xllamacpp"):
            other, tokens = peers.LlamaCpp(file, reading, Path(folder)), prompt.tolist()

            def their_writing() -> float:
                short = 1 / timed(lambda: other.go_on(tokens, 1), 1, clock)
                long = 1 / timed(lambda: other.go_on(tokens, 1 + length), 1, clock)
                return length / (long - short)

            writing["llama_cpp"] = their_writing
            reading_["llama_cpp"] = lambda: timed(lambda: other.go_on(tokens, 1), PROMPT, clock)
        if reading == "f32" and "LLAMA2C_DIR" in os.environ and clock is time.perf_counter:
            llama2c = peers.Llama2C(file, Path(folder))
            writing["llama2c"] = lambda: llama2c.tokens_per_second(PROMPT + length)
        writing["memory"] = lambda: memory_bytes_per_s(clock) / size_bytes
        written, read = taking_turns(writing, rounds), taking_turns(reading_, rounds)
    written["share_of_memory_bandwidth"] = written.pop("ratio_to_memory")
    return written, read, size_bytes


# ------------------------------------------------------------------------------------ learning


def learning(size: str, rounds: int, clock: Callable[[], float]) -> tuple[dict[str, Any], float]:
    """Training, ours and PyTorch's, and the operations a token takes."""
    config, rows, length = TRAINING[size]
    engine = made(config, CHARACTERS)
    weights = engine.tensors(optimizer=False)
    tokens = np.random.default_rng(0).integers(0, CHARACTERS, (rows, length + 1)).astype(np.int32)
    batch = Batch(tokens, np.ones((rows, length), np.float32), np.ones(rows, bool))
    sides: dict[str, Side] = {
        "our": lambda: timed(lambda: engine.train(batch), rows * length, clock)
    }
    if installed("torch"):
        other = peers.TorchLlama(LlamaConfig.from_mapping(engine.config), weights)
        sides["torch"] = lambda: timed(lambda: other.step(batch), rows * length, clock)
    # Two a weight forwards and four back; attention sees half of the batch's length on average.
    attention = config["layers"] * config["dim"] * length * 6
    matrices = sum(w.size for name, w in weights.items() if w.ndim == 2)
    return taking_turns(sides, rounds), 6.0 * matrices + attention


# ----------------------------------------------------------------------------------- reporting


@cache
def _beyond_caches() -> np.ndarray:
    return np.ones((2, 1 << 25), np.float32)


def memory_bytes_per_s(clock: Callable[[], float]) -> float:
    """What one thread reads from memory in a second: 256 MB are read, four times.

    One half is multiplied with the other, which reads as fast as a loop of loads alone; a vector
    with itself is read twice from the caches and a tenth more slowly from memory.
    """
    x = _beyond_caches()
    return timed(lambda: [float(x[0] @ x[1]) for _ in range(4)], 4 * x.nbytes, clock)


def measure(
    sizes: Sequence[str], training: Sequence[str], rounds: int, clock: Callable[[], float]
) -> dict[str, Any]:
    """Measure everything; prints as it goes."""
    peak = peak_gflops(None)
    rows: list[dict[str, Any]] = []

    def report(what: str, size: str, **figures: Any) -> None:
        rows.append({"what": what, "size": size, **figures})
        print(f"{what:8} {size:6} {figures}", flush=True)

    for size in training:
        found, operations = learning(size, rounds, clock)
        gflops = found["our_tokens_per_second"] * operations / 1e9
        share = round(gflops / peak, 2) if peak else None
        report("learning", size, **found, gflops=round(gflops, 1), share_of_peak=share)
    for size in sizes:
        for reading in READINGS:
            written, read, size_bytes = answering(size, reading, rounds, clock)
            gb = written["our_tokens_per_second"] * size_bytes / 1e9
            report("writing", size, reading=reading, **written, gb_per_second=round(gb, 1))
            report("reading", size, reading=reading, **read)
    return {"peak_gflops_one_thread": peak, "measurements": rows}


def main() -> None:
    """Measure and write the results down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", nargs="*", choices=SIZES, default=list(SIZES))
    parser.add_argument("--training", nargs="*", choices=TRAINING, default=list(TRAINING))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--out", type=Path, help="instead of benchmarks/results/llama.json")
    options = parser.parse_args()
    conditions = {
        "instruction_set": binding.instruction_set(),
        "clock": options.clock,
        "rounds": options.rounds,
        "torch": "took part" if installed("torch") else "absent: no ratios",
        "llama_cpp": "took part" if installed("xllamacpp") else "absent: no ratios",
        "llama2c": "took part" if _llama2c(options.clock) else "absent: needs LLAMA2C_DIR and wall",
        "load_average_before": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }
    figures = measure(options.sizes, options.training, options.rounds, CLOCKS[options.clock])
    record.write("llama", conditions | figures, out=options.out)


def _llama2c(clock: str) -> bool:
    return "LLAMA2C_DIR" in os.environ and clock == "wall"


if __name__ == "__main__":
    main()
