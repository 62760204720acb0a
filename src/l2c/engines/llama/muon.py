"""Muon in NumPy, the twin of `muon.h`: a layer's matrices move by their momentum made orthogonal.

A matrix's gradient has a few strong directions; Muon (Jordan et al. 2024) moves along all of them
by the same amount. Five steps of Newton and Schulz bring all singular values near 1 with products
of matrices alone; they need not come nearer. What is no matrix of a layer (embeddings, the output,
the table of n-grams, norms) is Adam's. The momentum takes the place of Adam's `m`; `v` stays 0.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from l2c.engines.llama.config import LlamaConfig
from l2c.engines.llama.parameters import Parameters
from l2c.engines.weights import Optimizer

MOMENTUM = 0.95
A, B, C = 3.4445, -4.7750, 2.0315


def left_to_adam(config: LlamaConfig, gradient: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The gradients that Adam follows: all of them where Muon is off."""
    return {name: d for name, d in gradient.items() if not (config.muon and is_matrix(name, d))}


def is_matrix(name: str, tensor: np.ndarray) -> bool:
    """Whether Muon moves it."""
    return name.startswith("layers.") and tensor.ndim == 2


def move_matrices(
    weights: Parameters,
    optimizer: Optimizer[Parameters],
    gradient: Mapping[str, np.ndarray],
    *,
    factor: float,
    norm: float,
) -> None:
    """One step on every matrix of the layers, before Adam's step counts it."""
    config = weights.config
    rate = config.muon_rate(optimizer.steps, factor)
    clip = min(1.0, config.clip_norm / norm) if norm > 0 else 1.0
    for name, weight in weights.tensors.items():
        if is_matrix(name, weight):
            m, d = optimizer.m.tensors[name], gradient[name] * np.float32(clip)
            m += (1 - MOMENTUM) * (d - m)
            step = orthogonal(d + MOMENTUM * (m - d))
            weight *= 1 - rate * config.weight_decay
            weight -= rate * np.sqrt(max(1.0, len(weight) / weight.shape[1])) * step


def orthogonal(x: np.ndarray) -> np.ndarray:
    """The matrix with its directions kept and its singular values near 1."""
    upright = x.shape[0] > x.shape[1]
    x = x.T if upright else x
    x = x / (np.linalg.norm(x) + 1e-7)
    for _ in range(5):
        square = x @ x.T
        x = A * x + (B * square + C * square @ square) @ x
    return x.T if upright else x
