"""The weights of a mixture: predictions multiplied, each to a power that is learned as it goes.

With logits l_i of K members, the mixture's are their weighted sum

    l = sum_i w_i l_i,   p = softmax(l)

so that a member who is sure can overrule several who are not (log-linear mixing; Mattern 2016,
"On statistical data compression", and the PAQ family before it). The gradient of the loss
-log p(x) in w_i is E_p[l_i] - l_i(x): a weight grows when its member gave the token that came more
than the mixture expected of it. Steps are AdaGrad's (Duchi et al. 2011), so that they shrink as
evidence grows and batches of any size may teach.

Which weights hold depends on how sure the members are: the entropy of each falls into one of
`BINS` bins, and every combination of bins, a bucket, has weights of its own.

Members' logits need not be normalised; the mixture's probabilities do not feel it. Only the first
`known` tokens decide on the bucket, so that tokens which came since change no old logit.

Letters: K members, N predictions, V vocabulary.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Float64, Int32, Int64

from l2c.engines.sampling import log_softmax

BINS = 5
EDGES = (0.25, 0.75, 1.5, 2.25)
"""Where one bin of entropy ends and the next begins, in nats."""

LEARNING_RATE = 0.1
"""AdaGrad's rate unless told otherwise: the measured best of 0.01 to 0.2."""

START = 1e-2
"""What AdaGrad's sum of squares begins with: the first evidence may not decide everything."""


class Mixer:
    """Weights for every bucket, and how they are learned."""

    def __init__(
        self,
        weights: Float32[np.ndarray, "buckets K"],
        squares: Float32[np.ndarray, "buckets K"],
        *,
        learning_rate: float,
    ) -> None:
        self.weights = weights
        self.squares = squares
        self.learning_rate = learning_rate

    @classmethod
    def fresh(cls, members: int, *, learning_rate: float) -> Mixer:
        """Equal weights that sum to 1, in every bucket."""
        shape = (BINS**members, members)
        weights = np.full(shape, 1 / members, np.float32)
        return cls(weights, np.zeros(shape, np.float32), learning_rate=learning_rate)

    def mix(
        self, logits: Float32[np.ndarray, "K N V"], *, known: int
    ) -> tuple[Float64[np.ndarray, "N V"], Int64[np.ndarray, " N"]]:
        """The mixture's logits, and the bucket of every prediction."""
        found = self.buckets(logits, known=known)
        mixed = np.zeros(logits.shape[1:])
        for member, of_member in enumerate(logits):
            mixed += self.weights[found, member].astype(np.float64)[:, None] * of_member
        return mixed, found

    def buckets(
        self, logits: Float32[np.ndarray, "K N V"], *, known: int
    ) -> Int64[np.ndarray, " N"]:
        """Which weights hold for every prediction."""
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
        buckets: Int64[np.ndarray, " N"],
        targets: Int32[np.ndarray, " N"],
        *,
        importance: Float64[np.ndarray, " N"],
        rate: float = 1.0,
    ) -> None:
        """One step of the weights; `importance` scales the loss of each prediction."""
        at, p = np.arange(len(targets)), np.exp(log_softmax(mixed))
        for member, of_member in enumerate(logits):
            surplus = of_member[at, targets] - (p * of_member).sum(axis=1)
            gradient = np.bincount(buckets, surplus * importance, len(self.weights))
            squares = self.squares[:, member] + gradient**2
            step = rate * self.learning_rate * gradient / np.sqrt(squares + START)
            self.squares[:, member] = squares
            self.weights[:, member] += step

    def follow(
        self,
        logits: Float32[np.ndarray, "K N V"],
        targets: Int32[np.ndarray, " N"],
        *,
        known: int,
    ) -> Float64[np.ndarray, " N"]:
        """Predict each token, then learn from it: the log probabilities."""
        found, once = np.empty(len(targets)), np.ones(1)
        for n, target in enumerate(targets):
            some = logits[:, n : n + 1]
            mixed, buckets = self.mix(some, known=known)
            found[n] = log_softmax(mixed)[0, target]
            self.learn(some, mixed, buckets, targets[n : n + 1], importance=once)
        return found
