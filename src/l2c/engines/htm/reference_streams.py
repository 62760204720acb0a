"""Texts through the memory and its head, in dictionaries: the oracle of `kernel_streams.py`.

Experts give every token a log probability, a mixture with weights learned online joins them:

- the geometric mean, over the winner cells, of what came after each of them: a winner cell stands
  for an input in its context, so what followed it is what follows here;
- the counts of all active cells together: in a column that burst, all contexts at once;
- how often a token came so many of whose columns were expected;
- counted contexts of 0 to 4 tokens, each backed off to the shorter one (Witten & Bell 1991).

The mixture is log-linear (Mattern 2013, "Linear and geometric mixtures"): p ~ exp(sum w_i l_i).
Its weights are a set for all steps plus one chosen by the surprise of the last step and the
longest context ever seen; gradient descent on the log loss learns both.

Tolerance of the kernel: memory and counts are equal; floats differ by the rounding of log and exp.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l2c.engines import sampling
from l2c.engines.engine import Generation, Sampler
from l2c.engines.htm.reference import TemporalMemory
from l2c.engines.htm.streams import (
    EXPERTS,
    FLOOR,
    MAX_COUNT,
    Config,
    Counts,
    Followed,
    HTMState,
    Read,
    Vocabulary,
    first_weights,
    halved,
    weight_set,
)
from l2c.engines.htm.synapses import Synapses

if TYPE_CHECKING:
    from jaxtyping import Bool, Float32, Float64, Int32

ORDER_0 = 3
"""The expert that counts without context."""

CELL = -1
"""The order under which the counts of a cell are kept."""


class ReferenceStreams:
    """The memory and its head, to be read."""

    name = "reference"

    def __init__(self, config: Config, vocabulary: Vocabulary, *, seed: int) -> None:
        self._config = config
        self._memory = TemporalMemory(config.memory(), seed=seed)
        self.vocabulary = vocabulary
        self._lists: dict[tuple[int, int], dict[int, int]] = {}
        self._entries = 0
        self._overlaps = np.zeros((config.active_columns + 1, 2), np.uint32)
        self._weights = first_weights(config.orders)

    @property
    def segment_count(self) -> int:
        """How many segments there are."""
        return len(self._memory.connections.segments)

    def last(self, tokens: Int32[np.ndarray, " T"], state: HTMState) -> Float32[np.ndarray, " V"]:
        """Read without learning; the logits after the last token."""
        self._enter(state)
        for token in tokens.tolist():
            self._step(token, state, learn=False)
        return self._predict(state).logits()

    def read(self, tokens: Int32[np.ndarray, " T"], state: HTMState) -> Read:
        """Read without learning; what is predicted after every token."""
        T, V = len(tokens), self.vocabulary.size
        found = Read(
            np.empty((T, V), np.float32),
            np.empty(T, np.float32),
            np.zeros((T, len(EXPERTS), V), np.float32),
        )
        self._enter(state)
        for t, token in enumerate(tokens.tolist()):
            self._step(token, state, learn=False)
            prediction = self._predict(state)
            found.anomaly[t] = state.surprise
            found.logits[t] = prediction.logits()
            known = prediction.experts.shape[1]
            found.experts[t, : len(prediction.experts), :known] = prediction.experts
        return found

    def follow(
        self, tokens: Int32[np.ndarray, " T"], learn: Bool[np.ndarray, " T"], state: HTMState
    ) -> Followed:
        """Predict every token, then read it, and learn it where `learn` says so."""
        T = len(tokens)
        scores, claimed, anomaly = (np.empty(T, np.float32) for _ in range(3))
        experts, right = np.zeros((T, len(EXPERTS)), np.float32), np.zeros(T, bool)
        self._enter(state)
        for t, token in enumerate(tokens.tolist()):
            prediction = self._predict(state)
            total = prediction.p.sum()
            scores[t] = np.log(prediction.p[token]) - np.log(total)
            claimed[t] = prediction.p.max() / total
            right[t] = prediction.p.argmax() == token
            if token < self.vocabulary.known:
                experts[t, : len(prediction.experts)] = prediction.experts[:, token]
            if learn[t]:
                self._learn(token, state, prediction)
            self._step(token, state, learn=bool(learn[t]))
            anomaly[t] = state.surprise
        return Followed(scores, experts, claimed, right, anomaly)

    def write(self, state: HTMState, n: int, sampler: Sampler, *, seed: int) -> Generation:
        """Write up to `n` tokens without learning."""
        self._enter(state)

        def predict() -> Float32[np.ndarray, " V"]:
            return self._predict(state).logits()

        def read(token: Int32[np.ndarray, " 1"]) -> None:
            self._step(int(token[0]), state, learn=False)

        return sampling.write(predict, read, state, state.recent, n, sampler, seed=seed)

    def synapses(self) -> Synapses:
        """What the memory learned."""
        return self._memory.synapses()

    def counts(self) -> Counts:
        """What the head learned, sorted by order, key and token."""
        rows = sorted(
            (order, key, token, n)
            for (order, key), found in self._lists.items()
            for token, n in found.items()
        )
        orders, keys, tokens, amounts = zip(*rows, strict=True) if rows else ((), (), (), ())
        return Counts(
            np.array(orders, np.int32), np.array(keys, np.uint64), np.array(tokens, np.uint32),
            np.array(amounts, np.uint32), self._overlaps.copy(), self._weights.copy(),
        )  # fmt: skip

    def restore(self, synapses: Synapses, counts: Counts) -> None:
        """Become what these say."""
        self._memory.restore(synapses)
        self._overlaps, self._weights = counts.overlaps.copy(), counts.weights.copy()
        self._fill(counts)

    # ---------------------------------------------------------------------------- one step

    def _enter(self, state: HTMState) -> None:
        self._memory.enter(state.active.tolist(), state.winners.tolist())

    def _step(self, token: int, state: HTMState, *, learn: bool) -> None:
        columns = self.vocabulary.columns[token].astype(np.int32)
        state.surprise = float(np.float32(self._memory.step(columns, learn=learn)))
        state.active = np.array(self._memory.active_cells, np.uint16)
        state.winners = np.array(self._memory.winner_cells, np.uint16)
        sampling.remember(state.recent, state.position, np.array([token], np.int32))
        state.position += 1

    def _predict(self, state: HTMState) -> _Prediction:
        """What comes next, from where the stream stands."""
        order_0, counted, seen = self._counted_contexts(state)
        memory = [*self._winner_cells(order_0), self._expected_tokens()]
        experts = np.vstack([*memory, *counted])
        which = weight_set(state.surprise if state.position else 1.0, seen)
        weights = (self._weights[-1] + self._weights[which].astype(np.float64))[: len(experts)]
        mixed = weights @ experts
        mixture = np.exp(mixed - mixed.max())
        mixture /= mixture.sum()
        known = (1 - FLOOR) * mixture + FLOOR * order_0
        new = np.full(self.vocabulary.size - len(known), known.min() / 32)
        return _Prediction(np.concatenate([known, new]), mixture, experts, which)

    # ------------------------------------------------------------------------- the experts

    def _counted_contexts(
        self, state: HTMState
    ) -> tuple[Float64[np.ndarray, " V"], list[Float64[np.ndarray, " V"]], int]:
        """Order 0, the log probabilities of every order, and the longest order seen."""
        V, seen = self.vocabulary.known, 0
        p = np.full(V, 1 / V)
        order_0 = p
        found = []
        longest = _longest(state, self._config.orders)
        for order in range(self._config.orders + 1):
            here = self._lists.get((order, _key(state, order))) if order <= longest else None
            if here is not None:
                n = np.zeros(V)
                n[list(here)] = list(here.values())
                p = _backed_off(n, p)
                seen = order
            if order == 0:
                order_0 = p
            found.append(np.log(p))
        return order_0, found, seen

    def _winner_cells(
        self, order_0: Float64[np.ndarray, " V"]
    ) -> tuple[Float64[np.ndarray, " V"], Float64[np.ndarray, " V"]]:
        """The mean of the logarithms over winner cells; the counts of active cells together."""
        V = len(order_0)
        logs, together = np.zeros(V), np.zeros(V)
        winners = self._memory.winner_cells
        for cell in winners:
            logs += np.log(_backed_off(self._after_cell(cell, V), order_0))
        for cell in self._memory.active_cells:
            if (CELL, cell) in self._lists:
                together += self._after_cell(cell, V)
        geometric = logs / len(winners) if winners else np.log(order_0)
        return _normalised(geometric), np.log(_backed_off(together, order_0))

    def _after_cell(self, cell: int, V: int) -> Float64[np.ndarray, " V"]:
        n = np.zeros(V)
        here = self._lists.get((CELL, cell), {})
        n[list(here)] = list(here.values())
        return n

    def _expected_tokens(self) -> Float64[np.ndarray, " V"]:
        """A token so many of whose columns are expected comes as often as such tokens came."""
        tried, came = self._overlaps[self._expected_columns()].T.astype(np.float64)
        return _normalised(np.log((came + 0.02) / (tried + 1)))

    def _expected_columns(self) -> np.ndarray:
        expected = np.zeros(self._config.columns, np.int64)
        expected[self._memory.predicted_columns] = 1
        overlaps: np.ndarray = expected[
            self.vocabulary.columns[: self.vocabulary.known].astype(np.int64)
        ].sum(axis=1)
        return overlaps

    # ---------------------------------------------------------------------------- learning

    def _learn(self, token: int, state: HTMState, prediction: _Prediction) -> None:
        """The head learns that `token` came; before the memory makes its step."""
        longest = _longest(state, self._config.orders)
        more = len(self._memory.winner_cells) + self._config.orders + 1
        while self._entries + more > self._config.max_counts:
            self._fill(halved(self.counts()))
        if token < self.vocabulary.known:  # the first of a new token teaches no weights
            self._learn_weights(token, prediction)
            overlaps = self._expected_columns()
            np.add.at(self._overlaps[:, 0], overlaps, 1)
            self._overlaps[overlaps[token], 1] += 1
            full = self._overlaps[:, 0] >= 1 << 30
            self._overlaps[full] //= 2
        for cell in self._memory.winner_cells:
            self._count(CELL, cell, token)
        for order in range(longest + 1):
            self._count(order, _key(state, order), token)
        self.vocabulary = self.vocabulary.learned()

    def _learn_weights(self, token: int, prediction: _Prediction) -> None:
        """Gradient descent on the log loss; `share` is what of p(token) came from the mixture."""
        mixture, experts = prediction.mixture, prediction.experts
        share = (1 - FLOOR) * mixture[token] / prediction.p[token]
        steps = self._config.mixing_rate * share * (experts[:, token] - experts @ mixture)
        for which in (len(self._weights) - 1, prediction.which):
            weights = self._weights[which, : len(steps)]
            weights[:] = (weights.astype(np.float64) + steps).astype(np.float32)

    def _count(self, order: int, key: int, token: int) -> None:
        here = self._lists.setdefault((order, key), {})
        self._entries += token not in here
        here[token] = min(here.get(token, 0) + 1, MAX_COUNT)

    def _fill(self, counts: Counts) -> None:
        self._lists, self._entries = {}, len(counts.counts)
        columns = (counts.orders, counts.keys, counts.tokens, counts.counts)
        for order, key, token, n in zip(*(c.tolist() for c in columns), strict=True):
            self._lists.setdefault((order, key), {})[token] = n


class _Prediction:
    """Probabilities of the next token, and what learning them needs."""

    def __init__(
        self,
        p: Float64[np.ndarray, " V"],
        mixture: Float64[np.ndarray, " K"],
        experts: Float64[np.ndarray, "E K"],
        which: int,
    ) -> None:
        self.p, self.mixture, self.experts, self.which = p, mixture, experts, which

    def logits(self) -> Float32[np.ndarray, " V"]:
        """Their logarithms."""
        logits: Float32[np.ndarray, " V"] = np.log(self.p).astype(np.float32)
        return logits


def _backed_off(
    n: Float64[np.ndarray, " V"], p: Float64[np.ndarray, " V"]
) -> Float64[np.ndarray, " V"]:
    """Counts as probabilities: as much weight as there are different tokens is p's."""
    types = np.count_nonzero(n)
    probabilities: Float64[np.ndarray, " V"] = (n + types * p) / (n.sum() + types) if types else p
    return probabilities


def _normalised(logs: Float64[np.ndarray, " V"]) -> Float64[np.ndarray, " V"]:
    """The same, less the logarithm of the sum of what they are logarithms of."""
    top = logs.max()
    probabilities: Float64[np.ndarray, " V"] = logs - (top + np.log(np.exp(logs - top).sum()))
    return probabilities


def _longest(state: HTMState, most: int) -> int:
    """The longest context there can be: a text has a beginning."""
    order = 0
    while order < min(most, state.position) and (
        state.recent[(state.position - order - 1) % sampling.RECENT] >= 0
    ):
        order += 1
    return order


def _key(state: HTMState, order: int) -> int:
    """The last `order` tokens, 16 bits each."""
    key = 0
    for back in range(order, 0, -1):
        key = key << 16 | int(state.recent[(state.position - back) % sampling.RECENT])
    return key
