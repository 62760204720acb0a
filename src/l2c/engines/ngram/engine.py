"""The counting engine: interpolated modified Kneser-Ney that learns and unlearns token by token.

It learns a sentence in a millisecond, by addition, and forgets it exactly, by subtraction: what is
left depends on which n-grams are counted and not on their history. Beside the networks it is the
honest baseline, and in a mixture it is their fast memory. `README.md` beside this file has the
equations; backends count, this keeps the books.

Letters in shapes: B batch, T time, V vocabulary, M length of the longest context.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from l2c.engines import backends, sampling
from l2c.engines.checks import (
    check_length,
    check_rate,
    check_vocab_size,
    checked_batch,
    checked_tokens,
)
from l2c.engines.engine import Batch, Engine, Generation, Inspection, Sampler, State, Tensors
from l2c.engines.ngram.counts import (
    MAX_VOCAB_SIZE,
    NOTHING,
    Config,
    Counts,
    NGramState,
    Vocabulary,
)
from l2c.engines.ngram.kernel import KernelCounts
from l2c.engines.ngram.pruning import prune
from l2c.engines.ngram.reference import ReferenceCounts, discounts
from l2c.engines.ngram.tensors import Contents, bytes_of_one, pack, unpack
from l2c.engines.reading import inspectable, inspection
from l2c.errors import InvalidInput

if TYPE_CHECKING:
    from jaxtyping import Float32, Float64, Int32, UInt32

COUNTED_FROM = 0.5
"""A token is counted when the weight of its loss is at least this: there are no half counts."""


class NGram(Engine):
    """Counts of n-grams as a language model. Nothing in it is random; seeds change nothing."""

    family = "ngram"

    def __init__(
        self,
        config: Config,
        counts: Counts,
        vocabulary: Vocabulary,
        carried: Int32[np.ndarray, "B M"],
        steps: int,
    ) -> None:
        """Put an engine together; use `create` or `from_tensors` instead."""
        self._config = config
        self._counts = counts
        self._vocabulary = vocabulary
        self._carried = carried
        self._steps = steps
        self._given_up = np.zeros((config.context + 1, 4), np.uint32)
        self.vocab_size = vocabulary.size

    @classmethod
    def backends(cls) -> tuple[str, ...]:
        """The backends this installation has."""
        return backends.installed()

    @classmethod
    def create(
        cls, config: Mapping[str, Any], vocab_size: int, *, seed: int, backend: str | None = None
    ) -> Self:
        """A model that has counted nothing: every token is equally probable, whatever the seed.

        `backend` forces `kernel` or `reference`. Raises `InvalidConfig` for an unknown key or a
        value out of range.
        """
        sampling.check_seed(seed)
        checked = Config.from_mapping(config)
        check_vocab_size(vocab_size, MAX_VOCAB_SIZE)
        counts = _counts(checked, backend)
        carried = np.zeros((0, checked.context), np.int32)
        return cls(checked, counts, Vocabulary(vocab_size, vocab_size), carried, 0)

    @classmethod
    def from_tensors(
        cls,
        config: Mapping[str, Any],
        tensors: Mapping[str, np.ndarray],
        *,
        backend: str | None = None,
    ) -> Self:
        """The model these tensors came from, its shorter contexts counted anew.

        `backend` forces `kernel` or `reference`. Raises `CheckpointError` when the tensors are not
        exactly what `config` says.
        """
        checked = Config.from_mapping(config)
        contents = unpack(checked, tensors)
        counts = _counts(checked, backend)
        counts.add(contents.windows, contents.amounts)
        counts.counts_of_counts = counts.counts_of_counts + contents.given_up
        made = cls(checked, counts, contents.vocabulary, contents.carried, contents.steps)
        made._given_up = contents.given_up.copy()
        return made

    @property
    def config(self) -> dict[str, Any]:
        """Every configuration value as JSON-ready plain types."""
        return asdict(self._config)

    @property
    def backend(self) -> str:
        """What counts: `kernel` or `reference`."""
        return self._counts.name

    @property
    def steps(self) -> int:
        """Batches counted less batches removed, since the optimizer was fresh."""
        return self._steps

    def tensors(self, *, optimizer: bool = True) -> Tensors:
        """All tensors by name. Equal counts give equal tensors, whatever their history."""
        windows, amounts = self._counts.listed()
        contents = Contents(
            self._vocabulary, windows, amounts, self._given_up, self._steps, self._carried
        )
        return {
            name: tensor
            for name, tensor in pack(contents).items()
            if optimizer or not name.startswith("optimizer/")
        }

    def initial_state(self) -> NGramState:
        """The state of a stream that has read nothing."""
        return NGramState()

    def advance(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> tuple[Float32[np.ndarray, " V"], NGramState]:
        """Read `tokens` (T ≥ 0); the logits after the last one, and the new state."""
        moved = self._copy(state)
        moved.move(checked_tokens(tokens, self.vocab_size))
        logits, _ = self._counts.read(moved.context(self._config.context)[None], self._vocabulary)
        return logits[0], moved

    def logits(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> Float32[np.ndarray, "T V"]:
        """The logits after every token."""
        return self._counts.read(self._contexts(tokens, state), self._vocabulary)[0]

    def generate(self, state: State, n: int, sampler: Sampler, *, seed: int) -> Generation:
        """Write up to `n` tokens (n ≥ 0) from where `state` stands; `state` is left as it was.

        Raises `InvalidInput` for an option out of range, when every token is banned, or for more
        than `MAX_GENERATED` tokens.
        """
        sampling.check(sampler, self.vocab_size)
        sampling.check_seed(seed)
        check_length(n)
        moved = self._copy(state)
        return self._counts.write(moved, int(n), sampler, seed=seed, vocabulary=self._vocabulary)

    def grow(self, vocab_size: int) -> None:
        """Make room for new tokens. Logits of old tokens stay, bit for bit, until the next step.

        Until then the new ones share what is left for tokens never seen.
        """
        check_vocab_size(vocab_size, MAX_VOCAB_SIZE)
        if vocab_size < self.vocab_size:
            raise InvalidInput(
                f"A vocabulary only grows: `vocab_size` must be ≥ {self.vocab_size}; found "
                f"{vocab_size}."
            )
        self._vocabulary = Vocabulary(vocab_size, self._vocabulary.known)
        self.vocab_size = vocab_size

    def train(self, batch: Batch, *, rate: float = 1.0) -> float:
        """Count the batch; the weighted mean loss in nats per token, from before it was counted.

        A token is counted, once, when its weight is at least `COUNTED_FROM`. A counting model has
        no learning rate: at `rate` 0 the batch is only read, otherwise it is counted. A batch
        whose loss is not finite changes nothing and gives NaN; one without any weight is only
        read, so that its context is carried on: no step, loss 0. A row that no previous batch had
        begins with nothing before it, fresh or not.
        """
        batch = checked_batch(batch, self.vocab_size)
        check_rate(rate)
        windows, carried = self._windows(batch)
        weights = batch.weights.astype(np.float64).ravel()
        total = float(weights.sum())
        if not math.isfinite(total):
            return math.nan
        loss = 0.0
        if total > 0:
            loss = -float(weights @ self._counts.score(windows, self._vocabulary)) / total
        if total > 0 and rate > 0:
            self._counts.add(windows, _amounts(batch))
            self._settle(1)
        self._carried = carried
        return loss

    def remove(self, batch: Batch) -> None:
        """Take back what `train` counted for this batch, exactly: as if it had never been.

        Like `train` it goes on from where each row of the previous batch ended, so a text that
        was counted in several batches is removed by the same batches, the first one fresh, with
        any other lessons before, between or after. Raises `InvalidInput`, and changes nothing,
        when the batch was not counted.
        """
        batch = checked_batch(batch, self.vocab_size)
        windows, carried = self._windows(batch)
        if batch.weights.any():
            self._counts.remove(windows, _amounts(batch))
            self._settle(-1)
        self._carried = carried

    def remember(self, batch: Batch) -> None:
        """Count the batch."""
        self.train(batch)

    def practise(self, batch: Batch, *, rate: float = 1.0) -> float:
        """Read the batch; the weighted mean loss in nats per token. Nothing is counted."""
        check_rate(rate)
        return self.train(batch, rate=0)

    def logits_without(self, batch: Batch) -> Float32[np.ndarray, "N V"]:
        """The logits before every target, row by row, as if the batch had never been counted.

        Raises `InvalidInput` when it was not. Nothing is changed.
        """
        batch = checked_batch(batch, self.vocab_size)
        windows, _ = self._windows(batch)
        self._counts.remove(windows, _amounts(batch))
        contexts = np.ascontiguousarray(windows[:, :-1])
        logits, _ = self._counts.read(contexts, self._vocabulary)
        self._counts.add(windows, _amounts(batch))
        return logits

    def pruned(self, size_bytes: int, *, keep: NGram | None = None) -> Self:
        """A copy whose n-grams take at most `size_bytes` in a checkpoint; see `pruning.py`.

        `keep` has counted what must not be pruned, all of which is counted here too; it stays as
        it is, comes on top of the size, and can be removed exactly. Nothing is carried on from
        batches before. Raises `InvalidInput` when `keep` holds something that is not here, or when
        even the single tokens do not fit.
        """
        base = _counts(self._config, self.backend)
        base.add(*self._counts.listed())
        base.counts_of_counts = base.counts_of_counts + self._given_up
        if keep is not None:
            base.remove(*keep._counts.listed())
        most = size_bytes // bytes_of_one(self._config)
        taken_off = np.array([discounts(t) for t in base.counts_of_counts.tolist()])
        windows, amounts = prune(*base.listed(), taken_off, most=most)
        if len(windows) > most:
            raise InvalidInput(f"{len(windows)} single tokens need more than {size_bytes} bytes.")
        counts = _counts(self._config, self.backend)
        counts.add(windows, amounts)
        given_up = (base.counts_of_counts - counts.counts_of_counts).astype(np.uint32)
        if keep is not None:
            counts.add(*keep._counts.listed())
        carried = np.zeros((0, self._config.context), np.int32)
        contents = Contents(self._vocabulary, *counts.listed(), given_up, self._steps, carried)
        return self.from_tensors(self.config, pack(contents), backend=self.backend)

    def follow(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> tuple[Float64[np.ndarray, " T"], NGramState]:
        """Predict each token, then count it: the log probabilities, and the new state.

        One pass over a stream that learns as it reads; no step of a batch.
        """
        moved = self._copy(state)
        tokens = checked_tokens(tokens, self.vocab_size)
        M = self._config.context
        history = np.concatenate([moved.context(M), tokens])
        windows = np.lib.stride_tricks.sliding_window_view(history, M + 1)
        self._settle(0)
        found = self._counts.follow(np.ascontiguousarray(windows), self.vocab_size)
        moved.move(tokens)
        return found, moved

    def carried(self, row: int) -> NGramState:
        """The state in which row `row` (≥ 0) of the last batch ended, or the empty one."""
        state = self.initial_state()
        if row < len(self._carried):
            state.move(self._carried[row][self._carried[row] != NOTHING])
        return state

    def inspect(self, tokens: Int32[np.ndarray, " T"]) -> Inspection:
        """What the glass box shows of these tokens (T ≥ 1), read from an empty state.

        `shares` (T, M + 2): how much of each prediction the uniform distribution decided, then
        the contexts of 0 to M tokens.
        """
        tokens = inspectable(tokens, self.vocab_size)
        logits, shares = self._counts.read(self._contexts(tokens, None), self._vocabulary)
        return inspection(tokens, logits, {"shares": shares})

    def _contexts(
        self, tokens: Int32[np.ndarray, " T"], state: State | None
    ) -> Int32[np.ndarray, "T M"]:
        """What stands before the token after each of `tokens`."""
        M = self._config.context
        history = np.concatenate(
            [self._copy(state).context(M), checked_tokens(tokens, self.vocab_size)]
        )
        contexts = np.lib.stride_tricks.sliding_window_view(history, M)[1:]
        return np.ascontiguousarray(contexts)

    def _windows(self, batch: Batch) -> tuple[Int32[np.ndarray, "N M+1"], Int32[np.ndarray, "B M"]]:
        """Every target with its context, row by row; and what each row has read last."""
        rows, M = len(batch.fresh), self._config.context
        before = np.full((rows, M), NOTHING, np.int32)
        going_on = np.flatnonzero(~batch.fresh[: len(self._carried)])
        before[going_on] = self._carried[going_on]
        history = np.concatenate([before, batch.tokens], axis=1)
        windows = np.lib.stride_tricks.sliding_window_view(history, M + 1, axis=1)[:, 1:]
        return np.ascontiguousarray(windows).reshape(-1, M + 1), history[:, -M - 1 : -1].copy()

    def _settle(self, steps: int) -> None:
        """The counts change: from now on every token of the vocabulary is a known one."""
        self._vocabulary = Vocabulary(self.vocab_size, self.vocab_size)
        self._steps += steps

    def _copy(self, state: State | None) -> NGramState:
        """The state to move on, in memory of its own."""
        if state is None:
            return self.initial_state()
        if not isinstance(state, NGramState):
            raise InvalidInput(f"`state` must come from a counting model; found {state!r}.")
        return state.copy()


def _amounts(batch: Batch) -> UInt32[np.ndarray, " N"]:
    return (batch.weights >= COUNTED_FROM).astype(np.uint32).ravel()


def _counts(config: Config, name: str | None) -> Counts:
    return (KernelCounts if backends.is_kernel(name) else ReferenceCounts)(config.context)
