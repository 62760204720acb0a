"""The sequence memory, which learns as it reads."""

from l2c.engines.engine import Engine
from l2c.engines.htm.engine import HTM

STRATEGIES = ("plain",)


def engine(vocab_size: int, seed: int) -> Engine:
    """A new one."""
    return HTM.create({}, vocab_size, seed=seed)
