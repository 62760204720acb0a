"""A character LSTM in NumPy, to be read: how it predicts, how it learns, how it writes.

A recurrent network reads one character a time step and keeps what matters in two vectors, the
hidden state h and the cell c. In an LSTM (Hochreiter & Schmidhuber 1997; with the forget gate of
Gers et al. 2000) four gates decide what happens to them. With x the input of a layer (for the
first layer a one-hot character, so that `x @ Wx` is simply a row of Wx), at each step

    i = sigmoid(x Wx_i + h Wh_i + b_i)      input gate: how much of the candidate is let in
    f = sigmoid(x Wx_f + h Wh_f + b_f)      forget gate: how much of the old cell is kept
    g =    tanh(x Wx_g + h Wh_g + b_g)      candidate: what could be written
    o = sigmoid(x Wx_o + h Wh_o + b_o)      output gate: how much of the cell is shown
    c = f * c + i * g
    h = o * tanh(c)

The top layer's h, normalised (LayerNorm, Ba et al. 2016), goes through a dense layer to one logit a
character, and softmax turns these into probabilities of the next one. Learning is backpropagation
through the T steps of a batch (Werbos 1990): `backward` walks the same equations the other way.
The step is Adam's (`l2c.engines.adam`).

This file is the oracle of the C kernels and what runs where they could not be built. Its functions
take any float type; the tests check the gradients against finite differences in float64. Products
of inference have the same shapes however a text is cut into pieces, and the logits are an `einsum`
(each a sum of its own, unlike BLAS): so cutting a text and growing the vocabulary change no bit.

Letters: B batch, T time, V vocabulary, H hidden, L layers. Arrays of a batch run time first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from l2c.engines.lstm.dropout import WHOLE, Masks
from l2c.engines.sampling import log_softmax

if TYPE_CHECKING:
    from jaxtyping import Float, Int32

Weights = Mapping[str, np.ndarray]
Rounding = Callable[[np.ndarray], np.ndarray]
"""What becomes of a vector before a matrix is multiplied with it."""

NORM_EPSILON = 1e-5


@dataclass(frozen=True, slots=True)
class LayerTrace:
    """What one layer computed, kept for the way back."""

    x: np.ndarray | None
    """(T, B, H) what it read; None for the first layer, which reads characters."""
    gates: np.ndarray
    """(T, B, 4, H) i, f, g, o after their nonlinearities."""
    hidden: np.ndarray
    """(T+1, B, H), the first of them from before the text."""
    cell: np.ndarray
    """(T+1, B, H)."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything a forward pass computed."""

    layers: tuple[LayerTrace, ...]
    normal: np.ndarray
    """(T, B, H) the top layer's output with mean 0 and variance 1 (as it is without LayerNorm)."""
    scale: np.ndarray
    """(T, B, 1) what it was multiplied by to get there."""
    logits: np.ndarray
    """(T, B, V)."""


def as_it_is(x: np.ndarray) -> np.ndarray:
    """No rounding: `x`."""
    return x


def sigmoid(a: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-a)), computed so that no exponential can overflow."""
    half: np.ndarray = 0.5 * np.tanh(0.5 * a) + 0.5
    return half


# ---------------------------------------------------------------------------------- one layer


def layer_forward(
    weights: Weights,
    layer: int,
    inputs: Int32[np.ndarray, "T B"] | Float[np.ndarray, "T B H"],
    hidden: Float[np.ndarray, "B H"],
    cell: Float[np.ndarray, "B H"],
    rounded: Rounding = as_it_is,
) -> LayerTrace:
    """Read T inputs, beginning from the state (`hidden`, `cell`)."""
    Wx, Wh, b = (weights[f"layers.{layer}.{name}"] for name in ("Wx", "Wh", "b"))
    T, (B, H) = len(inputs), hidden.shape
    gates = np.empty((T, B, 4, H), Wh.dtype)
    hiddens = np.empty((T + 1, B, H), Wh.dtype)
    cells = np.empty((T + 1, B, H), Wh.dtype)
    hiddens[0], cells[0] = hidden, cell
    for t in range(T):
        from_input = Wx[inputs[t]] if layer == 0 else rounded(inputs[t]) @ Wx
        a = (from_input + b + rounded(hiddens[t]) @ Wh).reshape(B, 4, H)
        i, f, o = (sigmoid(a[:, gate]) for gate in (0, 1, 3))
        g = np.tanh(a[:, 2])
        cells[t + 1] = f * cells[t] + i * g
        hiddens[t + 1] = o * np.tanh(cells[t + 1])
        gates[t] = np.stack((i, f, g, o), axis=1)
    return LayerTrace(None if layer == 0 else inputs, gates, hiddens, cells)


def layer_backward(
    weights: Weights,
    layer: int,
    trace: LayerTrace,
    tokens: Int32[np.ndarray, "T B"],
    d_above: Float[np.ndarray, "T B H"],
) -> tuple[dict[str, np.ndarray], np.ndarray | None]:
    """The gradients of the layer's weights, and of its inputs unless these are characters.

    `d_above[t]` is how the loss changes with the layer's output at t; what later steps add to it
    arrives through `dh`, and through `dc` along the cell.
    """
    Wh = weights[f"layers.{layer}.Wh"]
    T, B, _, H = trace.gates.shape
    da = np.empty_like(trace.gates)
    dh = np.zeros((B, H), Wh.dtype)
    dc = np.zeros((B, H), Wh.dtype)
    for t in reversed(range(T)):
        i, f, g, o = (trace.gates[t, :, gate] for gate in range(4))
        tanh_c = np.tanh(trace.cell[t + 1])
        dh = dh + d_above[t]
        dc = dc + dh * o * (1 - tanh_c**2)
        da[t, :, 0] = dc * g * i * (1 - i)
        da[t, :, 1] = dc * trace.cell[t] * f * (1 - f)
        da[t, :, 2] = dc * i * (1 - g**2)
        da[t, :, 3] = dh * tanh_c * o * (1 - o)
        dc = dc * f
        dh = da[t].reshape(B, 4 * H) @ Wh.T

    rows = da.reshape(T * B, 4 * H)
    gradient = {"Wh": trace.hidden[:-1].reshape(T * B, H).T @ rows, "b": rows.sum(axis=0)}
    d_inputs = None
    if trace.x is None:
        gradient["Wx"] = np.zeros_like(weights[f"layers.{layer}.Wx"])
        np.add.at(gradient["Wx"], tokens.reshape(-1), rows)
    else:
        gradient["Wx"] = trace.x.reshape(T * B, H).T @ rows
        d_inputs = (rows @ weights[f"layers.{layer}.Wx"].T).reshape(T, B, H)
    return {f"layers.{layer}.{name}": value for name, value in gradient.items()}, d_inputs


# ---------------------------------------------------------------------------------- LayerNorm


def norm_forward(h: Float[np.ndarray, "T B H"]) -> tuple[np.ndarray, np.ndarray]:
    """`h` with mean 0 and variance 1 along its last axis, and the factor that made it so."""
    centred = h - h.mean(axis=-1, keepdims=True)
    variance = np.square(centred).mean(axis=-1, keepdims=True)
    scale = 1 / np.sqrt(variance + NORM_EPSILON)
    return centred * scale, scale


def norm_backward(
    d_normal: Float[np.ndarray, "T B H"],
    normal: Float[np.ndarray, "T B H"],
    scale: Float[np.ndarray, "T B 1"],
) -> Float[np.ndarray, "T B H"]:
    """How the loss changes with what was normalised: mean and variance moved with it."""
    along_mean = d_normal.mean(axis=-1, keepdims=True)
    along_variance = (d_normal * normal).mean(axis=-1, keepdims=True)
    d_h: np.ndarray = scale * (d_normal - along_mean - normal * along_variance)
    return d_h


# ---------------------------------------------------------------------------- the whole network


def forward(
    weights: Weights,
    tokens: Int32[np.ndarray, "T B"],
    hidden: Float[np.ndarray, "L B H"],
    cell: Float[np.ndarray, "L B H"],
    masks: Masks = WHOLE,
) -> Trace:
    """Read `tokens`, beginning from the state (`hidden`, `cell`), and predict after each."""
    weights = masks.thinned(weights)
    inputs: np.ndarray = tokens
    layers = []
    for layer in range(len(hidden)):
        layers.append(layer_forward(weights, layer, inputs, hidden[layer], cell[layer]))
        inputs = layers[-1].hidden[1:]
    return Trace(tuple(layers), *output_forward(weights, inputs, masks))


def output_forward(
    weights: Weights,
    h: Float[np.ndarray, "T B H"],
    masks: Masks = WHOLE,
    rounded: Rounding = as_it_is,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`h` normalised, the factor that did it, and the logits."""
    if "norm.gain" in weights:
        normal, scale = norm_forward(h)
        y = normal * weights["norm.gain"]
    else:
        normal, scale, y = h, np.ones_like(h[..., :1]), h
    if masks.output is not None:
        y = y * masks.output
    logits = np.einsum("tbh,vh->tbv", rounded(y), weights["output.W"]) + weights["output.b"]
    return normal, scale, logits


def backward(
    weights: Weights,
    tokens: Int32[np.ndarray, "T B"],
    trace: Trace,
    d_logits: Float[np.ndarray, "T B V"],
    masks: Masks = WHOLE,
) -> dict[str, np.ndarray]:
    """The gradient of every weight, given how the loss changes with the logits."""
    weights = masks.thinned(weights)
    T, B, H = trace.normal.shape
    rows = d_logits.reshape(T * B, -1)
    gain = weights.get("norm.gain")
    y = trace.normal if gain is None else trace.normal * gain
    if masks.output is not None:
        y = y * masks.output
    gradient = {"output.W": rows.T @ y.reshape(T * B, H), "output.b": rows.sum(axis=0)}
    dh = (rows @ weights["output.W"]).reshape(T, B, H)
    if masks.output is not None:
        dh = dh * masks.output
    if gain is not None:
        gradient["norm.gain"] = (dh * trace.normal).sum(axis=(0, 1))
        dh = norm_backward(dh * gain, trace.normal, trace.scale)
    for layer in reversed(range(len(trace.layers))):
        found, d_inputs = layer_backward(weights, layer, trace.layers[layer], tokens, dh)
        gradient |= found
        if d_inputs is not None:
            dh = d_inputs
    return masks.thinned(gradient)


def cross_entropy(
    logits: Float[np.ndarray, "T B V"],
    targets: Int32[np.ndarray, "T B"],
    loss_weights: Float[np.ndarray, "T B"],
) -> tuple[float, Float[np.ndarray, "T B V"]]:
    """The weighted mean of -log p(target) in nats, and how it changes with the logits.

    The derivative of softmax and cross-entropy together is: probability, minus 1 at the target.
    """
    log_p = log_softmax(logits)
    at_target = np.take_along_axis(log_p, targets[..., None], axis=-1)[..., 0]
    share = loss_weights / loss_weights.sum(dtype=np.float64).astype(logits.dtype)
    d_logits = np.exp(log_p)
    np.put_along_axis(
        d_logits,
        targets[..., None],
        np.take_along_axis(d_logits, targets[..., None], axis=-1) - 1,
        axis=-1,
    )
    return -float((share * at_target).sum(dtype=np.float64)), d_logits * share[..., None]


# ------------------------------------------------------------------------------------ learning


def gradient(
    weights: Weights,
    tokens: Int32[np.ndarray, "S B"],
    loss_weights: Float[np.ndarray, "T B"],
    hidden: Float[np.ndarray, "L B H"],
    cell: Float[np.ndarray, "L B H"],
    masks: Masks = WHOLE,
) -> tuple[float, dict[str, np.ndarray], Trace]:
    """The loss on a batch of S = T + 1 tokens, its gradient, and the forward pass it came from."""
    trace = forward(weights, tokens[:-1], hidden, cell, masks)
    loss, d_logits = cross_entropy(trace.logits, tokens[1:], loss_weights)
    return loss, backward(weights, tokens[:-1], trace, d_logits, masks), trace
