"""A character LSTM."""

from benchmarks.continual.strategies import ALL
from l2c.engines.engine import Engine
from l2c.engines.lstm.engine import LSTM

STRATEGIES = ALL


def engine(vocab_size: int, seed: int) -> Engine:
    """A new one."""
    return LSTM.create({"hidden_size": 128}, vocab_size, seed=seed)
