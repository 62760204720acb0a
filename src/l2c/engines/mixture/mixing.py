"""The weights of a mixture: predictions multiplied, each to a power that is learned as it goes.

With logits l_i of K members, the mixture's are their weighted sum

    l = sum_i w_i l_i,   p = softmax(l)

so that a member who is sure can overrule several who are not (log-linear mixing; Mattern 2016,
"On statistical data compression", and the PAQ family before it). The gradient of the loss
-log p(x) in w_i is E_p[l_i] - l_i(x): a weight grows when its member gave the token that came more
than the mixture expected of it. Steps are AdaGrad's (Duchi et al. 2011), so that they shrink as
evidence grows and batches of any size may teach.

A weight is the sum of two. One depends on how sure the members are: the entropy of each falls into
one of `BINS` bins, and every combination of bins, a bucket, has weights of its own. The other
depends on the token before, because who is right about what follows a space is not who is right
about what follows a `q`; it begins at 0, so that a new token is mixed like any other.

Members' logits need not be normalised; the mixture's probabilities do not feel it. Only the first
`known` tokens decide on the bucket, so that tokens which came since change no old logit.

Letters: K members, N predictions, V vocabulary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from l2c.engines.sampling import log_softmax

if TYPE_CHECKING:
    from jaxtyping import Float32, Float64, Int32, Int64

BINS = 5
EDGES = (0.25, 0.75, 1.5, 2.25)
"""Where one bin of entropy ends and the next begins, in nats."""

LEARNING_RATE = 0.05
"""AdaGrad's rate unless told otherwise: the measured best of 0.01 to 0.1."""

START = 1e-2
"""What AdaGrad's sum of squares begins with: the first evidence may not decide everything."""

PARTS = ("sure", "token")
"""What a weight depends on: how sure the members are, and the token before."""

Rows: TypeAlias = 'dict[str, Int64[np.ndarray, " N"]]'
"""For each part, the row of its weights that holds for every prediction."""


class Mixer:
    """Weights for every part, and how they are learned; `weights[part]` is (rows, K)."""

    def __init__(self, weights: dict[str, np.ndarray], *, learning_rate: float) -> None:
        self.weights = weights
        self.squares = {part: np.zeros_like(weights[part]) for part in PARTS}
        self.learning_rate = learning_rate

    @classmethod
    def fresh(cls, members: int, vocab_size: int, *, learning_rate: float) -> Mixer:
        """Equal weights that sum to 1, everywhere."""
        sure = np.full((BINS**members, members), 1 / members, np.float32)
        token = np.zeros((vocab_size + 1, members), np.float32)
        return cls({"sure": sure, "token": token}, learning_rate=learning_rate)

    def grow(self, vocab_size: int) -> None:
        """Make room for weights after new tokens."""
        for kept in (self.weights, self.squares):
            more = vocab_size + 1 - len(kept["token"])
            kept["token"] = np.pad(kept["token"], ((0, more), (0, 0)))

    def mix(
        self,
        logits: Float32[np.ndarray, "K N V"],
        before: Int32[np.ndarray, " N"],
        *,
        known: int,
    ) -> tuple[Float64[np.ndarray, "N V"], Rows]:
        """The mixture's logits after the tokens `before` (-1 for none), and whose weights hold."""
        rows = {
            "sure": self._buckets(logits, known=known),
            "token": before.astype(np.int64) + 1,
        }
        mixed = np.zeros(logits.shape[1:])
        for weight, of_member in zip(self.in_force(rows).T, logits, strict=True):
            mixed += weight[:, None] * of_member
        return mixed, rows

    def in_force(self, rows: Rows) -> Float64[np.ndarray, "N K"]:
        """The weights of every member in every prediction."""
        parts = [self.weights[part][rows[part]].astype(np.float64) for part in PARTS]
        weights: Float64[np.ndarray, "N K"] = parts[0] + parts[1]
        return weights

    def _buckets(
        self, logits: Float32[np.ndarray, "K N V"], *, known: int
    ) -> Int64[np.ndarray, " N"]:
        found = np.zeros(logits.shape[1], np.int64)
        for of_member in logits:
            log_p = log_softmax(np.ascontiguousarray(of_member[:, :known], np.float64))
            entropies = -(np.exp(log_p) * log_p).sum(axis=1)
            found = found * BINS + np.searchsorted(EDGES, entropies, side="right")
        return found

    def learn(
        self,
        logits: Float32[np.ndarray, "K N V"],
        mixed: Float64[np.ndarray, "N V"],
        rows: Rows,
        targets: Int32[np.ndarray, " N"],
        *,
        importance: Float64[np.ndarray, " N"],
        rate: float = 1.0,
    ) -> None:
        """One step of the weights; `importance` scales the loss of each prediction."""
        at, p = np.arange(len(targets)), np.exp(log_softmax(mixed))
        for member, of_member in enumerate(logits):
            surplus = (of_member[at, targets] - (p * of_member).sum(axis=1)) * importance
            for part in PARTS:
                weights, squares = self.weights[part], self.squares[part]
                gradient = np.bincount(rows[part], surplus, len(weights))
                squares[:, member] += gradient**2
                root = np.sqrt(squares[:, member] + START)
                weights[:, member] += rate * self.learning_rate * gradient / root

    def follow(
        self,
        logits: Float32[np.ndarray, "K N V"],
        before: Int32[np.ndarray, " N"],
        targets: Int32[np.ndarray, " N"],
        *,
        known: int,
    ) -> Float64[np.ndarray, " N"]:
        """Predict each token, then learn from it: the log probabilities."""
        found, once = np.empty(len(targets)), np.ones(1)
        for n, target in enumerate(targets):
            some = logits[:, n : n + 1]
            mixed, rows = self.mix(some, before[n : n + 1], known=known)
            found[n] = log_softmax(mixed)[0, target]
            self.learn(some, mixed, rows, targets[n : n + 1], importance=once)
        return found
