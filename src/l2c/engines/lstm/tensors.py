"""An LSTM as named tensors and back: what a checkpoint holds, checked when it comes in.

Names are those of `parameters.tensor_shapes`; what only training needs is named `optimizer/...`:
Adam's moments `optimizer/m/...` and `optimizer/v/...`, the count of its steps, and the state every
row of the last batch ended with.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from l2c.engines.engine import Tensors
from l2c.engines.lstm.backend import Carried, Optimizer
from l2c.engines.lstm.parameters import MAX_VOCAB_SIZE, Config, Parameters
from l2c.errors import CheckpointError

_MAX_ROWS = 65_536


def views(parameters: Parameters, optimizer: Optimizer, carried: Carried) -> Tensors:
    """Every tensor by name, in the order in which they lie in memory; not copies."""
    named = dict(parameters.tensors)
    for letter, moments in (("m", optimizer.m), ("v", optimizer.v)):
        named |= {f"optimizer/{letter}/{name}": t for name, t in moments.tensors.items()}
    named["optimizer/steps"] = optimizer.count
    named["optimizer/carried/hidden"] = carried.hidden
    named["optimizer/carried/cell"] = carried.cell
    return named


def restore(
    config: Config, tensors: Mapping[str, np.ndarray]
) -> tuple[Parameters, Optimizer, Carried]:
    """What `views` took apart; the optimizer is fresh when none of its tensors is there.

    Raises `CheckpointError` for a tensor that is missing, unknown, of another shape or dtype than
    `config` says, or not finite.
    """
    parameters = Parameters(config, _vocab_size(tensors))
    optimizer = Optimizer(parameters)
    carried = Carried.empty(config, _rows(tensors))
    expected = views(parameters, optimizer, carried)
    if not any(name.startswith("optimizer/") for name in tensors):
        expected = dict(parameters.tensors)
    for name in tensors.keys() - expected.keys():
        raise CheckpointError(f"An LSTM of this configuration has no tensor {name!r}.")
    for name, target in expected.items():
        _fill(name, target, tensors.get(name))
    if optimizer.steps < 0 or (optimizer.v.flat < 0).any():
        raise CheckpointError("'optimizer/steps' and 'optimizer/v/...' must not be negative.")
    return parameters, optimizer, carried


def _vocab_size(tensors: Mapping[str, np.ndarray]) -> int:
    bias = tensors.get("output.b")
    if bias is None or bias.ndim != 1 or not 1 <= bias.size <= MAX_VOCAB_SIZE:
        raise CheckpointError(
            f"An LSTM needs a tensor 'output.b' with one number for each of 1 to {MAX_VOCAB_SIZE} "
            f"tokens; found {None if bias is None else bias.shape}."
        )
    return int(bias.size)


def _rows(tensors: Mapping[str, np.ndarray]) -> int:
    hidden = tensors.get("optimizer/carried/hidden")
    if hidden is None:
        return 0
    if hidden.ndim != 3 or hidden.shape[1] > _MAX_ROWS:
        raise CheckpointError(
            f"'optimizer/carried/hidden' must have the shape (layers, rows ≤ {_MAX_ROWS}, "
            f"hidden_size); found {hidden.shape}."
        )
    return int(hidden.shape[1])


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
