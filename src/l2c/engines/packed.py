"""Matrices as a checkpoint holds them in 8 or 4 bits: blocks of 32 weights that share a scale.

A packed matrix is a row of bytes; beside the tensors stands, by name, in which type of
`number_types.py` it is, along which axis its blocks lie, and the shape it has. What comes out are
the float32 numbers that those bits mean, so a checkpoint is as exact as what was packed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from l2c.engines.engine import Packing, Tensors
from l2c.engines.number_types import BLOCK, from_float32, stored_size, to_float32
from l2c.errors import CheckpointError

KINDS = ("q8_0", "q4_0")


def packed(tensors: Tensors, packing: Packing) -> tuple[Tensors, dict[str, Any]]:
    """The tensors with these matrices packed, and what `unpacked` has to know of them.

    A matrix whose blocks would not be whole stays as it is.
    """
    made, described = dict(tensors), {}
    for name, (kind, axis) in packing.items():
        rows = np.moveaxis(tensors[name], axis, -1)
        if rows.shape[-1] % BLOCK == 0:
            stored = from_float32(kind, np.ascontiguousarray(rows).reshape(-1))
            made[name] = np.frombuffer(stored, np.uint8)
            described[name] = [kind, axis, list(tensors[name].shape)]
    return made, described


def unpacked(tensors: Mapping[str, np.ndarray], described: object) -> Tensors:
    """What `packed` was given. Raises `CheckpointError` when the two do not fit together."""
    made = dict(tensors)
    if not isinstance(described, dict):
        raise CheckpointError("it does not say how its matrices are packed")
    for name, said in described.items():
        match said:
            case [str(kind), int(axis), [int(height), int(width)]] if (
                kind in KINDS and axis in (0, 1) and height > 0 and width > 0
            ):
                made[name] = _unpacked(name, tensors.get(name), kind, axis, (height, width))
            case _:
                raise CheckpointError(f"its matrix {name!r:.80} is packed as {said!r:.80}")
    return made


def _unpacked(
    name: str, stored: np.ndarray | None, kind: str, axis: int, shape: tuple[int, int]
) -> np.ndarray:
    rows = (shape[1], shape[0]) if axis == 0 else shape
    size = stored_size(kind, math.prod(shape))
    is_row = stored is not None and stored.dtype == np.uint8 and stored.shape == (size,)
    if stored is None or not is_row or shape[axis] % BLOCK:
        raise CheckpointError(f"its packed matrix {name!r:.80} has not the size it says")
    numbers = to_float32(kind, stored.tobytes()).reshape(rows)
    return np.ascontiguousarray(np.moveaxis(numbers, -1, axis))
