"""The teaching text computes what it says: its gradients are those of finite differences."""

from typing import Any

import numpy as np
import pytest

from l2c.engines.llama import blocks, reference
from l2c.engines.llama.config import LlamaConfig
from l2c.engines.llama.parameters import Parameters
from l2c.engines.llama.reference import Past

T, B, P, V = 5, 2, 3, 7


def example(config: LlamaConfig) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray, Past]:
    """Weights in float64, tokens, loss weights, and rows that have read before, but not alike."""
    rng = np.random.default_rng(3)
    weights = {
        name: tensor.astype(np.float64) + 0.1 * rng.normal(size=tensor.shape)
        for name, tensor in Parameters.random(config, V, seed=1).tensors.items()
    }
    tokens = rng.integers(0, V, (B, T + 1)).astype(np.int32)
    loss_weights = rng.random((B, T)) * (rng.random((B, T)) < 0.8)
    keys, values = rng.normal(size=(2, config.layers, B, P, config.kv_heads, config.head))
    return (
        weights,
        tokens,
        loss_weights,
        Past(keys, values, np.array([P, 1]), np.array([9, 1]), np.array([2, -1])),
    )


@pytest.mark.parametrize("options", [{}, {"qk_norm": True, "softcap": 1.5, "ngram_rows": 5}])
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize(("heads", "kv_heads"), [(2, 2), (4, 2), (4, 1)])
def test_every_gradient_is_that_of_finite_differences(
    heads: int, kv_heads: int, tied: bool, options: dict[str, Any]
) -> None:
    """Central differences of 1e-6 in float64 are exact to about 1e-9; 1e-7 is asked for. Of every
    tensor at most 20 weights are moved."""
    config = LlamaConfig(
        dim=8, layers=2, heads=heads, kv_heads=kv_heads, hidden=6, context=6, tied=tied, **options
    )
    weights, tokens, loss_weights, past = example(config)
    _, gradient, _ = reference.gradient(weights, config, tokens, loss_weights, past)
    assert gradient.keys() == weights.keys()
    for name, tensor in weights.items():
        places = np.random.default_rng(5).permutation(tensor.size)[:20]
        for index in zip(*np.unravel_index(places, tensor.shape), strict=True):
            losses = []
            for shift in (1e-6, -1e-6):
                moved = tensor.copy()
                moved[index] += shift
                changed = weights | {name: moved}
                loss, _, _ = reference.gradient(changed, config, tokens, loss_weights, past)
                losses.append(loss)
            slope = (losses[0] - losses[1]) / 2e-6
            assert gradient[name][index] == pytest.approx(slope, abs=1e-7), (name, index)


def test_a_token_sees_itself_and_the_window_before_it() -> None:
    config = LlamaConfig(dim=8, layers=1, heads=2, kv_heads=1, hidden=6, context=4)
    weights, tokens, _, past = example(config)
    p = reference.forward(weights, config, tokens, past).layers[0].p
    assert p.shape == (B, 2, T + 1, P + T + 1)
    seen = p[:, 0] > 0
    # Of the past of 3 tokens, row 0 read all and row 1 only the last.
    np.testing.assert_array_equal(seen[0, 0], [1, 1, 1, 1, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(seen[1, 0], [0, 0, 1, 1, 0, 0, 0, 0, 0])
    for row in range(B):
        np.testing.assert_array_equal(seen[row, 3], [0, 0, 0, 1, 1, 1, 1, 0, 0])
    np.testing.assert_allclose(p.sum(axis=-1), 1)


def test_a_rotation_keeps_lengths_and_shows_only_distances() -> None:
    config = LlamaConfig(dim=8, heads=1, kv_heads=1)
    q, k = np.random.default_rng(1).normal(size=(2, 1, 8))
    products = []
    for at in (0, 5, 1000):
        turned_q = blocks.rotate(q, *blocks.angles(config, np.array(at + 7)))
        turned_k = blocks.rotate(k, *blocks.angles(config, np.array(at)))
        assert np.linalg.norm(turned_q) == pytest.approx(np.linalg.norm(q))
        products.append(float((turned_q * turned_k).sum()))
    assert products == pytest.approx([products[0]] * 3)
    cos, sin = blocks.angles(config, np.array(11))
    np.testing.assert_allclose(blocks.rotate(blocks.rotate(q, cos, sin), cos, -sin), q)


def test_reading_token_by_token_with_a_cache_is_reading_at_once() -> None:
    """Tolerance: another order of sums, in float64."""
    config = LlamaConfig(dim=8, layers=3, heads=4, kv_heads=2, hidden=6, context=4, tied=False)
    weights, tokens, _, _ = example(config)
    row = np.concatenate(tokens)
    nothing = np.zeros((3, 1, 0, 2, 2))
    empty = Past(nothing, nothing, np.zeros(1, int), np.zeros(1, int))
    at_once = reference.forward(weights, config, row[None], empty).logits[0]
    keys, values = np.zeros((2, 3, len(row), 2, 2))
    for t, token in enumerate(row):
        first = max(0, t - config.context + 1)
        y = reference.decode(
            weights,
            config,
            weights["embedding"][token],
            t,
            keys[:, first : t + 1],
            values[:, first : t + 1],
        )
        np.testing.assert_allclose(weights["output"] @ y, at_once[t], atol=1e-12)
