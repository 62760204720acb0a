"""The C kernels compute what the twin computes, with the same bits on every thread and machine."""

import hashlib

import numpy as np
import pytest

from l2c.engines.engine import Batch, Sampler
from l2c.engines.lstm import reference
from l2c.engines.lstm.backend import Carried, masks_of
from l2c.engines.lstm.engine import LSTM
from l2c.engines.lstm.kernel import KernelBackend
from l2c.engines.lstm.parameters import Config, Parameters
from l2c.engines.sampling import random_words
from l2c.errors import InvalidInput
from l2c.kernels import binding
from tests.engines.sets import equal_sets, machine_sets, random_batch

pytestmark = pytest.mark.skipif(
    not binding.available(), reason="the kernels are not compiled: no C compiler at installation"
)

CONFIGS = [
    ({}, 96),
    ({"hidden_size": 1}, 1),
    ({"hidden_size": 5, "layers": 2}, 7),
    ({"hidden_size": 37, "layers": 3, "layer_norm": False, "weight_decay": 0.1}, 65),
    ({"hidden_size": 64, "layers": 2, "clip_norm": 1e-3}, 33),
    ({"hidden_size": 20, "layers": 2, "dropout": 0.3, "recurrent_dropout": 0.2}, 12),
    ({"hidden_size": 19, "layer_norm": False, "dropout": 0.5, "recurrent_dropout": 0.5}, 12),
]


@pytest.mark.parametrize(("config", "vocab_size"), CONFIGS)
@pytest.mark.parametrize(("rows", "length"), [(1, 1), (1, 25), (3, 4), (13, 9)])
@pytest.mark.parametrize("name", machine_sets())
def test_gradients_are_the_twins_in_float64(
    config: dict[str, float], vocab_size: int, rows: int, length: int, name: str
) -> None:
    """Tolerance: float32 sums over at most a few hundred terms; measured errors are below 2e-6 of
    the tensor's largest gradient, 2e-5 is asked for."""
    binding.use_instruction_set(name)
    checked = Config.from_mapping(config)
    parameters = Parameters.random(checked, vocab_size, seed=4)
    batch = random_batch(vocab_size, rows, length)
    carried = Carried.empty(checked, rows)
    state = np.random.default_rng(1).normal(size=(2, *carried.hidden.shape)) / 3
    carried.hidden[:], carried.cell[:] = state
    exact = {name: t.astype(np.float64) for name, t in parameters.tensors.items()}
    expected_loss, expected, trace = reference.gradient(
        exact,
        batch.tokens.T,
        batch.weights.T.astype(np.float64),
        state[0].astype(np.float32),
        state[1].astype(np.float32),
        masks_of(parameters, (length, rows), 7),
    )
    loss, found = KernelBackend().gradient(parameters, carried, batch, step=7)
    assert loss == pytest.approx(expected_loss, rel=1e-5)
    for tensor, gradient in expected.items():
        largest = np.abs(gradient).max()
        np.testing.assert_allclose(
            found.tensors[tensor], gradient, atol=2e-5 * largest + 1e-8, err_msg=tensor
        )
    for layer, layer_trace in enumerate(trace.layers):
        np.testing.assert_allclose(carried.hidden[layer], layer_trace.hidden[-1], atol=1e-5)
        np.testing.assert_allclose(carried.cell[layer], layer_trace.cell[-1], atol=1e-5)


@pytest.mark.parametrize(("config", "vocab_size"), CONFIGS)
def test_ten_steps_lead_where_the_twin_goes(config: dict[str, float], vocab_size: int) -> None:
    """Tolerance: Adam moves every weight by up to the rate a step, so a rounding error of a tiny
    gradient can weigh as much as a step of it; a hundredth of the way is asked for."""
    kernel, twin = (
        LSTM.create(config, vocab_size, seed=2, backend=name) for name in ("kernel", "reference")
    )
    for step in range(10):
        batch = random_batch(vocab_size, 3, 7, seed=step)
        assert kernel.train(batch) == pytest.approx(twin.train(batch), rel=1e-4, abs=1e-6)
    ours, theirs = kernel.tensors(), twin.tensors()
    assert list(ours) == list(theirs)
    assert kernel.steps == twin.steps == 10
    way = 10 * kernel.config["learning_rate"]
    for name, tensor in theirs.items():
        if not name.startswith("optimizer/"):
            np.testing.assert_allclose(ours[name], tensor, atol=way / 100, err_msg=name)


@pytest.mark.parametrize(("config", "vocab_size"), CONFIGS)
def test_logits_and_texts_are_the_twins(config: dict[str, float], vocab_size: int) -> None:
    """Logits to 1e-5; the text token for token, as no draw here falls on a rounding error."""
    kernel = LSTM.create(config, vocab_size, seed=2, backend="kernel")
    twin = LSTM.from_tensors(kernel.config, kernel.tensors(), backend="reference")
    tokens = random_batch(vocab_size, 1, 40).tokens[0]
    np.testing.assert_allclose(kernel.logits(tokens), twin.logits(tokens), atol=1e-5)
    _, state = kernel.advance(tokens)
    for sampler in (Sampler(), Sampler(temperature=0), Sampler(top_k=3, repetition_penalty=1.2)):
        ours, theirs = (engine.generate(state, 60, sampler, seed=8) for engine in (kernel, twin))
        np.testing.assert_array_equal(ours.tokens, theirs.tokens)
        np.testing.assert_allclose(ours.log_probabilities, theirs.log_probabilities, atol=1e-5)


WIDE = [({"hidden_size": 64, "layers": 2}, 77), ({"hidden_size": 96, "layer_norm": False}, 7)]
"""Of whole blocks, with vocabularies that are no whole panels."""


@pytest.mark.parametrize(("config", "vocab_size"), WIDE)
@pytest.mark.parametrize("name", machine_sets())
def test_reading_in_whole_numbers_is_the_twins(
    config: dict[str, float], vocab_size: int, name: str
) -> None:
    """Where a state is rounded, a number between two whole ones may fall to either side, which
    moves a logit by a hundredth of the largest at most; nine in ten are asked to be as near as
    without."""
    binding.use_instruction_set(name)
    kernel = LSTM.create(config | {"reading": "q8_0"}, vocab_size, seed=2, backend="kernel")
    twin = LSTM.from_tensors(kernel.config, kernel.tensors(), backend="reference")
    plain = LSTM.from_tensors(kernel.config | {"reading": "f32"}, kernel.tensors())
    tokens = random_batch(vocab_size, 1, 40).tokens[0]
    ours, theirs = kernel.logits(tokens), twin.logits(tokens)
    assert np.abs(ours - plain.logits(tokens)).max() > 1e-4  # it is another reading
    difference = np.abs(ours - theirs)
    assert difference.max() < 0.01 * np.abs(theirs).max()
    assert np.quantile(difference, 0.9) < 1e-5
    _, state = kernel.advance(tokens)
    _, twin_state = twin.advance(tokens)
    written = kernel.generate(state, 30, Sampler(temperature=0), seed=1)
    expected = twin.generate(twin_state, 30, Sampler(temperature=0), seed=1)
    np.testing.assert_array_equal(written.tokens, expected.tokens)


def test_reading_in_whole_numbers_has_the_same_bits_everywhere() -> None:
    """On every fused instruction set, at once and token by token, and while writing."""
    made = set()
    for name in equal_sets():
        binding.use_instruction_set(name)
        engine = LSTM.create(WIDE[0][0] | {"reading": "q8_0"}, 77, seed=2, backend="kernel")
        tokens = random_batch(77, 1, 40).tokens[0]
        at_once = engine.logits(tokens)
        state = None
        for t, token in enumerate(tokens):
            logits, state = engine.advance(np.array([token]), state)
            np.testing.assert_array_equal(logits, at_once[t])
        assert state is not None
        written = engine.generate(state, 20, Sampler(), seed=1)
        made.add(at_once.tobytes() + written.log_probabilities.tobytes())
    assert len(made) == 1


def test_how_it_is_read_changes_no_bit_of_learning() -> None:
    """And what was prepared before a step is not read after it."""
    plain, whole = (
        LSTM.create({"hidden_size": 32, "reading": reading}, 12, seed=2, backend="kernel")
        for reading in ("f32", "q8_0")
    )
    tokens = random_batch(12, 1, 20).tokens[0]
    before = whole.logits(tokens)
    for engine in (plain, whole):
        for step in range(3):
            engine.train(random_batch(12, 3, 7, seed=step))
    for name, tensor in plain.tensors().items():
        np.testing.assert_array_equal(whole.tensors()[name], tensor, err_msg=name)
    after = whole.logits(tokens)
    assert np.abs(after - before).max() > 1e-3
    np.testing.assert_allclose(after, plain.logits(tokens), atol=0.05)


def digest(config: dict[str, float], vocab_size: int, rows: int, threads: int) -> str:
    """Of the weights, moments and states after six steps."""
    engine = LSTM.create(config, vocab_size, seed=6, backend="kernel")
    engine.threads = threads
    for step in range(6):
        engine.train(random_batch(vocab_size, rows, 11, seed=step))
    return hashlib.sha256(b"".join(t.tobytes() for t in engine.tensors().values())).hexdigest()


@pytest.mark.parametrize(("config", "vocab_size"), CONFIGS)
@pytest.mark.parametrize("rows", [1, 2, 13])
def test_threads_and_fused_instruction_sets_change_no_bit_of_training(
    config: dict[str, float], vocab_size: int, rows: int
) -> None:
    digests = set()
    for name in equal_sets():
        binding.use_instruction_set(name)
        digests |= {digest(config, vocab_size, rows, threads) for threads in (1, 2, 3)}
    assert len(digests) == 1


def test_training_gives_the_known_digest() -> None:
    """Recorded on an AMD EPYC; the same on every machine with fused multiply-add. When a change of
    the arithmetic is meant to change it, the recipe is a new one: what older ledgers made cannot be
    rebuilt bit for bit any more."""
    if not binding.reproducible():
        pytest.skip("this machine has no fused multiply-add")
    engine = LSTM.create({"hidden_size": 40, "layers": 2, "weight_decay": 0.01}, 51, seed=6)
    words = random_words(1, 5 * 8 * 12, stream=0)
    for step, tokens in enumerate((words % np.uint64(51)).astype(np.int32).reshape(5, 8, 12)):
        weights = np.ones((8, 11), np.float32)
        engine.train(Batch(tokens, weights, np.full(8, step == 0)))
    found = hashlib.sha256(b"".join(t.tobytes() for t in engine.tensors().values()))
    assert found.hexdigest()[:16] == "f18a112393d03efc"


@pytest.mark.parametrize("name", machine_sets())
@pytest.mark.parametrize("rows", [1, 5])
def test_reading_token_by_token_has_the_bits_of_a_batch(name: str, rows: int) -> None:
    """Every sum is the same chain, however many rows are multiplied together."""
    binding.use_instruction_set(name)
    engine = LSTM.create({"hidden_size": 24, "layers": 2}, 19, seed=1, backend="kernel")
    batch = random_batch(19, rows, 9)
    engine.train(Batch(batch.tokens, batch.weights, np.ones(rows, bool)), rate=0)
    carried = engine.tensors()
    for row in range(rows):
        _, state = engine.advance(batch.tokens[row, :-1])
        np.testing.assert_array_equal(carried["optimizer/carried/hidden"][:, row], state.hidden)
        np.testing.assert_array_equal(carried["optimizer/carried/cell"][:, row], state.cell)


@pytest.mark.parametrize("layer_norm", [False, True])
@pytest.mark.parametrize("reading", ["f32", "q8_0"])
def test_what_only_reads_reads_the_same_bits_without_most_of_its_weights(
    layer_norm: bool, reading: str
) -> None:
    config = {"hidden_size": 32, "layers": 3, "layer_norm": layer_norm, "reading": reading}
    whole, only = (LSTM.create(config, 9, seed=3, backend="kernel") for _ in range(2))
    only.only_read()
    tokens = np.arange(9, dtype=np.int32)
    np.testing.assert_array_equal(only.logits(tokens), whole.logits(tokens))
    given_up = [name for name, kept in only._parameters.tensors.items() if not kept.any()]
    assert {"layers.0.Wh", "layers.2.Wx", "output.W"} <= set(given_up)


def test_what_only_reads_refuses_everything_else() -> None:
    engine = LSTM.create({"hidden_size": 4}, 9, seed=3, backend="kernel")
    engine.only_read()
    tokens = np.zeros((1, 3), np.int32)
    batch = Batch(tokens, np.ones((1, 2), np.float32), np.ones(1, bool))
    for refused in (
        lambda: engine.tensors(),
        lambda: engine.grow(10),
        lambda: engine.train(batch),
        lambda: engine.inspect(tokens[0]),
    ):
        with pytest.raises(InvalidInput, match="load it again"):
            refused()
