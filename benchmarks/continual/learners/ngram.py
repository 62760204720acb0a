"""Counting: the baseline. It keeps everything it counted, so no strategy is needed."""

from l2c.engines.engine import Engine
from l2c.engines.ngram.engine import NGram

STRATEGIES = ("plain",)


def engine(vocab_size: int, seed: int) -> Engine:
    """A new one; nothing about it is random."""
    return NGram.create({"context": 5}, vocab_size, seed=seed)
