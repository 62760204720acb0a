"""Binarised datasets: tokens and loss weights in one file, read without loading it.

    "L2Cdata1"  header length (u32, little)  header (JSON)  zeros to a multiple of 64
    tokens (u2 or u4, little)  weights (u1, 0 or 1)

The header names the tokenizer by the SHA-256 of its description: ids mean nothing under another
one, and a dataset is refused by a model that spells differently. A file is checked before it is
mapped: what the header says must be exactly what is there.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from l2c import machine
from l2c.errors import InvalidInput
from l2c.text.tokenizer import Tokenizer

MAGIC = b"L2Cdata1"
ALIGNMENT = 64
MAX_HEADER_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset on disk; `tokens` and `weights` are maps of the file, (N,) each."""

    path: Path
    tokenizer: str
    tokens: np.ndarray
    weights: np.ndarray


def tokenizer_digest(tokenizer: Tokenizer) -> str:
    """The SHA-256 of a tokenizer's description."""
    description = json.dumps(tokenizer.describe(), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(description.encode()).hexdigest()


def write(
    folder: Path,
    name: str,
    tokenizer: Tokenizer,
    *,
    tokens: Sequence[np.ndarray],
    weights: Sequence[np.ndarray],
    sources: Sequence[str],
) -> Path:
    """Write a dataset as `NAME-DIGEST.bin`, whole or not at all; the same content, the same name.

    `sources` are the SHA-256 of what it was made of. Raises `StorageFull`.
    """
    kind = "<u2" if tokenizer.vocab_size <= 1 << 16 else "<u4"
    flat = np.concatenate(tokens).astype(kind)
    header = {
        "tokenizer": tokenizer_digest(tokenizer),
        "tokens": len(flat),
        "dtype": kind,
        "sources": list(sources),
    }
    encoded = json.dumps(header).encode()
    head = MAGIC + struct.pack("<I", len(encoded)) + encoded
    head += b"\0" * (-len(head) % ALIGNMENT)
    content = head + flat.tobytes() + np.concatenate(weights).astype(np.uint8).tobytes()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}-{hashlib.sha256(content).hexdigest()[:16]}.bin"
    machine.write_durably(path, content)
    return path


def load(path: Path) -> Dataset:
    """Map a dataset. Raises `InvalidInput`, naming the file, when it is not what it says."""
    foreign = InvalidInput(f"{path.name} is no dataset (or was cut short); it can be deleted.")
    try:
        with open(path, "rb") as file:
            magic, length = file.read(len(MAGIC)), file.read(4)
            if magic != MAGIC or len(length) != 4:
                raise foreign
            (size,) = struct.unpack("<I", length)
            header: Any = json.loads(file.read(min(size, MAX_HEADER_BYTES)))
        count, kind = header["tokens"], header["dtype"]
        begins = -(-(len(MAGIC) + 4 + size) // ALIGNMENT) * ALIGNMENT
        if kind not in ("<u2", "<u4") or not isinstance(count, int) or count < 1:
            raise foreign
        width = np.dtype(kind).itemsize
        if path.stat().st_size != begins + count * (width + 1):
            raise foreign
        tokens = np.memmap(path, np.dtype(kind), "r", begins, (count,))
        weights = np.memmap(path, np.uint8, "r", begins + count * width, (count,))
        return Dataset(path, str(header["tokenizer"]), tokens, weights)
    except OSError as error:
        raise InvalidInput(f"{path.name} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise foreign from error
