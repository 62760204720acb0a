"""The PyTorch module is the same model, and trains on several processes as on one."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from l2c.engines import checkpoint
from l2c.engines.engine import Batch
from l2c.engines.llama.shards import HEADER_BYTES, Shards, write_shards
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError, InvalidInput
from l2c.text.bytes import ByteTokenizer

CONFIG = {"dim": 32, "layers": 2, "heads": 4, "kv_heads": 2, "hidden": 48, "context": 24}
TEXT = "The cat sat on the mat, and the dog sat on the cat. " * 40
MODULE = "l2c.engines.llama.torch_training"


def modules() -> tuple[Any, Any]:
    """PyTorch, and what L2C has for it."""
    torch = pytest.importorskip("torch", reason='needs PyTorch: `pip install "l2c[torch]"`')
    return torch, pytest.importorskip("l2c.engines.llama.torch")


def new_model(**config: object) -> LanguageModel:
    return LanguageModel.create("llama", CONFIG | config, ByteTokenizer(), seed=1)


def test_shards_are_one_text_whose_rows_follow_from_the_step(tmp_path: Path) -> None:
    tokenizer = ByteTokenizer()
    files = write_shards([TEXT, TEXT], tokenizer, tmp_path, tokens=500)
    assert len(files) > 5
    shards = Shards(tmp_path, tokenizer)
    assert len(shards) == 2 * (len(TEXT) + 1)
    whole = Shards(write_shards([TEXT, TEXT], tokenizer, tmp_path / "one")[0].parent, tokenizer)
    for number in (1, 2, 3):
        rows = shards.rows(number, length=600, count=4, seed=5)
        assert np.array_equal(rows, whole.rows(number, length=600, count=4, seed=5))
    assert not np.array_equal(
        shards.rows(1, length=60, count=4, seed=5), shards.rows(2, length=60, count=4, seed=5)
    )


@pytest.mark.parametrize("change", ["cut", "count", "magic", "tokenizer", "token"])
def test_a_shard_that_lies_is_refused(change: str, tmp_path: Path) -> None:
    (file,) = write_shards([TEXT], ByteTokenizer(), tmp_path)
    content = bytearray(file.read_bytes())
    if change == "cut":
        del content[-1:]
    at = {"count": 8, "magic": 0, "tokenizer": 20, "token": HEADER_BYTES + 1}.get(change)
    if at is not None:
        content[at] ^= 0x55
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match="00000"):
        Shards(tmp_path, ByteTokenizer())


def test_a_folder_without_shards_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no shards"):
        Shards(tmp_path, ByteTokenizer())


OPTIONS: dict[str, Any] = {"qk_norm": True, "softcap": 1.5, "ngram_rows": 40}


@pytest.mark.parametrize(
    "options", [{}, {"tied": False}, OPTIONS], ids=["tied", "untied", "options"]
)
def test_the_module_says_what_the_engine_says(options: dict[str, Any]) -> None:
    torch, ours = modules()
    model = new_model(**options)
    tokens = np.array(model.tokenizer.encode(TEXT[:60]), np.int32)
    with torch.no_grad():
        logits = ours.from_model(model)(torch.from_numpy(tokens[None].astype(np.int64)))[0].numpy()
    assert np.abs(logits - model.engine.logits(tokens)).max() < 1e-4


@pytest.mark.parametrize("options", [{}, OPTIONS], ids=["plain", "options"])
def test_both_learn_the_same_and_a_checkpoint_goes_both_ways(options: dict[str, Any]) -> None:
    torch, ours = modules()
    model = new_model(**options)
    module = ours.from_model(model)
    optimizer = ours.optimizer_of(module, model)
    ids = np.array(model.tokenizer.encode(TEXT), np.int32)
    for number in range(1, 21):
        rows = np.stack([ids[number * 20 + 50 * b :][:21] for b in range(4)])
        batch = Batch(rows, np.ones((4, 20), np.float32), np.ones(4, bool))
        if number == 11:  # from PyTorch to the engine's format and back, in the middle
            again = ours.to_model(module, model, optimizer)
            assert again.engine.steps == 10
            module = ours.from_model(again)
            optimizer = ours.optimizer_of(module, again)
        mine = model.engine.train(batch)
        tokens = torch.from_numpy(rows.astype(np.int64))
        theirs = float(ours.step(module, module.config, optimizer, tokens, number=number))
        assert abs(mine - theirs) < 1e-3, number
    assert mine < 4.5


def test_what_only_the_engine_learns_by_is_refused_by_name() -> None:
    _, ours = modules()
    model = new_model(muon=0.02)
    with pytest.raises(InvalidInput, match="muon"):
        ours.optimizer_of(ours.from_model(model), model)


def test_in_half_precision_it_learns_nearly_the_same_and_weights_stay_whole() -> None:
    torch, ours = modules()
    model = new_model()
    ids = np.array(model.tokenizer.encode(TEXT), np.int64)
    rows = torch.from_numpy(np.stack([ids[50 * b :][:41] for b in range(4)]))  # past the context
    curves = []
    for half in (False, True):
        module = ours.from_model(model)
        optimizer = ours.optimizer_of(module, model)
        curve = [
            float(ours.step(module, module.config, optimizer, rows, number=number, half=half))
            for number in range(1, 16)
        ]
        assert {parameter.dtype for parameter in module.parameters()} == {torch.float32}
        curves.append(curve)
    whole, rounded = curves
    assert whole != rounded
    assert np.abs(np.subtract(whole, rounded)).max() < 0.03
    assert rounded[-1] < rounded[0] - 0.5


def test_the_rate_falls_to_nothing_over_the_last_share_of_the_steps() -> None:
    modules()
    training = pytest.importorskip(MODULE)
    plan = training.Plan(
        *(Path() for _ in range(3)), steps=10, rows=1, length=1, seed=0, save_every=1, decay=0.5
    )
    assert [plan.rate(number) for number in (1, 5, 6, 8, 10)] == [1, 1, 1, 0.6, 0.2]


def losses(folder: Path, out: str, steps: int, *more: str, processes: int) -> list[float]:
    """The loss of every step of a training by command."""
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    start = [*launcher, "-m", MODULE] if processes > 1 else ["-m", MODULE]
    given = [folder / "start.safetensors", folder / "shards", folder / out]
    options = ["--steps", steps, "--rows", 4, "--length", 20, "--save-every", 5]
    ran = subprocess.run(
        [sys.executable, *start, "train", *map(str, [*given, *options]), *more],
        capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    lines = [line for line in ran.stdout.splitlines() if line.startswith("{")]
    return [json.loads(line)["loss"] for line in lines]


@pytest.mark.parametrize("sharded", [(), ("--sharded",)], ids=["whole", "sharded"])
def test_two_processes_follow_the_curve_of_one_and_go_on_where_they_were_stopped(
    sharded: tuple[str, ...], tmp_path: Path
) -> None:
    modules()
    model = new_model()
    (tmp_path / "start.safetensors").write_bytes(checkpoint.to_bytes(model))
    write_shards([TEXT], model.tokenizer, tmp_path / "shards", tokens=500)
    alone = losses(tmp_path, "one.safetensors", 16, processes=1)
    first = losses(tmp_path, "two.safetensors", 8, *sharded, processes=2)
    rest = losses(tmp_path, "two.safetensors", 16, *sharded, "--at-once", "1", processes=2)
    together = [*first, *rest]
    assert len(alone) == len(together) == 16
    assert max(abs(a - b) for a, b in zip(alone, together, strict=True)) < 1e-4
    assert alone[-1] < alone[0]
    assert checkpoint.load(tmp_path / "two.safetensors").engine.steps == 16


@pytest.mark.skipif(shutil.which("g++") is None, reason="PyTorch compiles with g++; there is none")
def test_compiled_it_follows_the_same_curve(tmp_path: Path) -> None:
    modules()
    model = new_model()
    (tmp_path / "start.safetensors").write_bytes(checkpoint.to_bytes(model))
    write_shards([TEXT], model.tokenizer, tmp_path / "shards", tokens=500)
    plain = losses(tmp_path, "plain.safetensors", 6, "--decay", "0.5", processes=1)
    compiled = losses(
        tmp_path, "compiled.safetensors", 6, "--decay", "0.5", "--compiled", processes=1
    )
    assert len(plain) == len(compiled) == 6
    assert max(abs(a - b) for a, b in zip(plain, compiled, strict=True)) < 1e-4
