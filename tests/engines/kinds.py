"""Every family found by folder and every backend it has, and small things to try them on.

A family whose engines can compute in more than one way has a class method `backends()`, and its
`create` and `from_tensors` take `backend=`. Kernels that could not be built are left out, except
with `CI=true`, where missing kernels are a failure (`tests/kernels`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from l2c.engines.engine import Batch, Engine, Sampler, Tensors
from l2c.engines.registry import families

V = 11
PLAIN = Sampler(temperature=1.0)


@dataclass(frozen=True)
class Kind:
    """A family and one of its backends."""

    family: type[Engine]
    options: Mapping[str, str]

    def create(self, vocab_size: int = V, *, seed: int = 1, **config: Any) -> Engine:
        return self.family.create(config, vocab_size, seed=seed, **self.options)

    def restore(self, config: Mapping[str, Any], tensors: Tensors) -> Engine:
        return self.family.from_tensors(config, tensors, **self.options)

    def copy(self, engine: Engine) -> Engine:
        return self.restore(engine.config, engine.tensors())


KINDS = {
    f"{name}-{backend}" if backend else name: Kind(family, {"backend": backend} if backend else {})
    for name, family in families().items()
    for backend in (family.backends() if hasattr(family, "backends") else [None])
}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


def text(n: int, *, vocab_size: int = V, seed: int = 0) -> np.ndarray:
    """Tokens with something to learn: each is its predecessor plus one, mostly."""
    rng = np.random.default_rng(seed)
    steps = np.where(rng.random(n) < 0.8, 1, rng.integers(0, vocab_size, n))
    return (np.cumsum(steps) % vocab_size).astype(np.int32)


def batch(rows: int = 3, length: int = 8, *, seed: int = 0, fresh: bool = True) -> Batch:
    tokens = np.stack([text(length + 1, seed=seed * 100 + row) for row in range(rows)])
    return Batch(tokens, np.ones((rows, length), np.float32), np.full(rows, fresh))


def trained(kind: Kind, steps: int = 3) -> Engine:
    engine = kind.create()
    for step in range(steps):
        engine.train(batch(seed=step, fresh=step == 0))
    return engine


def assert_same(left: Tensors, right: Tensors) -> None:
    assert list(left) == list(right)
    for name in left:
        assert left[name].dtype == right[name].dtype
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)
