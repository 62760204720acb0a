"""A small Llama."""

from benchmarks.continual.strategies import ALL
from l2c.engines.engine import Engine
from l2c.engines.llama.engine import Llama

STRATEGIES = ALL


def engine(vocab_size: int, seed: int) -> Engine:
    """A new one."""
    config = {"dim": 64, "layers": 2, "heads": 4, "kv_heads": 4, "hidden": 192, "context": 64}
    return Llama.create(config, vocab_size, seed=seed)
