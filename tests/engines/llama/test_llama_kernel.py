"""The C kernels compute what the twin computes, with the same bits on every thread and machine."""

import hashlib
import tracemalloc
from typing import Any

import numpy as np
import pytest

from l2c.engines.engine import Batch, Sampler
from l2c.engines.llama import reference
from l2c.engines.llama.config import LlamaConfig
from l2c.engines.llama.engine import Llama
from l2c.engines.llama.kernel import KernelBackend
from l2c.engines.llama.parameters import Parameters
from l2c.engines.llama.rounding import stored
from l2c.engines.llama.stream import Carried
from l2c.engines.sampling import random_words
from l2c.engines.weights import Optimizer
from l2c.errors import InvalidInput
from l2c.kernels import binding
from tests.engines.sets import equal_sets, machine_sets, random_batch

pytestmark = pytest.mark.skipif(
    not binding.available(), reason="the kernels are not compiled: no C compiler at installation"
)

SMALL: dict[str, Any] = {"dim": 24, "layers": 2, "heads": 3, "kv_heads": 3, "hidden": 20}
CONFIGS: list[tuple[dict[str, Any], int]] = [
    ({"layers": 2, "context": 70}, 96),
    ({"dim": 2, "layers": 1, "heads": 1, "kv_heads": 1, "hidden": 1, "context": 1}, 1),
    (SMALL | {"kv_heads": 1, "context": 9, "tied": False}, 7),
    (SMALL | {"heads": 6, "kv_heads": 2, "weight_decay": 0.3, "rope_theta": 500.0}, 65),
    (SMALL | {"heads": 1, "kv_heads": 1, "clip_norm": 1e-3, "norm_epsilon": 1e-3}, 33),
    (SMALL | {"qk_norm": True, "softcap": 2.0, "ngram_rows": 11, "tied": False}, 7),
    (SMALL | {"qk_norm": True, "heads": 6, "kv_heads": 2, "muon": 0.02}, 33),
]


def random_past(config: LlamaConfig, rows: int, past: int) -> Carried:
    """Rows that have read before, each another number of tokens."""
    rng = np.random.default_rng(1)
    carried = Carried.empty(config, rows, past)
    carried.keys[:], carried.values[:] = rng.normal(size=(2, *carried.keys.shape))
    carried.lengths[:] = rng.integers(0, past + 1, rows)
    carried.positions[:] = carried.lengths + rng.integers(0, 1000, rows)
    if carried.before is not None:
        carried.before[:] = np.where(carried.positions > 0, rng.integers(0, 7, rows), -1)
    return carried


@pytest.mark.parametrize(("config", "vocab_size"), CONFIGS)
@pytest.mark.parametrize(
    ("rows", "length", "past"), [(1, 1, 0), (1, 61, 0), (3, 4, 5), (5, 53, 69)]
)
@pytest.mark.parametrize("name", machine_sets())
def test_gradients_are_the_twins_in_float64(
    config: dict[str, Any], vocab_size: int, rows: int, length: int, past: int, name: str
) -> None:
    """Tolerance: float32 sums over at most a few hundred terms; 3e-5 of the largest gradient of
    the tensor is asked for."""
    binding.use_instruction_set(name)
    checked = LlamaConfig.from_mapping(config)
    parameters = Parameters.random(checked, vocab_size, seed=4)
    batch = random_batch(vocab_size, rows, length)
    carried = random_past(checked, rows, past)
    exact = {name: t.astype(np.float64) for name, t in parameters.tensors.items()}
    expected_loss, expected, _ = reference.gradient(
        exact, checked, batch.tokens, batch.weights.astype(np.float64), carried.past()
    )
    loss, found = KernelBackend().gradient(parameters, carried, batch, threads=2)
    assert loss == pytest.approx(expected_loss, rel=1e-5, abs=1e-7)
    for tensor, gradient in expected.items():
        largest = np.abs(gradient).max()
        np.testing.assert_allclose(
            found.tensors[tensor], gradient, atol=3e-5 * largest + 3e-7, err_msg=tensor
        )


@pytest.mark.parametrize(("config", "vocab_size"), CONFIGS)
def test_ten_steps_lead_where_the_twin_goes(config: dict[str, Any], vocab_size: int) -> None:
    """Tolerance: Adam moves every weight by up to the rate a step, so a rounding error of a tiny
    gradient can weigh as much as a step of it; a fiftieth of the way is asked for."""
    kernel, twin = (
        Llama.create(config, vocab_size, seed=2, backend=name) for name in ("kernel", "reference")
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
            np.testing.assert_allclose(ours[name], tensor, atol=way / 50, err_msg=name)


@pytest.mark.parametrize(("config", "vocab_size"), CONFIGS)
def test_logits_and_texts_are_the_twins(config: dict[str, Any], vocab_size: int) -> None:
    """Logits to 1e-5; the text token for token, as no draw here falls on a rounding error."""
    kernel = Llama.create(config, vocab_size, seed=2, backend="kernel")
    twin = Llama.from_tensors(kernel.config, kernel.tensors(), backend="reference")
    tokens = random_batch(vocab_size, 1, 200).tokens[0]
    np.testing.assert_allclose(kernel.logits(tokens), twin.logits(tokens), atol=1e-5)
    _, state = kernel.advance(tokens)
    for sampler in (Sampler(), Sampler(temperature=0), Sampler(top_k=3, repetition_penalty=1.2)):
        ours, theirs = (engine.generate(state, 30, sampler, seed=8) for engine in (kernel, twin))
        np.testing.assert_array_equal(ours.tokens, theirs.tokens)
        np.testing.assert_allclose(ours.log_probabilities, theirs.log_probabilities, atol=1e-5)


STORED = ("f16", "bf16", "q8_0", "q4_0")
WIDE: dict[str, Any] = SMALL | {"dim": 96, "heads": 6, "kv_heads": 2, "hidden": 160, "context": 90}


@pytest.mark.parametrize("reading", STORED)
@pytest.mark.parametrize("name", machine_sets())
def test_reading_in_fewer_bits_is_the_twins(reading: str, name: str) -> None:
    """Logits to 1e-5 where nothing is rounded on the way. Where it is, a number between two whole
    ones may fall to either side, which moves a logit by a hundredth of its size at most; nine in
    ten are asked to be as near as without."""
    binding.use_instruction_set(name)
    config = WIDE | {"reading": reading}
    kernel = Llama.create(config, 77, seed=2, backend="kernel")
    twin = Llama.from_tensors(kernel.config, kernel.tensors(), backend="reference")
    tokens = random_batch(77, 1, 40).tokens[0]
    ours, theirs = kernel.logits(tokens), twin.logits(tokens)
    plain = Llama.from_tensors(kernel.config | {"reading": "f32"}, kernel.tensors())
    assert np.abs(theirs - plain.logits(tokens)).max() > 1e-5  # it is another reading
    difference = np.abs(ours - theirs)
    assert difference.max() < (1e-5 if reading in ("f16", "bf16") else 0.01 * np.abs(theirs).max())
    assert np.quantile(difference, 0.9) < 1e-5


@pytest.mark.parametrize("reading", STORED)
def test_reading_in_fewer_bits_has_the_same_bits_everywhere(reading: str) -> None:
    """On every fused instruction set, in blocks and token by token, and while writing."""
    made = set()
    for name in equal_sets():
        binding.use_instruction_set(name)
        engine = Llama.create(WIDE | {"reading": reading}, 77, seed=2, backend="kernel")
        tokens = random_batch(77, 1, 150).tokens[0]
        at_once = engine.logits(tokens)
        _, state = engine.advance(tokens[:101])
        for t, token in enumerate(tokens[101:110]):
            logits, state = engine.advance(np.array([token]), state)
            np.testing.assert_array_equal(logits, at_once[101 + t])
        written = engine.generate(state, 20, Sampler(), seed=1)
        made.add(at_once.tobytes() + written.log_probabilities.tobytes())
    assert len(made) == 1


def test_weights_that_came_from_blocks_are_stored_as_the_same_blocks() -> None:
    """So a file in q8_0 or q4_0 is read as it says: what is read is what is stored, to rounding."""
    for reading in ("q8_0", "q4_0"):
        engine = Llama.create(WIDE | {"reading": reading}, 77, seed=2, backend="kernel")
        tensors = stored(engine.tensors(optimizer=False), reading)
        again = stored(tensors, reading)
        for name, tensor in tensors.items():
            np.testing.assert_array_equal(again[name], tensor, err_msg=name)


def digest(
    config: dict[str, Any], vocab_size: int, rows: int, threads: int, at_once: int = 0
) -> str:
    """Of the weights, moments and states after four steps, and of a text that follows."""
    engine = Llama.create(config, vocab_size, seed=6, backend="kernel")
    engine.threads, engine.rows_at_once = threads, at_once
    for step in range(4):
        engine.train(random_batch(vocab_size, rows, 29, seed=step))
    made = [*engine.tensors().values(), engine.logits(random_batch(vocab_size, 1, 150).tokens[0])]
    return hashlib.sha256(b"".join(t.tobytes() for t in made)).hexdigest()


@pytest.mark.parametrize(("config", "vocab_size"), CONFIGS)
@pytest.mark.parametrize("rows", [1, 7])
def test_threads_and_fused_instruction_sets_change_no_bit(
    config: dict[str, Any], vocab_size: int, rows: int
) -> None:
    digests = set()
    for name in equal_sets():
        binding.use_instruction_set(name)
        digests |= {digest(config, vocab_size, rows, threads) for threads in (1, 2, 3)}
    assert len(digests) == 1


@pytest.mark.parametrize(("config", "vocab_size"), CONFIGS)
def test_gradients_that_add_up_over_passes_give_the_bits_of_the_whole_batch(
    config: dict[str, Any], vocab_size: int
) -> None:
    whole = digest(config, vocab_size, 7, threads=1, at_once=9)
    for threads, at_once in ((1, 0), (2, 0), (1, 1), (2, 2), (1, 3), (2, 4)):
        assert digest(config, vocab_size, 7, threads, at_once) == whole, at_once


def test_a_pass_of_fewer_rows_takes_less_memory() -> None:
    lib = binding.library()
    sizes = {"vocab_size": 1000, "dim": 128, "layers": 4, "heads": 4, "kv_heads": 4, "hidden": 352}
    more = {"context": 256, "tied": 1, "rope_theta": 1e4, "norm_epsilon": 1e-5}
    shape = binding.new("l2c_llama_shape *", sizes | more)
    whole, parts = (lib.l2c_llama_train_workspace(shape, 0, 0, 64, n, 128, 1) for n in (64, 4))
    assert parts < whole / 5


def test_a_large_batch_goes_through_in_passes_by_itself() -> None:
    peaks = []
    for at_once in (0, 128):
        engine = Llama.create(SMALL, 7, seed=0, backend="kernel")
        engine.rows_at_once = at_once
        batch = random_batch(7, 128, 29)
        tracemalloc.start()
        engine.train(batch)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[0] < peaks[1] / 3


def test_a_number_of_rows_that_is_none_is_refused() -> None:
    engine = Llama.create(SMALL, 7, seed=0)
    numbers: tuple[Any, ...] = (-1, 1.5, True)
    for wrong in numbers:
        with pytest.raises(InvalidInput, match="rows_at_once"):
            engine.rows_at_once = wrong


def test_training_gives_the_known_digest() -> None:
    """The same on every machine with fused multiply-add. When a change of the arithmetic is meant
    to change it, the recipe is a new one: what older ledgers made cannot be rebuilt any more."""
    if not binding.reproducible():
        pytest.skip("this machine has no fused multiply-add")
    learning = {"learning_rate": 2e-3, "warmup": 10, "beta2": 0.99, "weight_decay": 0.1}
    engine = Llama.create(SMALL | learning | {"kv_heads": 1, "context": 16}, 51, seed=6)
    words = random_words(1, 5 * 8 * 12, stream=0)
    for step, tokens in enumerate((words % np.uint64(51)).astype(np.int32).reshape(5, 8, 12)):
        weights = np.ones((8, 11), np.float32)
        engine.train(Batch(tokens, weights, np.full(8, step == 0)))
    found = hashlib.sha256(b"".join(t.tobytes() for t in engine.tensors().values()))
    assert found.hexdigest()[:16] == "71c090ecb47dda78"


@pytest.mark.parametrize("name", machine_sets())
@pytest.mark.parametrize("cut", [1, 7, 64, 95, 130, 511])
def test_a_block_has_the_bits_of_its_tokens_one_by_one(name: str, cut: int) -> None:
    """Over several pages and blocks, the window shorter than the text."""
    binding.use_instruction_set(name)
    engine = Llama.create(
        SMALL | {"heads": 6, "kv_heads": 2, "context": 200}, 19, seed=1, backend="kernel"
    )
    tokens = random_batch(19, 1, 600).tokens[0]
    at_once = engine.logits(tokens)
    _, state = engine.advance(tokens[:cut])
    np.testing.assert_array_equal(engine.logits(tokens[cut:], state), at_once[cut:])
    rows = []
    for token in tokens[cut : cut + 30]:
        logits, state = engine.advance(np.array([token]), state)
        rows.append(logits)
    np.testing.assert_array_equal(np.array(rows), at_once[cut : cut + 30])


def test_a_token_alone_goes_through_all_heads_however_many() -> None:
    """Alone it takes 96 keys of a page at once, in a block one at a time: the same bits."""
    many = {"dim": 196, "layers": 1, "heads": 98, "kv_heads": 98, "hidden": 8, "context": 80}
    engine = Llama.create(many, 19, seed=1, backend="kernel")
    tokens = random_batch(19, 1, 140).tokens[0]
    logits, _ = engine.advance(tokens[-1:], engine.advance(tokens[:-1])[1])
    np.testing.assert_array_equal(logits, engine.logits(tokens)[-1])


def test_rotations_are_exact_far_into_a_text() -> None:
    """Against NumPy in float64, at positions up to a million, through the kernel's keys."""
    config = LlamaConfig(dim=64, layers=1, heads=1, kv_heads=1, hidden=1)
    parameters = Parameters.random(config, 3, seed=1)
    exact = {name: t.astype(np.float64) for name, t in parameters.tensors.items()}
    batch = Batch(np.array([[1, 2]] * 5, np.int32), np.zeros((5, 1), np.float32), np.ones(5, bool))
    carried = Carried.empty(config, 5)
    carried.positions[:] = [0, 1, 1000, 123_456, 999_999]
    _, moved = KernelBackend().train(
        parameters, Optimizer(parameters), carried, batch, rate=1, threads=1
    )
    expected = reference.forward(exact, config, batch.tokens[:, :-1], carried.past()).layers[0].k
    np.testing.assert_allclose(moved.keys[0], expected, atol=1e-6)
