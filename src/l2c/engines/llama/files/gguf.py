"""GGUF, the file of llama.cpp: read and written, with the tokenizer inside.

A header of named values (configuration, vocabulary), a list of tensors with shape, type and offset,
then the tensors, each at a multiple of the alignment. Numbers are little-endian; a shape lists the
fastest dimension first. Types read: f32, f16, bf16, q8_0, q4_0; written: all of these but bf16.
Vocabularies of the kinds `llama` (SentencePiece) and `gpt2` (byte-level) are understood.
Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from l2c.engines.engine import Tensors
from l2c.engines.llama.config import LlamaConfig
from l2c.engines.llama.files import gguf_vocabulary
from l2c.engines.llama.files.gguf_header import GgufHeader
from l2c.engines.llama.files.model_file import (
    ModelFile,
    expect_finite,
    expect_shapes,
    expected_shapes,
)
from l2c.engines.llama.files.reading import MAX_LIST, Reader, one_error
from l2c.engines.number_types import (
    BLOCK,
    STORED_BYTES,
    from_float32,
    stored_size,
    to_float32,
)
from l2c.errors import CheckpointError, InvalidInput

MAGIC = b"GGUF"
VERSIONS = 2, 3
MAX_TENSORS = 65_536
MAX_VALUES = 65_536
MAX_NAME = 256
MAX_HEADER_BYTES = 100 << 20
ALIGNMENT = 32
TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 8, "bf16": 30}
"""The numbers GGUF gives the types that are read here."""

FILE_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 7}

_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 10: "Q", 11: "q", 12: "d"}
_BOOL, _STRING, _LIST = 7, 8, 9

_GLOBAL = {"embedding": "token_embd", "norm": "output_norm", "output": "output"}
_LAYER = {
    "attention_norm": "attn_norm",
    "wq": "attn_q",
    "wk": "attn_k",
    "wv": "attn_v",
    "wo": "attn_output",
    "ffn_norm": "ffn_norm",
    "w1": "ffn_gate",
    "w2": "ffn_down",
    "w3": "ffn_up",
}
_MATRICES = "wq", "wk", "wv", "wo", "w1", "w2", "w3"
_TURNED = "rope_freqs.weight"

Value = int | float | bool | str | list[Any]


@dataclass(frozen=True, slots=True)
class _Stored:
    """Where a tensor lies, counted from the beginning of the tensors."""

    name: str
    shape: tuple[int, ...]
    kind: str
    offset: int

    @property
    def count(self) -> int:
        return int(np.prod(self.shape, dtype=object))

    @property
    def size(self) -> int:
        return stored_size(self.kind, self.count)


def read_gguf(path: Path) -> ModelFile:
    """The model in a GGUF file. Raises `CheckpointError`, saying what is wrong with it."""
    with one_error(path.name), Reader.open(path) as reader:
        return read_from(reader)


def read_from(reader: Reader) -> ModelFile:
    """The same from an open reader."""
    if reader.bytes(4) != MAGIC:
        raise CheckpointError("it is no GGUF file")
    version = reader.whole("I")
    if version not in VERSIONS:
        raise CheckpointError(f"it has GGUF's version {version}; {VERSIONS} are read")
    tensor_count, value_count = reader.whole("Q"), reader.whole("Q")
    if tensor_count > MAX_TENSORS or value_count > MAX_VALUES:
        raise CheckpointError(f"it names {tensor_count} tensors and {value_count} values")
    values: dict[str, Value] = {}
    for _ in range(value_count):
        key = _text(reader)
        if key in values:
            raise CheckpointError(f"it names {key!r:.80} twice")
        values[key] = _value(reader, reader.whole("I"))
        if reader.at > MAX_HEADER_BYTES:
            raise CheckpointError(f"its header has more than {MAX_HEADER_BYTES} bytes")
    stored = [_stored(reader) for _ in range(tensor_count)]
    tokenizer = gguf_vocabulary.tokenizer(values)
    _place(reader, stored, values.get("general.alignment", ALIGNMENT))
    config = _config(values, tied=all(one.name != "output.weight" for one in stored))
    expected = expected_shapes(config, len(tokenizer.vocabulary.pieces))
    ours = {_gguf_name(name): name for name in expected}
    names = [ours.get(one.name, one.name) for one in stored]
    # What is wrong with them is said before anything large is read.
    expect_shapes({name: one.shape for name, one in zip(names, stored, strict=True)}, expected)
    tensors: Tensors = {}
    for name, one in zip(names, stored, strict=True):
        reader.at = one.offset
        tensors[name] = to_float32(one.kind, reader.bytes(one.size)).reshape(one.shape)
    expect_finite(tensors)
    kinds = {name: one.kind for name, one in zip(names, stored, strict=True)}
    return ModelFile(replace(config, reading=_reading(kinds)), tensors, tokenizer)


def _reading(kinds: Mapping[str, str]) -> str:
    """In what the model is read as its file stores it: q8_0 or q4_0 where all matrices are that."""
    layers = {kind for name, kind in kinds.items() if name.rpartition(".")[2] in _MATRICES}
    ends = {kinds[name] for name in ("embedding", "output") if name in kinds}
    return next((k for k in ("q8_0", "q4_0") if layers == {k} and ends == {"q8_0"}), "f32")


def write_gguf(file: ModelFile, stream: BinaryIO, *, kind: str, name: str) -> None:
    """Write the model, its matrices as `kind` (f32, f16, q8_0 or q4_0), and call it `name`.

    Norms stay f32, and so do matrices whose rows are no whole blocks. With q4_0 the embedding and
    the output are q8_0: they are where four bits hurt. Raises `InvalidInput` for another kind.
    """
    if kind not in FILE_TYPES:
        raise InvalidInput(f"GGUF is written as {', '.join(FILE_TYPES)}; found {kind!r}.")
    config, pieces = file.config, file.tokenizer.vocabulary.pieces
    header = GgufHeader()
    header.text("general.architecture", "llama")
    header.text("general.name", name)
    header.whole("general.file_type", FILE_TYPES[kind])
    header.whole("general.alignment", ALIGNMENT)
    header.whole("llama.vocab_size", len(pieces))
    header.whole("llama.context_length", config.context)
    header.whole("llama.embedding_length", config.dim)
    header.whole("llama.block_count", config.layers)
    header.whole("llama.feed_forward_length", config.hidden)
    header.whole("llama.rope.dimension_count", config.head)
    header.whole("llama.attention.head_count", config.heads)
    header.whole("llama.attention.head_count_kv", config.kv_heads)
    header.number("llama.rope.freq_base", config.rope_theta)
    header.number("llama.attention.layer_norm_rms_epsilon", config.norm_epsilon)
    gguf_vocabulary.write(file.tokenizer, header)
    kinds = {key: _kind_of(key, tensor, kind) for key, tensor in file.tensors.items()}
    offset = 0
    for key, tensor in file.tensors.items():
        header.tensor(_gguf_name(key), tensor.shape, TYPES[kinds[key]], offset)
        offset += _aligned(stored_size(kinds[key], tensor.size))
    start = header.written(ALIGNMENT)
    stream.write(start)
    for key, tensor in file.tensors.items():
        content = from_float32(kinds[key], tensor)
        stream.write(content)
        stream.write(bytes(_aligned(len(content)) - len(content)))


def _kind_of(key: str, tensor: np.ndarray, kind: str) -> str:
    if tensor.ndim == 1:
        return "f32"
    if kind in ("q8_0", "q4_0") and tensor.shape[1] % BLOCK:
        return "f32"
    return "q8_0" if kind == "q4_0" and key in ("embedding", "output") else kind


def _gguf_name(name: str) -> str:
    if name in _GLOBAL:
        return f"{_GLOBAL[name]}.weight"
    _, layer, part = name.split(".")
    return f"blk.{layer}.{_LAYER[part]}.weight"


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT


def _text(reader: Reader) -> str:
    return reader.text(reader.whole("Q"))


def _value(reader: Reader, kind: int) -> Value:
    if kind in _NUMBERS:
        return reader.number(_NUMBERS[kind])
    if kind == _BOOL:
        return reader.whole("B") != 0
    if kind == _STRING:
        return _text(reader)
    if kind != _LIST:
        raise CheckpointError(f"it has a value of the unknown kind {kind}")
    of, count = reader.whole("I"), reader.whole("Q")
    if count > MAX_LIST:
        raise CheckpointError(f"it has a list of {count} values; at most {MAX_LIST} are read")
    if of in _NUMBERS:
        dtype = np.dtype("<" + _NUMBERS[of])
        return list(reader.array(dtype.str, count).tolist())
    if of == _BOOL:
        return [byte != 0 for byte in reader.bytes(count)]
    if of == _STRING:
        return [_text(reader) for _ in range(count)]
    raise CheckpointError(f"it has a list of the unknown kind {of}")


def _stored(reader: Reader) -> _Stored:
    size = reader.whole("Q")
    if size > MAX_NAME:
        raise CheckpointError(f"it has a tensor with a name of {size} bytes")
    name, dimensions = reader.text(size), reader.whole("I")
    if not 1 <= dimensions <= 4:
        raise CheckpointError(f"its tensor {name!r:.80} has {dimensions} dimensions")
    shape = tuple(reader.whole("Q") for _ in range(dimensions))[::-1]
    type_number = reader.whole("I")
    kind = next((kind for kind, number in TYPES.items() if number == type_number), None)
    if kind is None:
        raise CheckpointError(
            f"its tensor {name!r:.80} is stored as GGUF's type {type_number}; f32, f16, bf16, q8_0 "
            "and q4_0 are read"
        )
    if not all(shape) or shape[-1] % STORED_BYTES[kind][0]:
        raise CheckpointError(f"its tensor {name!r:.80} of shape {shape} cannot be {kind}")
    if name == _TURNED:
        raise CheckpointError("it has rotary positions stretched by a table, which are not read")
    return _Stored(name, shape, kind, reader.whole("Q"))


def _place(reader: Reader, stored: list[_Stored], alignment: Value) -> None:
    """Check where the tensors lie, and count their offsets from the beginning of the file."""
    if not isinstance(alignment, int) or not 1 <= alignment <= 1 << 16 or alignment & alignment - 1:
        raise CheckpointError(f"its alignment must be a power of two; found {alignment!r:.20}")
    if len({one.name for one in stored}) != len(stored):
        raise CheckpointError("it has two tensors of one name")
    start = -(-reader.at // alignment) * alignment
    end = 0
    for i in sorted(range(len(stored)), key=lambda i: stored[i].offset):
        one = stored[i]
        if (
            one.offset % alignment
            or one.offset < end
            or one.size > reader.size - start - one.offset
        ):
            raise CheckpointError(
                f"its tensor {one.name!r:.80} does not lie where a tensor can, or is cut short"
            )
        end = one.offset + one.size
        stored[i] = _Stored(one.name, one.shape, one.kind, start + one.offset)


def _config(values: Mapping[str, Value], *, tied: bool) -> LlamaConfig:
    if values.get("general.architecture") != "llama":
        raise CheckpointError(
            f"it holds a model of the kind {values.get('general.architecture')!r:.40}; only llama "
            "is read"
        )

    def whole(key: str, otherwise: int | None = None) -> int:
        value = values.get(f"llama.{key}", otherwise)
        if isinstance(value, bool) or not isinstance(value, int):
            raise CheckpointError(f"its llama.{key} must be a whole number; found {value!r:.40}")
        return value

    def number(key: str, otherwise: float | None = None) -> float:
        value = values.get(f"llama.{key}", otherwise)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise CheckpointError(f"its llama.{key} must be a number; found {value!r:.40}")
        return float(value)

    heads = whole("attention.head_count")
    config = LlamaConfig(
        dim=whole("embedding_length"),
        layers=whole("block_count"),
        heads=heads,
        kv_heads=whole("attention.head_count_kv", heads),
        hidden=whole("feed_forward_length"),
        context=whole("context_length"),
        rope_theta=number("rope.freq_base", 10_000.0),
        norm_epsilon=number("attention.layer_norm_rms_epsilon"),
        tied=tied,
    )
    for key in ("rope.dimension_count", "attention.key_length", "attention.value_length"):
        if whole(key, config.head) != config.head:
            raise CheckpointError(f"its llama.{key} must be the width of a head, {config.head}")
    if values.get("llama.rope.scaling.type", "none") != "none" or whole("expert_count", 0):
        raise CheckpointError("it has stretched rotary positions or experts, which are not read")
    return config
