"""The optimizer every network shares."""

from __future__ import annotations

import numpy as np

from l2c.engines.adam import Adam, adam_update


def test_adam_takes_its_first_step_in_the_direction_of_the_gradients_sign() -> None:
    """With both means corrected, the first step is the rate, whatever the gradient's size."""
    weight, m, v = np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((1, 3))
    settings = Adam(rate=0.1, beta1=0.9, beta2=0.999, weight_decay=0.0, step=1)
    adam_update(weight, m, v, np.array([[1e-3, -5.0, 1e4]]), settings)
    np.testing.assert_allclose(weight, [[-0.1, 0.1, -0.1]], rtol=1e-4)


def test_only_matrices_decay() -> None:
    settings = Adam(rate=0.1, beta1=0.9, beta2=0.999, weight_decay=0.5, step=1)
    for weight, expected in ((np.ones((2, 2)), 0.95), (np.ones(2), 1.0)):
        nothing = np.zeros_like(weight)
        adam_update(weight, nothing.copy(), nothing.copy(), nothing, settings)
        np.testing.assert_allclose(weight, expected)
