"""Encoders: values of the world become sparse distributed representations.

A symbol (a character, a word, a category) shares nothing with another one, so its columns are
chosen by hash: no table, no pooler, the same in every process. A number should share bits with
numbers near it and none with others: the random distributed scalar encoder gives neighbouring
buckets all bits but one (Numenta 2016, "Encoding data for HTM systems").
"""

from __future__ import annotations

import math
import re
import zlib
from typing import TYPE_CHECKING

import numpy as np

from l2c.engines.htm.sdr import SDR
from l2c.engines.sampling import WEIGHTS_STREAM, random_words
from l2c.errors import InvalidConfig, InvalidInput

if TYPE_CHECKING:
    from jaxtyping import UInt16


def hashed_columns(token: int, *, columns: int, active: int, seed: int) -> UInt16[np.ndarray, " K"]:
    """`active` of `columns` columns, ascending: a function of the token and the seed alone."""
    blocks = -(-columns // 4)  # random words come in blocks of four
    words = random_words(seed, columns, stream=WEIGHTS_STREAM, position=token * blocks)
    return np.sort(np.argsort(words, kind="stable")[:active]).astype(np.uint16)


class SymbolEncoder:
    """Texts, each a representation of its own: what it is called decides which bits are on."""

    def __init__(self, size: int, active: int, *, seed: int = 0) -> None:
        if not 1 <= active <= size:
            raise InvalidConfig(f"1 ≤ `active` ≤ `size` is needed; found {active} and {size}.")
        self.size, self.active, self.seed = size, active, seed

    def encode(self, symbol: str) -> SDR:
        """The representation of a symbol."""
        number = zlib.crc32(symbol.encode())
        return SDR(self.size, hashed_columns(
            number, columns=self.size, active=self.active, seed=self.seed
        ))  # fmt: skip


class ScalarEncoder:
    """Numbers by random distributed buckets of width `resolution`.

    Numbers n buckets apart share about `active` - n bits, as long as that is above 0.
    """

    def __init__(
        self, *, resolution: float, size: int = 400, active: int = 21, seed: int = 0
    ) -> None:
        if not (math.isfinite(resolution) and resolution > 0):
            raise InvalidConfig(f"`resolution` must be a number above 0; found {resolution!r}.")
        if not 1 <= active <= size // 2:
            raise InvalidConfig(f"`active` must lie in [1, size / 2]; found {active} of {size}.")
        self.resolution, self.size, self.active, self.seed = resolution, size, active, seed

    def bucket(self, value: float) -> int:
        """The bucket of a value; raises `InvalidInput` unless it is finite."""
        if not math.isfinite(value):
            raise InvalidInput(f"A number to encode must be finite; found {value!r}.")
        bucket = math.floor(value / self.resolution + 0.5)
        if abs(bucket) > 2**31:
            raise InvalidInput(f"{value!r} is too many steps of {self.resolution!r} from 0.")
        return bucket

    def encode(self, value: float) -> SDR:
        """The representation of a value: one bit for each bucket of the window that begins there.

        A bit that is taken moves on to the next free one, so `active` bits are on.
        """
        chosen: set[int] = set()
        first = self.bucket(value)
        for bucket in range(first, first + self.active):
            word = random_words(self.seed, 1, stream=WEIGHTS_STREAM, position=bucket % 2**64)[0]
            bit = int(word % np.uint64(self.size))
            while bit in chosen:
                bit = (bit + 1) % self.size
            chosen.add(bit)
        return SDR(self.size, np.array(sorted(chosen), np.uint16))


def characters(text: str) -> list[str]:
    """The text letter by letter; raises `InvalidInput` for an empty one."""
    if not text:
        raise InvalidInput("A text must have at least one character; found an empty one.")
    return list(text)


def words(text: str) -> list[str]:
    """Words in small letters, and punctuation marks by themselves; raises as `characters` does.

    >>> words("Good day, sir.")
    ['good', 'day', ',', 'sir', '.']
    """
    found = re.findall(r"\w+(?:'\w+)*|[^\w\s]", text.lower())
    if not found:
        raise InvalidInput("A text must have at least one word; found none.")
    return found
