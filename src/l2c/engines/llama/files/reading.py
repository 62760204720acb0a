"""A file read as if a stranger wrote it: no count, length or offset is used before it is checked.

The file is read in pieces and not mapped into memory, so that one that shrinks meanwhile is an
error like any other and not the end of the process.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np

from l2c.errors import CheckpointError, InvalidInput

MAX_TENSOR_BYTES = 8 << 30
MAX_STRING_BYTES = 16 << 20
MAX_LIST = 1 << 20


class Reader:
    """Reads numbers, strings and arrays one after the other, and never past the end."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self.name = name
        self.size = stream.seek(0, 2)
        self.at = 0

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """The file at `path` while the context lasts. Raises `CheckpointError`."""
        try:
            with path.open("rb") as stream:
                yield cls(stream, path.name)
        except OSError as error:
            raise CheckpointError(f"{path.name} cannot be read: {error.strerror}.") from error

    def bytes(self, size: int) -> bytes:
        """The next `size` bytes. Raises `CheckpointError` when there are not so many."""
        if not 0 <= size <= self.size - self.at:
            raise CheckpointError(f"it is cut short: {size} bytes are missing at {self.at}")
        self._stream.seek(self.at)
        found = self._stream.read(size)
        if len(found) != size:
            raise CheckpointError("it became shorter while it was read")
        self.at += size
        return found

    def number(self, layout: str) -> int | float:
        """The next number of this `struct` layout, little-endian."""
        (value,) = struct.unpack("<" + layout, self.bytes(struct.calcsize("<" + layout)))
        assert isinstance(value, int | float)
        return value

    def whole(self, layout: str) -> int:
        """The next whole number of this `struct` layout."""
        return int(self.number(layout))

    def array(self, dtype: str, count: int) -> np.ndarray:
        """The next `count` numbers of this dtype."""
        kind = np.dtype(dtype)
        if not 0 <= count <= MAX_TENSOR_BYTES // kind.itemsize:
            raise CheckpointError(f"it has an array of {count} numbers, more than are ever read")
        return np.frombuffer(self.bytes(count * kind.itemsize), kind)

    def text(self, size: int) -> str:
        """The next `size` bytes as UTF-8."""
        if size > MAX_STRING_BYTES:
            raise CheckpointError(f"it has a text of {size} bytes; at most {MAX_STRING_BYTES}")
        try:
            return self.bytes(size).decode()
        except UnicodeDecodeError as error:
            raise CheckpointError("it has a text that is no UTF-8") from error


@contextmanager
def one_error(name: str) -> Iterator[None]:
    """Everything that is wrong with a file as one `CheckpointError` that names the file."""
    try:
        yield
    except (CheckpointError, InvalidInput) as error:
        reason = str(error).rstrip(".")
        said = reason if reason.startswith(name) else f"{name} cannot be read: {reason}"
        raise CheckpointError(f"{said}.") from error
    except MemoryError as error:
        raise CheckpointError(f"{name} needs more memory than there is.") from error
