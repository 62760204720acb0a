"""All four engines together, weighted online."""

from benchmarks.continual.learners import htm, llama, lstm, ngram
from l2c.engines.engine import Engine
from l2c.engines.mixture.engine import Mixture

STRATEGIES = ("plain", "replay")


def engine(vocab_size: int, seed: int) -> Engine:
    """A new one."""
    return Mixture.of([one.engine(vocab_size, seed) for one in (lstm, llama, ngram, htm)])
