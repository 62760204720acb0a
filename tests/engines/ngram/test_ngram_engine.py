"""Counting is exact: what is added can be taken away, and nothing of it is left."""

import itertools
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2c.engines.engine import Batch, Tensors
from l2c.engines.ngram.engine import NGram
from l2c.errors import CheckpointError, InvalidConfig, InvalidInput

V = 5
every_backend = pytest.mark.parametrize("backend", NGram.backends())
texts = st.lists(st.integers(0, V - 1), min_size=2, max_size=30)


def lesson(tokens: list[int]) -> Batch:
    """One fresh row, every token counted."""
    row = np.array([tokens], np.int32)
    return Batch(row, np.ones((1, len(tokens) - 1), np.float32), np.ones(1, bool))


def empty(backend: str, context: int = 3) -> NGram:
    return NGram.create({"context": context}, V, seed=0, backend=backend)


def counted(backend: str, *given: list[int], context: int = 3) -> NGram:
    engine = empty(backend, context)
    for tokens in given:
        engine.train(lesson(tokens))
    return engine


def assert_same(left: Tensors, right: Tensors) -> None:
    assert list(left) == list(right)
    for name in left:
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)


@every_backend
@settings(max_examples=40, deadline=None)
@given(
    kept=st.lists(texts, max_size=4),
    gone=st.lists(texts, min_size=1, max_size=4),
    shuffled=st.randoms(use_true_random=False),
    context=st.integers(1, 8),
)
def test_what_was_removed_was_never_added(
    backend: str,
    kept: list[list[int]],
    gone: list[list[int]],
    shuffled: random.Random,
    context: int,
) -> None:
    """In any order: tensors, logits and counts of counts, bit for bit."""
    order = [*kept, *gone]
    shuffled.shuffle(order)
    engine = counted(backend, *order, context=context)
    shuffled.shuffle(gone)
    for tokens in gone:
        engine.remove(lesson(tokens))
    never = counted(backend, *kept, context=context)
    assert engine.steps == never.steps == len(kept)
    assert_same(engine.tensors(optimizer=False), never.tensors(optimizer=False))
    reading = np.array([token for tokens in (*kept, *gone) for token in tokens], np.int32)
    np.testing.assert_array_equal(engine.logits(reading), never.logits(reading))
    # Nothing is hidden in records given back: what comes next finds the same counts.
    again = lesson(gone[0])
    assert engine.train(again) == never.train(again)
    np.testing.assert_array_equal(engine.logits(reading), never.logits(reading))


@every_backend
def test_what_was_never_added_cannot_be_removed_and_nothing_changes(backend: str) -> None:
    engine = counted(backend, [0, 1, 2, 3, 4, 0, 1, 2], [3, 3, 3])
    before = engine.tensors()
    for tokens in ([0, 1, 2, 3, 4, 0, 1, 3], [3, 3, 3, 3, 3], [4, 4]):
        with pytest.raises(InvalidInput, match="not that often"):
            engine.remove(lesson(tokens))
        assert_same(engine.tensors(), before)
    rows = np.array([[3, 3, 3], [3, 3, 3]], np.int32)
    with pytest.raises(InvalidInput, match="not that often"):
        engine.remove(Batch(rows, np.ones((2, 2), np.float32), np.ones(2, bool)))
    assert_same(engine.tensors(), before)


@every_backend
def test_a_text_in_several_batches_is_the_text_in_one(backend: str) -> None:
    tokens = np.random.default_rng(1).integers(0, V, 41).tolist()
    whole, parts = counted(backend, tokens), empty(backend)
    pieces = [lesson(tokens[begin : begin + 11]) for begin in range(0, 40, 10)]
    pieces[1:] = [replace(piece, fresh=np.zeros(1, bool)) for piece in pieces[1:]]
    for piece in pieces:
        parts.train(piece)
    assert_same(parts.tensors(optimizer=False), whole.tensors(optimizer=False))
    for piece in pieces:
        parts.remove(piece)
    assert_same(parts.tensors(optimizer=False), empty(backend).tensors(optimizer=False))
    assert parts.steps == 0


@every_backend
def test_a_token_counts_from_half_a_weight_on(backend: str) -> None:
    batch = lesson([0, 1, 2, 3, 4])
    weights = np.array([[0.49, 0.5, 0.0, 1.0]], np.float32)
    engine = empty(backend)
    engine.train(replace(batch, weights=weights))
    windows = engine.tensors()["ngrams.tokens"]
    assert sorted(windows.tolist()) == [2, 4]
    engine.remove(replace(batch, weights=weights))
    assert len(engine.tensors()["ngrams.tokens"]) == 0


@every_backend
def test_equal_counts_are_equal_bytes_whatever_their_history(backend: str) -> None:
    given = [[0, 1, 2, 3], [4, 4, 1, 2, 3, 0], [2, 2]]
    for order in itertools.permutations(given):
        one, other = counted(backend, *order), counted("reference", *given)
        assert_same(one.tensors(optimizer=False), other.tensors(optimizer=False))


@every_backend
def test_a_model_that_was_stored_predicts_what_it_did(backend: str) -> None:
    """N-grams counted several times come back as often, and reach shorter contexts once."""
    engine = counted(backend, *[[0, 1, 2, 3, 0, 1, 2, 4]] * 5, [3, 1, 2, 4, 4])
    again = NGram.from_tensors(engine.config, engine.tensors(), backend=backend)
    reading = np.array([0, 1, 2, 3, 1, 2, 4, 4, 2, 2], np.int32)
    np.testing.assert_array_equal(again.logits(reading), engine.logits(reading))
    again.remove(lesson([0, 1, 2, 3, 0, 1, 2, 4]))
    fewer = counted(backend, *[[0, 1, 2, 3, 0, 1, 2, 4]] * 4, [3, 1, 2, 4, 4])
    np.testing.assert_array_equal(again.logits(reading), fewer.logits(reading))


@every_backend
def test_probabilities_sum_to_one_over_the_vocabulary(backend: str) -> None:
    """Also over tokens that came after the last step. Tolerance: rounding in float64."""
    engine = counted(backend, [0, 1, 2, 3, 4, 0, 1, 2, 2, 1, 0, 4, 4, 1, 2], [1, 2, 1, 2, 1])
    rng = np.random.default_rng(2)
    for size in (V, V + 4):
        engine.grow(size)
        for _ in range(20):
            prompt = rng.integers(0, size, rng.integers(0, 6)).tolist()
            weights = np.zeros((1, len(prompt) + 1), np.float32)
            weights[0, -1] = 1
            losses = [
                engine.train(replace(lesson([0, *prompt, token]), weights=weights), rate=0)
                for token in range(size)
            ]
            assert np.exp(-np.array(losses)).sum() == pytest.approx(1, abs=1e-12)


@every_backend
def test_following_a_text_predicts_each_token_and_then_counts_it(backend: str) -> None:
    tokens = np.random.default_rng(3).integers(0, V, 30).astype(np.int32)
    engine, stepped = empty(backend), empty(backend)
    stepped.follow(tokens[:1])
    first, state = engine.follow(tokens[:13])
    second, state = engine.follow(tokens[13:], state)
    expected = [np.log(V)]
    for end in range(2, 31):
        only_the_last = np.zeros((1, end - 1), np.float32)
        only_the_last[0, -1] = 1
        step = replace(lesson(tokens[:end].tolist()), weights=only_the_last)
        expected.append(stepped.train(step))
    np.testing.assert_allclose(np.concatenate([first, second]), -np.array(expected), atol=1e-12)
    assert state.position == 30
    assert engine.steps == 0
    np.testing.assert_array_equal(engine.logits(tokens), stepped.logits(tokens))


@every_backend
def test_one_sentence_is_learned_at_once(backend: str) -> None:
    engine = counted(backend, *[[0, 1, 2, 3, 4]] * 2, context=3)
    logits, state = engine.advance(np.array([1, 2, 3], np.int32))
    assert logits.argmax() == 4
    assert state.position == 3


@every_backend
def test_the_shares_of_an_inspection_sum_to_one(backend: str) -> None:
    engine = counted(backend, [0, 1, 2, 3, 4, 0, 1, 2, 4], context=3)
    shares = engine.inspect(np.array([0, 1, 2, 2, 2], np.int32)).layers["shares"]
    assert shares.shape == (5, 5)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)
    assert shares[-1, -1] == 0  # 2 2 2 was never seen


@every_backend
def test_what_would_be_predicted_without_a_text_is_what_it_was_before(backend: str) -> None:
    engine = counted(backend, [0, 1, 2, 3, 4, 0, 1, 2], [3, 3, 3])
    batch = lesson([0, 1, 2, 2, 4, 4])
    before = engine.logits(batch.tokens[0, :-1])
    engine.remember(batch)
    after = engine.tensors()
    np.testing.assert_array_equal(engine.logits_without(batch), before)
    assert_same(engine.tensors(), after)
    assert (engine.logits(batch.tokens[0, :-1]) != before).any()
    with pytest.raises(InvalidInput, match="not that often"):
        engine.logits_without(lesson([4, 3, 2, 1, 0]))
    assert_same(engine.tensors(), after)


@every_backend
def test_practice_reads_and_counts_nothing(backend: str) -> None:
    engine = counted(backend, [0, 1, 2, 3, 4, 0, 1, 2])
    before = engine.tensors(optimizer=False)
    assert engine.practise(lesson([3, 3, 3])) > 0
    assert_same(engine.tensors(optimizer=False), before)


@pytest.mark.parametrize("context", [0, 9, 2.0, True, "6", None])
def test_a_context_out_of_range_is_refused(context: object) -> None:
    with pytest.raises(InvalidConfig):
        NGram.create({"context": context}, V, seed=0)


HOSTILE: dict[str, list[Any]] = {
    "vocabulary": [[0, 0], [5, 6], [5, -1], [2**40, 5], [65_536, 5], [3, 3]],
    "ngrams.tokens": ["unsorted", "twice", 5, 65_535],
    "ngrams.contexts": ["gap", 5],
    "ngrams.counts": [0, "too many"],
    "optimizer/carried": ["gap", 5],
}


@every_backend
@pytest.mark.parametrize(
    ("name", "lie"), [(name, lie) for name, lies in HOSTILE.items() for lie in lies], ids=str
)
def test_a_lying_file_is_refused(backend: str, name: str, lie: Any) -> None:
    engine = counted(backend, [0, 1, 2, 3, 4, 0, 1, 2, 4])
    tensors = engine.tensors()
    wrong = tensors[name]
    if lie == "unsorted":
        for each in ("ngrams.contexts", "ngrams.tokens", "ngrams.counts"):
            tensors[each][:] = tensors[each][::-1].copy()
    elif lie == "twice":
        for each in ("ngrams.contexts", "ngrams.tokens", "ngrams.counts"):
            tensors[each][1] = tensors[each][0]
    elif lie == "gap":
        wrong[0] = [1, 65_535, 1]
    elif lie == "too many":
        wrong[:2] = 2**32 - 1
    else:
        wrong.flat[: len(np.atleast_1d(lie))] = lie
    with pytest.raises(CheckpointError):
        NGram.from_tensors(engine.config, tensors, backend=backend)


@every_backend
def test_no_more_is_counted_than_sums_can_hold(backend: str) -> None:
    engine = counted(backend, [0, 1])
    tensors = engine.tensors()
    tensors["ngrams.counts"][:] = 2**32 - 1
    full = NGram.from_tensors(engine.config, tensors, backend=backend)
    with pytest.raises(InvalidInput, match="at most"):
        full.train(lesson([0, 1]))
    with pytest.raises(InvalidInput, match="at most"):
        full.follow(np.array([1], np.int32))
    assert full.advance(np.array([0], np.int32))[0].argmax() == 1
