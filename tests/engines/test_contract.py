"""The promises of `Engine` about weights, held against every family and every backend it has.

Those about streams, what is read and written, are in `test_contract_streams.py`.
"""

import json
from dataclasses import replace

import numpy as np
import pytest

from l2c.engines.engine import Batch
from l2c.engines.sampling import log_softmax
from l2c.errors import CheckpointError, InvalidConfig, InvalidInput
from tests.engines.kinds import Kind, V, assert_same, batch, every_kind, text, trained

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


@every_kind
def test_regularizing_moves_no_logit_and_is_stored_with_the_configuration(kind: Kind) -> None:
    engine = trained(kind)
    before = engine.logits(text(9))
    engine.regularize(dropout=0.5, weight_decay=0.2)
    np.testing.assert_array_equal(engine.logits(text(9)), before)
    stored, more = kind.copy(engine), batch(seed=9, fresh=False)
    assert engine.train(more) == stored.train(more)
    assert_same(engine.tensors(), stored.tensors())


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
def test_the_carried_state_is_the_one_its_row_ended_with(kind: Kind) -> None:
    """Tolerance: a batch and a stream may add in another order."""
    engine, lesson = trained(kind), batch(seed=1)
    engine.train(lesson, rate=0)
    for row, tokens in enumerate(lesson.tokens[:, :-1]):
        _, expected = engine.advance(tokens)
        ours = engine.logits(text(6, seed=row), engine.carried(row))
        np.testing.assert_allclose(ours, engine.logits(text(6, seed=row), expected), atol=1e-5)
    unknown = engine.logits(text(6), engine.carried(len(lesson.fresh)))
    np.testing.assert_array_equal(unknown, engine.logits(text(6)))


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
