"""The Llama as an engine: it keeps weights, optimizer and states; a backend does the arithmetic.

The backend is the compiled kernels where they were built and the NumPy twin elsewhere, chosen once
when the engine is made. Training bits are the same for every number of threads and every CPU with
FMA when the kernels compute; the twin's depend on NumPy's library for matrices, so that digests of
models trained with it are not comparable between machines.

Letters in shapes: T time, V vocabulary, H heads.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from jaxtyping import Float32, Int32

from l2c.engines import sampling
from l2c.engines.checks import check_length, check_rate, checked_batch, checked_tokens
from l2c.engines.engine import Batch, Engine, Generation, Inspection, Sampler, State, Tensors
from l2c.engines.llama import reference
from l2c.engines.llama.backend import Backend, Optimizer, ReferenceBackend
from l2c.engines.llama.config import MAX_VOCAB_SIZE, LlamaConfig
from l2c.engines.llama.kernel import KernelBackend
from l2c.engines.llama.parameters import Parameters
from l2c.engines.llama.stream import Carried, LlamaState
from l2c.engines.llama.tensors import restore, views
from l2c.errors import InvalidConfig, InvalidInput
from l2c.kernels import binding


class Llama(Engine):
    """A transformer over tokens. See `README.md` beside this file for the equations."""

    family = "llama"

    def __init__(
        self, parameters: Parameters, optimizer: Optimizer, carried: Carried, backend: Backend
    ) -> None:
        """Put an engine together; use `create` or `from_tensors` instead."""
        self._parameters = parameters
        self._optimizer = optimizer
        self._carried = carried
        self._backend = backend
        self.vocab_size = parameters.vocab_size
        self.window = parameters.config.context
        """How many tokens back a token sees; a longer text is read on, its beginning forgotten."""
        self.threads = 1
        """How many threads a training step may use; changes no bit of its result."""

    @classmethod
    def backends(cls) -> tuple[str, ...]:
        """The backends this installation has."""
        return ("kernel", "reference") if binding.available() else ("reference",)

    @classmethod
    def create(
        cls, config: Mapping[str, Any], vocab_size: int, *, seed: int, backend: str | None = None
    ) -> Self:
        """A new Llama with random weights; the same seed gives the same weights, bit for bit.

        `backend` forces `kernel` or `reference`. Raises `InvalidConfig` for an unknown key or a
        value out of range.
        """
        checked = _checked(config)
        _check_vocab_size(vocab_size)
        parameters = Parameters.random(checked, vocab_size, seed=seed)
        carried = Carried.empty(checked, 0)
        return cls(parameters, Optimizer(parameters), carried, _backend(backend))

    @classmethod
    def from_tensors(
        cls,
        config: Mapping[str, Any],
        tensors: Mapping[str, np.ndarray],
        *,
        backend: str | None = None,
    ) -> Self:
        """The Llama these tensors came from; the optimizer's may be absent, then it is fresh.

        `backend` forces `kernel` or `reference`. Raises `CheckpointError` when the tensors are not
        exactly what `config` says.
        """
        return cls(*restore(_checked(config), tensors), _backend(backend))

    @property
    def config(self) -> dict[str, Any]:
        """Every configuration value as JSON-ready plain types."""
        return self._parameters.config.to_dict()

    @property
    def backend(self) -> str:
        """What computes: `kernel` or `reference`."""
        return self._backend.name

    @property
    def steps(self) -> int:
        """Optimizer steps taken since the optimizer was fresh."""
        return self._optimizer.steps

    def tensors(self, *, optimizer: bool = True) -> Tensors:
        """Copies of all tensors by name."""
        named = views(self._parameters, self._optimizer, self._carried)
        return {
            name: tensor.copy()
            for name, tensor in named.items()
            if optimizer or not name.startswith("optimizer/")
        }

    def initial_state(self) -> LlamaState:
        """The state of a stream that has read nothing; it predicts every token alike."""
        return LlamaState.empty(self._parameters.config)

    def advance(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> tuple[Float32[np.ndarray, " V"], LlamaState]:
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
        moved = self._copy(state)
        written = self._backend.write(self._parameters, moved, int(n), sampler, seed=seed)
        return Generation(written.tokens, written.log_probabilities, moved, written.stopped)

    def grow(self, vocab_size: int) -> None:
        """Make room for new tokens. Logits of old tokens stay, bit for bit, until the next step."""
        _check_vocab_size(vocab_size)
        old_size = self.vocab_size
        if vocab_size < old_size:
            raise InvalidInput(
                f"A vocabulary only grows: `vocab_size` must be ≥ {old_size}; found {vocab_size}."
            )
        if vocab_size == old_size:
            return
        self._parameters = self._parameters.grown(vocab_size)
        self._parameters.introduce(old_size)
        self._optimizer.m = self._optimizer.m.grown(vocab_size)
        self._optimizer.v = self._optimizer.v.grown(vocab_size)
        self.vocab_size = vocab_size

    def train(self, batch: Batch, *, rate: float = 1.0) -> float:
        """One optimizer step; the weighted mean loss in nats per token, from before the step.

        A row that is not fresh sees what it read in earlier batches, as far as the window reaches.
        A step whose loss or gradient is not finite changes nothing and returns NaN. A batch without
        any weight is only read, so that its state is carried on: no step, loss 0.
        """
        batch = checked_batch(batch, self.vocab_size)
        check_rate(rate)
        if not isinstance(self.threads, int) or not 1 <= self.threads <= 256:
            raise InvalidInput(f"`threads` must be in [1, 256]; found {self.threads!r}.")
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

    def carried(self, row: int) -> LlamaState:
        """The state in which row `row` (≥ 0) of the last batch ended, or the empty one."""
        if row >= len(self._carried.lengths):
            return self.initial_state()
        return self._carried.state(row, self._parameters.config)

    def inspect(self, tokens: Int32[np.ndarray, " T"]) -> Inspection:
        """What the glass box shows of these tokens (T ≥ 1), read from an empty state.

        For every layer `layers.0` and up `.attention` (T, H, T): how every head divides its
        attention among the tokens it sees.
        """
        tokens = checked_tokens(tokens, self.vocab_size)
        if len(tokens) == 0:
            raise InvalidInput("`tokens` must have at least one token to be inspected; found none.")
        config = self._parameters.config
        trace = reference.forward(
            self._parameters.tensors, config, tokens[None], Carried.empty(config, 1).past()
        )
        layers = {
            f"layers.{number}.attention": np.ascontiguousarray(layer.p[0].transpose(1, 0, 2))
            for number, layer in enumerate(trace.layers)
        }
        logits = self.logits(tokens)
        log_p = sampling.log_softmax(logits[:-1])
        return Inspection(
            tokens, logits, np.take_along_axis(log_p, tokens[1:, None], axis=1)[:, 0], layers
        )

    def _copy(self, state: State | None) -> LlamaState:
        """The state to move on, its last page in memory of its own."""
        if state is None:
            return self.initial_state()
        ours = self._parameters.config
        if not isinstance(state, LlamaState) or state.config != ours:
            raise InvalidInput(
                f"`state` must come from a Llama of this shape; found {state!r:.80}."
            )
        return state.copy()


def _checked(config: Mapping[str, Any]) -> LlamaConfig:
    checked = LlamaConfig.from_mapping(config)
    if checked.extras():
        raise InvalidConfig(f"This engine computes plain Llamas; found {checked.extras()} in use.")
    return checked


def _backend(name: str | None) -> Backend:
    if name == "kernel" or (name is None and binding.available()):
        return KernelBackend()
    if name in (None, "reference"):
        return ReferenceBackend()
    raise InvalidConfig(f"`backend` must be 'kernel' or 'reference'; found {name!r}.")


def _check_vocab_size(vocab_size: int) -> None:
    if not isinstance(vocab_size, int) or not 1 <= vocab_size <= MAX_VOCAB_SIZE:
        raise InvalidInput(
            f"`vocab_size` must be an integer in [1, {MAX_VOCAB_SIZE}]; found {vocab_size!r}."
        )
