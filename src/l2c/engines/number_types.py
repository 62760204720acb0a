"""Numbers as files store them: q8_0 and q4_0 blocks, halves, and back to float32.

A block is 32 neighbouring weights of a row with one scale d, a half. q8_0: w ≈ d q with q in
[-127, 127], 34 bytes. q4_0: w ≈ d (q - 8) with q in [0, 15], 18 bytes; the first 16 weights lie in
the low halves of the bytes, the last 16 in the high ones, and d = w* / -8 for the weight w* of
largest magnitude. Source: `quantize_row_q8_0_ref` and `quantize_row_q4_0_ref` of ggml, whose
bytes these are.

Legend: N numbers, B = N / 32 blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

BLOCK = 32
_Numbers: TypeAlias = 'Float32[np.ndarray, " N"]'
_Bytes: TypeAlias = 'UInt8[np.ndarray, " S"]'

STORED_BYTES = {
    "f32": (1, 4),
    "f16": (1, 2),
    "bf16": (1, 2),
    "q8_0": (BLOCK, 34),
    "q4_0": (BLOCK, 18),
}
"""How many numbers make a unit, and how many bytes it takes, by type."""

_Q8 = np.dtype([("d", "<f2"), ("q", "i1", BLOCK)])
_Q4 = np.dtype([("d", "<f2"), ("q", "u1", BLOCK // 2)])


def stored_size(kind: str, count: int) -> int:
    """The bytes that `count` numbers take, `count` being whole units."""
    numbers, size = STORED_BYTES[kind]
    return count // numbers * size


def to_float32(kind: str, stored: bytes) -> _Numbers:
    """The numbers in these bytes."""
    if kind == "f32":
        return np.frombuffer(stored, "<f4").astype(np.float32)
    if kind == "f16":
        return np.frombuffer(stored, "<f2").astype(np.float32)
    if kind == "bf16":
        return (np.frombuffer(stored, "<u2").astype(np.uint32) << 16).view(np.float32)
    if kind == "q8_0":
        blocks = np.frombuffer(stored, _Q8)
        return _scaled(blocks["d"], blocks["q"].astype(np.float32))
    blocks = np.frombuffer(stored, _Q4)
    low, high = blocks["q"] & 15, blocks["q"] >> 4
    return _scaled(blocks["d"], np.concatenate([low, high], axis=1).astype(np.float32) - 8)


def from_float32(kind: str, numbers: _Numbers) -> bytes:
    """The bytes that store these numbers."""
    numbers = np.ascontiguousarray(numbers, np.float32).reshape(-1)
    if kind == "f32":
        return numbers.astype("<f4").tobytes()
    if kind == "f16":
        return _halves(numbers).tobytes()
    if kind == "bf16":
        return _bfloats(numbers).tobytes()
    return _q8_0(numbers) if kind == "q8_0" else _q4_0(numbers)


def _scaled(d: np.ndarray, q: np.ndarray) -> _Numbers:
    # A scale that is not finite is found with the tensor it spoils.
    with np.errstate(invalid="ignore"):
        numbers: np.ndarray = d.astype(np.float32)[:, None] * q
    return numbers.reshape(-1)


def _halves(numbers: _Numbers) -> np.ndarray:
    """As halves; what is beyond the largest becomes the largest, not infinite."""
    halves: np.ndarray = np.clip(numbers, -65504, 65504).astype("<f2")
    return halves


def _bfloats(numbers: _Numbers) -> np.ndarray:
    """As the upper halves of floats, rounded to the nearest, to the even one of two."""
    bits = numbers.view(np.uint32)
    upper: np.ndarray = ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2")
    return upper


def _q8_0(numbers: _Numbers) -> bytes:
    rows = numbers.reshape(-1, BLOCK)
    d = np.abs(rows).max(axis=1) / np.float32(127)
    blocks = np.empty(len(rows), _Q8)
    blocks["d"] = _halves(d)
    q = rows * _inverse(d)[:, None]
    # Halves are rounded away from zero, as C's roundf does it.
    blocks["q"] = np.trunc(q + np.copysign(np.float32(0.5), q)).astype(np.int8)
    return blocks.tobytes()


def _q4_0(numbers: _Numbers) -> bytes:
    rows = numbers.reshape(-1, BLOCK)
    largest = rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)]
    d = largest / np.float32(-8)
    blocks = np.empty(len(rows), _Q4)
    blocks["d"] = _halves(d)
    q = np.minimum(15, (rows * _inverse(d)[:, None] + np.float32(8.5)).astype(np.int8)).astype(
        np.uint8
    )
    blocks["q"] = q[:, : BLOCK // 2] | q[:, BLOCK // 2 :] << 4
    return blocks.tobytes()


def _inverse(d: _Numbers) -> _Numbers:
    """1 / d, and 0 where d is 0."""
    inverse: np.ndarray = np.divide(np.float32(1), d, out=np.zeros_like(d), where=d != 0)
    return inverse
