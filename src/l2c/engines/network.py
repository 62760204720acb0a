"""What networks that learn by gradients have in common, whatever they are made of.

The engine keeps the books: weights, optimizer, what the rows of the last batch had read. A backend
computes. There are two of each family, and they compute the same up to rounding: the compiled one,
and one made of the family's `reference.py` where no compiler was found; it is chosen once, when the
engine is made. Training bits are the same for every number of threads and every CPU with FMA when
the kernels compute; the twin's depend on NumPy's library for matrices, so that digests of models
trained with it are not comparable between machines.

Letters in shapes: T time, V vocabulary.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

import numpy as np

from l2c.engines import backends, sampling
from l2c.engines.checks import (
    check_length,
    check_rate,
    check_threads,
    check_vocab_size,
    checked_batch,
    checked_tokens,
)
from l2c.engines.engine import Batch, Engine, Generation, Inspection, Sampler, State, Tensors
from l2c.engines.reading import inspectable, inspection
from l2c.engines.weights import Optimizer, P, views
from l2c.errors import InvalidInput

if TYPE_CHECKING:
    from jaxtyping import Float32, Int32

NO_TOKENS: Int32[np.ndarray, " 0"] = np.zeros(0, np.int32)

S = TypeVar("S", bound=State)


class Carried(ABC):
    """What every row of a batch has read; where its next batch goes on."""

    @abstractmethod
    def tensors(self) -> Tensors:
        """Its arrays by name."""

    @abstractmethod
    def continued(self, batch: Batch, config: Any) -> Self:
        """One state a row of `batch`, free to be changed: empty where a row is fresh or new."""


K = TypeVar("K", bound=Carried)


class Backend(ABC, Generic[P, S, K]):
    """A family's arithmetic. States and optimizers are changed in place; inputs are checked."""

    name: str
    """`kernel` or `reference`."""

    @abstractmethod
    def read(
        self, parameters: P, tokens: Int32[np.ndarray, " T"], state: S
    ) -> Float32[np.ndarray, "T V"]:
        """Move `state` over `tokens`; the logits after every one."""

    @abstractmethod
    def advance(
        self, parameters: P, tokens: Int32[np.ndarray, " T"], state: S
    ) -> Float32[np.ndarray, " V"]:
        """Move `state` over `tokens`; the logits after the last."""

    @abstractmethod
    def write(self, parameters: P, state: S, n: int, sampler: Sampler, *, seed: int) -> Generation:
        """Write up to `n` tokens, moving `state` over them."""

    def for_reading(self, parameters: P) -> P:
        """These weights, or some that are as good to `read`, `advance` and `write` and smaller."""
        return parameters

    @abstractmethod
    def train(
        self,
        parameters: P,
        optimizer: Optimizer[P],
        carried: K,
        batch: Batch,
        *,
        rate: float,
        threads: int,
    ) -> tuple[float, K]:
        """One step on `batch`, read after `carried`: the loss before the step, the states after it.

        `rate` is a factor of the configured learning rate. NaN, and nothing changed, when the loss
        or a gradient is not finite. A batch without any weight is only read: its loss is 0.
        """


class Network(Engine, Generic[P, S, K]):
    """A network over tokens; a family adds its configuration, its states, what it shows."""

    max_vocab_size: int

    def __init__(
        self, parameters: P, optimizer: Optimizer[P], carried: K, backend: Backend[P, S, K]
    ) -> None:
        """Put an engine together; use `create` or `from_tensors` instead."""
        self._parameters = parameters
        self._optimizer = optimizer
        self._carried = carried
        self._backend = backend
        self.vocab_size = parameters.vocab_size
        self.threads = 1
        """How many threads a training step may use; changes no bit of its result."""
        self._is_whole = True

    @classmethod
    def backends(cls) -> tuple[str, ...]:
        """The backends this installation has."""
        return backends.installed()

    @property
    def config(self) -> dict[str, Any]:
        """Every configuration value as JSON-ready plain types."""
        values: dict[str, Any] = self._parameters.config.to_dict()
        return values

    @property
    def backend(self) -> str:
        """What computes: `kernel` or `reference`."""
        return self._backend.name

    @property
    def steps(self) -> int:
        """Optimizer steps taken since the optimizer was fresh."""
        return self._optimizer.steps

    def only_read(self) -> None:
        """Keep of the weights what reading and writing need."""
        kept = self._backend.for_reading(self._parameters)
        self._is_whole &= kept is self._parameters
        self._parameters = kept

    def tensors(self, *, optimizer: bool = True) -> Tensors:
        """Copies of all tensors by name."""
        self._check_whole()
        named = views(self._parameters, self._optimizer, self._carried.tensors())
        return {
            name: tensor.copy()
            for name, tensor in named.items()
            if optimizer or not name.startswith("optimizer/")
        }

    @abstractmethod
    def initial_state(self) -> S:
        """The state of a stream that has read nothing."""

    def advance(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> tuple[Float32[np.ndarray, " V"], S]:
        """Read `tokens` (T ≥ 0); the logits after the last one, and the new state."""
        moved = self._copy(state)
        tokens = checked_tokens(tokens, self.vocab_size)
        return self._backend.advance(self._parameters, tokens, moved), moved

    def logits(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> Float32[np.ndarray, "T V"]:
        """The logits after every token."""
        tokens = checked_tokens(tokens, self.vocab_size)
        return self._backend.read(self._parameters, tokens, self._copy(state))

    def generate(self, state: State, n: int, sampler: Sampler, *, seed: int) -> Generation:
        """Write up to `n` tokens (n ≥ 0) from where `state` stands; `state` is left as it was.

        Raises `InvalidInput` for an option or a length out of range, or when every token is banned.
        """
        sampling.check(sampler, self.vocab_size)
        sampling.check_seed(seed)
        check_length(n)
        return self._backend.write(self._parameters, self._copy(state), int(n), sampler, seed=seed)

    def grow(self, vocab_size: int) -> None:
        """Make room for new tokens. Logits of old tokens stay, bit for bit, until the next step."""
        self._check_whole()
        check_vocab_size(vocab_size, self.max_vocab_size)
        old_size = self.vocab_size
        if vocab_size < old_size:
            raise InvalidInput(
                f"A vocabulary only grows: `vocab_size` must be ≥ {old_size}; found {vocab_size}."
            )
        if vocab_size == old_size:
            return
        self._parameters = self._parameters.grown(vocab_size)
        self._parameters.introduce(old_size)
        self._optimizer.grow(vocab_size)
        self.vocab_size = vocab_size

    def train(self, batch: Batch, *, rate: float = 1.0) -> float:
        """One optimizer step; the weighted mean loss in nats per token, from before the step.

        A row that is not fresh goes on from where its last batch ended. A step whose loss or
        gradient is not finite changes nothing and returns NaN. A batch without any weight is only
        read, so that its state is carried on: no step, loss 0.
        """
        self._check_whole()
        batch = checked_batch(batch, self.vocab_size)
        check_rate(rate)
        check_threads(self.threads)
        loss, carried = self._backend.train(
            self._parameters,
            self._optimizer,
            self._carried.continued(batch, self._parameters.config),
            batch,
            rate=float(rate),
            threads=self.threads,
        )
        if math.isfinite(loss):
            self._carried = carried
        return loss

    def inspect(self, tokens: Int32[np.ndarray, " T"]) -> Inspection:
        """What the glass box shows of these tokens (T ≥ 1), read from an empty state."""
        self._check_whole()
        tokens = inspectable(tokens, self.vocab_size)
        return inspection(tokens, self.logits(tokens), self.layers(tokens))

    @abstractmethod
    def layers(self, tokens: Int32[np.ndarray, " T"]) -> Tensors:
        """What is particular to the family in reading these tokens, each array with time first."""

    def _check_whole(self) -> None:
        if not self._is_whole:
            raise InvalidInput("This model was told to `only_read`; load it again for more.")

    @abstractmethod
    def _copy(self, state: State | None) -> S:
        """The state to move on, in memory of its own; raises `InvalidInput` for a foreign one."""
