"""The sequence memory as a language model: it learns from one pass, and knows when it is surprised.

A token is a few columns chosen by hash; a Temporal Memory learns their sequences by growing
synapses, without gradients; a head turns its cells into probabilities. `README.md` beside this
file tells the theory. The engine keeps the books of a `Streams` backend.

What a stream reads or writes is not learned; only `train` and `follow` learn. Generated tokens are
fed back one by one, never the union of all that is predicted.

Letters in shapes: B batch, T time, V vocabulary, E experts.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

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
from l2c.engines.htm.encoders import hashed_columns
from l2c.engines.htm.expected import columns_over
from l2c.engines.htm.kernel_streams import KernelStreams
from l2c.engines.htm.reference_streams import ReferenceStreams
from l2c.engines.htm.streams import (
    MAX_VOCAB_SIZE,
    Config,
    Followed,
    HTMState,
    Streams,
    Vocabulary,
)
from l2c.engines.htm.tensors import Contents, pack, unpack
from l2c.engines.reading import inspectable, inspection
from l2c.errors import InvalidInput

if TYPE_CHECKING:
    from jaxtyping import Bool, Float32, Int32

log = logging.getLogger(__name__)

LEARNED_FROM = 0.5
"""A token is learned when the weight of its loss is at least this: there are no half synapses."""


class HTM(Engine):
    """A Hierarchical Temporal Memory over tokens."""

    family = "htm"
    practises: ClassVar[bool] = False

    def __init__(
        self,
        config: Config,
        streams: Streams,
        *,
        seed: int,
        steps: int,
        carried: tuple[HTMState, ...],
    ) -> None:
        """Put an engine together; use `create` or `from_tensors` instead."""
        self._config = config
        self._streams = streams
        self._seed = seed
        self._steps = steps
        self._carried = carried
        self._surprise = 1.0
        self.vocab_size = streams.vocabulary.size

    @classmethod
    def backends(cls) -> tuple[str, ...]:
        """The backends this installation has."""
        return backends.installed()

    @classmethod
    def create(
        cls, config: Mapping[str, Any], vocab_size: int, *, seed: int, backend: str | None = None
    ) -> Self:
        """A memory without synapses; the seed decides which columns a token is.

        `backend` forces `kernel` or `reference`. Raises `InvalidConfig` for an unknown key or a
        value out of range.
        """
        sampling.check_seed(seed)
        checked = Config.from_mapping(config)
        check_vocab_size(vocab_size, MAX_VOCAB_SIZE)
        vocabulary = _grown(checked, None, vocab_size, seed=seed)
        streams = _streams(checked, vocabulary, seed, backend)
        return cls(checked, streams, seed=seed, steps=0, carried=())

    @classmethod
    def from_tensors(
        cls,
        config: Mapping[str, Any],
        tensors: Mapping[str, np.ndarray],
        *,
        backend: str | None = None,
    ) -> Self:
        """The memory these tensors came from; it goes on bit for bit.

        `backend` forces `kernel` or `reference`. Raises `CheckpointError` when the tensors are not
        what `config` says.
        """
        checked = Config.from_mapping(config)
        contents = unpack(checked, tensors)
        streams = _streams(checked, contents.vocabulary, contents.seed, backend)
        streams.restore(contents.synapses, contents.counts)
        return cls(
            checked, streams, seed=contents.seed, steps=contents.steps, carried=contents.carried
        )

    @property
    def config(self) -> dict[str, Any]:
        """Every configuration value as JSON-ready plain types."""
        return asdict(self._config)

    @property
    def backend(self) -> str:
        """What computes: `kernel` or `reference`."""
        return self._streams.name

    @property
    def segments(self) -> int:
        """How many segments have grown."""
        return self._streams.segment_count

    @property
    def steps(self) -> int:
        """Batches learned since the optimizer was fresh."""
        return self._steps

    def tensors(self, *, optimizer: bool = True) -> Tensors:
        """All tensors by name."""
        contents = Contents(
            self._seed,
            self._streams.vocabulary,
            self._streams.synapses(),
            self._streams.counts(),
            self._steps,
            self._carried,
        )
        return {
            name: tensor
            for name, tensor in pack(contents).items()
            if optimizer or not name.startswith("optimizer/")
        }

    def initial_state(self) -> HTMState:
        """The state of a stream that has read nothing."""
        return HTMState()

    def advance(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> tuple[Float32[np.ndarray, " V"], HTMState]:
        """Read `tokens` (T ≥ 0); the logits after the last one, and the new state."""
        moved = self._copy(state)
        return self._streams.last(checked_tokens(tokens, self.vocab_size), moved), moved

    def logits(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> Float32[np.ndarray, "T V"]:
        """The logits after every token."""
        tokens = checked_tokens(tokens, self.vocab_size)
        return self._streams.read(tokens, self._copy(state)).logits

    def generate(self, state: State, n: int, sampler: Sampler, *, seed: int) -> Generation:
        """Write up to `n` tokens (n ≥ 0) from where `state` stands; `state` is left as it was.

        Raises `InvalidInput` for an option out of range, when every token is banned, or for more
        than `MAX_GENERATED` tokens.
        """
        sampling.check(sampler, self.vocab_size)
        sampling.check_seed(seed)
        check_length(n)
        moved = self._copy(state)
        return self._streams.write(moved, int(n), sampler, seed=seed)

    def grow(self, vocab_size: int) -> None:
        """Make room for new tokens. Logits of old tokens stay, bit for bit, until the next step."""
        check_vocab_size(vocab_size, MAX_VOCAB_SIZE)
        old = self._streams.vocabulary
        if vocab_size < old.size:
            raise InvalidInput(
                f"A vocabulary only grows: `vocab_size` must be ≥ {old.size}; found {vocab_size}."
            )
        self._streams.vocabulary = _grown(self._config, old, vocab_size, seed=self._seed)
        self.vocab_size = vocab_size

    def train(self, batch: Batch, *, rate: float = 1.0) -> float:
        """Learn the batch; the weighted mean loss in nats per token, from before it was learned.

        A token is learned when its weight is at least `LEARNED_FROM`. There is no learning rate:
        at `rate` 0 the batch is only read, otherwise it is learned, row after row. A batch whose
        loss is not finite changes nothing and gives NaN; one without any weight is only read.
        """
        batch = checked_batch(batch, self.vocab_size)
        check_rate(rate)
        weights = batch.weights.astype(np.float64)
        total = float(weights.sum())
        if not math.isfinite(total):
            return math.nan
        rows = range(len(batch.fresh))
        begins = [self.carried(row) if not batch.fresh[row] else HTMState() for row in rows]
        learning = total > 0 and rate > 0
        unlearned = np.zeros(batch.weights.shape, bool)
        read = [self._row(batch.tokens[r], unlearned[r], begins[r]) for r in rows]
        loss = 0.0
        if total > 0:
            loss = -sum(float(weights[r] @ read[r][0].scores) for r in rows) / total
        self._carried = tuple(state for _, state in read)
        if learning:
            self._learn(batch, begins)
        return loss

    def remember(self, batch: Batch) -> None:
        """Learn the batch, without asking first what was expected."""
        batch = checked_batch(batch, self.vocab_size)
        rows = range(len(batch.fresh))
        begins = [self.carried(row) if not batch.fresh[row] else HTMState() for row in rows]
        if batch.weights.any():
            self._learn(batch, begins)

    def practise(self, batch: Batch, *, rate: float = 1.0) -> float:
        """Read the batch; the weighted mean loss in nats per token. Nothing is learned."""
        check_rate(rate)
        return self.train(batch, rate=0)

    def progress(self) -> str:
        """How surprised the memory was by what it learned last, and how much has grown."""
        return f"anomaly {self._surprise:.2f}, {self.segments:,} segments"

    def follow(
        self,
        tokens: Int32[np.ndarray, " T"],
        state: State | None = None,
        *,
        learn: bool = True,
    ) -> tuple[Followed, HTMState]:
        """Predict each token, then learn it: what was predicted, and the new state.

        One pass over a stream that learns as it reads; no step of a batch.
        """
        moved = self._copy(state)
        tokens = checked_tokens(tokens, self.vocab_size)
        return self._streams.follow(tokens, np.full(len(tokens), learn), moved), moved

    def carried(self, row: int) -> HTMState:
        """The state in which row `row` (≥ 0) of the last batch ended, or the empty one."""
        if row >= len(self._carried):
            return self.initial_state()
        state = self._carried[row].copy()
        n = min(state.position, 4)
        last = state.recent[(state.position - n + np.arange(n)) % sampling.RECENT]
        state.recent = sampling.empty_recent()
        state.recent[:n], state.position = last, n
        return state

    def inspect(self, tokens: Int32[np.ndarray, " T"]) -> Inspection:
        """What the glass box shows of these tokens (T ≥ 1), read from an empty state.

        `anomaly` (T,): the part of each token's columns that nobody expected, 0 to 1. `columns`
        (T, C): which were active (1), expected (2), or both (3). `experts` (T, E, V): the log
        probabilities each expert gave what comes next.
        """
        tokens = inspectable(tokens, self.vocab_size)
        read = self._streams.read(tokens, HTMState())
        return inspection(
            tokens,
            read.logits,
            {
                "anomaly": read.anomaly,
                "columns": columns_over(self._streams, tokens, self._config.memory()),
                "experts": read.experts,
            },
        )

    def _learn(self, batch: Batch, begins: Sequence[HTMState]) -> None:
        """Row after row, what has weight enough; one step."""
        learn = batch.weights >= LEARNED_FROM
        before = self.segments
        read = [self._row(*row) for row in zip(batch.tokens, learn, begins, strict=True)]
        self._streams.vocabulary = self._streams.vocabulary.learned()
        self._carried = tuple(state for _, state in read)
        self._steps += 1
        anomaly = np.concatenate([found.anomaly for found, _ in read])
        self._surprise = float(anomaly.mean())
        if log.isEnabledFor(logging.DEBUG):
            self._tell(anomaly, before)

    def _tell(self, anomaly: Float32[np.ndarray, " N"], before: int) -> None:
        """The inner state in words: for who trains with `-vv`."""
        state, on = self._carried[-1], self._config.active_columns
        log.debug(
            "%d tokens: %.1f of %d columns expected, %.1f burst; %d cells active, %d won; "
            "%+d segments, %d in all",
            len(anomaly),
            on * (1 - anomaly.mean()),
            on,
            on * anomaly.mean(),
            len(state.active),
            len(state.winners),
            self.segments - before,
            self.segments,
        )

    def _row(
        self, tokens: Int32[np.ndarray, " T+1"], learn: Bool[np.ndarray, " T"], begin: HTMState
    ) -> tuple[Followed, HTMState]:
        """What was predicted of every target, and the state before the last of them is read."""
        state = begin.copy()
        self._streams.last(tokens[:1], state)
        most = self._streams.follow(tokens[1:-1], learn[:-1], state)
        last = self._streams.follow(tokens[-1:], learn[-1:], state.copy())
        names = [field.name for field in fields(Followed)]
        both = {n: np.concatenate([getattr(most, n), getattr(last, n)]) for n in names}
        return Followed(**both), state

    def _copy(self, state: State | None) -> HTMState:
        """The state to move on, in memory of its own."""
        if state is None:
            return self.initial_state()
        if not isinstance(state, HTMState):
            raise InvalidInput(f"`state` must come from a sequence memory; found {state!r}.")
        return state.copy()


def _grown(config: Config, old: Vocabulary | None, vocab_size: int, *, seed: int) -> Vocabulary:
    had = 0 if old is None else old.size
    new = [
        hashed_columns(token, columns=config.columns, active=config.active_columns, seed=seed)
        for token in range(had, vocab_size)
    ]
    rows = [] if old is None else [old.columns]
    columns = np.concatenate([*rows, np.array(new, np.uint16).reshape(-1, config.active_columns)])
    return Vocabulary(vocab_size if old is None else old.known, columns)


def _streams(config: Config, vocabulary: Vocabulary, seed: int, name: str | None) -> Streams:
    made = KernelStreams if backends.is_kernel(name) else ReferenceStreams
    return made(config, vocabulary, seed=seed)
