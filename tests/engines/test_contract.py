"""The promises of `Engine`, held against every family found by folder and every backend it has.

A family whose engines can compute in more than one way has a class method `backends()`, and its
`create` and `from_tensors` take `backend=`. Kernels that could not be built are not tested, except
with `CI=true`, where missing kernels are a failure (`tests/kernels`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2c.engines.engine import Batch, Engine, Sampler, Tensors
from l2c.engines.registry import families
from l2c.engines.sampling import log_softmax
from l2c.errors import CheckpointError, InvalidConfig, InvalidInput

V = 11
PLAIN = Sampler(temperature=1.0)


@dataclass(frozen=True)
class Kind:
    """A family and one of its backends."""

    family: type[Engine]
    options: Mapping[str, str]

    def create(self, vocab_size: int = V, *, seed: int = 1, **config: Any) -> Engine:
        return self.family.create(config, vocab_size, seed=seed, **self.options)

    def restore(self, config: Mapping[str, Any], tensors: Tensors) -> Engine:
        return self.family.from_tensors(config, tensors, **self.options)

    def copy(self, engine: Engine) -> Engine:
        return self.restore(engine.config, engine.tensors())


KINDS = {
    f"{name}-{backend}" if backend else name: Kind(family, {"backend": backend} if backend else {})
    for name, family in families().items()
    for backend in (family.backends() if hasattr(family, "backends") else [None])
}
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


def text(n: int, *, vocab_size: int = V, seed: int = 0) -> np.ndarray:
    """Tokens with something to learn: each is its predecessor plus one, mostly."""
    rng = np.random.default_rng(seed)
    steps = np.where(rng.random(n) < 0.8, 1, rng.integers(0, vocab_size, n))
    return (np.cumsum(steps) % vocab_size).astype(np.int32)


def batch(rows: int = 3, length: int = 8, *, seed: int = 0, fresh: bool = True) -> Batch:
    tokens = np.stack([text(length + 1, seed=seed * 100 + row) for row in range(rows)])
    return Batch(tokens, np.ones((rows, length), np.float32), np.full(rows, fresh))


def trained(kind: Kind, steps: int = 3) -> Engine:
    engine = kind.create()
    for step in range(steps):
        engine.train(batch(seed=step, fresh=step == 0))
    return engine


def assert_same(left: Tensors, right: Tensors) -> None:
    assert list(left) == list(right)
    for name in left:
        assert left[name].dtype == right[name].dtype
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)


# ------------------------------------------------------------------------ making and storing


@every_kind
def test_the_same_seed_makes_the_same_weights(kind: Kind) -> None:
    assert_same(kind.create(seed=5).tensors(), kind.create(seed=5).tensors())


@every_kind
def test_a_family_is_named_like_its_folder(kind: Kind) -> None:
    assert kind.family.__module__ == f"l2c.engines.{kind.family.family}.engine"


@every_kind
def test_the_configuration_survives_json_and_makes_the_same_engine(kind: Kind) -> None:
    engine = kind.create(seed=2)
    config = json.loads(json.dumps(engine.config))
    assert_same(kind.family.create(config, V, seed=2, **kind.options).tensors(), engine.tensors())


@every_kind
def test_an_unknown_key_of_the_configuration_is_refused(kind: Kind) -> None:
    with pytest.raises(InvalidConfig, match="no_such_key"):
        kind.create(no_such_key=1)


@every_kind
def test_tensors_and_from_tensors_are_inverse(kind: Kind) -> None:
    engine = trained(kind)
    again = kind.copy(engine)
    assert_same(again.tensors(), engine.tensors())
    assert (again.steps, again.vocab_size, again.config) == (3, V, engine.config)


@every_kind
def test_training_resumes_bit_for_bit_carried_state_included(kind: Kind) -> None:
    engine = trained(kind)
    resumed = kind.copy(engine)
    more = batch(seed=9, fresh=False)
    assert engine.train(more) == resumed.train(more)
    assert_same(engine.tensors(), resumed.tensors())


@every_kind
def test_without_optimizer_tensors_the_optimizer_is_fresh(kind: Kind) -> None:
    engine = trained(kind)
    weights = engine.tensors(optimizer=False)
    assert not any(name.startswith("optimizer/") for name in weights)
    again = kind.restore(engine.config, weights)
    assert again.steps == 0
    np.testing.assert_array_equal(again.logits(text(9)), engine.logits(text(9)))


@every_kind
def test_tensors_are_copies(kind: Kind) -> None:
    engine = trained(kind)
    before = engine.logits(text(9))
    for tensor in engine.tensors().values():
        tensor[...] = 1
    np.testing.assert_array_equal(engine.logits(text(9)), before)


@every_kind
def test_from_tensors_refuses_what_does_not_fit_its_configuration(kind: Kind) -> None:
    engine = trained(kind)
    config, tensors = engine.config, engine.tensors()
    for name, tensor in tensors.items():
        missing = {other: t for other, t in tensors.items() if other != name}
        wrong = [missing, tensors | {name: tensor[None]}]
        if np.issubdtype(tensor.dtype, np.floating):
            wrong.append(tensors | {name: tensor.astype(np.float64)})
            wrong.append(tensors | {name: np.full_like(tensor, np.nan)})
        for bad in wrong:
            with pytest.raises(CheckpointError):
                kind.restore(config, bad)
    with pytest.raises(CheckpointError, match="surplus"):
        kind.restore(config, tensors | {"surplus": np.zeros(1, np.float32)})


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


# ----------------------------------------------------------------------------------- growing


@every_kind
def test_growing_changes_no_bit_of_old_logits_and_makes_new_tokens_improbable(kind: Kind) -> None:
    engine = trained(kind, steps=20)
    _, state = engine.advance(text(9))
    before = [engine.logits(text(30)), engine.logits(text(30), state)]
    engine.grow(V + 6)
    assert engine.vocab_size == V + 6
    after = [engine.logits(text(30)), engine.logits(text(30), state)]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(new[:, :V], old)
        assert np.exp(log_softmax(new))[:, V:].max() < 0.5 / V


@every_kind
def test_a_new_token_is_learned(kind: Kind) -> None:
    engine = trained(kind, steps=20)
    engine.grow(V + 2)
    tokens = np.tile(np.array([V, V + 1, 3], np.int32), 4)[None]
    lesson = Batch(tokens, np.ones((1, 11), np.float32), np.ones(1, bool))
    first = engine.train(lesson)
    for _ in range(60):
        engine.train(lesson)
    assert engine.train(lesson) < first / 4


@every_kind
def test_growing_is_deterministic_and_is_stored(kind: Kind) -> None:
    one, other = trained(kind), trained(kind)
    one.grow(V + 3)
    other.grow(V + 3)
    other.grow(V + 3)
    assert_same(one.tensors(), other.tensors())
    assert kind.copy(one).vocab_size == V + 3
    assert one.train(batch(seed=7)) == other.train(batch(seed=7))


@every_kind
def test_a_vocabulary_does_not_shrink(kind: Kind) -> None:
    with pytest.raises(InvalidInput):
        kind.create().grow(V - 1)


# ---------------------------------------------------------------------------------- learning


@every_kind
def test_the_loss_is_the_weighted_mean_from_before_the_step(kind: Kind) -> None:
    """Tolerance: the sum's rounding in float32."""
    engine = trained(kind)
    lesson = batch(rows=4, length=10, seed=5)
    weights = np.random.default_rng(1).random((4, 10)).astype(np.float32)
    weights[:, ::3] = 0
    log_p = [log_softmax(engine.logits(row[:-1])) for row in lesson.tokens]
    at_target = [
        row[np.arange(10), tokens[1:]] for row, tokens in zip(log_p, lesson.tokens, strict=True)
    ]
    expected = -(weights * np.array(at_target)).sum() / weights.sum()
    assert engine.train(replace(lesson, weights=weights)) == pytest.approx(expected, rel=1e-5)


@every_kind
def test_training_makes_its_text_more_probable(kind: Kind) -> None:
    engine, lesson = kind.create(), batch()
    first = engine.train(lesson)
    for _ in range(30):
        engine.train(lesson)
    assert engine.train(lesson) < 0.7 * first
    assert engine.steps == 32


@every_kind
def test_a_row_goes_on_where_it_ended_unless_it_is_fresh(kind: Kind) -> None:
    """With a rate of 0 weights stay, so both losses are of the same model."""
    engine = trained(kind)
    first, second = batch(seed=1), batch(seed=2)
    fresh_loss = kind.copy(engine).train(second, rate=0)
    engine.train(first, rate=0)
    resumed = kind.copy(engine)
    assert resumed.train(second, rate=0) == pytest.approx(fresh_loss, rel=1e-6)
    whole = np.concatenate([first.tokens[:, :-1], second.tokens], axis=1)
    weights = np.ones((3, 16), np.float32)
    weights[:, :8] = 0
    joined = kind.copy(engine).train(Batch(whole, weights, np.ones(3, bool)), rate=0)
    going_on = engine.train(replace(second, fresh=np.zeros(3, bool)), rate=0)
    assert going_on == pytest.approx(joined, rel=1e-5)


@every_kind
@pytest.mark.parametrize("weight", [np.nan, np.inf])
def test_a_step_that_is_not_finite_changes_nothing(kind: Kind, weight: float) -> None:
    engine = trained(kind)
    before = engine.tensors()
    weights = np.ones((3, 8), np.float32)
    weights[1, 2] = weight
    assert np.isnan(engine.train(replace(batch(seed=4), weights=weights)))
    assert_same(engine.tensors(), before)


@every_kind
def test_the_number_of_threads_changes_no_bit(kind: Kind) -> None:
    engines = [kind.create() for _ in range(3)]
    for threads, engine in enumerate(engines, start=1):
        if not hasattr(engine, "threads"):
            pytest.skip("this family has no threads")
        engine.threads = threads
        for step in range(4):
            engine.train(batch(rows=5, seed=step, fresh=step == 0))
    for engine in engines[1:]:
        assert_same(engine.tensors(), engines[0].tensors())


@every_kind
@pytest.mark.parametrize(
    "change",
    [
        {"tokens": np.zeros((3, 9), np.int64)},
        {"tokens": np.zeros((3, 7), np.int32)},
        {"tokens": np.zeros(9, np.int32)},
        {"weights": np.ones((3, 8), np.float64)},
        {"weights": np.full((3, 8), -1, np.float32)},
        {"fresh": np.ones(2, bool)},
        {"fresh": np.ones(3, np.int32)},
    ],
)
def test_a_batch_that_contradicts_itself_is_refused(
    kind: Kind, change: dict[str, np.ndarray]
) -> None:
    with pytest.raises(InvalidInput):
        kind.create().train(replace(batch(), **change))


# -------------------------------------------------------------------------------- inspecting


@every_kind
def test_an_inspection_agrees_with_the_logits(kind: Kind) -> None:
    engine, tokens = trained(kind), text(12)
    seen = engine.inspect(tokens)
    np.testing.assert_array_equal(seen.tokens, tokens)
    np.testing.assert_array_equal(seen.logits, engine.logits(tokens))
    expected = log_softmax(seen.logits)[np.arange(11), tokens[1:]]
    np.testing.assert_allclose(seen.log_probabilities, expected, atol=2e-6)
    for name, layer in seen.layers.items():
        assert len(layer) == 12, name
        assert np.isfinite(layer).all(), name
    with pytest.raises(InvalidInput):
        engine.inspect(np.zeros(0, np.int32))
