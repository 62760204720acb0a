"""The `.bin` files of llama2.c: versions 0 and 1 in float32, version 2 in groups of bytes.

    0   seven int32 (dim, hidden, layers, heads, kv_heads, tokens, context; negative tokens: the
        output has weights of its own), then the tensors of each name for all layers; two tables of
        angles that are computed here lie before the output. What `run` reads.
    1   "ak42", version, the seven numbers, a byte that says whether the output is the embedding,
        zeros up to byte 256; then norms, then matrices.
    2   as 1, with the size of a group after that byte. Matrices are bytes with one float32 scale
        for a group, w ≈ q s, first all bytes of a tensor and then its scales. What `runq` reads.

The program takes for granted that positions turn with base 10 000, that norms add 1e-5, and how
tokens are numbered (`tokenizer_bin`); a model that differs is refused by name when it is written.
Source: `export.py` and `run.c` of https://github.com/karpathy/llama2.c
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from l2c.engines.engine import Tensors
from l2c.engines.llama.config import LlamaConfig
from l2c.engines.llama.files.model_file import ModelFile, expect_finite, expected_shapes
from l2c.engines.llama.files.reading import Reader, one_error
from l2c.engines.llama.files.tokenizer_bin import expect_numbered, read_tokenizer_from
from l2c.errors import CheckpointError, InvalidInput
from l2c.text.vocabulary import MAX_TOKENS

MAGIC = 0x616B3432
HEADER_BYTES = 256
VERSIONS = 0, 1, 2
THETA, EPSILON = 10_000.0, 1e-5
MAX_GROUP = 64

_NUMBERS = "dim", "hidden", "layers", "heads", "kv_heads", "tokens", "context"
_NORMS = "attention_norm", "ffn_norm"
_MATRICES = "wq", "wk", "wv", "wo", "w1", "w2", "w3"
_OLD_ORDER = "attention_norm", "wq", "wk", "wv", "wo", "ffn_norm", "w1", "w2", "w3"


def read_llama2c(path: Path, tokenizer: Path) -> ModelFile:
    """The model in a `.bin` with its `tokenizer.bin`. Raises `CheckpointError`."""
    with one_error(path.name), Reader.open(path) as reader, Reader.open(tokenizer) as words:
        return read_from(reader, words)


def read_from(reader: Reader, words: Reader) -> ModelFile:
    """The same from open readers."""
    first = reader.whole("I")
    version, group, own_output = 0, 0, False
    if first == MAGIC:
        version = reader.whole("i")
        if version not in VERSIONS[1:]:
            raise CheckpointError(f"it has llama2.c's version {version}; {VERSIONS} are read")
    else:
        reader.at = 0
    numbers = {name: reader.whole("i") for name in _NUMBERS}
    if version:
        own_output = reader.whole("B") == 0
        group = reader.whole("i") if version == 2 else 0
        reader.at = HEADER_BYTES
    else:
        own_output = numbers["tokens"] < 0
        numbers["tokens"] = abs(numbers["tokens"])
    tokens = numbers.pop("tokens")
    if not 1 <= tokens <= MAX_TOKENS:
        raise CheckpointError(f"it has {tokens} tokens; 1 to {MAX_TOKENS} are read")
    fixed: dict[str, Any] = {"rope_theta": THETA, "norm_epsilon": EPSILON, "tied": not own_output}
    config = LlamaConfig.from_mapping(numbers | fixed)
    expected = expected_shapes(config, tokens)
    _expect_size(reader, config, expected, version, group)
    tensors: Tensors = {}
    for name in _order(config, version):
        if not name:
            reader.bytes(2 * config.context * config.head // 2 * 4)
        elif version < 2 or len(expected[name]) == 1:
            count = int(np.prod(expected[name]))
            tensors[name] = reader.array("<f4", count).reshape(expected[name]).astype(np.float32)
        else:
            tensors[name] = _read_groups(reader, expected[name], group)
    expect_finite(tensors)
    return ModelFile(config, tensors, read_tokenizer_from(words, tokens))


def write_llama2c(file: ModelFile, stream: BinaryIO, *, version: int) -> None:
    """Write the model as one of the versions; its tokenizer goes to a file of its own.

    Raises `InvalidInput` for a model that llama2.c could not run.
    """
    config = file.config
    if version not in VERSIONS:
        raise InvalidInput(f"llama2.c's files have a version of {VERSIONS}; found {version}.")
    if config.rope_theta != THETA or not np.isclose(config.norm_epsilon, EPSILON, rtol=1e-3):
        raise InvalidInput(
            f"llama2.c knows rope_theta {THETA:g} and norm_epsilon {EPSILON:g} only; found "
            f"{config.rope_theta:g} and {config.norm_epsilon:g}."
        )
    expect_numbered(file.tokenizer)
    tokens = len(file.tokenizer.vocabulary.pieces)
    values = config.to_dict() | {"tokens": tokens if version or config.tied else -tokens}
    header = struct.pack("<7i", *(values[name] for name in _NUMBERS))
    group = group_size(config)
    if version:
        header = struct.pack("<Ii", MAGIC, version) + header + bytes([config.tied])
        header += struct.pack("<i", group) if version == 2 else b""
        header += bytes(HEADER_BYTES - len(header))
    stream.write(header)
    for name in _order(config, version):
        if not name:
            stream.write(_angles(config))
        elif version < 2 or file.tensors[name].ndim == 1:
            stream.write(file.tensors[name].astype("<f4").tobytes())
        else:
            stream.write(_groups(file.tensors[name], group))


def group_size(config: LlamaConfig) -> int:
    """How many weights share a scale: the largest power of two up to 64 that divides all rows."""
    group = MAX_GROUP
    while config.dim % group or config.hidden % group:
        group //= 2
    return group


def _order(config: LlamaConfig, version: int) -> Iterator[str]:
    """The names of the tensors in the file's order; nothing stands for the tables of angles."""
    layers = range(config.layers)
    if version == 0:
        yield "embedding"
        for part in _OLD_ORDER:
            yield from (f"layers.{layer}.{part}" for layer in layers)
        yield from ("norm", "")
    else:
        for part in _NORMS:
            yield from (f"layers.{layer}.{part}" for layer in layers)
        yield from ("norm", "embedding")
        for part in _MATRICES:
            yield from (f"layers.{layer}.{part}" for layer in layers)
    if not config.tied:
        yield "output"


def _expect_size(
    reader: Reader,
    config: LlamaConfig,
    expected: dict[str, tuple[int, ...]],
    version: int,
    group: int,
) -> None:
    """Raise `CheckpointError` unless the file is as long as its numbers say, to the byte."""
    counts = [(shape, int(np.prod(shape, dtype=object))) for shape in expected.values()]
    size = 4 * sum(count for _, count in counts)
    if version == 0:
        size += config.context * config.head * 4
    elif version == 2:
        matrices = [(shape, count) for shape, count in counts if len(shape) == 2]
        if group < 1 or any(count % group for _, count in matrices):
            raise CheckpointError(f"its groups of {group} do not divide its tensors")
        size -= sum(3 * count - 4 * (count // group) for _, count in matrices)
    if reader.size - reader.at != size:
        raise CheckpointError(
            f"it should have {size} bytes of weights; found {max(0, reader.size - reader.at)}"
        )


def _read_groups(reader: Reader, shape: tuple[int, ...], group: int) -> np.ndarray:
    count = int(np.prod(shape))
    q = reader.array("i1", count).reshape(-1, group).astype(np.float32)
    scales = reader.array("<f4", count // group).astype(np.float32)
    # A scale that is not finite is found with the tensor it spoils.
    with np.errstate(invalid="ignore", over="ignore"):
        return (q * scales[:, None]).reshape(shape)


def _groups(tensor: np.ndarray, group: int) -> bytes:
    rows = tensor.reshape(-1, group)
    scales = np.abs(rows).max(axis=1) / np.float32(127)
    safe = np.where(scales == 0, np.float32(1), scales)
    q = np.rint(rows / safe[:, None]).astype(np.int8)
    return bytes(q.tobytes() + scales.astype("<f4").tobytes())


def _angles(config: LlamaConfig) -> bytes:
    """Cosines, then sines, of every position and pair of a head."""
    pairs = np.arange(0, config.head, 2) / config.head
    turns = np.arange(config.context)[:, None] / THETA**pairs
    return np.cos(turns).astype("<f4").tobytes() + np.sin(turns).astype("<f4").tobytes()
