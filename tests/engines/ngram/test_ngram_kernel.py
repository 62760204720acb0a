"""The C kernels count what the twin counts, exactly, and predict what it predicts, to rounding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2c.engines.engine import Batch, Sampler
from l2c.engines.ngram.engine import NGram
from l2c.kernels import binding

pytestmark = pytest.mark.skipif(
    not binding.available(), reason="the kernels are not compiled: no C compiler at installation"
)

V = 9


def random_batch(rows: int, length: int, *, seed: int, vocab_size: int = V) -> Batch:
    rng = np.random.default_rng(seed)
    tokens = (rng.zipf(1.4, (rows, length + 1)) % vocab_size).astype(np.int32)
    weights = rng.random((rows, length)).astype(np.float32)
    return Batch(tokens, weights, rng.random(rows) < 0.4)


def both(context: int, vocab_size: int = V) -> tuple[NGram, NGram]:
    kernel, twin = (
        NGram.create({"context": context}, vocab_size, seed=0, backend=name)
        for name in ("kernel", "reference")
    )
    return kernel, twin


@settings(max_examples=25, deadline=None)
@given(context=st.integers(1, 8), script=st.lists(st.tuples(st.booleans(), st.integers(0, 5))))
def test_any_lessons_added_and_removed_give_the_twins_tensors(
    context: int, script: list[tuple[bool, int]]
) -> None:
    """Losses to 1e-9: the same sums in float64 in another order."""
    kernel, twin = both(context)
    added: list[int] = []
    for adds, seed in script:
        batch = random_batch(3, 20, seed=seed)
        batch = Batch(batch.tokens, batch.weights, np.ones(3, bool))
        if adds:
            assert kernel.train(batch) == pytest.approx(twin.train(batch), rel=1e-9)
            added.append(seed)
        elif seed in added:
            kernel.remove(batch)
            twin.remove(batch)
            added.remove(seed)
    ours, theirs = kernel.tensors(), twin.tensors()
    assert list(ours) == list(theirs)
    for name, tensor in theirs.items():
        np.testing.assert_array_equal(ours[name], tensor, err_msg=name)


@pytest.mark.parametrize("context", [1, 2, 6, 8])
@pytest.mark.parametrize("vocab_size", [1, 2, V, 300])
def test_logits_shares_and_texts_are_the_twins(context: int, vocab_size: int) -> None:
    """Logits to 1e-6; the text token for token, as no draw here falls on a rounding error."""
    kernel, twin = both(context, vocab_size)
    for seed in range(4):
        batch = random_batch(4, 60, seed=seed, vocab_size=vocab_size)
        for engine in (kernel, twin):
            engine.train(batch)
    for engine in (kernel, twin):
        engine.grow(vocab_size + 3)
    tokens = random_batch(1, 80, seed=9, vocab_size=vocab_size + 3).tokens[0]
    np.testing.assert_allclose(kernel.logits(tokens), twin.logits(tokens), atol=1e-6)
    ours, theirs = (engine.inspect(tokens).layers["shares"] for engine in (kernel, twin))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    _, state = kernel.advance(tokens)
    for sampler in (Sampler(), Sampler(temperature=0), Sampler(top_k=3, repetition_penalty=1.2)):
        wrote, expected = (engine.generate(state, 90, sampler, seed=8) for engine in (kernel, twin))
        np.testing.assert_array_equal(wrote.tokens, expected.tokens)
        np.testing.assert_allclose(wrote.log_probabilities, expected.log_probabilities, atol=2e-6)


def test_following_a_stream_is_the_twins() -> None:
    kernel, twin = both(4)
    tokens = random_batch(1, 400, seed=1).tokens[0]
    ours, theirs = kernel.follow(tokens)[0], twin.follow(tokens)[0]
    np.testing.assert_allclose(ours, theirs, atol=1e-9)
    for name, tensor in twin.tensors().items():
        np.testing.assert_array_equal(kernel.tensors()[name], tensor, err_msg=name)


def test_tables_that_grow_while_a_long_text_is_counted_lose_nothing() -> None:
    """Some 60 000 n-grams: pools and indexes are enlarged a dozen times, half is removed again."""
    kernel, fresh = both(6)[0], both(6)[0]
    tokens = np.random.default_rng(5).integers(0, V, (2, 30_001)).astype(np.int32)
    rows = [
        Batch(tokens[row : row + 1], np.ones((1, 30_000), np.float32), np.ones(1, bool))
        for row in range(2)
    ]
    for row in rows:
        kernel.train(row)
    kernel.remove(rows[0])
    fresh.train(rows[1])
    reading = tokens[0, :500]
    np.testing.assert_array_equal(kernel.logits(reading), fresh.logits(reading))
    for name, tensor in fresh.tensors(optimizer=False).items():
        np.testing.assert_array_equal(kernel.tensors()[name], tensor, err_msg=name)
