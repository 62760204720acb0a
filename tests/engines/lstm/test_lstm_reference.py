"""The teaching text computes what it says: its gradients are those of finite differences."""

import numpy as np
import pytest

from l2c.engines.lstm import reference
from l2c.engines.lstm.backend import masks_of
from l2c.engines.lstm.dropout import WHOLE, Masks, mask
from l2c.engines.lstm.parameters import Config, Parameters

T, B, V = 6, 3, 7


def example(config: Config) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray, np.ndarray]:
    """Weights in float64, tokens, loss weights, and a state that is not empty."""
    rng = np.random.default_rng(3)
    weights = {
        name: tensor.astype(np.float64) + 0.1 * rng.normal(size=tensor.shape)
        for name, tensor in Parameters.random(config, V, seed=1).tensors.items()
    }
    tokens = rng.integers(0, V, (T + 1, B)).astype(np.int32)
    loss_weights = rng.random((T, B)) * (rng.random((T, B)) < 0.8)
    state = 0.3 * rng.normal(size=(2, config.layers, B, config.hidden_size))
    return weights, tokens, loss_weights, state


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("layer_norm", [True, False])
@pytest.mark.parametrize("layers", [1, 3])
def test_every_gradient_is_that_of_finite_differences(
    layers: int, layer_norm: bool, dropout: float
) -> None:
    """Central differences of 1e-6 in float64 are exact to about 1e-9; 1e-7 is asked for."""
    config = Config(
        hidden_size=4, layers=layers, layer_norm=layer_norm, dropout=dropout,
        recurrent_dropout=dropout,
    )  # fmt: skip
    weights, tokens, loss_weights, state = example(config)
    masks = masks_of(Parameters(config, V), (T, B), step=3) if dropout else WHOLE
    _, gradient, _ = reference.gradient(weights, tokens, loss_weights, state[0], state[1], masks)
    assert gradient.keys() == weights.keys()
    for name, tensor in weights.items():
        for index in np.ndindex(tensor.shape):
            losses = []
            for shift in (1e-6, -1e-6):
                moved = tensor.copy()
                moved[index] += shift
                changed = weights | {name: moved}
                loss, _, _ = reference.gradient(
                    changed, tokens, loss_weights, state[0], state[1], masks
                )
                losses.append(loss)
            slope = (losses[0] - losses[1]) / 2e-6
            assert gradient[name][index] == pytest.approx(slope, abs=1e-7), (name, index)


def test_a_mask_leaves_out_its_share_and_keeps_the_mean() -> None:
    """Of a million positions; tolerance: five standard deviations."""
    for share in (0.0, 0.1, 0.5):
        found = mask((1000, 1000), share, step=2**33 + 5, stream=1)
        assert (found == 0).mean() == pytest.approx(share, abs=0.0025)
        assert found.mean() == pytest.approx(1, abs=0.005)


def test_masks_of_other_steps_and_streams_are_other_masks() -> None:
    """Two masks of half agree in half of their positions."""
    first = mask((40, 500), 0.5, step=1, stream=1)
    np.testing.assert_array_equal(first, mask((40, 500), 0.5, step=1, stream=1))
    for step, stream in ((2, 1), (1, 2), (2**32 + 1, 1)):
        agreement = (first == mask((40, 500), 0.5, step=step, stream=stream)).mean()
        assert agreement == pytest.approx(0.5, abs=0.02)
    assert (first[1:] == first[:-1]).mean() == pytest.approx(0.5, abs=0.02)


def test_dropout_happens_in_training_alone() -> None:
    config = Config(hidden_size=4, dropout=0.5, recurrent_dropout=0.5)
    weights, tokens, loss_weights, state = example(config)
    masks = masks_of(Parameters(config, V), (T, B), step=1)
    assert isinstance(masks, Masks)
    with_dropout = reference.gradient(weights, tokens, loss_weights, state[0], state[1], masks)[0]
    assert with_dropout != reference.gradient(weights, tokens, loss_weights, *state)[0]


def test_sigmoid_is_the_logistic_function_without_overflow() -> None:
    x = np.array([-1000.0, -3.0, 0.0, 2.0, 1000.0])
    np.testing.assert_allclose(
        reference.sigmoid(x), [0, 1 / (1 + np.exp(3)), 0.5, 1 / (1 + np.exp(-2)), 1], atol=1e-15
    )
