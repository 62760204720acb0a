"""Training of a Llama with PyTorch, on one GPU or on several machines: `torchrun`.

    python -m l2c.engines.llama.torch_training cut START SHARDS TEXT…
    torchrun --nproc-per-node 8 -m l2c.engines.llama.torch_training train START SHARDS OUT

Every process holds the model and reads its share of each step's rows (DDP); gradients are averaged,
so the loss follows the same curve for every number of processes. With `--sharded` every process
holds a part of each layer, of its gradient and of the optimizer, and layers are put together while
they are in use (FSDP): for models that one device cannot hold. The checkpoint, optimizer included,
is written whole or not at all every so many steps; the same command goes on from it, in another
number of processes and sharded or not.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel

from l2c import machine
from l2c.engines import checkpoint
from l2c.engines.llama.shards import Shards, write_shards
from l2c.engines.llama.torch import TorchLlama, from_model, optimizer_of, step, to_model
from l2c.engines.schedule import warmup_stable_decay
from l2c.errors import InvalidInput, L2CError


@dataclass(frozen=True, slots=True)
class Plan:
    """What is trained: `rows` of `length` tokens a step, over all processes together.

    The learning rate falls to 0 over the last share `decay` of the steps. A process takes `at_once`
    of its rows together, 0 for all. `half`: matrices multiply in bfloat16. `compiled`: PyTorch
    writes kernels for this model first. `sharded`: see this module.
    """

    start: Path
    shards: Path
    out: Path
    steps: int
    rows: int
    length: int
    seed: int
    save_every: int
    decay: float = 0.0
    at_once: int = 0
    half: bool = False
    compiled: bool = False
    sharded: bool = False

    def rate(self, number: int) -> float:
        """The factor of the learning rate in the `number`th step."""
        return warmup_stable_decay(number - 1, self.steps, warmup=0, decay=self.decay)


def train(plan: Plan, *, rank: int, processes: int, device: torch.device) -> Iterator[float]:
    """Train from where `plan.out` stands; the loss of each step, over all processes, in nats.

    Raises `InvalidInput` when the rows cannot be shared out evenly, or a number makes no sense.
    """
    if plan.rows % processes:
        raise InvalidInput(f"{plan.rows} rows cannot be shared by {processes} processes.")
    if plan.at_once < 0:
        raise InvalidInput(f"`--at-once` must be 0 or more rows; found {plan.at_once}.")
    model = checkpoint.load(plan.out if plan.out.exists() else plan.start)
    shards, module = Shards(plan.shards, model.tokenizer), from_model(model).to(device)
    trained = _shared(module, plan, processes, device)
    optimizer = optimizer_of(module, model)
    waiting: Tensor | None = None  # read when the next step is under way: a GPU never waits for it
    for number in range(model.engine.steps + 1, plan.steps + 1):
        rows = shards.rows(number, length=plan.length, count=plan.rows, seed=plan.seed)
        own = _moved(rows[rank::processes], device)
        loss = step(
            trained, module.config, optimizer, own, number=number, rate=plan.rate(number),
            at_once=plan.at_once, half=plan.half,
        )  # fmt: skip
        if processes > 1:
            distributed.all_reduce(loss)
        if waiting is not None:
            yield float(waiting) / processes
        waiting = loss
        saving = number % plan.save_every == 0 or number == plan.steps
        if saving and (rank == 0 or plan.sharded):  # every process gives its parts
            whole = to_model(module, model, optimizer)
            if rank == 0:
                machine.write_durably(plan.out, checkpoint.to_bytes(whole))
    if waiting is not None:
        yield float(waiting) / processes


def _moved(rows: np.ndarray, device: torch.device) -> Tensor:
    """Token ids on the device; a GPU fetches them while it works."""
    tokens = torch.from_numpy(rows)
    return tokens.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tokens


def _shared(module: TorchLlama, plan: Plan, processes: int, device: torch.device) -> nn.Module:
    """The module as several processes train it; where it is sharded, its parameters change."""
    if plan.compiled:
        for layer in module.layers:  # alike, so they are compiled once
            layer.compile()
    if processes == 1:
        return module
    if not plan.sharded:
        return DistributedDataParallel(module)
    mesh = init_device_mesh(device.type, (processes,))
    for layer in module.layers:
        fully_shard(layer, mesh=mesh)
    return fully_shard(module, mesh=mesh)


@contextlib.contextmanager
def joined() -> Iterator[tuple[int, int, torch.device]]:
    """This process among those that `torchrun` started: its rank, how many, and its device."""
    processes, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    device = torch.device("cpu")
    if torch.cuda.is_available():
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
        torch.cuda.set_device(device)
    if processes > 1:
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield rank, processes, device
    finally:
        if processes > 1:
            distributed.destroy_process_group()


def main() -> None:
    """Cut texts into shards, or train; one JSON line a step from the first process."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    what = parser.add_subparsers(dest="what", required=True)
    cut = what.add_parser("cut", help="texts to shards, with the tokenizer of a checkpoint")
    cut.add_argument("start", type=Path)
    cut.add_argument("shards", type=Path)
    cut.add_argument("texts", type=Path, nargs="+")
    training = what.add_parser("train", help="train, or go on")
    for name in ("start", "shards", "out"):
        training.add_argument(name, type=Path)
    for name, default in (("steps", 1000), ("rows", 32), ("length", 256), ("seed", 0)):
        training.add_argument(f"--{name}", type=int, default=default)
    training.add_argument("--save-every", type=int, default=100)
    training.add_argument(
        "--decay", type=float, default=0.0, help="last share, with a falling rate"
    )
    training.add_argument("--at-once", type=int, default=0, help="rows a process takes together")
    training.add_argument("--half", action="store_true", help="multiply in bfloat16")
    training.add_argument("--compiled", action="store_true", help="kernels made for the model")
    training.add_argument("--sharded", action="store_true", help="parts of the model (FSDP)")
    given = vars(parser.parse_args())
    try:
        if given.pop("what") == "cut":
            tokenizer = checkpoint.load(given["start"]).tokenizer
            texts = (path.read_text(encoding="utf-8") for path in given["texts"])
            print(len(write_shards(texts, tokenizer, given["shards"])), "shards")
            return
        plan = Plan(**given)
        with joined() as (rank, processes, device):
            for loss in train(plan, rank=rank, processes=processes, device=device):
                if rank == 0:
                    print(json.dumps({"loss": loss}), flush=True)
    except L2CError as error:
        sys.exit(f"l2c: {error}")


if __name__ == "__main__":
    main()
