"""The contract every engine keeps: token ids in, logits out, and it learns.

An engine is a family of models (a recurrent network, a counting model, a transformer, a
sequence memory). It knows token ids and nothing of text; `l2c.engines.model.LanguageModel`
puts a tokenizer in front of it. Three promises hold for all of them, and
`tests/engines/test_contract.py` checks them on every folder beside this file:

- **One engine, many streams.** What a stream has read lives in a `State`, never in the engine,
  so one set of weights serves many conversations and none can read another's.
- **Same seed, same weights.** `create` and `train` are pure functions of their arguments;
  bits depend neither on the number of threads nor on the instruction set (among CPUs with FMA).
- **Everything is tensors.** `tensors()` and `from_tensors()` are inverse, optimizer state and
  carried state included, so training resumes bit for bit.

Letters in shapes: B batch, T time, V vocabulary.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Float32, Int32, Shaped

Tensors = dict[str, np.ndarray]
Packing = Mapping[str, tuple[str, int]]
"""By the name of a matrix: a type of `l2c.engines.number_types`, and the axis of its blocks."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Text to learn from: rows of tokens, each target with a loss weight.

    `tokens[:, :-1]` are read, `tokens[:, 1:]` are predicted. `weights[b, t]` scales the loss of
    predicting `tokens[b, t + 1]`; 0 leaves it out (padding, the user's half of an exchange).
    `fresh[b]` is true where row b starts a new text; elsewhere an engine that carries its state
    from batch to batch goes on from where row b of the previous batch ended.
    """

    tokens: Int32[np.ndarray, "B T+1"]
    weights: Float32[np.ndarray, "B T"]
    fresh: Bool[np.ndarray, " B"]


@dataclass(frozen=True, slots=True)
class Sampler:
    """How the next token is chosen from the logits.

    Temperature 0 is greedy. `top_k` 0, `top_p` 1 and `min_p` 0 are off. Tokens named in `banned`
    are never chosen; a token in `stop` ends the text and is not part of it.
    Source of top-p: Holtzman et al. 2020, "The curious case of neural text degeneration".
    """

    temperature: float = 0.8
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    banned: tuple[int, ...] = ()
    stop: tuple[int, ...] = ()


class State(ABC):
    """What one stream has read so far. Opaque to everybody but its engine, never shared.

    `position` counts the tokens the stream has consumed; it seeds the sampling of the next one,
    so that a text generated in pieces equals the same text generated in one call.
    """

    position: int


@dataclass(frozen=True, slots=True)
class Generation:
    """What `Engine.generate` wrote: tokens, their natural-log probabilities, the state after them.

    Log probabilities are those of the model at temperature 1, before any sampling option.
    `stopped` is true when a stop token ended the text (it is consumed, but not among `tokens`).
    """

    tokens: Int32[np.ndarray, " N"]
    log_probabilities: Float32[np.ndarray, " N"]
    state: State
    stopped: bool


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the glass box shows of a text: one row per token read.

    `log_probabilities[t]` is that of `tokens[t + 1]` given everything up to `t`. `layers` holds
    what is particular to the family (gates, attention, columns), each array with time first.
    """

    tokens: Int32[np.ndarray, " T"]
    logits: Float32[np.ndarray, "T V"]
    log_probabilities: Float32[np.ndarray, " T-1"]
    layers: Mapping[str, Shaped[np.ndarray, "T ..."]] = field(default_factory=dict)


class Engine(ABC):
    """A family of models over token ids. Subclasses live one folder each beside this file."""

    family: str
    """The folder's name: `lstm`, `ngram`, `llama`, `htm`."""

    vocab_size: int

    window: int = 1024
    """How many tokens a prompt and its answer may have together; a family may set its own."""

    practises: ClassVar[bool] = True
    """Whether a text teaches more when it comes again; where not, every text is read once."""

    threads: int = 1
    """How many threads a training step may use; changes no bit of its result."""

    @classmethod
    @abstractmethod
    def create(cls, config: Mapping[str, Any], vocab_size: int, *, seed: int) -> Self:
        """A new engine with random weights; the same seed gives the same weights, bit for bit.

        Missing keys of `config` take the family's defaults. Raises `InvalidConfig` for an unknown
        key or a value out of range.
        """

    @classmethod
    @abstractmethod
    def from_tensors(cls, config: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> Self:
        """The engine these tensors came from; optimizer tensors may be absent (then it is fresh).

        Raises `CheckpointError` when a tensor is missing, unknown, or has another shape or dtype
        than `config` says, or holds a value that is not finite.
        """

    @property
    @abstractmethod
    def config(self) -> dict[str, Any]:
        """Every configuration value as JSON-ready plain types; `create(config, ...)` accepts it."""

    @abstractmethod
    def tensors(self, *, optimizer: bool = True) -> Tensors:
        """All tensors by name. Optimizer and carried state are named `optimizer/...`."""

    def packing(self) -> Packing:
        """Matrices that a file may hold in blocks, since they are read so; else none."""
        return {}

    @property
    @abstractmethod
    def steps(self) -> int:
        """Optimizer steps taken since the optimizer was fresh."""

    @abstractmethod
    def initial_state(self) -> State:
        """The state of a stream that has read nothing."""

    @abstractmethod
    def advance(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> tuple[Float32[np.ndarray, " V"], State]:
        """Read `tokens` (T ≥ 0); the logits after the last one, and the new state.

        `state` is left as it was. Raises `InvalidInput` for a token outside `[0, V)`.
        """

    @abstractmethod
    def logits(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> Float32[np.ndarray, "T V"]:
        """The logits after every token; the last row equals `advance(tokens, state)[0]`."""

    @abstractmethod
    def generate(self, state: State, n: int, sampler: Sampler, *, seed: int) -> Generation:
        """Write up to `n` tokens (n ≥ 0) from where `state` stands; `state` is left as it was.

        Two calls for n₁ then n₂ tokens write what one call for n₁ + n₂ writes. Raises
        `InvalidInput` for an option out of range or when every token is banned.
        """

    @abstractmethod
    def grow(self, vocab_size: int) -> None:
        """Make room for new tokens. Logits of old tokens stay, bit for bit, until the next step.

        New tokens start improbable and learnable. Raises `InvalidInput` when `vocab_size` is
        smaller than now.
        """

    @abstractmethod
    def train(self, batch: Batch, *, rate: float = 1.0) -> float:
        """One optimizer step; the weighted mean loss in nats per token, from before the step.

        `rate` scales the configured learning rate (a schedule). A step whose loss or gradient is
        not finite changes nothing and returns NaN.
        """

    def remember(self, batch: Batch) -> None:  # noqa: B027 (most engines have nothing to do)
        """Take in a text that is not known yet, at once and once.

        What counts does; for what learns in steps this is nothing, it learns by `practise`.
        """

    def practise(self, batch: Batch, *, rate: float = 1.0) -> float:
        """One step, as `train` takes it, on a text that comes again and again.

        What counts has taken it in by `remember` and only reads it.
        """
        return self.train(batch, rate=rate)

    def regularize(self, *, dropout: float, weight_decay: float) -> None:  # noqa: B027
        """Learn with these from now on, or its own where they are larger; `config` says so then.

        They keep a small text that comes again from being learned by heart. No logit changes, and
        a family that does not have them learns as before. Raises `InvalidConfig` out of range.
        """

    def progress(self) -> str:
        """What to say of the last batch learned, beside its loss; most engines say nothing."""
        return ""

    def begin_anew(self) -> None:  # noqa: B027 (most engines carry nothing that takes room)
        """Let go of what the rows of the last batch had read: a training is over.

        For engines whose rows carry more than their weights; for others nothing happens.
        """

    def only_read(self) -> None:  # noqa: B027 (most engines have nothing to give up)
        """Give up the memory that reading and writing do not need: this engine learns no more.

        No bit of what it reads and writes changes. Whatever else needs the weights may raise
        `InvalidInput` from now on: learning, growing, `tensors` and `inspect`.
        """

    @abstractmethod
    def carried(self, row: int) -> State:
        """The state in which row `row` (≥ 0) of the last batch ended; empty where there was none.

        A row that is not fresh goes on from here. Its position and its recent tokens are not known.
        """

    @abstractmethod
    def inspect(self, tokens: Int32[np.ndarray, " T"]) -> Inspection:
        """What the glass box shows of these tokens (T ≥ 1), read from an empty state."""
