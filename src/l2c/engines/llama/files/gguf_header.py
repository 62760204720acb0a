"""The header of a GGUF file while it is put together."""

from __future__ import annotations

import struct
from collections.abc import Sequence

_WHOLE, _SIGNED, _NUMBER, _BOOL, _STRING, _LIST = 4, 5, 6, 7, 8, 9


class GgufHeader:
    """Named values and the list of tensors, in the order in which they are added."""

    def __init__(self) -> None:
        self._values: list[bytes] = []
        self._tensors: list[bytes] = []

    def whole(self, key: str, value: int) -> None:
        """Add a whole number in [0, 2³²)."""
        self._add(key, _WHOLE, struct.pack("<I", value))

    def number(self, key: str, value: float) -> None:
        """Add a 32-bit number."""
        self._add(key, _NUMBER, struct.pack("<f", value))

    def truth(self, key: str, value: bool) -> None:
        """Add true or false."""
        self._add(key, _BOOL, bytes([value]))

    def text(self, key: str, value: str) -> None:
        """Add a text."""
        self._add(key, _STRING, _text(value))

    def texts(self, key: str, values: Sequence[str]) -> None:
        """Add a list of texts."""
        content = b"".join(map(_text, values))
        self._add(key, _LIST, struct.pack("<IQ", _STRING, len(values)) + content)

    def wholes(self, key: str, values: Sequence[int]) -> None:
        """Add a list of whole numbers in [-2³¹, 2³¹)."""
        content = struct.pack(f"<{len(values)}i", *values)
        self._add(key, _LIST, struct.pack("<IQ", _SIGNED, len(values)) + content)

    def numbers(self, key: str, values: Sequence[float]) -> None:
        """Add a list of 32-bit numbers."""
        content = struct.pack(f"<{len(values)}f", *values)
        self._add(key, _LIST, struct.pack("<IQ", _NUMBER, len(values)) + content)

    def tensor(self, name: str, shape: Sequence[int], kind: int, offset: int) -> None:
        """Add a tensor of GGUF's type `kind`, `offset` bytes after the beginning of the tensors."""
        dimensions = struct.pack(f"<I{len(shape)}Q", len(shape), *reversed(shape))
        self._tensors.append(_text(name) + dimensions + struct.pack("<IQ", kind, offset))

    def written(self, alignment: int) -> bytes:
        """The beginning of the file, up to where the tensors begin."""
        counts = struct.pack("<IQQ", 3, len(self._tensors), len(self._values))
        content = b"GGUF" + counts + b"".join(self._values) + b"".join(self._tensors)
        return content + bytes(-len(content) % alignment)

    def _add(self, key: str, kind: int, content: bytes) -> None:
        self._values.append(_text(key) + struct.pack("<I", kind) + content)


def _text(text: str) -> bytes:
    content = text.encode()
    return struct.pack("<Q", len(content)) + content
