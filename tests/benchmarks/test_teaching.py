"""Stored logits: the step that `benchmarks.teaching` holds against the lesson's own."""

import numpy as np
import pytest

from benchmarks.teaching import StoredLogits
from l2c.engines.engine import Batch
from l2c.engines.lstm import reference
from l2c.engines.lstm.backend import Carried, ReferenceBackend
from l2c.engines.lstm.parameters import Config, Parameters
from l2c.engines.weights import Optimizer

CONFIG = Config.from_mapping({"hidden_size": 8})
VOCABULARY, ROWS, OLD, TIME = 11, 4, 2, 6
PARENT = Parameters.random(CONFIG, VOCABULARY, seed=0)


def batch(seed: int) -> Batch:
    rng = np.random.default_rng(seed)
    tokens = rng.integers(VOCABULARY, size=(ROWS, TIME + 1)).astype(np.int32)
    weights = rng.random((ROWS, TIME)).astype(np.float32)
    return Batch(tokens, weights, np.full(ROWS, seed == 0))


def taught(backend: ReferenceBackend, *, steps: int) -> tuple[Parameters, float]:
    """The weights after some steps that begin with another model, and the first loss."""
    learning = Parameters.random(CONFIG, VOCABULARY, seed=1)
    optimizer, carried, losses = Optimizer(learning), Carried.empty(CONFIG, 0), []
    for step in range(steps):
        read = batch(step)
        loss, carried = backend.train(
            learning, optimizer, carried.continued(read, CONFIG), read, rate=1.0, threads=1
        )
        losses.append(loss)
    return learning, losses[0]


def distance(parameters: Parameters) -> float:
    """The mean squared distance of the parent's logits on the first batch's old rows."""
    empty = Carried.empty(CONFIG, OLD)
    one, other = (
        reference.forward(
            model.tensors, batch(0).tokens[-OLD:, :-1].T, empty.hidden, empty.cell
        ).logits
        for model in (parameters, PARENT)
    )
    return float(np.square(one - other).mean())


def test_without_weight_it_is_the_lessons_own_step() -> None:
    held, loss = taught(StoredLogits(PARENT, OLD, alpha=0.0), steps=3)
    plain, same = taught(ReferenceBackend(), steps=3)
    assert loss == same
    assert np.array_equal(held.flat, plain.flat)


def test_the_distance_of_old_rows_is_what_the_loss_counts_beside_the_tokens() -> None:
    begins = Parameters.random(CONFIG, VOCABULARY, seed=1)
    _, with_it = taught(StoredLogits(PARENT, OLD, alpha=3.0), steps=1)
    _, without = taught(ReferenceBackend(), steps=1)
    assert with_it - without == pytest.approx(3.0 * distance(begins), rel=1e-5)


def test_old_rows_come_nearer_to_the_logits_that_were_stored() -> None:
    held, _ = taught(StoredLogits(PARENT, OLD, alpha=100.0), steps=200)
    plain, _ = taught(ReferenceBackend(), steps=200)
    assert distance(held) < distance(plain) / 2
