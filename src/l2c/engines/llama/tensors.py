"""A Llama as named tensors and back: what a checkpoint holds, checked when it comes in.

Names are those of `config.shapes`; what only training needs is named `optimizer/...`: Adam's
moments `optimizer/m/...` and `optimizer/v/...`, the count of its steps, and what every row of the
last batch had read (`stream.Carried`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from l2c.engines.engine import Tensors
from l2c.engines.llama.backend import Optimizer
from l2c.engines.llama.config import MAX_VOCAB_SIZE, LlamaConfig, shapes
from l2c.engines.llama.parameters import Parameters
from l2c.engines.llama.stream import Carried
from l2c.errors import CheckpointError

_MAX_ROWS = 65_536
_CARRIED = "optimizer/carried/"


def views(parameters: Parameters, optimizer: Optimizer, carried: Carried) -> Tensors:
    """Every tensor by name, in the order in which they lie in memory; not copies."""
    named = dict(parameters.tensors)
    for letter, moments in (("m", optimizer.m), ("v", optimizer.v)):
        named |= {f"optimizer/{letter}/{name}": t for name, t in moments.tensors.items()}
    named["optimizer/steps"] = optimizer.count
    for name in ("keys", "values", "outputs", "lengths", "positions"):
        named[_CARRIED + name] = getattr(carried, name)
    return named


def restore(
    config: LlamaConfig, tensors: Mapping[str, np.ndarray]
) -> tuple[Parameters, Optimizer, Carried]:
    """What `views` took apart; the optimizer is fresh when none of its tensors is there.

    Raises `CheckpointError` for a tensor that is missing, unknown, of another shape or dtype than
    `config` says, or not finite.
    """
    # What is there is looked at before anything is made: a configuration may lie about its size.
    vocab_size = _vocab_size(config, tensors)
    for name, shape in shapes(config, vocab_size).items():
        _check(name, tensors.get(name), shape, np.dtype(np.float32))
    rows, past = _rows_and_past(config, tensors)
    parameters = Parameters(config, vocab_size)
    optimizer = Optimizer(parameters)
    carried = Carried.empty(config, rows, past)
    expected = views(parameters, optimizer, carried)
    if not any(name.startswith("optimizer/") for name in tensors):
        expected = dict(parameters.tensors)
    for name in tensors.keys() - expected.keys():
        raise CheckpointError(f"A Llama of this configuration has no tensor {name!r}.")
    for name, target in expected.items():
        _fill(name, target, tensors.get(name))
    if optimizer.steps < 0 or (optimizer.v.flat < 0).any():
        raise CheckpointError("'optimizer/steps' and 'optimizer/v/...' must not be negative.")
    lengths, past = carried.lengths, carried.keys.shape[2]
    if not ((lengths >= 0) & (lengths <= past) & (lengths <= carried.positions)).all():
        raise CheckpointError(
            f"'{_CARRIED}lengths' must lie between 0 and '{_CARRIED}positions', at most {past}."
        )
    if (carried.positions >= 1 << 48).any():
        raise CheckpointError(f"'{_CARRIED}positions' must be below 2**48.")
    return parameters, optimizer, carried


def _vocab_size(config: LlamaConfig, tensors: Mapping[str, np.ndarray]) -> int:
    embedding = tensors.get("embedding")
    shape = None if embedding is None else embedding.shape
    if shape is None or len(shape) != 2 or shape[1] != config.dim or shape[0] > MAX_VOCAB_SIZE:
        raise CheckpointError(
            f"A Llama needs a tensor 'embedding' of 1 to {MAX_VOCAB_SIZE} rows of {config.dim} "
            f"numbers; found {shape}."
        )
    if shape[0] < 1:
        raise CheckpointError("A Llama's 'embedding' needs a row for at least one token.")
    return int(shape[0])


def _rows_and_past(config: LlamaConfig, tensors: Mapping[str, np.ndarray]) -> tuple[int, int]:
    keys = tensors.get(_CARRIED + "keys")
    if keys is None:
        return 0, 0
    if keys.ndim != 5 or keys.shape[1] > _MAX_ROWS or keys.shape[2] >= config.context:
        raise CheckpointError(
            f"'{_CARRIED}keys' must have the shape (layers, rows ≤ {_MAX_ROWS}, past < "
            f"{config.context}, kv_heads, head); found {keys.shape}."
        )
    rows, past = keys.shape[1:3]
    shape = (config.layers, rows, past, config.kv_heads, config.head)
    for name in ("keys", "values"):
        _check(_CARRIED + name, tensors.get(_CARRIED + name), shape, keys.dtype)
    outputs = tensors.get(_CARRIED + "outputs")
    _check(_CARRIED + "outputs", outputs, (rows, config.dim), np.dtype(np.float32))
    return rows, past


def _fill(name: str, target: np.ndarray, found: np.ndarray | None) -> None:
    checked = _check(name, found, target.shape, target.dtype)
    if not np.isfinite(checked).all():
        raise CheckpointError(f"The tensor {name!r} holds values that are not finite.")
    target[...] = checked


def _check(
    name: str, found: np.ndarray | None, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> np.ndarray:
    if found is None:
        raise CheckpointError(f"The tensor {name!r} is missing.")
    if found.shape != shape or found.dtype != dtype:
        raise CheckpointError(
            f"The tensor {name!r} must be {dtype} of shape {shape}; found {found.dtype} of shape "
            f"{found.shape}."
        )
    return found
