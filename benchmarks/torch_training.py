"""How fast `l2c[torch]` trains: on one GPU, and on one to many processes of one machine.

    python -m benchmarks.torch_training [--processes 1 2 4 8] [--threads 2] [--data FOLDER]

Everything goes through the command that a user types (`l2c.engines.llama.torch_training`); what is
timed is how its lines arrive, after the first few. `processes`: the same rows a step shared by more
and more processes without a GPU, `threads` each. `gpu`: Llamas of several sizes on one, in float32,
with `--half` and with `--half --compiled`; a token costs 6 FLOP a weight that multiplies and
6 T D a layer for causal attention (forward and backward), given as a share of what a large product
of matrices reached in bfloat16. `curve`: how far the losses of twenty steps are from those of the
processor. `quality`: nanoGPT's size on tinyshakespeare's first 90 %, then read by L2C's own engine:
nats a character over the rest. What needs a GPU is skipped by name where there is none.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import record
from benchmarks.quality import Text, find, predictions, static_loss
from l2c.engines import checkpoint
from l2c.engines.llama.config import LlamaConfig, shapes
from l2c.engines.llama.shards import write_shards
from l2c.engines.model import LanguageModel
from l2c.text.bytes import ByteTokenizer
from l2c.text.characters import CharacterTokenizer

MODULE = "l2c.engines.llama.torch_training"
WARM, TIMED = 5, 20
HALF, COMPILED = ("--half",), ("--half", "--compiled")


def config(dim: int, layers: int, heads: int, kv_heads: int, hidden: int, context: int) -> Any:
    """A plain Llama of these sizes."""
    return {
        "dim": dim, "layers": layers, "heads": heads, "kv_heads": kv_heads,
        "hidden": hidden, "context": context, "learning_rate": 1e-3, "warmup": 100,
    }  # fmt: skip


SMALL = config(256, 6, 8, 8, 704, 256)
SIZES: dict[str, tuple[dict[str, Any], int]] = {
    "10 M": (config(384, 6, 6, 6, 1024, 256), 64),
    "110 M": (config(768, 12, 12, 12, 2048, 1024), 32),
    "350 M": (config(1024, 24, 16, 16, 2816, 1024), 32),
    "1.0 G": (config(2048, 22, 32, 4, 5632, 2048), 16),
}
"""Each with the rows of a step, every row as long as the context."""


def prepared(folder: Path, given: dict[str, Any], text: str) -> None:
    """`start.safetensors` and `shards` of a text in bytes, as the how-to guide makes them."""
    model = LanguageModel.create("llama", given, ByteTokenizer(), seed=1)
    (folder / "start.safetensors").write_bytes(checkpoint.to_bytes(model))
    write_shards([text], model.tokenizer, folder / "shards")


def command(folder: Path, out: str, steps: int, rows: int, length: int, *more: str) -> list[str]:
    """The training, as it is typed, without what starts it."""
    paths = [folder / "start.safetensors", folder / "shards", folder / out]
    numbers = ["--steps", steps, "--rows", rows, "--length", length, "--save-every", 1_000_000]
    return ["train", *map(str, [*paths, *numbers]), *more]


def arriving(
    folder: Path, lines: int, rows: int, length: int, *more: str,
    processes: int = 1, threads: int | None = None, gpu: bool = True,
) -> tuple[list[float], float]:  # fmt: skip
    """The losses of so many steps, and tokens a second of those after the first `WARM`."""
    many = ["torch.distributed.run", "--standalone", f"--nproc-per-node={processes}", "-m"]
    start = [sys.executable, "-m", *(many if processes > 1 else []), MODULE]
    environment = os.environ | ({} if gpu else {"CUDA_VISIBLE_DEVICES": ""})
    environment |= {"OMP_NUM_THREADS": str(threads)} if threads else {}
    line = [*start, *command(folder, "out.safetensors", 1_000_000, rows, length, *more)]
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=complaints, text=True, env=environment
        ) as training,
    ):
        assert training.stdout is not None
        found = (line for line in training.stdout if line.startswith("{"))
        losses, at = [], []
        for line_of_step in itertools.islice(found, lines):
            at.append(time.perf_counter())
            losses.append(float(json.loads(line_of_step)["loss"]))
        training.terminate()
        if len(losses) < lines:
            complaints.seek(0)
            raise RuntimeError(f"It ended after {len(losses)} steps.\n{complaints.read()[-2000:]}")
    return losses, (lines - WARM) * rows * length / (at[-1] - at[WARM - 1])


def among_processes(text: str, numbers: list[int], threads: int) -> list[dict[str, Any]]:
    """The same step shared by more and more processes, without a GPU."""
    found: list[dict[str, Any]] = []
    alone: tuple[list[float], float] | None = None
    with tempfile.TemporaryDirectory() as name:
        prepared(Path(name), SMALL, text)
        for processes in numbers:
            losses, speed = arriving(
                Path(name), WARM + 8, 32, 256, processes=processes, threads=threads, gpu=False
            )
            alone = alone or (losses, speed)
            found.append(
                {
                    "processes": processes, "threads": threads, "tokens_per_second": round(speed),
                    "times_one": round(speed / alone[1], 2),
                    "furthest_loss": float(np.abs(np.subtract(losses, alone[0])).max()),
                    "losses": losses,
                }
            )  # fmt: skip
            print({k: v for k, v in found[-1].items() if k != "losses"}, flush=True)
    return found


def flops_a_token(given: dict[str, Any], length: int) -> float:
    """Forward and backward, of one token of a row of `length`."""
    whole = LlamaConfig.from_mapping(given)
    wanted = shapes(whole, ByteTokenizer().vocab_size)
    matrices = sum(int(np.prod(shape)) for shape in wanted.values() if len(shape) == 2)
    return 6 * matrices + 6 * whole.layers * length * whole.dim


def peak() -> float:
    """FLOP a second of a product of two matrices of 8192 × 8192 in bfloat16, the median of ten."""
    a, b = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    for _ in range(3):
        a @ b
    spent: list[float] = []
    for _ in range(10):
        torch.cuda.synchronize()
        began = time.perf_counter()
        a @ b
        torch.cuda.synchronize()
        spent.append(time.perf_counter() - began)
    return 2 * 8192**3 / float(np.median(spent))


def on_a_gpu(text: str) -> dict[str, Any]:
    """Tokens a second by size and precision, and how near the curve is to the processor's."""
    reached = peak()
    sizes: list[dict[str, Any]] = []
    curve: dict[str, float] = {}
    for name, (given, rows) in SIZES.items():
        with tempfile.TemporaryDirectory() as folder:
            prepared(Path(folder), given, text)
            length = int(given["context"])
            options = [(), HALF, COMPILED] if name != "1.0 G" else [COMPILED]
            of_option: dict[tuple[str, ...], list[float]] = {}
            for more in options:
                losses, speed = arriving(Path(folder), WARM + TIMED, rows, length, *more)
                of_option[more] = losses[:20]
                share = speed * flops_a_token(given, length) / reached
                sizes.append(
                    {
                        "size": name, "rows": rows, "length": length, "options": " ".join(more),
                        "tokens_per_second": round(speed), "share_of_peak": round(share, 3),
                    }
                )  # fmt: skip
                print(sizes[-1], flush=True)
            if name == "10 M":
                theirs, _ = arriving(Path(folder), 20, rows, length, gpu=False)
                curve = {
                    " ".join(more) or "float32": float(np.abs(np.subtract(mine, theirs)).max())
                    for more, mine in of_option.items()
                }
                print(curve, flush=True)
    return {
        "gpu": torch.cuda.get_device_name(), "peak_flops": reached, "sizes": sizes,
        "furthest_loss_from_the_processors": curve,
    }  # fmt: skip


def quality(path: Path, steps: int) -> dict[str, Any]:
    """Of nanoGPT's size on a text, trained on the GPU and read by L2C's engine."""
    characters = path.read_text(encoding="utf-8")
    tokenizer = CharacterTokenizer("".join(sorted(set(characters))))
    tokens = np.array(tokenizer.encode(characters), np.int32)
    text = Text(tokens, int(len(tokens) * 0.9), tokenizer.vocab_size)
    given, rows = SIZES["10 M"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = LanguageModel.create("llama", given, tokenizer, seed=1)
        (folder / "start.safetensors").write_bytes(checkpoint.to_bytes(model))
        write_shards([characters[: len(text.training)]], tokenizer, folder / "shards")
        began = time.perf_counter()
        subprocess.run(
            [
                sys.executable, "-m", MODULE,
                *command(folder, "out.safetensors", steps, rows, 256, *COMPILED, "--decay", "0.9"),
            ],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        seconds = time.perf_counter() - began
        trained = checkpoint.load(folder / "out.safetensors").engine
        loss = static_loss(predictions(trained, text), text)
    figures = {"steps": steps, "rows": rows, "seconds": round(seconds, 1), "static_nats": loss}
    print(figures, flush=True)
    return figures


def main() -> None:
    """Measure, print and write down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2, 4, 8])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, nargs="*", default=[500, 1000, 2000])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    path = find("tinyshakespeare", given.data)
    text = path.read_text(encoding="utf-8") if path else Path(__file__).read_text() * 100
    figures: dict[str, Any] = {"processes": among_processes(text, given.processes, given.threads)}
    record.write("torch_training", figures, out=given.out)
    if not torch.cuda.is_available():
        print("gpu: skipped, there is none.")
        return
    figures |= {"gpu": on_a_gpu(text)}
    record.write("torch_training", figures, out=given.out)
    if path is None:
        print("quality: skipped, there is no tinyshakespeare.txt; see --data.")
        return
    figures |= {"quality": [quality(path, steps) for steps in given.steps]}
    record.write("torch_training", figures, out=given.out)


if __name__ == "__main__":
    main()
