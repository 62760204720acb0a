"""Sparse distributed representations: a few bits of many are on, and each of them means something.

Two of them that share bits mean similar things; by chance they share almost none, so that a union
of many still tells its members from others, and noise on a third of the bits does no harm (Ahmad
& Hawkins 2016, "How do neurons operate on sparse distributed representations?").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from l2c.errors import InvalidInput

if TYPE_CHECKING:
    from jaxtyping import UInt8, UInt16

MAX_SIZE = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class SDR:
    """`size` bits, of which those in `active` (ascending) are on."""

    size: int
    active: UInt16[np.ndarray, " K"]

    def __post_init__(self) -> None:
        if not 1 <= self.size <= MAX_SIZE:
            raise InvalidInput(f"`size` must lie in [1, {MAX_SIZE}]; found {self.size}.")
        bits = self.active.astype(np.int64)
        if len(bits) and (bits[-1] >= self.size or (np.diff(bits) <= 0).any()):
            raise InvalidInput(f"Active bits must be ascending, distinct and below {self.size}.")

    @classmethod
    def of(cls, size: int, active: Iterable[int]) -> SDR:
        """With these bits on, in any order."""
        return cls(size, np.unique(np.array(list(active), np.int64)).astype(np.uint16))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SDR):
            return NotImplemented
        return self.size == other.size and np.array_equal(self.active, other.active)

    def __hash__(self) -> int:
        return hash((self.size, self.active.tobytes()))

    @property
    def sparsity(self) -> float:
        """The part of the bits that are on."""
        return len(self.active) / self.size

    def overlap(self, other: SDR) -> int:
        """How many bits are on in both."""
        self._check_size(other)
        return len(np.intersect1d(self.active, other.active, assume_unique=True))

    def union(self, *others: SDR) -> SDR:
        """Everything that is on in any of them."""
        for other in others:
            self._check_size(other)
        return SDR.of(self.size, np.concatenate([self.active, *(o.active for o in others)]))

    def with_noise(self, part: float, *, seed: int) -> SDR:
        """As many bits on, but `part` of them moved to places that were off."""
        if not 0 <= part <= 1:
            raise InvalidInput(f"The part that is noise must lie in [0, 1]; found {part!r}.")
        rng = np.random.default_rng(seed)
        moved = min(round(part * len(self.active)), self.size - len(self.active))
        kept = rng.permutation(self.active)[moved:]
        off = np.setdiff1d(np.arange(self.size), self.active)
        return SDR.of(self.size, np.concatenate([kept, rng.permutation(off)[:moved]]))

    def dense(self) -> UInt8[np.ndarray, " N"]:
        """One number for every bit, 0 or 1."""
        bits = np.zeros(self.size, np.uint8)
        bits[self.active] = 1
        return bits

    def to_bytes(self) -> bytes:
        """Size, then the active bits: 4 and 2 bytes each, little-endian."""
        return self.size.to_bytes(4, "little") + bytes(self.active.astype("<u2").tobytes())

    @classmethod
    def from_bytes(cls, content: bytes) -> SDR:
        """What `to_bytes` wrote; raises `InvalidInput` for anything else."""
        if len(content) < 4 or len(content) % 2:
            raise InvalidInput(f"These {len(content)} bytes are no representation.")
        size = int(np.frombuffer(content[:4], "<u4")[0])
        return cls(size, np.frombuffer(content[4:], "<u2").astype(np.uint16))

    def _check_size(self, other: SDR) -> None:
        if self.size != other.size:
            raise InvalidInput(
                f"Representations must be of one size; found {self.size} and {other.size}."
            )
