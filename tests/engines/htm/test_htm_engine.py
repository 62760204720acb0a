"""The sequence memory as a language model, beyond what every engine promises."""

import json

import numpy as np
import pytest

from l2c.engines import checkpoint
from l2c.engines.engine import Batch, Sampler
from l2c.engines.htm.engine import HTM
from l2c.engines.htm.streams import Config
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError, InvalidConfig
from l2c.kernels import binding
from l2c.text.characters import CharacterTokenizer

TINY = {
    "columns": 64,
    "cells_per_column": 4,
    "active_columns": 6,
    "activation_threshold": 4,
    "min_threshold": 3,
    "max_new_synapse_count": 6,
    "max_segments": 400,
    "max_counts": 2048,
}
needs_kernels = pytest.mark.skipif(not binding.available(), reason="the kernels are not installed")


def stream(n: int, vocab_size: int = 9, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    words = [rng.integers(0, vocab_size, 5) for _ in range(6)]
    return np.concatenate([words[rng.integers(6)] for _ in range(n // 5 + 1)])[:n].astype(np.int32)


@needs_kernels
@pytest.mark.parametrize("orders", [0, 2, 4])
def test_the_kernel_learns_what_the_reference_learns(orders: int) -> None:
    """Synapses and counts are equal; probabilities to the rounding of logarithms, summed up."""
    config = TINY | {"orders": orders}
    fast, slow = (HTM.create(config, 9, seed=4, backend=b) for b in ("kernel", "reference"))
    for part in range(4):
        tokens = stream(150, seed=part)
        ours, state = fast.follow(tokens)
        theirs, twin = slow.follow(tokens)
        np.testing.assert_allclose(ours.scores, theirs.scores, atol=1e-5)
        np.testing.assert_allclose(ours.experts, theirs.experts, atol=1e-5)
        np.testing.assert_allclose(ours.claimed, theirs.claimed, atol=1e-5)
        np.testing.assert_array_equal(ours.anomaly, theirs.anomaly)
        np.testing.assert_array_equal(state.active, twin.active)
    left, right = fast.tensors(), slow.tensors()
    for name in left:
        if name == "head.weights":
            np.testing.assert_allclose(left[name], right[name], atol=1e-5)
        else:
            np.testing.assert_array_equal(left[name], right[name], name)
    np.testing.assert_allclose(fast.logits(stream(40)), slow.logits(stream(40)), atol=1e-4)


@needs_kernels
def test_either_backend_goes_on_from_the_other_ones_checkpoint() -> None:
    fast = HTM.create(TINY, 9, seed=4, backend="kernel")
    _, state = fast.follow(stream(300))
    slow = HTM.from_tensors(fast.config, fast.tensors(), backend="reference")
    ours, _ = fast.follow(stream(100, seed=5), state)
    theirs, _ = slow.follow(stream(100, seed=5), state)
    np.testing.assert_allclose(ours.scores, theirs.scores, atol=1e-5)
    np.testing.assert_array_equal(fast.tensors()["synapses.permanence"],
                                  slow.tensors()["synapses.permanence"])  # fmt: skip


def test_a_checkpoint_in_the_middle_of_a_stream_goes_on_bit_for_bit() -> None:
    """Also where the memory is full, and segments and counts make room for others."""
    whole = HTM.create(TINY | {"max_segments": 60}, 40, seed=1)
    tokens = stream(3000, 40, seed=2)
    _, state = whole.follow(tokens[:1500])
    resumed = HTM.from_tensors(whole.config, whole.tensors())
    left, _ = whole.follow(tokens[1500:], state)
    right, _ = resumed.follow(tokens[1500:], state)
    np.testing.assert_array_equal(left.scores, right.scores)
    for name, tensor in whole.tensors().items():
        np.testing.assert_array_equal(resumed.tensors()[name], tensor, name)


def test_a_model_survives_its_file_and_the_file_has_no_code_in_it() -> None:
    model = LanguageModel.create("htm", TINY, CharacterTokenizer("abc "), seed=3)
    tokens = np.array([model.tokenizer.encode("abc abc abc cab ")], np.int32)
    model.engine.train(Batch(tokens, np.ones((1, 15), np.float32), np.ones(1, bool)))
    content = checkpoint.to_bytes(model)
    again = checkpoint.from_bytes(content)
    assert checkpoint.to_bytes(again) == content
    assert again.complete("ab", length=20, seed=1) == model.complete("ab", length=20, seed=1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("segments.cell", 70_000),
        ("segments.synapses", 0),
        ("segments.born", 4_000_000_000),
        ("synapses.presynaptic", 65_535),
        ("synapses.permanence", 10_001),
        ("synapses.permanence", 0),
        ("encoder.columns", 64),
        ("counts.order", 5),
        ("counts.token", 9),
        ("counts.count", 0),
        ("counts.key", 2**63),
        ("head.overlaps", 7),
        ("vocabulary", 0),
        ("optimizer/carried.cells", -1),
        ("optimizer/carried.active", 256),
        ("optimizer/carried.surprise", 2),
    ],
)
def test_a_tensor_that_lies_is_refused(name: str, value: int) -> None:
    engine = HTM.create(TINY, 9, seed=1)
    rows = stream(60).reshape(3, 20)
    engine.train(Batch(rows, np.ones((3, 19), np.float32), np.ones(3, bool)))
    tensors = engine.tensors()
    tensors[name].flat[-1] = value
    with pytest.raises(CheckpointError):
        HTM.from_tensors(engine.config, tensors)


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": 0},
        {"active_columns": 65},
        {"active_columns": 0},
        {"min_threshold": 5},
        {"orders": 5},
        {"orders": -1},
        {"max_counts": 10},
        {"mixing_rate": float("nan")},
        {"initial_permanence": -0.1},
        {"cells_per_column": "4"},
    ],
    ids=repr,
)
def test_a_configuration_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidConfig):
        HTM.create(TINY | wrong, 9, seed=1)


def test_defaults_are_json() -> None:
    assert Config.from_mapping(json.loads(json.dumps(HTM.create({}, 5, seed=0).config))) == Config()


def test_only_weighted_targets_are_learned() -> None:
    engine = HTM.create(TINY, 9, seed=1)
    tokens = stream(21)[None]
    engine.train(Batch(tokens, np.ones((1, 20), np.float32), np.ones(1, bool)))
    before = engine.tensors(optimizer=False)
    read = Batch(tokens, np.full((1, 20), 0.3, np.float32), np.ones(1, bool))
    engine.train(read)
    after = engine.tensors(optimizer=False)
    assert all((before[name] == after[name]).all() for name in before)


def test_reading_and_writing_teach_nothing() -> None:
    engine = HTM.create(TINY, 9, seed=1)
    engine.follow(stream(200))
    before = engine.tensors()
    _, state = engine.advance(stream(50, seed=3))
    engine.generate(state, 50, Sampler(), seed=1)
    engine.inspect(stream(30, seed=8))
    assert all((before[name] == tensor).all() for name, tensor in engine.tensors().items())


def test_what_was_learned_is_expected_and_what_was_not_surprises() -> None:
    engine = HTM.create({}, 30, seed=1)
    sequence = np.arange(12, dtype=np.int32)
    for _ in range(12):
        engine.follow(sequence)
    anomaly = engine.inspect(np.array([0, 1, 2, 3, 25, 5], np.int32)).layers["anomaly"]
    assert anomaly[1:4].max() == 0
    assert anomaly[4] > 0.8


@pytest.mark.parametrize("backend", HTM.backends())
def test_the_columns_of_an_inspection_are_those_the_anomaly_counts(backend: str) -> None:
    engine = HTM.create({}, 30, seed=1, backend=backend)
    for _ in range(12):
        engine.follow(np.arange(12, dtype=np.int32))
    seen = engine.inspect(np.array([0, 1, 2, 3, 25, 5, 6], np.int32))
    columns = seen.layers["columns"]
    active, expected = (columns & 1).astype(bool), (columns & 2).astype(bool)
    assert (active.sum(axis=1) == 20).all()
    assert not expected[0].any()
    assert (active & expected).sum(axis=1).max() == 20
    missed = (active & ~expected).sum(axis=1) / active.sum(axis=1)
    assert np.allclose(missed, seen.layers["anomaly"], atol=1e-6)


def test_counts_and_segments_stay_within_their_bounds() -> None:
    engine = HTM.create(TINY, 200, seed=1)
    rng = np.random.default_rng(1)
    engine.follow(rng.integers(0, 200, 20_000).astype(np.int32))
    assert engine.segments <= TINY["max_segments"]
    assert len(engine.tensors()["counts.count"]) <= TINY["max_counts"]
