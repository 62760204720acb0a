"""An LSTM out of named tensors: what a checkpoint holds, checked when it comes in.

Names are those of `parameters.tensor_shapes`, and those `l2c.engines.weights` gives to what only
training needs.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from l2c.engines.lstm.backend import Carried
from l2c.engines.lstm.parameters import MAX_VOCAB_SIZE, Config, Parameters
from l2c.engines.weights import CARRIED, MAX_ROWS, Optimizer, fill
from l2c.errors import CheckpointError


def restore(
    config: Config, tensors: Mapping[str, np.ndarray]
) -> tuple[Parameters, Optimizer[Parameters], Carried]:
    """Weights, optimizer and states; the last two are fresh when none of their tensors is there.

    Raises `CheckpointError` for a tensor that is missing, unknown, of another shape or dtype than
    `config` says, or not finite.
    """
    parameters = Parameters(config, _vocab_size(tensors))
    optimizer = Optimizer(parameters)
    carried = Carried.empty(config, _rows(tensors))
    fill(parameters, optimizer, carried.tensors(), tensors)
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
    hidden = tensors.get(CARRIED + "hidden")
    if hidden is None:
        return 0
    if hidden.ndim != 3 or hidden.shape[1] > MAX_ROWS:
        raise CheckpointError(
            f"'{CARRIED}hidden' must have the shape (layers, rows ≤ {MAX_ROWS}, "
            f"hidden_size); found {hidden.shape}."
        )
    return int(hidden.shape[1])
