"""Pruning gives up rare contexts of the starter's counts and nothing that was counted later."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2c.engines.engine import Batch, Tensors
from l2c.engines.ngram.counts import Config
from l2c.engines.ngram.engine import NGram
from l2c.engines.ngram.tensors import bytes_of_one
from l2c.errors import CheckpointError, InvalidInput

V, M = 6, 4
every_backend = pytest.mark.parametrize("backend", NGram.backends())
ONE = bytes_of_one(Config(M))
"""Bytes an n-gram takes."""

texts = st.lists(st.integers(0, V - 1), min_size=2, max_size=25)


def lesson(tokens: Sequence[int]) -> Batch:
    row = np.array([tokens], np.int32)
    return Batch(row, np.ones((1, row.shape[1] - 1), np.float32), np.ones(1, bool))


def counted(backend: str, *given: Sequence[int]) -> NGram:
    engine = NGram.create({"context": M}, V, seed=0, backend=backend)
    for tokens in given:
        engine.train(lesson(tokens))
    return engine


def chatter(n: int, *, seed: int = 0) -> list[int]:
    """Mostly one up, sometimes anywhere."""
    rng = np.random.default_rng(seed)
    steps = np.where(rng.random(n) < 0.7, 1, rng.integers(0, V, n))
    tokens: list[int] = (np.cumsum(steps) % V).tolist()
    return tokens


def size(engine: NGram) -> int:
    """What the n-grams take in a checkpoint."""
    tensors = engine.tensors(optimizer=False)
    return sum(tensors[f"ngrams.{name}"].nbytes for name in ("contexts", "tokens", "counts"))


def assert_same(left: Tensors, right: Tensors) -> None:
    assert list(left) == list(right)
    for name in left:
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)


@every_backend
def test_what_is_left_fits_and_still_predicts(backend: str) -> None:
    """Half of the n-grams keep nearly all that was learned."""
    engine = counted(backend, chatter(4000))
    budget = size(engine) // 2
    small = engine.pruned(budget)
    assert 0 < size(small) <= budget
    unseen = lesson(chatter(1000, seed=1))
    full, left = engine.train(unseen, rate=0), small.train(unseen, rate=0)
    assert left < full + 0.1
    assert left < np.log(V) - 0.2
    logits = small.logits(unseen.tokens[0])
    assert np.isfinite(logits).all()
    np.testing.assert_allclose(np.exp(logits.astype(np.float64)).sum(axis=1), 1, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(base=st.lists(texts, min_size=1, max_size=4), later=st.lists(texts, max_size=3),
       share=st.floats(0.1, 0.9))  # fmt: skip
def test_what_is_counted_after_pruning_is_taken_away_exactly(
    base: list[list[int]], later: list[list[int]], share: float
) -> None:
    """In every backend, and with the same tensors in all of them."""
    found = []
    for backend in NGram.backends():
        engine = counted(backend, *base)
        budget = max(int(size(engine) * share), V * ONE)
        small = engine.pruned(budget)
        before, reading = small.tensors(optimizer=False), lesson(base[0]).tokens[0]
        logits = small.logits(reading)
        for tokens in later:
            small.train(lesson(tokens))
        found.append(small.tensors())
        stored = NGram.from_tensors(small.config, small.tensors(), backend=backend)
        np.testing.assert_array_equal(stored.logits(reading), small.logits(reading))
        for tokens in reversed(later):
            stored.remove(lesson(tokens))
        assert_same(stored.tensors(optimizer=False), before)
        np.testing.assert_array_equal(stored.logits(reading), logits)
    for other in found[1:]:
        assert_same(found[0], other)


@every_backend
def test_what_a_ledger_added_is_never_pruned(backend: str) -> None:
    """Pruned around the ledger's counts, and these taken away after: the starter pruned alone."""
    starter, taught = chatter(2000), [[5, 4, 5, 3, 5], [0, 5, 0, 5, 1, 1]]
    ledger = counted(backend, *taught)
    small = counted(backend, starter, *taught).pruned(3000, keep=ledger)
    assert size(small) <= 3000 + size(ledger)
    for tokens in taught:
        small.remove(lesson(tokens))
    alone = counted(backend, starter).pruned(3000)
    assert_same(small.tensors(optimizer=False), alone.tensors(optimizer=False))


@every_backend
def test_pruning_keeps_the_continuation_counts_of_what_remains(backend: str) -> None:
    """0 1 came after three different contexts, each seen once; the shorter context says three."""
    engine = counted(backend, [2, 2, 2, 2, 0, 1], [3, 3, 3, 3, 0, 1], [4, 4, 4, 4, 0, 1])
    small = engine.pruned(size(engine) // 2)
    reading = np.array([5, 5, 5, 0], np.int32)
    assert small.logits(reading)[-1].argmax() == 1
    contexts, tokens = small.tensors()["ngrams.contexts"], small.tensors()["ngrams.tokens"]
    after_zero = (contexts[:, -1] == 0) & (tokens == 1)
    assert small.tensors()["ngrams.counts"][after_zero].tolist() == [3]
    assert contexts[after_zero, 0].tolist() == [65_534]


def test_what_cannot_be_kept_or_does_not_fit_is_refused() -> None:
    engine = counted("reference", chatter(300))
    with pytest.raises(InvalidInput, match="was not"):
        engine.pruned(2000, keep=counted("reference", [5, 5, 5, 5, 5, 5, 5, 5]))
    with pytest.raises(InvalidInput, match="single tokens"):
        engine.pruned(ONE)


@every_backend
def test_a_file_pruned_in_the_middle_of_a_context_is_refused(backend: str) -> None:
    engine = counted(backend, chatter(50))
    tensors = engine.tensors()
    tensors["ngrams.contexts"][-1] = [0, 65_534, 0, 0]
    with pytest.raises(CheckpointError, match="pruned in its middle"):
        NGram.from_tensors(engine.config, tensors, backend=backend)
