"""A Llama as named tensors and back: what a checkpoint holds, checked when it comes in.

Names are those of `config.shapes`; what only training needs is named `optimizer/...`: Adam's
moments `optimizer/m/...` and `optimizer/v/...`, the count of its steps, and what every row of the
last batch had read (`stream.Carried`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from l2c.engines.engine import Tensors
from l2c.engines.llama.backend import Optimizer
from l2c.engines.llama.config import MAX_VOCAB_SIZE, LlamaConfig
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
    parameters = Parameters(config, _vocab_size(config, tensors))
    optimizer = Optimizer(parameters)
    carried = Carried.empty(config, *_rows_and_past(config, tensors))
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
            f"'{_CARRIED}lengths' must lie between 0 and what was read, at most {past}."
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
    return int(keys.shape[1]), int(keys.shape[2])


def _fill(name: str, target: np.ndarray, found: np.ndarray | None) -> None:
    if found is None:
        raise CheckpointError(f"The tensor {name!r} is missing.")
    if found.shape != target.shape or found.dtype != target.dtype:
        raise CheckpointError(
            f"The tensor {name!r} must be {target.dtype} of shape {target.shape}; found "
            f"{found.dtype} of shape {found.shape}."
        )
    if not np.isfinite(found).all():
        raise CheckpointError(f"The tensor {name!r} holds values that are not finite.")
    target[...] = found
