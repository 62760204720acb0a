"""Token ids in files, ready to train on: cut once, read by many processes without being loaded.

A shard is a header of 64 bytes, `L2CTOKS1`, how many tokens there are, the SHA-256 of the
tokenizer's description, zeros; then uint32 ids, little-endian. A folder of shards is one long text.
Which rows a step reads follows from the seed and the step alone, never from how many processes read
them, so a training on eight machines and on one sees the same.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from l2c.errors import CheckpointError, InvalidInput
from l2c.text.tokenizer import Control, Tokenizer

MAGIC = b"L2CTOKS1"
HEADER_BYTES = 64
SHARD_TOKENS = 1 << 26
SUFFIX = ".tokens"


def digest_of(tokenizer: Tokenizer) -> bytes:
    """What tells shards of one tokenizer from those of another."""
    return hashlib.sha256(json.dumps(tokenizer.describe(), sort_keys=True).encode()).digest()


def write_shards(
    texts: Iterable[str], tokenizer: Tokenizer, folder: Path, *, tokens: int = SHARD_TOKENS
) -> list[Path]:
    """Write the texts, each after a mark of its start, as shards of `tokens` ids; the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for ids in _filled(texts, tokenizer, tokens):
        path = folder / f"{len(written):05}{SUFFIX}"
        header = MAGIC + struct.pack("<Q", len(ids)) + digest_of(tokenizer)
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(header.ljust(HEADER_BYTES, b"\0") + ids.tobytes())
        temporary.replace(path)
        written.append(path)
    return written


class Shards:
    """The shards of a folder as one row of tokens, mapped into memory.

    Raises `InvalidInput` when there are none, and `CheckpointError` for one that is cut short or
    was written with another tokenizer.
    """

    def __init__(self, folder: Path, tokenizer: Tokenizer) -> None:
        files = sorted(folder.glob(f"*{SUFFIX}"))
        if not files:
            raise InvalidInput(f"There are no shards in {folder}.")
        self._parts = [_mapped(file, tokenizer) for file in files]
        self._ends = np.cumsum([len(part) for part in self._parts])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def rows(self, number: int, *, length: int, count: int, seed: int) -> np.ndarray:
        """The `count` rows of `length` + 1 tokens that step `number` reads, int64."""
        if len(self) <= length:
            raise InvalidInput(f"{len(self)} tokens are too few for rows of {length}.")
        chance = np.random.default_rng([seed, number])
        starts = chance.integers(0, len(self) - length, count)
        return np.stack([self._row(int(start), length + 1) for start in starts])

    def _row(self, start: int, length: int) -> np.ndarray:
        found: list[np.ndarray] = []
        while length > 0:
            part = int(np.searchsorted(self._ends, start, side="right"))
            before = int(self._ends[part - 1]) if part else 0
            piece = self._parts[part][start - before : start - before + length]
            found.append(piece)
            start, length = start + len(piece), length - len(piece)
        return np.concatenate(found).astype(np.int64)


def _filled(texts: Iterable[str], tokenizer: Tokenizer, tokens: int) -> Iterator[np.ndarray]:
    """The ids of all texts in arrays of `tokens`, the last one shorter."""
    waiting: list[int] = []
    for text in texts:
        waiting += [Control.START, *tokenizer.encode(text)]
        while len(waiting) >= tokens:
            yield np.array(waiting[:tokens], "<u4")
            del waiting[:tokens]
    if waiting:
        yield np.array(waiting, "<u4")


def _mapped(file: Path, tokenizer: Tokenizer) -> np.ndarray:
    with file.open("rb") as stream:
        header = stream.read(HEADER_BYTES)
    size = file.stat().st_size
    if len(header) < HEADER_BYTES or header[:8] != MAGIC:
        raise CheckpointError(f"{file.name} is no shard of tokens.")
    (count,) = struct.unpack("<Q", header[8:16])
    if count < 1 or size != HEADER_BYTES + 4 * count:
        raise CheckpointError(f"{file.name} should hold {count} tokens; it has {size} bytes.")
    if header[16:48] != digest_of(tokenizer):
        raise CheckpointError(f"{file.name} was written with another tokenizer.")
    ids: np.ndarray = np.memmap(file, "<u4", "r", HEADER_BYTES)
    if int(ids.max()) >= tokenizer.vocab_size:
        raise CheckpointError(f"{file.name} holds tokens the model does not have.")
    return ids
