"""A checkpoint: a language model as one safetensors file, named by the SHA-256 of its bytes.

The file holds the tensors and one metadata entry, `l2c`: canonical JSON of format, family,
engine configuration, tokenizer and chat template. That is all, so equal weights have equal
names wherever and whenever they were made; lineage, metrics and times are the store's.

Files are read as if a stranger wrote them: sizes are checked before anything is allocated, the
safetensors library checks the header against the file, the engine checks every tensor against
the configuration. Whatever is wrong, the answer is one `CheckpointError`, and nothing is run
from a file. Format: https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from l2c.engines.engine import Tensors
from l2c.engines.model import LanguageModel
from l2c.engines.packed import packed, unpacked
from l2c.engines.registry import families
from l2c.errors import CheckpointError, InvalidInput, KernelError, L2CError
from l2c.text.byte_level import ByteLevelTokenizer
from l2c.text.bytes import ByteTokenizer
from l2c.text.characters import CharacterTokenizer
from l2c.text.pieces import PieceTokenizer
from l2c.text.sentencepiece import SentencePieceTokenizer
from l2c.text.template import TEMPLATE
from l2c.text.tokenizer import Tokenizer

FORMAT = 1
PACKED = 2
"""The format of a file that holds matrices in blocks, which earlier versions do not read."""
SUFFIX = ".safetensors"
MAX_BYTES = 8 << 30
MAX_HEADER_BYTES = 16 << 20

TOKENIZERS: dict[str, type[Tokenizer]] = {
    kind.kind: kind
    for kind in (
        CharacterTokenizer,
        ByteTokenizer,
        PieceTokenizer,
        SentencePieceTokenizer,
        ByteLevelTokenizer,
    )
}


def to_bytes(model: LanguageModel, *, optimizer: bool = True) -> bytes:
    """The whole file. Equal models give equal bytes.

    Without `optimizer` the file is about a third of the size, and training goes on from it with
    a fresh optimizer.
    """
    return _written(model, model.engine.tensors(optimizer=optimizer))


def to_half_bytes(model: LanguageModel) -> bytes:
    """The weights alone, rounded to float16: half the size. They are read back as float32."""
    tensors = model.engine.tensors(optimizer=False)
    halves = {
        name: tensor.astype(np.float16) if tensor.dtype == np.float32 else tensor
        for name, tensor in tensors.items()
    }
    return _written(model, halves)


def to_packed_bytes(model: LanguageModel) -> bytes:
    """The weights alone, every matrix in the blocks it is read in."""
    tensors, described = packed(model.engine.tensors(optimizer=False), model.engine.packing())
    return _written(model, tensors, described)


def _written(
    model: LanguageModel, tensors: Tensors, described: dict[str, Any] | None = None
) -> bytes:
    identity = {
        "format": PACKED if described else FORMAT,
        "family": model.engine.family,
        "config": model.engine.config,
        "tokenizer": model.tokenizer.describe(),
        "template": TEMPLATE,
    }
    if described:
        identity["packed"] = described
    canonical = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return safetensors.numpy.save(tensors, metadata={"l2c": canonical})


def digest_of(content: bytes) -> str:
    """The name of a checkpoint: SHA-256 of its bytes in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def load(path: Path, *, digest: str | None = None) -> LanguageModel:
    """The model in a file; with `digest`, only if the file is exactly that one.

    Raises `CheckpointError` when the file is missing, cut short, too large, of another program,
    says something about itself that is not so, or is not the one that was asked for, and
    `KernelError` when the compiled kernels are for another version of L2C.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise CheckpointError(f"{path.name} has {size} bytes; at most {MAX_BYTES} are read.")
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path.name} cannot be read: {error.strerror}.") from error
    if digest is not None and digest_of(content) != digest:
        raise CheckpointError(
            f"{path.name} is damaged: its SHA-256 is {digest_of(content)[:12]}…, "
            f"expected {digest[:12]}…. Delete it, and it will be rebuilt."
        )
    return from_bytes(content, name=path.name)


def from_bytes(content: bytes, *, name: str = "The checkpoint") -> LanguageModel:
    """The model in these bytes; `name` is how messages call it. Raises as `load` does."""
    identity = _identity(content, name)
    if identity.get("format") not in (FORMAT, PACKED):
        raise CheckpointError(
            f"{name} has format {identity.get('format')!r}; this version of L2C reads {FORMAT} "
            f"and {PACKED}."
        )
    if identity.get("template") != TEMPLATE:
        raise CheckpointError(
            f"{name} was taught with the chat template {identity.get('template')!r}; "
            f"this version of L2C speaks {TEMPLATE!r}."
        )
    family, config = identity.get("family"), identity.get("config")
    if str(family) not in families() or not isinstance(config, dict):
        raise CheckpointError(f"{name} holds an engine this version does not know: {family!r}.")
    try:
        tensors = {
            name: tensor.astype(np.float32) if tensor.dtype == np.float16 else tensor
            for name, tensor in safetensors.numpy.load(content).items()
        }
        if identity["format"] == PACKED:
            tensors = unpacked(tensors, identity.get("packed"))
        engine = families()[str(family)].from_tensors(config, tensors)
        return LanguageModel(engine, _tokenizer(identity.get("tokenizer")))
    except CheckpointError as error:
        raise CheckpointError(f"{name}: {error}") from error
    except KernelError:
        raise  # the installation is broken, not the file
    except (safetensors.SafetensorError, L2CError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{name} does not fit together: {error}") from error


def _identity(content: bytes, name: str) -> dict[str, Any]:
    """What the file says of itself, read from the header's metadata alone."""
    foreign = CheckpointError(f"{name} is no L2C checkpoint (or was cut short).")
    if len(content) < 8:
        raise foreign
    (header_bytes,) = struct.unpack("<Q", content[:8])
    if header_bytes > min(len(content) - 8, MAX_HEADER_BYTES):
        raise foreign
    try:
        header = json.loads(content[8 : 8 + header_bytes])
        identity = json.loads(header["__metadata__"]["l2c"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise foreign from error
    if not isinstance(identity, dict):
        raise foreign
    return identity


def _tokenizer(description: object) -> Tokenizer:
    if not isinstance(description, dict) or description.get("kind") not in TOKENIZERS:
        raise InvalidInput(
            f"its tokenizer is of a kind this version does not know: {description!r:.80}"
        )
    return TOKENIZERS[description["kind"]].from_description(description)
