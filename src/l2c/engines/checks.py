"""What every engine checks at its door: tokens, batches, lengths, before any arithmetic sees them.

Each function returns its value in the form the arithmetic wants (contiguous memory) or raises
`InvalidInput` with what was expected and what was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l2c.engines.engine import Batch
from l2c.errors import InvalidInput

if TYPE_CHECKING:
    from jaxtyping import Int32

MAX_GENERATED = 2**24
"""The most tokens one call of `generate` may be asked for."""


def checked_tokens(tokens: np.ndarray, vocab_size: int) -> Int32[np.ndarray, "*shape"]:
    """`tokens` in one piece of memory, every one of them known."""
    if tokens.dtype != np.int32:
        raise InvalidInput(f"`tokens` must be int32; found {tokens.dtype}.")
    if tokens.ndim == 0:
        raise InvalidInput("`tokens` must be a sequence; found a single number.")
    if np.count_nonzero(tokens.view(np.uint32) >= vocab_size):  # below 0 is large there
        raise InvalidInput(
            f"`tokens` must lie in [0, {vocab_size}); found {tokens.min()} to {tokens.max()}."
        )
    return np.ascontiguousarray(tokens)


def checked_batch(batch: Batch, vocab_size: int) -> Batch:
    """The batch in contiguous memory, its three arrays in agreement."""
    tokens = checked_tokens(batch.tokens, vocab_size)
    if tokens.ndim != 2 or tokens.shape[0] < 1 or tokens.shape[1] < 2:
        raise InvalidInput(f"`tokens` must be (B, T+1), B and T ≥ 1; found {tokens.shape}.")
    rows, length = tokens.shape[0], tokens.shape[1] - 1
    weights, fresh = batch.weights, batch.fresh
    if weights.shape != (rows, length) or weights.dtype != np.float32:
        raise InvalidInput(
            f"`weights` must be float32 of shape {(rows, length)}; found {weights.dtype} of "
            f"{weights.shape}."
        )
    if np.count_nonzero(weights < 0):
        raise InvalidInput("`weights` must not be negative.")
    if fresh.shape != (rows,) or fresh.dtype != np.bool_:
        raise InvalidInput(
            f"`fresh` must be bool of shape {(rows,)}; found {fresh.dtype} of {fresh.shape}."
        )
    return Batch(tokens, np.ascontiguousarray(weights), np.ascontiguousarray(fresh))


def check_length(n: int) -> None:
    """Raise `InvalidInput` unless `n` tokens may be asked of `generate`."""
    if not isinstance(n, int | np.integer) or not 0 <= n <= MAX_GENERATED:
        raise InvalidInput(f"`n` must be an integer in [0, {MAX_GENERATED}]; found {n!r}.")


def check_vocab_size(vocab_size: int, largest: int) -> None:
    """Raise `InvalidInput` unless an engine may know this many tokens, `largest` at most."""
    if not isinstance(vocab_size, int) or not 1 <= vocab_size <= largest:
        raise InvalidInput(
            f"`vocab_size` must be an integer in [1, {largest}]; found {vocab_size!r}."
        )


def check_threads(threads: int) -> None:
    """Raise `InvalidInput` unless a step may use this many threads."""
    if not isinstance(threads, int) or not 1 <= threads <= 256:
        raise InvalidInput(f"`threads` must be in [1, 256]; found {threads!r}.")


def check_rate(rate: float) -> None:
    """Raise `InvalidInput` unless `rate` may scale a learning rate."""
    if not 0 <= rate <= 100:
        raise InvalidInput(f"`rate` must be a factor in [0, 100]; found {rate!r}.")
