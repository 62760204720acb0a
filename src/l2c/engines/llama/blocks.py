"""The parts of a Llama's layer in NumPy, each forwards and back: RMSNorm, rotation, attention.

What they are and how they make a network: `reference.py`.

Letters: B batch, T time, S what a text may attend to (its past and itself), D dim, H heads,
G kv_heads, E head (dim / heads).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l2c.engines.llama.config import LlamaConfig

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int64, UInt64


def rms_forward(
    x: Float[np.ndarray, "*rows D"], epsilon: float
) -> tuple[Float[np.ndarray, "*rows D"], Float[np.ndarray, "*rows 1"]]:
    """`x` with mean square 1 along its last axis, and the factor that made it so."""
    scale = 1 / np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + x.dtype.type(epsilon))
    return x * scale, scale


def rms_backward(
    d_normal: Float[np.ndarray, "*rows D"],
    normal: Float[np.ndarray, "*rows D"],
    scale: Float[np.ndarray, "*rows 1"],
) -> Float[np.ndarray, "*rows D"]:
    """How the loss changes with what was normalised: its length moved with it."""
    along = (d_normal * normal).mean(axis=-1, keepdims=True)
    d_x: np.ndarray = scale * (d_normal - normal * along)
    return d_x


def angles(
    config: LlamaConfig, positions: np.ndarray
) -> tuple[Float[np.ndarray, "*shape E/2"], Float[np.ndarray, "*shape E/2"]]:
    """Cosine and sine of every pair's rotation at these positions, in float64."""
    pairs = np.arange(0, config.head, 2) / config.head
    turned = np.asarray(positions, np.float64)[..., None] * config.rope_theta**-pairs
    return np.cos(turned), np.sin(turned)


def ngram_rows(before: np.ndarray, tokens: np.ndarray, rows: int) -> Int64[np.ndarray, "*shape"]:
    """The row of the table for every token and the one before it, -1 for none."""
    first = _product(np.asarray(before, np.int64) + 1, 0x9E3779B1)
    h = first ^ _product(np.asarray(tokens), 0x85EBCA77)
    h = _product(h ^ h >> np.uint64(15), 0x2C1B3C6D)
    found: np.ndarray = ((h ^ h >> np.uint64(12)) % np.uint64(rows)).astype(np.int64)
    return found


def _product(x: np.ndarray, factor: int) -> UInt64[np.ndarray, "*shape"]:
    """The last 32 bits of the product."""
    product: np.ndarray = x.astype(np.uint64) * np.uint64(factor) & np.uint64(0xFFFF_FFFF)
    return product


def rotate(
    x: Float[np.ndarray, "*rows N E"],
    cos: Float[np.ndarray, "*rows E/2"],
    sin: Float[np.ndarray, "*rows E/2"],
) -> Float[np.ndarray, "*rows N E"]:
    """Every pair (2i, 2i + 1) of every head turned; with -sin it is turned back."""
    even, odd = x[..., 0::2], x[..., 1::2]
    cos, sin = cos[..., None, :], sin[..., None, :]
    turned = np.empty_like(x)
    turned[..., 0::2] = even * cos - odd * sin
    turned[..., 1::2] = even * sin + odd * cos
    return turned


def sigmoid(a: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-a)), computed so that no exponential can overflow."""
    half: np.ndarray = 0.5 * np.tanh(0.5 * a) + 0.5
    return half


def attention_forward(
    q: Float[np.ndarray, "B T H E"],
    k: Float[np.ndarray, "B S G E"],
    v: Float[np.ndarray, "B S G E"],
    seen: Bool[np.ndarray, "B T S"],
) -> tuple[Float[np.ndarray, "B T H E"], Float[np.ndarray, "B H T S"]]:
    """What every query fetches, and how it divides its attention among what it may see."""
    B, T, H, E = q.shape
    G = k.shape[2]
    grouped = q.reshape(B, T, G, H // G, E)
    scores = np.einsum("btgre,bsge->bgrts", grouped, k) / q.dtype.type(np.sqrt(E))
    scores = np.where(seen[:, None, None], scores, -np.inf)
    p = np.exp(scores - scores.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    fetched = np.einsum("bgrts,bsge->btgre", p, v)
    return fetched.reshape(B, T, H, E), p.reshape(B, H, T, -1)


def attention_backward(
    d_fetched: Float[np.ndarray, "B T H E"],
    q: Float[np.ndarray, "B T H E"],
    k: Float[np.ndarray, "B S G E"],
    v: Float[np.ndarray, "B S G E"],
    p: Float[np.ndarray, "B H T S"],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gradients of queries, keys and values."""
    B, T, H, E = q.shape
    G, S = k.shape[2], k.shape[1]
    shape = (B, T, G, H // G, E)
    d_out, grouped, p = d_fetched.reshape(shape), q.reshape(shape), p.reshape(B, G, H // G, T, S)
    d_v = np.einsum("bgrts,btgre->bsge", p, d_out)
    d_p = np.einsum("btgre,bsge->bgrts", d_out, v)
    d_scores = p * (d_p - (p * d_p).sum(axis=-1, keepdims=True)) / q.dtype.type(np.sqrt(E))
    d_q = np.einsum("bgrts,bsge->btgre", d_scores, k).reshape(B, T, H, E)
    return d_q, np.einsum("bgrts,btgre->bsge", d_scores, grouped), d_v
