"""The training loop: what it leaves behind."""

import numpy as np

from l2c.engines.engine import Batch
from l2c.engines.llama.engine import Llama
from l2c.learning.trainer import train

CONFIG = {"dim": 8, "layers": 1, "heads": 2, "kv_heads": 1, "hidden": 8, "context": 16}
GOING_ON = Batch(np.ones((2, 5), np.int32), np.ones((2, 4), np.float32), np.zeros(2, np.bool_))


def test_what_rows_have_read_is_let_go_when_the_last_step_is_seen() -> None:
    """Also by who looks away after the last step; a training broken off keeps it, to go on."""
    engine = Llama.create(CONFIG, 9, seed=1)
    held = []
    for progress in train(engine, [GOING_ON] * 3, 3):
        held.append(engine.tensors()["optimizer/carried/keys"].size > 0)
        if progress.step == progress.steps:
            break
    assert held == [True, True, False]
