"""The mean of a network's weights."""

import numpy as np
import pytest

from l2c.engines.averaging import Average
from l2c.engines.engine import Batch
from l2c.engines.lstm.engine import LSTM
from l2c.engines.ngram.engine import NGram
from l2c.errors import InvalidInput

SMALL = {"hidden_size": 8, "learning_rate": 0.05}


def stepped(engine: LSTM, seed: int) -> LSTM:
    tokens = np.random.default_rng(seed).integers(0, 7, (2, 6)).astype(np.int32)
    engine.train(Batch(tokens, np.ones((2, 5), np.float32), np.ones(2, bool)))
    return engine


def test_the_mean_of_three_is_a_third_of_their_sum_and_the_engine_goes_on_unchanged() -> None:
    engine, average, seen = LSTM.create(SMALL, 7, seed=1), Average(), []
    for seed in range(3):
        average.add(stepped(engine, seed))
        seen.append(engine.tensors(optimizer=False))
    made = average.made(engine)
    for name, tensor in made.tensors(optimizer=False).items():
        np.testing.assert_allclose(tensor, np.mean([t[name] for t in seen], axis=0), atol=1e-7)
        np.testing.assert_array_equal(engine.tensors()[name], seen[-1][name])
    assert made.config == engine.config
    assert made.steps == 0


def test_the_mean_of_one_is_that_one_bit_for_bit() -> None:
    engine, average = stepped(LSTM.create(SMALL, 7, seed=1), 0), Average()
    average.add(engine)
    text = np.array([1, 2, 3], np.int32)
    np.testing.assert_array_equal(average.made(engine).logits(text), engine.logits(text))


def test_nothing_counts_and_other_shapes_have_no_mean() -> None:
    average, engine = Average(), LSTM.create(SMALL, 7, seed=1)
    with pytest.raises(InvalidInput, match="mean of nothing"):
        average.made(engine)
    with pytest.raises(InvalidInput, match="'ngram' have no mean"):
        average.add(NGram.create({}, 7, seed=1))
    average.add(engine)
    with pytest.raises(InvalidInput, match="same names and shapes"):
        average.add(LSTM.create(SMALL, 8, seed=1))
