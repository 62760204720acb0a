"""Members with vocabularies of their own: what they say of their tokens is what is mixed."""

from collections.abc import Sequence

import numpy as np
import pytest

from l2c.engines.engine import Batch, Engine, Sampler
from l2c.engines.lstm.engine import LSTM
from l2c.engines.mixture.engine import Mixture
from l2c.engines.mixture.spelling import FLOOR, Spelled
from l2c.engines.ngram.engine import NGram
from l2c.engines.sampling import log_softmax
from l2c.errors import CheckpointError, InvalidConfig, InvalidInput

A, B, C, D, V = 0, 1, 2, 3, 5
SYLLABLES = ((), (A,), (B,), (A, B), (A, B, C), (C,), (D,))
"""A vocabulary of single letters and of two pieces of several; one mark that is no text."""

READING = np.array([A, B, C, A, B, D, B, A, A, B], np.int32)


def lesson(tokens: Sequence[int]) -> Batch:
    row = np.array([tokens], np.int32)
    return Batch(row, np.ones((1, len(tokens) - 1), np.float32), np.ones(1, bool))


def counts(vocab_size: int, *texts: Sequence[int]) -> NGram:
    engine = NGram.create({"context": 2}, vocab_size, seed=0)
    for tokens in texts:
        engine.train(lesson(tokens))
    return engine


def syllables() -> Spelled:
    inner = counts(len(SYLLABLES), [3, 5, 4, 6, 3, 6, 2, 1, 4, 5], [4, 4, 3, 5])
    return Spelled(inner, SYLLABLES, V)


def p(engine: Engine, *tokens: int) -> np.ndarray:
    logits, _ = engine.advance(np.array(tokens, np.int32))
    found: np.ndarray = np.exp(log_softmax(logits.astype(np.float64)))
    return found


def test_the_same_letters_in_another_order_say_the_same() -> None:
    order = [3, 1, 4, 0, 2]
    place = {token: own for own, token in enumerate(order)}
    text = [A, B, C, A, B, D, B, 4, A, B, C]
    plain = counts(V, text)
    inner = counts(V, [place[token] for token in text])
    spelled = Spelled(inner, [(token,) for token in order], V)
    expected = np.exp(log_softmax(plain.logits(READING).astype(np.float64)))
    found = np.exp(log_softmax(spelled.logits(READING).astype(np.float64)))
    np.testing.assert_allclose(found, expected, atol=V * FLOOR)


def test_what_is_pending_is_summed_over_every_token_that_may_be_meant() -> None:
    """By hand, from the member's own probabilities. Tolerance: the floor."""
    spelled = syllables()
    inner = spelled.inner
    first = p(inner)
    after_a = np.zeros(V)
    after_a[B] = first[3] + first[4]
    begun = np.zeros(V)
    own_after_a = p(inner, 1)
    for own, spelling in enumerate(SYLLABLES):
        if spelling:
            begun[spelling[0]] += own_after_a[own]
    after_a += first[1] * begun
    np.testing.assert_allclose(p(spelled, A), after_a / after_a.sum(), atol=V * FLOOR)


def test_the_longest_token_is_read_as_soon_as_nothing_longer_can_be_meant() -> None:
    spelled = syllables()
    for tokens, own in (([A, B, C], [4]), ([A, B, D], [3, 6]), ([A, A, B, C, B], [1, 4, 2])):
        _, state = spelled.advance(np.array(tokens, np.int32))
        assert state.pending == ()
        expected, _ = spelled.inner.advance(np.array(own, np.int32))
        found, _ = spelled.inner.advance(np.zeros(0, np.int32), state.inner)
        np.testing.assert_array_equal(found, expected)


def test_what_a_member_cannot_spell_is_passed_over_and_improbable() -> None:
    spelled = syllables()
    assert p(spelled, A, B)[4] == pytest.approx(FLOOR, rel=1e-3)
    np.testing.assert_array_equal(p(spelled, C, 4, D), p(spelled, C, D))


def test_letters_and_syllables_are_mixed_stored_and_written_with() -> None:
    network = LSTM.create({"hidden_size": 8}, V, seed=1)
    mixture = Mixture.of([network, syllables()])
    before = syllables().tensors()
    for step in range(20):
        mixture.train(lesson([A, B, C, A, B, D, A, B, C, step % V]))
        mixture.practise(lesson([A, B, C, A, B, D]))
    for name, tensor in before.items():
        np.testing.assert_array_equal(mixture.members[1].tensors()[name], tensor)
    again = Mixture.from_tensors(mixture.config, mixture.tensors())
    np.testing.assert_array_equal(again.logits(READING), mixture.logits(READING))
    whole = mixture.generate(mixture.initial_state(), 12, Sampler(temperature=1), seed=3)
    first = again.generate(again.initial_state(), 5, Sampler(temperature=1), seed=3)
    rest = again.generate(first.state, 7, Sampler(temperature=1), seed=3)
    np.testing.assert_array_equal(whole.tokens, np.concatenate([first.tokens, rest.tokens]))
    old = mixture.logits(READING)
    mixture.grow(V + 2)
    np.testing.assert_array_equal(mixture.logits(READING)[:, :V], old)


def test_syllables_help_a_network_that_has_learned_nothing() -> None:
    alone = LSTM.create({"hidden_size": 8}, V, seed=1)
    mixture = Mixture.of([LSTM.create({"hidden_size": 8}, V, seed=1), syllables()])
    text = np.array([A, B, C, A, B, D, A, B, C, C] * 6, np.int32)
    followed, _ = mixture.follow(text)
    by_itself = log_softmax(alone.logits(text[:-1]))[np.arange(len(text) - 1), text[1:]]
    assert followed[1:].mean() > by_itself.mean() + 0.3


@pytest.mark.parametrize("wrong", [[(A,)], [(A,), (V,)], [(-1,), (A,)], [(), ()]], ids=str)
def test_spellings_that_make_no_sense_are_refused(wrong: list[tuple[int, ...]]) -> None:
    with pytest.raises(InvalidInput, match=r"[Ss]pelling"):
        Spelled(counts(2, [0, 1]), wrong, V)


def test_a_mixture_needs_a_member_of_its_own_vocabulary_and_files_that_add_up() -> None:
    with pytest.raises(InvalidConfig, match="At least one"):
        Mixture.of([syllables()])
    mixture = Mixture.of([counts(V, [A, B]), syllables()])
    with pytest.raises(InvalidConfig, match="trained"):
        Mixture.create(mixture.config, V, seed=0)
    for name, value in (
        ("spelling.lengths", np.array([9], np.int32)),
        ("spelling.lengths", np.array([1] * 10, np.int64)),
        ("spelling.tokens", np.full(9, 99, np.int32)),
        ("spelling.tokens", np.zeros((3, 3), np.int32)),
    ):
        tensors = mixture.tensors() | {f"members.1/{name}": value}
        with pytest.raises(CheckpointError):
            Mixture.from_tensors(mixture.config, tensors)
