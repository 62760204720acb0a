"""The instruction sets of this machine, and batches to compute on each of them."""

import numpy as np

from l2c.engines.engine import Batch
from l2c.errors import KernelError
from l2c.kernels import binding

FUSED_SETS = ("avx2", "avx512")
"""The instruction sets with fused multiply-add that one x86-64 machine may have."""


def machine_sets() -> list[str]:
    """Every instruction set this machine has kernels for."""
    if not binding.available():
        return []
    found, before = [], binding.instruction_set()
    for name in ("baseline", *FUSED_SETS):
        try:
            binding.use_instruction_set(name)
        except KernelError:
            continue
        found.append(name)
    binding.use_instruction_set(before)
    return found


def equal_sets() -> list[str]:
    """Those that compute the same bits: all that fuse, else the one there is."""
    found = machine_sets()
    return [name for name in found if name in FUSED_SETS] or found


def random_batch(vocab_size: int, rows: int, length: int, *, seed: int = 0) -> Batch:
    """Tokens that mean nothing, a fifth without weight, some rows fresh."""
    rng = np.random.default_rng(seed)
    tokens = rng.integers(0, vocab_size, (rows, length + 1)).astype(np.int32)
    weights = (rng.random((rows, length)) * (rng.random((rows, length)) < 0.8)).astype(np.float32)
    weights[0, 0] = 1
    return Batch(tokens, weights, rng.random(rows) < 0.4)
