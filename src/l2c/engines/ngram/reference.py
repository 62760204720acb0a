"""Interpolated modified Kneser-Ney in plain Python: the teaching text, and the kernels' oracle.

A table for every length of context, from 0 to M tokens, says what followed it how often. Only
the longest contexts count what happened. A shorter context h counts in how many ways it was
reached: N(h, w) is the number of different tokens v with (v h, w) in the next longer table. "York"
follows little but "New", so after an unknown word it is a bad guess, however frequent it is
(Kneser and Ney 1995).

A prediction takes a discount D off every count and gives what that frees to the prediction of
the context one token shorter, down to the uniform distribution:

    P_m(w | h) = max(N(h, w) - D_m(N(h, w)), 0) / N(h) + g_m(h) P_(m-1)(w | h without its oldest)

Counts of 1, of 2, and of 3 and more have discounts of their own, estimated for each length from
the numbers t_k of entries with count k (Chen and Goodman 1998, "An empirical study of smoothing
techniques for language modeling", section 4.1):

    Y = t1 / (t1 + 2 t2),   D(k) = k - (k + 1) Y t_(k+1) / t_k

Where the text had not begun, a context holds `NOTHING`, which is a token like any other there.

Letters: M length of the longest context, V vocabulary, N n-grams.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from l2c.engines import sampling
from l2c.engines.engine import Generation, Sampler
from l2c.engines.ngram.counts import ANY, MAX_EVENTS, NGramState, Vocabulary
from l2c.errors import InvalidInput

if TYPE_CHECKING:
    from jaxtyping import Float32, Float64, Int32, UInt32

Context = tuple[int, ...]

FALLBACK = (0.5, 1.0, 1.5)
"""Discounts where the counts of counts cannot tell (those of KenLM, Heafield et al. 2013)."""


def discounts(t: Sequence[int]) -> list[float]:
    """The discounts of one length, from how many of its entries have count 1, 2, 3 and 4."""
    found = []
    for k in (1, 2, 3):
        these, more = t[k - 1], t[k]
        discount = 0.0
        if t[0] and these and more:
            discount = k - (k + 1) * (t[0] / (t[0] + 2 * t[1])) * more / these
        found.append(discount if discount > 0 else FALLBACK[k - 1])
    return found


class ReferenceCounts:
    """The n-grams in dictionaries."""

    name = "reference"

    def __init__(self, context: int) -> None:
        self.context = context
        self.tables: list[dict[Context, dict[int, int]]] = [{} for _ in range(context + 1)]
        self.counts_of_counts = np.zeros((context + 1, 4), np.int64)
        self.events = 0

    # ------------------------------------------------------------------------------- counting

    def add(self, windows: Int32[np.ndarray, "N M+1"], amounts: UInt32[np.ndarray, " N"]) -> None:
        """Count every window `amounts` times."""
        if self.events + int(amounts.sum(dtype=np.uint64)) > MAX_EVENTS:
            raise InvalidInput(f"A counting model holds at most {MAX_EVENTS} n-grams.")
        for window, amount in zip(windows.tolist(), amounts.tolist(), strict=True):
            self._add(tuple(window[:-1]), window[-1], amount)

    def remove(
        self, windows: Int32[np.ndarray, "N M+1"], amounts: UInt32[np.ndarray, " N"]
    ) -> None:
        """Undo `add`; raises `InvalidInput`, nothing changed, for what was not added."""
        done: list[tuple[Context, int, int]] = []
        for window, amount in zip(windows.tolist(), amounts.tolist(), strict=True):
            event = (tuple(window[:-1]), window[-1], amount)
            if self.tables[-1].get(event[0], {}).get(event[1], 0) < amount:
                for taken in done:
                    self._add(*taken)
                raise InvalidInput(
                    "Only what was added can be removed; this text was not, or not that often."
                )
            self._remove(*event)
            done.append(event)

    def _add(self, context: Context, token: int, amount: int) -> None:
        if amount == 0:
            return
        self.events += amount
        for length in range(self.context - context.count(ANY), -1, -1):
            here = self.tables[length].setdefault(context[self.context - length :], {})
            before = here.get(token, 0)
            here[token] = before + amount
            self._recount(length, before, before + amount)
            if before:
                return
            amount = 1  # one more way in which the shorter context was reached

    def _remove(self, context: Context, token: int, amount: int) -> None:
        if amount == 0:
            return
        self.events -= amount
        for length in range(self.context, -1, -1):
            shorter = context[self.context - length :]
            here = self.tables[length][shorter]
            before = here[token]
            here[token] = before - amount
            self._recount(length, before, before - amount)
            if here[token]:
                return
            del here[token]
            if not here:
                del self.tables[length][shorter]
            amount = 1

    def _recount(self, length: int, before: int, after: int) -> None:
        for count, change in ((before, -1), (after, 1)):
            if 1 <= count <= 4:
                self.counts_of_counts[length, count - 1] += change

    # ------------------------------------------------------------------------------ predicting

    def discounts(self, length: int) -> list[float]:
        """What is taken off counts of 1, of 2, and of 3 and more after contexts of `length`."""
        return discounts(self.counts_of_counts[length].tolist())

    def scores(
        self, context: Context, vocabulary: Vocabulary
    ) -> tuple[Float64[np.ndarray, " V"], list[float]]:
        """P of every token after `context`, and the share of each length in it, uniform first."""
        scores = np.full(vocabulary.size, 1 / vocabulary.known)
        shares = [1.0] + [0.0] * (self.context + 1)
        for length, table in enumerate(self.tables):
            here = table.get(context[self.context - length :])
            if here is None:
                break
            discounts, total = self.discounts(length), sum(here.values())
            # How many were counted once, twice, more often: sums that know no order of arrival.
            kinds = Counter(min(count, 3) for count in here.values())
            left = sum(discounts[k - 1] * kinds[k] for k in (1, 2, 3)) / total
            scores *= left
            for token, count in here.items():
                scores[token] += (count - discounts[min(count, 3) - 1]) / total
            shares = [share * left for share in shares]
            shares[length + 1] = 1 - left
        return scores, shares

    def score(
        self, windows: Int32[np.ndarray, "N M+1"], vocabulary: Vocabulary
    ) -> Float64[np.ndarray, " N"]:
        """The log probability of every window's last token."""
        found = np.empty(len(windows))
        for i, (*context, token) in enumerate(windows.tolist()):
            scores, _ = self.scores(tuple(context), vocabulary)
            found[i] = math.log(scores[token] / scores.sum())
        return found

    def follow(
        self, windows: Int32[np.ndarray, "N M+1"], vocab_size: int
    ) -> Float64[np.ndarray, " N"]:
        """Score every window, and count it before the next is scored."""
        once, vocabulary = np.ones(1, np.uint32), Vocabulary(vocab_size, vocab_size)
        found = np.empty(len(windows))
        for i in range(len(windows)):
            found[i] = self.score(windows[i : i + 1], vocabulary)[0]
            self.add(windows[i : i + 1], once)
        return found

    def read(
        self, contexts: Int32[np.ndarray, "N M"], vocabulary: Vocabulary
    ) -> tuple[Float32[np.ndarray, "N V"], Float32[np.ndarray, "N M+2"]]:
        """The logits after every context, and how much each length decided."""
        logits = np.empty((len(contexts), vocabulary.size), np.float32)
        shares = np.empty((len(contexts), self.context + 2), np.float32)
        for i, context in enumerate(contexts.tolist()):
            scores, shares[i] = self.scores(tuple(context), vocabulary)
            logits[i] = np.log(scores)
        return logits, shares

    def write(
        self, state: NGramState, n: int, sampler: Sampler, *, seed: int, vocabulary: Vocabulary
    ) -> Generation:
        """Write up to `n` tokens, moving `state` over them."""

        def predict() -> Float32[np.ndarray, " V"]:
            logits: np.ndarray = self.read(state.context(self.context)[None], vocabulary)[0][0]
            return logits

        return sampling.write(predict, state.move, state, state.recent, n, sampler, seed=seed)

    def listed(self) -> tuple[Int32[np.ndarray, "N M+1"], UInt32[np.ndarray, " N"]]:
        """Every window that is counted, once, and how often."""
        events = []
        ways: Counter[tuple[Context, int]] = Counter()
        for length in range(self.context, -1, -1):
            nothing_longer = ways
            ways = Counter()
            for context, here in self.tables[length].items():
                for token, count in here.items():
                    ways[context[1:], token] += 1
                    alone = count - nothing_longer[context, token]
                    if alone:
                        events.append((*[ANY] * (self.context - length), *context, token, alone))
        rows = np.array(events, np.int64).reshape(-1, self.context + 2)
        return rows[:, :-1].astype(np.int32), rows[:, -1].astype(np.uint32)
