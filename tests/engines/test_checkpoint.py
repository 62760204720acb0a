"""A checkpoint holds a model whole, names it by its content, and refuses every other file."""

import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from l2c.engines import checkpoint
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.engine import Batch
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError
from l2c.text.characters import CharacterTokenizer
from tests.proofs.fuzz_checkpoint import fuzz

CONFIG = {"hidden_size": 8}


def tiny(seed: int = 0) -> LanguageModel:
    return LanguageModel.create("lstm", CONFIG, CharacterTokenizer("abc"), seed=seed)


def practise(model: LanguageModel, steps: int) -> None:
    tokens = np.array([[8, 9, 10, 8, 9, 10, 8]] * 2, np.int32)
    for step in range(steps):
        fresh = np.full(2, step == 0)
        model.engine.train(Batch(tokens, np.ones((2, 6), np.float32), fresh))


def with_identity(**changes: object) -> bytes:
    """A sound file that says something else about itself."""
    content = checkpoint.to_bytes(tiny())
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    identity = {**json.loads(header["__metadata__"]["l2c"]), **changes}
    tensors = safetensors.numpy.load(content)
    return safetensors.numpy.save(tensors, metadata={"l2c": json.dumps(identity)})


def test_training_resumes_bit_for_bit_from_a_checkpoint() -> None:
    model = tiny()
    practise(model, 3)
    again = checkpoint.from_bytes(checkpoint.to_bytes(model))
    practise(model, 3)
    practise(again, 3)
    assert checkpoint.to_bytes(again) == checkpoint.to_bytes(model)


def test_equal_models_have_equal_names_and_others_do_not() -> None:
    names = [checkpoint.digest_of(checkpoint.to_bytes(tiny(seed))) for seed in (0, 0, 1)]
    assert names[0] == names[1] != names[2]


def test_the_optimizer_can_be_left_out() -> None:
    model = tiny()
    practise(model, 1)
    slim = checkpoint.to_bytes(model, optimizer=False)
    assert len(slim) < len(checkpoint.to_bytes(model)) / 2
    assert checkpoint.from_bytes(slim).engine.steps == 0


def test_weights_may_lie_in_half_the_bits() -> None:
    """Rounded once: what is read from them is written as they are."""
    model = tiny()
    content = checkpoint.to_half_bytes(model)
    assert len(content) < len(checkpoint.to_bytes(model, optimizer=False))
    again = checkpoint.from_bytes(content)
    assert checkpoint.to_half_bytes(again) == content
    for name, tensor in model.engine.tensors(optimizer=False).items():
        read = again.engine.tensors(optimizer=False)[name]
        assert read.dtype == tensor.dtype
        np.testing.assert_allclose(read, tensor, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("keep", [0, 1, 7, 8, 9, 100, 2000, -1, -100])
def test_a_file_cut_short_is_refused(keep: int) -> None:
    with pytest.raises(CheckpointError):
        checkpoint.from_bytes(checkpoint.to_bytes(tiny())[:keep])


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 a zip file of another program",
        b"\x80\x04\x95 a pickle",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 4) + b"null",
        struct.pack("<Q", 60) + b'{"__metadata__":{"l2c":"[]"}}'.ljust(60),
        struct.pack("<Q", 9000) + b"[" * 9000,
        safetensors.numpy.save({"weights": np.zeros(3, np.float32)}),
    ],
)
def test_a_foreign_file_is_refused(content: bytes) -> None:
    with pytest.raises(CheckpointError, match="no L2C checkpoint"):
        checkpoint.from_bytes(content)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": 3}, "format 3"),
        ({"template": "chatml"}, "chat template 'chatml'"),
        ({"family": "gpt"}, "does not know"),
        ({"family": ["lstm"]}, "does not know"),
        ({"config": 7}, "does not know"),
        ({"config": {"hidden_size": 16}}, "does not fit together|Tensor|tensor|expected"),
        ({"config": {"hidden_size": -1}}, "does not fit together"),
        ({"config": {"magic": 1}}, "does not fit together"),
        ({"tokenizer": None}, "kind this version does not know"),
        ({"tokenizer": {"kind": "characters", "pieces": ["ab"]}}, "one character or a byte"),
        ({"tokenizer": {"kind": "characters", "pieces": ["a"]}}, "agree on the vocabulary"),
    ],
)
def test_a_file_that_lies_about_itself_is_refused(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(CheckpointError, match=reason):
        checkpoint.from_bytes(with_identity(**changes))


def test_weights_that_are_not_finite_are_refused() -> None:
    content = checkpoint.to_bytes(tiny())
    broken = content[:-4] + struct.pack("<f", float("nan"))
    with pytest.raises(CheckpointError):
        checkpoint.from_bytes(broken)


def test_a_folder_gives_back_exactly_what_its_name_says(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path)
    digest, size = folder.save(tiny())
    path = folder.path(digest)
    assert path.stat().st_size == size
    assert folder.save(tiny()) == (digest, size)
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(CheckpointError, match="is damaged"):
        CheckpointFolder(tmp_path).load(digest)
    folder.save(tiny())
    assert CheckpointFolder(tmp_path).load(digest).engine.vocab_size == 11


def test_a_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be read"):
        CheckpointFolder(tmp_path).load("0" * 64)


def test_only_old_files_that_nobody_names_are_deleted(tmp_path: Path) -> None:
    folder = CheckpointFolder(tmp_path)
    kept, old, young = (folder.save(tiny(seed))[0] for seed in (0, 1, 2))
    for digest in (kept, old):
        os.utime(folder.path(digest), (0, 0))
    (tmp_path / ".half.tmp").write_bytes(b"half")
    os.utime(tmp_path / ".half.tmp", (0, 0))
    assert folder.keep_only({kept}) == 2
    assert [folder.has(digest) for digest in (kept, old, young)] == [True, False, True]


def test_files_that_lie_in_a_thousand_ways_end_in_one_error() -> None:
    counts = fuzz(seconds=60, files=4_000, seed=1)
    assert counts["files"] == 4_000
    assert counts["refused"] > counts["loaded"] > 0
