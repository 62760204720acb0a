"""The promises of `Engine` about streams: reading and writing, on every family and backend."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2c.engines.engine import Sampler
from l2c.engines.sampling import log_softmax
from l2c.errors import InvalidInput
from tests.engines.kinds import PLAIN, Kind, V, batch, every_kind, text, trained

# ----------------------------------------------------------------------------------- reading


@every_kind
def test_the_last_row_of_logits_is_what_advance_returns(kind: Kind) -> None:
    engine, tokens = trained(kind), text(20)
    rows = engine.logits(tokens)
    assert rows.shape == (20, V)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows[-1], engine.advance(tokens)[0])


@every_kind
@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(0, 30), max_size=4))
def test_reading_in_pieces_is_reading_at_once(kind: Kind, cuts: list[int]) -> None:
    engine, tokens = trained(kind), text(30)
    state = engine.initial_state()
    rows = []
    for piece in np.split(tokens, sorted(cuts)):
        rows.append(engine.logits(piece, state))
        _, state = engine.advance(piece, state)
    assert state.position == 30
    np.testing.assert_array_equal(np.concatenate(rows), engine.logits(tokens))


@every_kind
def test_reading_nothing_predicts_what_the_state_predicts(kind: Kind) -> None:
    engine, nothing = trained(kind), np.zeros(0, np.int32)
    last, state = engine.advance(text(5))
    np.testing.assert_array_equal(engine.advance(nothing, state)[0], last)
    assert engine.logits(nothing).shape == (0, V)
    assert engine.advance(nothing)[1].position == 0


@every_kind
def test_a_state_is_left_as_it_was_and_streams_do_not_meet(kind: Kind) -> None:
    engine = trained(kind)
    _, mine = engine.advance(text(8, seed=1))
    _, yours = engine.advance(text(8, seed=2))
    expected = engine.logits(text(8, seed=3), mine)
    engine.advance(text(8, seed=4), yours)
    engine.advance(text(8, seed=5), mine)
    engine.generate(mine, 10, PLAIN, seed=1)
    assert mine.position == 8
    np.testing.assert_array_equal(engine.logits(text(8, seed=3), mine), expected)


@every_kind
@pytest.mark.parametrize("token", [-1, V, 2**31 - 1])
def test_a_token_outside_the_vocabulary_is_refused(kind: Kind, token: int) -> None:
    engine = kind.create()
    bad = np.array([0, token], np.int32)
    for read in (engine.advance, engine.logits, engine.inspect):
        with pytest.raises(InvalidInput):
            read(bad)
    tokens = batch().tokens.copy()
    tokens[1, 4] = token
    with pytest.raises(InvalidInput):
        engine.train(replace(batch(), tokens=tokens))


# ----------------------------------------------------------------------------------- writing

SAMPLERS = [
    Sampler(),
    Sampler(temperature=0),
    Sampler(temperature=1.3, top_k=4),
    Sampler(top_p=0.8, repetition_penalty=1.4),
    Sampler(banned=(0, 3), stop=(7,)),
]


@every_kind
@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("first", [0, 1, 17])
def test_writing_in_two_calls_is_writing_in_one(kind: Kind, sampler: Sampler, first: int) -> None:
    engine = trained(kind)
    _, state = engine.advance(text(70))
    whole = engine.generate(state, 40, sampler, seed=3)
    begun = engine.generate(state, first, sampler, seed=3)
    ended = begun
    if not begun.stopped:
        ended = engine.generate(begun.state, 40 - first, sampler, seed=3)
        begun = replace(begun, tokens=np.concatenate([begun.tokens, ended.tokens]))
    np.testing.assert_array_equal(begun.tokens, whole.tokens)
    assert ended.stopped == whole.stopped
    assert ended.state.position == whole.state.position
    np.testing.assert_array_equal(
        engine.logits(text(5), ended.state), engine.logits(text(5), whole.state)
    )


@every_kind
def test_the_seed_decides_what_is_written(kind: Kind) -> None:
    engine = kind.create()
    state = engine.initial_state()
    once, again, other = (engine.generate(state, 50, PLAIN, seed=seed).tokens for seed in (1, 1, 2))
    np.testing.assert_array_equal(once, again)
    assert (once != other).any()


@every_kind
def test_greedy_writing_takes_the_most_probable_token(kind: Kind) -> None:
    engine = trained(kind)
    logits, state = engine.advance(text(9))
    for _ in range(12):
        written = engine.generate(state, 1, Sampler(temperature=0), seed=1)
        assert written.tokens[0] == logits.argmax()
        logits, state = engine.advance(written.tokens, state)


@every_kind
def test_log_probabilities_are_the_models_own(kind: Kind) -> None:
    """Of the model at temperature 1, whatever was sampled with. Tolerance: float32 rounding."""
    engine = trained(kind)
    _, state = engine.advance(text(9))
    written = engine.generate(state, 25, Sampler(temperature=0.3, top_k=3), seed=1)
    before, _ = engine.advance(np.zeros(0, np.int32), state)
    rows = np.vstack([before[None], engine.logits(written.tokens[:-1], state)])
    expected = log_softmax(rows)[np.arange(25), written.tokens]
    np.testing.assert_allclose(written.log_probabilities, expected, atol=2e-6)


@every_kind
def test_a_banned_token_is_never_written(kind: Kind) -> None:
    engine = trained(kind)
    sampler = Sampler(temperature=2, banned=tuple(range(V - 2)))
    written = engine.generate(engine.initial_state(), 200, sampler, seed=1)
    assert set(written.tokens.tolist()) == {V - 2, V - 1}


@every_kind
def test_a_stop_token_ends_the_text_and_is_read_but_not_written(kind: Kind) -> None:
    engine = trained(kind)
    _, state = engine.advance(text(9))
    sampler = Sampler(temperature=1, stop=(4, 6))
    written = engine.generate(state, 10_000, sampler, seed=1)
    assert written.stopped
    assert not {4, 6} & set(written.tokens.tolist())
    assert len(written.tokens) == len(written.log_probabilities)
    assert written.state.position == 9 + len(written.tokens) + 1
    ends = [engine.advance(np.append(written.tokens, np.int32(stop)), state)[0] for stop in (4, 6)]
    last, _ = engine.advance(np.zeros(0, np.int32), written.state)
    assert any((last == end).all() for end in ends)


@every_kind
@pytest.mark.parametrize(
    "sampler",
    [
        Sampler(temperature=-0.1),
        Sampler(temperature=float("nan")),
        Sampler(temperature=float("inf")),
        Sampler(top_k=-1),
        Sampler(top_p=0),
        Sampler(top_p=1.1),
        Sampler(top_p=float("nan")),
        Sampler(repetition_penalty=0),
        Sampler(repetition_penalty=float("nan")),
        Sampler(banned=tuple(range(V))),
        Sampler(banned=(V,)),
        Sampler(stop=(-1,)),
    ],
    ids=repr,
)
def test_an_option_out_of_range_is_refused(kind: Kind, sampler: Sampler) -> None:
    engine = kind.create()
    with pytest.raises(InvalidInput):
        engine.generate(engine.initial_state(), 5, sampler, seed=1)


@every_kind
@pytest.mark.parametrize("n", [-1, 2**40])
def test_a_length_out_of_range_is_refused(kind: Kind, n: int) -> None:
    engine = kind.create()
    with pytest.raises(InvalidInput):
        engine.generate(engine.initial_state(), n, PLAIN, seed=1)


@every_kind
def test_writing_nothing_leaves_the_stream_where_it_was(kind: Kind) -> None:
    engine = trained(kind)
    _, state = engine.advance(text(9))
    written = engine.generate(state, 0, PLAIN, seed=1)
    assert (len(written.tokens), written.stopped, written.state.position) == (0, False, 9)


# ------------------------------------------------------------------------------ nothing but that


@every_kind
def test_an_engine_that_only_reads_reads_and_writes_the_same_bits(kind: Kind) -> None:
    engine, only = (trained(kind) for _ in range(2))
    only.only_read()
    only.only_read()
    np.testing.assert_array_equal(only.logits(text(20)), engine.logits(text(20)))
    (last, state), (expected, other) = only.advance(text(9)), engine.advance(text(9))
    np.testing.assert_array_equal(last, expected)
    wrote = only.generate(state, 30, PLAIN, seed=4)
    again = engine.generate(other, 30, PLAIN, seed=4)
    np.testing.assert_array_equal(wrote.tokens, again.tokens)
    np.testing.assert_array_equal(wrote.log_probabilities, again.log_probabilities)
