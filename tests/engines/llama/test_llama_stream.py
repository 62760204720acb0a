"""What a stream keeps: pages that are shared while they are full, and nothing out of sight."""

from typing import Any

import numpy as np
import pytest

from l2c.engines.engine import Batch, Sampler
from l2c.engines.llama.engine import Llama
from l2c.engines.llama.stream import PAGE
from l2c.errors import InvalidInput

every_backend = pytest.mark.parametrize("backend", Llama.backends())
SMALL: dict[str, Any] = {"dim": 16, "layers": 2, "heads": 2, "kv_heads": 1, "hidden": 24}
V = 13


def made(backend: str, **config: Any) -> Llama:
    return Llama.create(SMALL | config, V, seed=1, backend=backend)


def text(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, V, n).astype(np.int32)


@every_backend
def test_states_that_begin_alike_share_their_full_pages(backend: str) -> None:
    engine = made(backend)
    _, first = engine.advance(text(2 * PAGE + 5))
    _, one = engine.advance(text(3, seed=1), first)
    _, other = engine.advance(text(3, seed=2), first)
    for page in range(2):
        assert one.pages[page] is first.pages[page] is other.pages[page]
    assert one.pages[2] is not first.pages[2]


@every_backend
@pytest.mark.parametrize("position", [1, PAGE - 3, PAGE, PAGE + 1])
def test_an_answer_that_stopped_early_leaves_streams_apart(backend: str, position: int) -> None:
    """Room is made for more than is written then, and the page in use is not the last."""
    engine = made(backend)
    _, state = engine.advance(text(position))
    likely = int(engine.generate(state, 1, Sampler(temperature=0), seed=1).tokens[0])
    stopping = Sampler(temperature=0, stop=(likely,))
    stopped = engine.generate(state, 3 * PAGE, stopping, seed=1)
    assert stopped.stopped
    assert stopped.state.position == position + 1
    _, mine = engine.advance(text(20, seed=1), stopped.state)
    engine.advance(text(20, seed=2), stopped.state)
    again = np.concatenate([text(position), [likely], text(20, seed=1), text(9)]).astype(np.int32)
    np.testing.assert_array_equal(engine.logits(text(9), mine), engine.logits(again)[-9:])


@every_backend
def test_pages_out_of_sight_are_let_go(backend: str) -> None:
    engine = made(backend, context=70)
    _, state = engine.advance(text(5 * PAGE))
    for seed in range(4):
        _, state = engine.advance(text(30, seed=seed), state)
        assert len(state.pages) <= 3


@every_backend
def test_a_token_sees_the_window_and_nothing_before(backend: str) -> None:
    """One layer, so that nothing is handed on. Tolerance: rotations of other positions."""
    engine = made(backend, context=10, layers=1)
    long = text(3 * PAGE)
    whole = engine.logits(long)[-1]
    np.testing.assert_allclose(engine.logits(long[-10:])[-1], whole, atol=1e-5)
    assert np.abs(engine.logits(long[-9:])[-1] - whole).max() > 1e-4


@every_backend
def test_training_sees_earlier_batches_as_far_as_the_window_reaches(backend: str) -> None:
    """A row goes on through many batches; tolerance: a batch may add in another order."""
    engine = made(backend, context=20)
    long = text(61)
    for start in range(0, 60, 6):
        row = long[None, start : start + 7]
        engine.train(Batch(row, np.ones((1, 6), np.float32), np.array([start == 0])), rate=0)
    _, read = engine.advance(long[:-1])
    ahead = text(15, seed=3)
    np.testing.assert_allclose(
        engine.logits(ahead, engine.carried(0)), engine.logits(ahead, read), atol=1e-5
    )
    assert engine.tensors()["optimizer/carried/keys"].shape[2] == 19


@every_backend
def test_rows_that_are_fresh_and_rows_that_go_on_learn_side_by_side(backend: str) -> None:
    engine = made(backend)
    lesson = Batch(np.tile(text(9), (2, 1)), np.ones((2, 8), np.float32), np.ones(2, bool))
    engine.train(lesson, rate=0)
    after = Batch(lesson.tokens, lesson.weights, np.array([True, False]))
    engine.train(after, rate=0)
    for row, tokens in enumerate((text(9)[:-1], np.tile(text(9)[:-1], 2))):
        expected = engine.logits(text(5, seed=1), engine.advance(tokens)[1])
        ours = engine.logits(text(5, seed=1), engine.carried(row))
        np.testing.assert_allclose(ours, expected, atol=1e-5)


def test_a_state_of_another_model_is_refused() -> None:
    with pytest.raises(InvalidInput, match="state"):
        made("reference").advance(text(2), made("reference", layers=1).initial_state())


@every_backend
def test_attention_is_shown_for_every_head(backend: str) -> None:
    shown = made(backend).inspect(text(7)).layers["layers.1.attention"]
    assert shown.shape == (7, 2, 7)
    np.testing.assert_allclose(shown.sum(axis=-1), 1, atol=1e-6)
    assert not np.triu(shown.transpose(1, 0, 2), 1).any()
