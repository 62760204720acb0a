"""What is particular to the LSTM as an engine: its configuration, its carried state, its gates."""

from typing import Any

import numpy as np
import pytest

from l2c.engines.engine import Batch
from l2c.engines.lstm.engine import LSTM
from l2c.engines.lstm.parameters import SEQUENCE_LENGTH
from l2c.engines.registry import families
from l2c.engines.sampling import log_softmax
from l2c.errors import CheckpointError, InvalidConfig, InvalidInput

every_backend = pytest.mark.parametrize("backend", LSTM.backends())


def batch(rows: int, *, fresh: bool, seed: int = 0, weight: float = 1) -> Batch:
    rng = np.random.default_rng(seed)
    tokens = rng.integers(0, 9, (rows, 6)).astype(np.int32)
    return Batch(tokens, np.full((rows, 5), weight, np.float32), np.full(rows, fresh))


def test_it_is_found_by_its_folder() -> None:
    assert families()["lstm"] is LSTM


def test_hidden_size_and_sequence_length_have_the_classic_defaults() -> None:
    assert LSTM.create({}, 5, seed=1).config["hidden_size"] == 128
    assert SEQUENCE_LENGTH == 25


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("hidden_size", 0),
        ("hidden_size", 2.5),
        ("hidden_size", True),
        ("hidden_size", 10**9),
        ("layers", 17),
        ("layer_norm", 1),
        ("learning_rate", 0),
        ("learning_rate", float("nan")),
        ("learning_rate", "fast"),
        ("clip_norm", -1),
        ("clip_norm", float("inf")),
        ("beta1", 1.0),
        ("beta2", -0.1),
        ("weight_decay", 2),
        ("reading", "q4_0"),
        ("reading", 8),
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(key: str, value: Any) -> None:
    with pytest.raises(InvalidConfig, match=key):
        LSTM.create({key: value}, 5, seed=1)


def test_whole_numbers_need_whole_blocks() -> None:
    with pytest.raises(InvalidConfig, match="`reading` must be f32 where `hidden_size`"):
        LSTM.create({"hidden_size": 40, "reading": "q8_0"}, 5, seed=1)


def test_reading_stands_in_the_configuration_only_where_it_is_another() -> None:
    """So that checkpoints from before there was a choice keep their names."""
    assert "reading" not in LSTM.create({"reading": "f32"}, 5, seed=1).config
    assert LSTM.create({"reading": "q8_0"}, 5, seed=1).config["reading"] == "q8_0"


@pytest.mark.parametrize("backend", LSTM.backends())
def test_read_in_whole_numbers_it_grows_without_changing_a_logit(backend: str) -> None:
    engine = LSTM.create({"hidden_size": 32, "reading": "q8_0"}, 9, seed=1, backend=backend)
    tokens = np.array([3, 1, 4, 1, 5], np.int32)
    before = engine.logits(tokens)
    engine.grow(30)
    np.testing.assert_array_equal(engine.logits(tokens)[:, :9], before)


@pytest.mark.parametrize("vocab_size", [0, -3, 65_537, 2.0])
def test_a_vocabulary_out_of_range_is_refused(vocab_size: Any) -> None:
    with pytest.raises(InvalidInput, match="vocab_size"):
        LSTM.create({}, vocab_size, seed=1)


def test_an_unknown_backend_is_refused() -> None:
    with pytest.raises(InvalidConfig, match="abacus"):
        LSTM.create({}, 5, seed=1, backend="abacus")


@every_backend
def test_a_batch_without_weight_is_read_but_not_learned(backend: str) -> None:
    engine, control = (LSTM.create({}, 9, seed=1, backend=backend) for _ in range(2))
    assert engine.train(batch(2, fresh=True, weight=0)) == 0
    assert engine.steps == 0
    np.testing.assert_array_equal(engine.tensors()["output.W"], control.tensors()["output.W"])
    control.train(batch(2, fresh=True), rate=0)
    going_on = batch(2, fresh=False, seed=1)
    assert engine.train(going_on) == control.train(going_on)


@every_backend
def test_a_row_without_a_past_begins_with_the_empty_state(backend: str) -> None:
    engine, control = (LSTM.create({}, 9, seed=1, backend=backend) for _ in range(2))
    assert engine.train(batch(3, fresh=False)) == control.train(batch(3, fresh=True))
    engine.train(batch(2, fresh=False))
    assert engine.tensors()["optimizer/carried/hidden"].shape == (1, 2, 128)


@every_backend
def test_a_rate_or_a_thread_count_out_of_range_is_refused(backend: str) -> None:
    engine = LSTM.create({}, 9, seed=1, backend=backend)
    for rate in (-1, float("nan"), float("inf")):
        with pytest.raises(InvalidInput, match="rate"):
            engine.train(batch(2, fresh=True), rate=rate)
    for threads in (0, 10_000):
        engine.threads = threads
        with pytest.raises(InvalidInput, match="threads"):
            engine.train(batch(2, fresh=True))


@every_backend
def test_an_array_that_is_not_contiguous_is_understood_all_the_same(backend: str) -> None:
    engine = LSTM.create({}, 9, seed=1, backend=backend)
    tokens = np.arange(18, dtype=np.int32) % 9
    np.testing.assert_array_equal(engine.logits(tokens[::2]), engine.logits(tokens[::2].copy()))


@every_backend
def test_a_state_of_another_shape_is_refused(backend: str) -> None:
    engine = LSTM.create({}, 9, seed=1, backend=backend)
    other = LSTM.create({"layers": 2}, 9, seed=1, backend=backend)
    with pytest.raises(InvalidInput, match="state"):
        engine.advance(np.zeros(1, np.int32), other.initial_state())


def test_weights_survive_a_change_of_backend() -> None:
    engine = LSTM.create({}, 9, seed=1)
    engine.train(batch(2, fresh=True))
    again = LSTM.from_tensors(engine.config, engine.tensors(), backend="reference")
    assert again.backend == "reference"
    np.testing.assert_array_equal(again.tensors()["layers.0.Wx"], engine.tensors()["layers.0.Wx"])


@pytest.mark.parametrize("name", ["optimizer/steps", "optimizer/v/output.b"])
def test_a_negative_count_or_square_is_no_checkpoint(name: str) -> None:
    engine = LSTM.create({}, 9, seed=1)
    tensors = engine.tensors()
    tensors[name][0] = -1
    with pytest.raises(CheckpointError, match="negative"):
        LSTM.from_tensors(engine.config, tensors)


def test_an_inspection_shows_every_gate_of_every_layer() -> None:
    engine = LSTM.create({"hidden_size": 6, "layers": 2}, 9, seed=1)
    seen = engine.inspect(np.array([1, 2, 3], np.int32))
    expected = [
        f"layers.{layer}.{part}"
        for layer in range(2)
        for part in ("i", "f", "g", "o", "cell", "hidden")
    ]
    assert list(seen.layers) == expected
    gates = {name.rsplit(".", 1)[1]: layer for name, layer in seen.layers.items()}
    assert all(layer.shape == (3, 6) for layer in seen.layers.values())
    for t in range(1, 3):
        cell = gates["f"][t] * gates["cell"][t - 1] + gates["i"][t] * gates["g"][t]
        np.testing.assert_allclose(gates["cell"][t], cell, rtol=1e-6)
    np.testing.assert_allclose(gates["hidden"], gates["o"] * np.tanh(gates["cell"]), rtol=1e-5)


@every_backend
def test_growing_keeps_the_optimizers_memory_and_starts_new_tokens_far_below_chance(
    backend: str,
) -> None:
    engine = LSTM.create({"hidden_size": 8}, 9, seed=1, backend=backend)
    engine.train(batch(2, fresh=True))
    before = engine.tensors()
    engine.grow(12)
    for name, tensor in engine.tensors().items():
        old = tuple(slice(size) for size in before[name].shape)
        np.testing.assert_array_equal(tensor[old], before[name], err_msg=name)
        if name.startswith("optimizer/") and tensor.shape != before[name].shape:
            assert not tensor[9:].any(), name
    embedding = engine.tensors()["layers.0.Wx"]
    assert len({row.tobytes() for row in embedding}) == 12
    p = np.exp(log_softmax(engine.logits(np.arange(9, dtype=np.int32))))
    assert p[:, 9:].max() < 0.05 / 9


@every_backend
def test_regularizing_keeps_the_larger_share_and_changes_what_is_learned(backend: str) -> None:
    plain, own = (
        LSTM.create({"hidden_size": 16, "dropout": share}, 9, seed=1, backend=backend)
        for share in (0.0, 0.4)
    )
    regularized = LSTM.from_tensors(plain.config, plain.tensors(), backend=backend)
    taught = batch(3, fresh=True)
    assert plain.train(taught) == regularized.train(taught)
    for engine in (regularized, own):
        engine.regularize(dropout=0.1, weight_decay=0.05)
    assert (own.config["dropout"], own.config["weight_decay"]) == (0.4, 0.05)
    assert (regularized.config["dropout"], regularized.config["weight_decay"]) == (0.1, 0.05)
    assert plain.train(taught) != regularized.train(taught)
    with pytest.raises(InvalidConfig, match="dropout"):
        plain.regularize(dropout=2.0, weight_decay=0.0)
