"""How fast the LSTM learns and writes here, and how fast PyTorch does in the same minutes.

    python -m benchmarks.speed [--isa avx2] [--threads N ...] [--torch require] [--seconds S]
        [--out FILE]

Training: characters a second through whole steps (forward, backward, clipping, Adam), as a share
of the multiply-adds this machine can do at most, which is measured too. Writing: characters a
second, one conversation, sampling included, with matrices in float32 and in 8 bits (PyTorch's
are in float32 beside both). PyTorch runs the same model where it is installed; a
machine's speed drifts by half within minutes, so both sides take turns in slices of a fraction of
a second, and only medians and the ratios of neighbouring slices are reported. On a machine
that others use meanwhile, a second of processor time says more than one of the clock; both are
there, and the load is written down. With `--isa` both sides, and the peak, keep to one instruction
set; the results then go to `speed_ISA.json`.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import record
from l2c.engines.engine import Batch, Sampler, State
from l2c.engines.lstm.engine import LSTM
from l2c.engines.lstm.parameters import READINGS
from l2c.kernels import binding

VOCAB_SIZE = 96

HELD = {
    "avx2": {
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
    }
}
"""What holds PyTorch and its libraries to an instruction set, before they are loaded."""

Work = Callable[[], int]
"""Does a slice of work and returns how many characters it was."""


@dataclass(frozen=True)
class Shape:
    """A model and a batch."""

    hidden_size: int
    layers: int
    time: int
    batch: int

    def __str__(self) -> str:
        layers = f"{self.layers}x" if self.layers > 1 else ""
        return f"{layers}H{self.hidden_size} T{self.time} B{self.batch}"

    @property
    def operations(self) -> int:
        """Of training on one character: two a weight forwards and four back, but a character's
        own row of the first layer's Wx is only added, not multiplied."""
        H = self.hidden_size
        weights = self.layers * 4 * H * H + (self.layers - 1) * 4 * H * H + VOCAB_SIZE * H
        return 6 * weights


SHAPES = (Shape(128, 1, 25, 1), Shape(128, 1, 25, 32), Shape(256, 1, 64, 32), Shape(512, 2, 64, 32))
WRITING = (Shape(128, 1, 25, 1), Shape(512, 2, 64, 1))


def random_batch(shape: Shape) -> Batch:
    """Tokens that mean nothing: the work is the same."""
    rng = np.random.default_rng(0)
    tokens = rng.integers(0, VOCAB_SIZE, (shape.batch, shape.time + 1)).astype(np.int32)
    ones = np.ones((shape.batch, shape.time), np.float32)
    return Batch(tokens, ones, np.zeros(shape.batch, bool))


def our_training(shape: Shape, threads: int, backend: str = "kernel") -> Work:
    """One step of our LSTM."""
    config = {"hidden_size": shape.hidden_size, "layers": shape.layers}
    engine = LSTM.create(config, VOCAB_SIZE, seed=1, backend=backend)
    engine.threads = threads
    batch = random_batch(shape)

    def step() -> int:
        engine.train(batch)
        return shape.batch * shape.time

    return step


def our_writing(shape: Shape, at_once: int, reading: str) -> Work:
    """A hundred characters, `at_once` in a call: a streamed answer asks for eight at a time."""
    config = {"hidden_size": shape.hidden_size, "layers": shape.layers, "reading": reading}
    engine = LSTM.create(config, VOCAB_SIZE, seed=1, backend="kernel")
    sampler = Sampler(temperature=0.8)
    state: State = engine.initial_state()

    def write() -> int:
        nonlocal state
        for _ in range(104 // at_once):
            written = engine.generate(state, at_once, sampler, seed=1)
            state = written.state
        return 104

    return write


# ------------------------------------------------------------------------------------- PyTorch


def torch_model(shape: Shape) -> Any:
    """The same network in PyTorch: one-hot characters, LSTM, LayerNorm, dense."""
    import torch  # noqa: PLC0415 (only where it is installed)

    lstm = torch.nn.LSTM(VOCAB_SIZE, shape.hidden_size, shape.layers)
    norm = torch.nn.LayerNorm(shape.hidden_size)
    return torch.nn.ModuleList([lstm, norm, torch.nn.Linear(shape.hidden_size, VOCAB_SIZE)])


def torch_training(shape: Shape, threads: int) -> Work:
    """One step of PyTorch's, with its fused Adam."""
    import torch  # noqa: PLC0415

    model = torch_model(shape)
    lstm, norm, dense = model
    adam = torch.optim.Adam(model.parameters(), lr=4e-3, fused=True)
    tokens = torch.from_numpy(random_batch(shape).tokens.T.astype(np.int64))
    state: Any = None

    def step() -> int:
        nonlocal state
        torch.set_num_threads(threads)
        one_hot = torch.nn.functional.one_hot(tokens[:-1], VOCAB_SIZE).float()
        y, state = lstm(one_hot, state)
        state = tuple(part.detach() for part in state)
        logits = dense(norm(y)).reshape(-1, VOCAB_SIZE)
        loss = torch.nn.functional.cross_entropy(logits, tokens[1:].reshape(-1))
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        loss.item()
        return shape.batch * shape.time

    return step


def torch_writing(shape: Shape) -> Work:
    """Twenty characters of PyTorch's, one after the other."""
    import torch  # noqa: PLC0415

    lstm, norm, dense = torch_model(shape)
    state: Any = None

    def write() -> int:
        nonlocal state
        torch.set_num_threads(1)
        token = torch.zeros(1, 1, dtype=torch.long)
        with torch.inference_mode():
            for _ in range(20):
                one_hot = torch.nn.functional.one_hot(token, VOCAB_SIZE).float()
                y, state = lstm(one_hot, state)
                p = torch.softmax(dense(norm(y[0])) / 0.8, dim=-1)
                token = torch.multinomial(p, 1)
        return 20

    return write


# ----------------------------------------------------------------------------------- measuring


@dataclass(frozen=True)
class Rate:
    """Characters a second of the clock, and a second of processor time (all threads together)."""

    wall: float
    cpu: float


def rate(work: Work, seconds: float) -> Rate:
    """How fast `work` is over one slice of time."""
    done, start, used = 0, time.perf_counter(), time.process_time()
    while (elapsed := time.perf_counter() - start) < seconds or done == 0:
        done += work()
    return Rate(done / elapsed, done / (time.process_time() - used))


def measure(ours: Work, theirs: Work | None, *, seconds: float, rounds: int = 7) -> dict[str, Any]:
    """Medians of both sides, and of the ratios of slices that followed one another."""
    sides = {"": ours} if theirs is None else {"": ours, "torch_": theirs}
    slices: dict[str, list[Rate]] = {side: [] for side in sides}
    for work in sides.values():
        rate(work, seconds / 4)
    for _ in range(rounds):
        for side, work in sides.items():
            slices[side].append(rate(work, seconds))
    found: dict[str, Any] = {}
    for side, rates in slices.items():
        wall, cpu = (
            statistics.median(r.wall for r in rates),
            statistics.median(r.cpu for r in rates),
        )
        found |= {f"{side}characters_per_second": round(wall)}
        found |= {f"{side}characters_per_cpu_second": round(cpu)}
    if theirs is not None:
        pairs = list(zip(slices[""], slices["torch_"], strict=True))
        found["ratio_to_torch"] = round(statistics.median(a.wall / b.wall for a, b in pairs), 2)
        found["ratio_to_torch_by_cpu"] = round(
            statistics.median(a.cpu / b.cpu for a, b in pairs), 2
        )
    return found


def peak_gflops(isa: str | None) -> float | None:
    """What one thread reaches on registers alone; None without a C compiler."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder) / "peak")
        source = str(Path(__file__).parent / "peak.c")
        machine = ["-mavx2", "-mfma"] if isa == "avx2" else ["-march=native"]
        flags = ["-std=gnu11", "-O3", *machine, "-ffp-contract=fast"]
        subprocess.run([compiler, *flags, source, "-o", program], check=True)
        return float(subprocess.run([program], capture_output=True, check=True).stdout)


# ----------------------------------------------------------------------------------- reporting


def run(
    *, seconds: float, with_torch: bool, isa: str | None, counts: Sequence[int]
) -> dict[str, Any]:
    """Measure everything; prints as it goes."""
    peak = peak_gflops(isa)
    rows: list[dict[str, Any]] = []

    def report(what: str, shape: Shape, threads: int, found: dict[str, Any], **more: Any) -> None:
        rows.append({"what": what, "shape": str(shape), **asdict(shape), "threads": threads})
        rows[-1] |= {"vocab_size": VOCAB_SIZE} | found | more
        print(f"{what:9} {shape!s:16} {threads} thread(s): {found} {more}", flush=True)

    for shape in SHAPES:
        for threads in counts:
            theirs = torch_training(shape, threads) if with_torch else None
            found = measure(our_training(shape, threads), theirs, seconds=seconds)
            gflops = found["characters_per_cpu_second"] * shape.operations / 1e9
            share = round(gflops / peak, 3) if peak else None
            more = {"gflops_per_cpu_second": round(gflops, 1), "share_of_peak": share}
            report("training", shape, threads, found, **more)
    for shape in SHAPES[:2]:
        found = measure(our_training(shape, 1, "reference"), None, seconds=seconds)
        report("training", shape, 1, found, backend="reference")
    for shape, reading, at_once in itertools.product(WRITING, READINGS, (8, 104)):
        theirs = torch_writing(shape) if with_torch else None
        found = measure(our_writing(shape, at_once, reading), theirs, seconds=seconds)
        report("writing", shape, 1, found, at_once=at_once, reading=reading)
    return {"peak_gflops_one_thread": peak, "measurements": rows}


def main() -> None:
    """Measure and write the results down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--torch", choices=("auto", "require", "omit"), default="auto")
    parser.add_argument("--seconds", type=float, default=0.3, help="length of one slice")
    parser.add_argument("--out", type=Path, help="instead of benchmarks/results/speed.json")
    parser.add_argument("--isa", choices=("avx2",), help="hold both sides to this instruction set")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    if options.isa:
        binding.use_instruction_set(options.isa)
        os.environ |= HELD[options.isa]
    installed = importlib.util.find_spec("torch") is not None
    if options.torch == "require" and not installed:
        sys.exit("PyTorch is not installed in this environment: pip install torch")
    with_torch = installed and options.torch != "omit"
    conditions = {
        "instruction_set": binding.instruction_set(),
        "torch": "took part" if with_torch else "absent: no ratios",
        "load_average_before": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    }
    figures = run(
        seconds=options.seconds, with_torch=with_torch, isa=options.isa, counts=options.threads
    )
    name = f"speed_{options.isa}.json" if options.isa else "speed.json"
    record.write("speed", conditions | figures, out=options.out or record.RESULTS / name)


if __name__ == "__main__":
    main()
