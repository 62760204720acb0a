"""A Llama in NumPy, to be read: how it predicts, how it learns, how it writes with a cache.

A transformer (Vaswani et al. 2017) keeps one vector x a token, the residual stream. Every layer
adds to it twice: what attention fetches from earlier tokens, and what a small network makes of the
vector itself. In the Llama family (Touvron et al. 2023) one layer is

    n = rms(x) * attention_norm                    RMSNorm: x / sqrt(mean(x^2) + epsilon)
    q, k, v = n Wq^T, n Wk^T, n Wv^T               in heads; `heads / kv_heads` queries share a key
    q, k = rotate(q), rotate(k)                    rotary positions (Su et al. 2021)
    p_tj = softmax_j(q_t . k_j / sqrt(head))       over the last `context` tokens j <= t
    x = x + (sum_j p_tj v_j) Wo^T
    n = rms(x) * ffn_norm
    x = x + (silu(n W1^T) * (n W3^T)) W2^T         SwiGLU (Shazeer 2020); silu(a) = a sigmoid(a)

and the logits are (rms(x) * norm) W^T with W the output's weights, or the embedding where the two
are tied. Rotation turns the pair (2i, 2i + 1) of a head by position * theta^(-2i / head), so that
q . k depends on how far apart two tokens are. Three options, off in a plain Llama, are a line each:
`qk_norm` makes every head's q and k rms(q) * q_norm before they are rotated (Henry et al. 2020), a
`softcap` c makes logits c tanh(logit / c) (Gemma Team 2024), and `ngram_rows` adds to a token's row
of the embedding one of a table, chosen by a hash of the token and the one before it.

Learning is backpropagation: `backward` walks the same equations the other way. A text read in
several batches attends to the keys and values of the earlier ones, which are not learned from again
(Dai et al. 2019, "Transformer-XL"): `Past`.

The parts are in `blocks.py`. Both files are the oracle of the C kernels and what runs where these
could not be built. Their functions take any float type; the tests check the gradients against
finite differences in float64. A stream is read one token at a time, so that cutting a text into
pieces changes no bit.

Letters: B batch, T time, P past, V vocabulary, D dim, H heads, G kv_heads, E head (dim / heads),
F hidden, L layers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from l2c.engines.llama.blocks import (
    angles,
    attention_backward,
    attention_forward,
    ngram_rows,
    rms_backward,
    rms_forward,
    rotate,
    sigmoid,
)
from l2c.engines.llama.config import LlamaConfig
from l2c.engines.sampling import log_softmax

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int32

Weights = Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Past:
    """What the rows of a batch have read before it: the last P keys and values of every layer.

    Of row b only the last `lengths[b]` are real. `positions[b]` is where its next token stands.
    """

    keys: np.ndarray
    """(L, B, P, G, E), rotated."""
    values: np.ndarray
    """(L, B, P, G, E)."""
    lengths: np.ndarray
    """(B,)"""
    positions: np.ndarray
    """(B,)"""
    before: np.ndarray | None = None
    """(B,) the last token, -1 for none; asked for by a table of n-grams."""


@dataclass(frozen=True, slots=True)
class HeadNorm:
    """Queries or keys, normalised a head at a time, before their gain and their rotation."""

    normal: np.ndarray
    """(B, T, heads, E) x / rms(x)."""
    scale: np.ndarray
    """(B, T, heads, 1) 1 / rms(x)."""


@dataclass(frozen=True, slots=True)
class LayerTrace:
    """What one layer computed, kept for the way back."""

    x: np.ndarray
    """(B, T, D) what it read."""
    normal: np.ndarray
    """(B, T, D) x / rms(x)."""
    scale: np.ndarray
    """(B, T, 1) 1 / rms(x)."""
    q: np.ndarray
    """(B, T, H, E), rotated."""
    k: np.ndarray
    """(B, P+T, G, E), rotated, the past first."""
    v: np.ndarray
    """(B, P+T, G, E)."""
    p: np.ndarray
    """(B, H, T, P+T) attention."""
    fetched: np.ndarray
    """(B, T, D) what attention fetched, before Wo."""
    ffn_normal: np.ndarray
    """(B, T, D)."""
    ffn_scale: np.ndarray
    """(B, T, 1)."""
    gate: np.ndarray
    """(B, T, F) n W1^T."""
    up: np.ndarray
    """(B, T, F) n W3^T."""
    heads: tuple[HeadNorm, HeadNorm] | None
    """Of q and of k, with `qk_norm`."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything a forward pass computed."""

    layers: tuple[LayerTrace, ...]
    cos: np.ndarray
    """(B, T, E/2) of the rotations."""
    sin: np.ndarray
    """(B, T, E/2)."""
    normal: np.ndarray
    """(B, T, D) the stream at its end, with mean square 1."""
    scale: np.ndarray
    """(B, T, 1) what it was multiplied by to get there."""
    logits: np.ndarray
    """(B, T, V)."""
    rows: np.ndarray | None
    """(B, T) of the table of n-grams."""


# ---------------------------------------------------------------------------------- one layer


def layer_forward(
    weights: Weights,
    config: LlamaConfig,
    layer: int,
    x: Float[np.ndarray, "B T D"],
    past: Past,
    rotation: tuple[np.ndarray, np.ndarray],
) -> tuple[Float[np.ndarray, "B T D"], LayerTrace]:
    """The stream after the layer, and what the layer computed."""
    w = _of_layer(weights, layer)
    B, T, _ = x.shape
    normal, scale = rms_forward(x, config.norm_epsilon)
    n = normal * w["attention_norm"]
    q = (n @ w["wq"].T).reshape(B, T, config.heads, -1)
    k = (n @ w["wk"].T).reshape(B, T, config.kv_heads, -1)
    heads = None
    if config.qk_norm:
        epsilon = config.norm_epsilon
        heads = HeadNorm(*rms_forward(q, epsilon)), HeadNorm(*rms_forward(k, epsilon))
        q, k = heads[0].normal * w["q_norm"], heads[1].normal * w["k_norm"]
    q, k = rotate(q, *rotation), rotate(k, *rotation)
    v = (n @ w["wv"].T).reshape(B, T, config.kv_heads, -1)
    k = np.concatenate([past.keys[layer].astype(x.dtype), k], axis=1)
    v = np.concatenate([past.values[layer].astype(x.dtype), v], axis=1)
    fetched, p = attention_forward(q, k, v, _seen(config, past, T))
    fetched = fetched.reshape(B, T, -1)
    between = x + fetched @ w["wo"].T
    ffn_normal, ffn_scale = rms_forward(between, config.norm_epsilon)
    n = ffn_normal * w["ffn_norm"]
    gate, up = n @ w["w1"].T, n @ w["w3"].T
    after = between + (gate * sigmoid(gate) * up) @ w["w2"].T
    trace = LayerTrace(
        x, normal, scale, q, k, v, p, fetched, ffn_normal, ffn_scale, gate, up, heads
    )  # fmt: skip
    return after, trace


def layer_backward(
    weights: Weights,
    layer: int,
    trace: LayerTrace,
    rotation: tuple[np.ndarray, np.ndarray],
    d_x: Float[np.ndarray, "B T D"],
) -> tuple[dict[str, np.ndarray], Float[np.ndarray, "B T D"]]:
    """The gradients of the layer's weights and of what it read; `d_x` is that of the stream."""
    w, found = _of_layer(weights, layer), {}
    B, T, _ = d_x.shape

    s = sigmoid(trace.gate)
    d_inner = d_x @ w["w2"]
    found["w2"] = _outer(d_x, trace.gate * s * trace.up)
    d_gate = d_inner * trace.up * s * (1 + trace.gate * (1 - s))
    d_up = d_inner * trace.gate * s
    n = trace.ffn_normal * w["ffn_norm"]
    found["w1"], found["w3"] = _outer(d_gate, n), _outer(d_up, n)
    d_n = d_gate @ w["w1"] + d_up @ w["w3"]
    found["ffn_norm"] = (d_n * trace.ffn_normal).sum(axis=(0, 1))
    d_x = d_x + rms_backward(d_n * w["ffn_norm"], trace.ffn_normal, trace.ffn_scale)

    found["wo"] = _outer(d_x, trace.fetched)
    d_fetched = (d_x @ w["wo"]).reshape(trace.q.shape)
    d_q, d_k, d_v = attention_backward(d_fetched, trace.q, trace.k, trace.v, trace.p)
    cos, sin = rotation
    d_q, d_k, d_v = rotate(d_q, cos, -sin), rotate(d_k[:, -T:], cos, -sin), d_v[:, -T:]
    if trace.heads is not None:
        (q, k), axes = trace.heads, (0, 1, 2)
        found["q_norm"], found["k_norm"] = (d_q * q.normal).sum(axes), (d_k * k.normal).sum(axes)
        d_q = rms_backward(d_q * w["q_norm"], q.normal, q.scale)
        d_k = rms_backward(d_k * w["k_norm"], k.normal, k.scale)
    d_q, d_k, d_v = (d.reshape(B, T, -1) for d in (d_q, d_k, d_v))
    n = trace.normal * w["attention_norm"]
    for name, d in (("wq", d_q), ("wk", d_k), ("wv", d_v)):
        found[name] = _outer(d, n)
    d_n = d_q @ w["wq"] + d_k @ w["wk"] + d_v @ w["wv"]
    found["attention_norm"] = (d_n * trace.normal).sum(axis=(0, 1))
    d_x = d_x + rms_backward(d_n * w["attention_norm"], trace.normal, trace.scale)
    return {f"layers.{layer}.{name}": value for name, value in found.items()}, d_x


def _of_layer(weights: Weights, layer: int) -> dict[str, np.ndarray]:
    prefix = f"layers.{layer}."
    return {name[len(prefix) :]: w for name, w in weights.items() if name.startswith(prefix)}


def _outer(d: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The gradient of W where y = x W^T, summed over the batch."""
    product: np.ndarray = d.reshape(-1, d.shape[-1]).T @ x.reshape(-1, x.shape[-1])
    return product


def _seen(config: LlamaConfig, past: Past, T: int) -> Bool[np.ndarray, "B T P+T"]:
    """Which of the past and the batch every token sees: itself and what is within `context`."""
    P = past.keys.shape[2]
    j, t = np.arange(P + T), P + np.arange(T)[:, None]
    near = (j <= t) & (j > t - config.context)
    seen: np.ndarray = near & (j >= P - past.lengths[:, None, None])
    return seen


# ---------------------------------------------------------------------------- the whole network


def output_weights(weights: Weights) -> Float[np.ndarray, "V D"]:
    """What turns the stream into logits: the output's own weights, or the embedding's."""
    return weights["output"] if "output" in weights else weights["embedding"]


def forward(
    weights: Weights, config: LlamaConfig, tokens: Int32[np.ndarray, "B T"], past: Past
) -> Trace:
    """Read `tokens` after `past`, and predict after each."""
    dtype = weights["embedding"].dtype
    positions = past.positions[:, None] + np.arange(tokens.shape[1])
    cos, sin = (a.astype(dtype) for a in angles(config, positions))
    x = weights["embedding"][tokens]
    rows = None
    if config.ngram_rows:
        rows = ngram_rows(_before(tokens, past), tokens, config.ngram_rows)
        x = x + weights["ngram"][rows]
    layers = []
    for layer in range(config.layers):
        x, trace = layer_forward(weights, config, layer, x, past, (cos, sin))
        layers.append(trace)
    normal, scale = rms_forward(x, config.norm_epsilon)
    logits = capped((normal * weights["norm"]) @ output_weights(weights).T, config.softcap)
    return Trace(tuple(layers), cos, sin, normal, scale, logits, rows)


def capped(logits: np.ndarray, softcap: float) -> np.ndarray:
    """The logits, kept below `softcap` where it is not 0."""
    made: np.ndarray = softcap * np.tanh(logits / softcap) if softcap else logits
    return made


def _before(tokens: Int32[np.ndarray, "B T"], past: Past) -> Int32[np.ndarray, "B T"]:
    """The token before each one, -1 where a text begins."""
    last = np.full(len(tokens), -1, np.int32) if past.before is None else past.before
    return np.concatenate([last[:, None], tokens[:, :-1]], axis=1)


def backward(
    weights: Weights,
    config: LlamaConfig,
    tokens: Int32[np.ndarray, "B T"],
    trace: Trace,
    d_logits: Float[np.ndarray, "B T V"],
) -> dict[str, np.ndarray]:
    """The gradient of every weight, given how the loss changes with the logits."""
    output = output_weights(weights)
    if config.softcap:
        d_logits = d_logits * (1 - np.square(trace.logits / config.softcap))
    d_output = _outer(d_logits, trace.normal * weights["norm"])
    d_y = d_logits @ output
    gradient = {"norm": (d_y * trace.normal).sum(axis=(0, 1))}
    d_x = rms_backward(d_y * weights["norm"], trace.normal, trace.scale)
    for layer in reversed(range(len(trace.layers))):
        found, d_x = layer_backward(
            weights, layer, trace.layers[layer], (trace.cos, trace.sin), d_x
        )
        gradient |= found
    gradient["embedding"] = np.zeros_like(weights["embedding"])
    if "output" in weights:
        gradient["output"] = d_output
    else:
        gradient["embedding"] += d_output
    np.add.at(gradient["embedding"], tokens.reshape(-1), d_x.reshape(-1, d_x.shape[-1]))
    if trace.rows is not None:
        gradient["ngram"] = np.zeros_like(weights["ngram"])
        np.add.at(gradient["ngram"], trace.rows.reshape(-1), d_x.reshape(-1, d_x.shape[-1]))
    return {name: gradient[name] for name in weights}


def cross_entropy(
    logits: Float[np.ndarray, "B T V"],
    targets: Int32[np.ndarray, "B T"],
    loss_weights: Float[np.ndarray, "B T"],
) -> tuple[float, Float[np.ndarray, "B T V"]]:
    """The weighted mean of -log p(target) in nats, and how it changes with the logits."""
    log_p = log_softmax(logits)
    at_target = np.take_along_axis(log_p, targets[..., None], axis=-1)
    share = loss_weights / loss_weights.sum(dtype=np.float64).astype(logits.dtype)
    d_logits = np.exp(log_p)
    chosen = np.take_along_axis(d_logits, targets[..., None], axis=-1)
    np.put_along_axis(d_logits, targets[..., None], chosen - 1, axis=-1)
    loss = -float((share * at_target[..., 0]).sum(dtype=np.float64))
    return loss, d_logits * share[..., None]


# ------------------------------------------------------------------------------------ learning


def gradient(
    weights: Weights,
    config: LlamaConfig,
    tokens: Int32[np.ndarray, "B T+1"],
    loss_weights: Float[np.ndarray, "B T"],
    past: Past,
) -> tuple[float, dict[str, np.ndarray], Trace]:
    """The loss on a batch, its gradient, and the forward pass it came from."""
    trace = forward(weights, config, tokens[:, :-1], past)
    loss, d_logits = cross_entropy(trace.logits, tokens[:, 1:], loss_weights)
    return loss, backward(weights, config, tokens[:, :-1], trace, d_logits), trace


# ------------------------------------------------------------------------------------- streams


def decode(
    weights: Weights,
    config: LlamaConfig,
    x: Float[np.ndarray, " D"],
    position: int,
    keys: Float[np.ndarray, "L S G E"],
    values: Float[np.ndarray, "L S G E"],
    rounded: Callable[[np.ndarray], np.ndarray] = lambda x: x,
) -> Float[np.ndarray, " D"]:
    """What the logits of one more token are made from: rms(x) * norm after the last layer.

    `x` is the token's row of the embedding, with that of the table of n-grams where there is one.
    `keys` and `values` hold the window of the stream, S >= 1 tokens; the last one is this token's
    own and is written here. It is `layer_forward` with T = 1 and a cache (Pope et al. 2022);
    `rounded` says what matrices are multiplied with where they are kept in fewer bits.
    """
    cos, sin = (a.astype(x.dtype) for a in angles(config, np.array(position)))
    for layer in range(config.layers):
        w = _of_layer(weights, layer)
        n = rounded(rms_forward(x, config.norm_epsilon)[0] * w["attention_norm"])
        q, k = (w["wq"] @ n).reshape(config.heads, -1), (w["wk"] @ n).reshape(config.kv_heads, -1)
        if config.qk_norm:
            q = rms_forward(q, config.norm_epsilon)[0] * w["q_norm"]
            k = rms_forward(k, config.norm_epsilon)[0] * w["k_norm"]
        q = rotate(q, cos, sin)
        keys[layer, -1] = rotate(k, cos, sin)
        values[layer, -1] = (w["wv"] @ n).reshape(config.kv_heads, -1)
        seen = np.ones((1, 1, keys.shape[1]), bool)
        fetched, _ = attention_forward(q[None, None], keys[layer, None], values[layer, None], seen)
        x = x + w["wo"] @ rounded(fetched.reshape(-1))
        n = rounded(rms_forward(x, config.norm_epsilon)[0] * w["ffn_norm"])
        gate = w["w1"] @ n
        x = x + w["w2"] @ rounded(gate * sigmoid(gate) * (w["w3"] @ n))
    y: Float[np.ndarray, " D"] = rms_forward(x, config.norm_epsilon)[0] * weights["norm"]
    return y
