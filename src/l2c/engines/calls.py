"""What calls of the kernels have in common: a sampler, a batch, a step, memory, as C takes them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from l2c.engines.engine import Batch, Sampler
from l2c.errors import InvalidInput
from l2c.kernels import binding

if TYPE_CHECKING:
    from jaxtyping import Float32


@dataclass(frozen=True, slots=True)
class Options:
    """A sampler as C takes it, and the arrays it points at."""

    struct: Any
    banned: Any
    stop: Any


@lru_cache(maxsize=16)
def options(sampler: Sampler, vocab_size: int) -> Options:
    """The sampler for a vocabulary of this size; what is returned must outlive the call."""
    banned = binding.new("int32_t[]", list(sampler.banned))
    stop = binding.new("int32_t[]", list(sampler.stop))
    values = {
        "temperature": sampler.temperature,
        "top_p": sampler.top_p,
        "min_p": sampler.min_p,
        "repetition_penalty": sampler.repetition_penalty,
        "top_k": min(sampler.top_k, vocab_size),
        "banned": banned,
        "stop": stop,
        "banned_count": len(sampler.banned),
        "stop_count": len(sampler.stop),
    }
    return Options(binding.new("l2c_sampler *", values), banned, stop)


def adam(config: Any, *, rate: float, step: int) -> Any:
    """The settings of optimizer step `step` (≥ 1) at this learning rate."""
    names = ("beta1", "beta2", "weight_decay", "clip_norm")
    values = {name: getattr(config, name) for name in names}
    return binding.new("l2c_adam *", {"rate": rate, "step": step, **values})


def examples(batch: Batch) -> tuple[Any, Any]:
    """Tokens and loss weights of a batch."""
    rows, length = batch.weights.shape
    return (
        binding.pointer(batch.tokens, (rows, length + 1), np.int32),
        binding.pointer(batch.weights, (rows, length), np.float32),
    )


def memory(workspace: Float32[np.ndarray, " N"]) -> tuple[Any, int]:
    """Memory for C to work in, and its size in numbers."""
    return binding.pointer(workspace, workspace.shape, np.float32), workspace.size


_LINE = 64
"""Bytes of a cache line."""


def placed(n: int, *, past: int) -> Float32[np.ndarray, " N"]:
    """Memory for `n` numbers that begins `past` bytes (a multiple of 4) into a cache line.

    Where a matrix lies is worth a tenth to what streams it; left to itself it is chance.
    """
    room = np.empty(n + _LINE // 4, np.float32)
    skipped = (past - room.ctypes.data) % _LINE // 4
    return room[skipped : skipped + n]


class TrainingMemory:
    """Memory for training, kept from step to step because fresh memory costs time.

    Reading and writing, which may go on in several threads at once, use memory of their own.
    """

    def __init__(self) -> None:
        self._kept: tuple[Any, int] = (None, 0)

    def of(self, needed: int, batch: Batch, threads: int) -> tuple[Any, int]:
        """At least `needed` numbers, as C takes them; 0 is a kernel's word for too many."""
        if needed == 0:
            rows, length = batch.weights.shape
            raise InvalidInput(
                f"A batch of {rows} rows of {length} tokens on {threads} threads is too large."
            )
        if self._kept[1] < needed:
            self._kept = memory(np.empty(needed, np.float32))
        return self._kept
