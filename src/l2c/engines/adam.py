"""Adam with decoupled weight decay in NumPy: the twin of `kernels/adamw.h`, for every network.

Kingma & Ba 2015; Loshchilov & Hutter 2019. The gradient is clipped to a global norm (Pascanu et al.
2013), and only matrices decay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from l2c.engines.weights import Optimizer, P

EPSILON = 1e-8


@dataclass(frozen=True, slots=True)
class Adam:
    """The settings of one optimizer step; `step` counts from 1."""

    rate: float
    beta1: float
    beta2: float
    weight_decay: float
    step: int


def adam_update(
    weight: np.ndarray, m: np.ndarray, v: np.ndarray, d: np.ndarray, settings: Adam
) -> None:
    """One step on one tensor, in place: weight, mean `m` and mean square `v` of gradients `d`.

    Both means begin at 0; dividing by 1 - betaᵗ corrects for that.
    """
    m += (1 - settings.beta1) * (d - m)
    v += (1 - settings.beta2) * (d * d - v)
    m_rate = settings.rate / (1 - settings.beta1**settings.step)
    v_scale = 1 / (1 - settings.beta2**settings.step)
    if weight.ndim == 2:
        weight *= 1 - settings.rate * settings.weight_decay
    weight -= m_rate * m / (np.sqrt(v_scale * v) + EPSILON)


def global_norm(gradient: Mapping[str, np.ndarray]) -> float:
    """The Euclidean length of all gradients taken as one vector."""
    return float(np.sqrt(sum(np.square(d, dtype=np.float64).sum() for d in gradient.values())))


def take_step(
    weights: P,
    optimizer: Optimizer[P],
    gradient: Mapping[str, np.ndarray],
    *,
    rate: float,
    norm: float,
) -> None:
    """One step on every tensor with a gradient, the rest as the weights' `config` says.

    `norm` is the gradient's `global_norm`.
    """
    config = weights.config
    optimizer.count += 1
    settings = Adam(rate, config.beta1, config.beta2, config.weight_decay, optimizer.steps)
    clip = min(1.0, config.clip_norm / norm) if norm > 0 else 1.0
    for name, d in gradient.items():
        m, v = optimizer.m.tensors[name], optimizer.v.tensors[name]
        adam_update(weights.tensors[name], m, v, d * clip, settings)
