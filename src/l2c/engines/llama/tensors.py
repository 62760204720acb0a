"""A Llama out of named tensors: what a checkpoint holds, checked when it comes in.

Names are those of `config.shapes`, and those `l2c.engines.weights` gives to what only training
needs.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from l2c.engines.llama.config import MAX_VOCAB_SIZE, LlamaConfig, shapes
from l2c.engines.llama.parameters import Parameters
from l2c.engines.llama.stream import Carried
from l2c.engines.weights import CARRIED, MAX_ROWS, Optimizer, checked, fill
from l2c.errors import CheckpointError


def restore(
    config: LlamaConfig, tensors: Mapping[str, np.ndarray]
) -> tuple[Parameters, Optimizer[Parameters], Carried]:
    """Weights, optimizer and states; the last two are fresh when none of their tensors is there.

    Raises `CheckpointError` for a tensor that is missing, unknown, of another shape or dtype than
    `config` says, or not finite.
    """
    # What is there is looked at before anything is made: a configuration may lie about its size.
    vocab_size = _vocab_size(config, tensors)
    for name, shape in shapes(config, vocab_size).items():
        checked(name, tensors.get(name), shape, np.dtype(np.float32))
    rows, past = _rows_and_past(config, tensors)
    parameters = Parameters(config, vocab_size)
    optimizer = Optimizer(parameters)
    carried = Carried.empty(config, rows, past)
    fill(parameters, optimizer, carried.tensors(), tensors)
    lengths, past = carried.lengths, carried.keys.shape[2]
    if not ((lengths >= 0) & (lengths <= past) & (lengths <= carried.positions)).all():
        raise CheckpointError(
            f"'{CARRIED}lengths' must lie between 0 and '{CARRIED}positions', at most {past}."
        )
    if (carried.positions >= 1 << 48).any():
        raise CheckpointError(f"'{CARRIED}positions' must be below 2**48.")
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
    keys = tensors.get(CARRIED + "keys")
    if keys is None:
        return 0, 0
    if keys.ndim != 5 or keys.shape[1] > MAX_ROWS or keys.shape[2] >= config.context:
        raise CheckpointError(
            f"'{CARRIED}keys' must have the shape (layers, rows ≤ {MAX_ROWS}, past < "
            f"{config.context}, kv_heads, head); found {keys.shape}."
        )
    rows, past = keys.shape[1:3]
    shape = (config.layers, rows, past, config.kv_heads, config.head)
    for name in ("keys", "values"):
        checked(CARRIED + name, tensors.get(CARRIED + name), shape, keys.dtype)
    outputs = tensors.get(CARRIED + "outputs")
    checked(CARRIED + "outputs", outputs, (rows, config.dim), np.dtype(np.float32))
    return rows, past
