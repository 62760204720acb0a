"""The LSTM as an engine: it keeps weights, optimizer and states; a backend does the arithmetic.

The backend is the compiled kernels where they were built and the NumPy twin elsewhere, chosen once
when the engine is made. Training bits are the same for every number of threads and every CPU with
FMA when the kernels compute; the twin's depend on NumPy's library for matrices, so that digests of
models trained with it are not comparable between machines.

Letters in shapes: B batch, T time, V vocabulary, H hidden, L layers.
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
from l2c.engines.lstm import reference
from l2c.engines.lstm.backend import Backend, Carried, LSTMState, Optimizer, ReferenceBackend
from l2c.engines.lstm.kernel import KernelBackend
from l2c.engines.lstm.parameters import MAX_VOCAB_SIZE, Config, Parameters
from l2c.engines.lstm.tensors import restore, views
from l2c.errors import InvalidConfig, InvalidInput
from l2c.kernels import binding


class LSTM(Engine):
    """A recurrent network over tokens. See `README.md` beside this file for the equations."""

    family = "lstm"

    def __init__(
        self, parameters: Parameters, optimizer: Optimizer, carried: Carried, backend: Backend
    ) -> None:
        """Put an engine together; use `create` or `from_tensors` instead."""
        self._parameters = parameters
        self._optimizer = optimizer
        self._carried = carried
        self._backend = backend
        self.vocab_size = parameters.vocab_size
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
        """A new LSTM with random weights; the same seed gives the same weights, bit for bit.

        `backend` forces `kernel` or `reference`. Raises `InvalidConfig` for an unknown key or a
        value out of range.
        """
        checked = Config.from_mapping(config)
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
        """The LSTM these tensors came from; the optimizer's may be absent, then it is fresh.

        `backend` forces `kernel` or `reference`. Raises `CheckpointError` when the tensors are not
        exactly what `config` says.
        """
        return cls(*restore(Config.from_mapping(config), tensors), _backend(backend))

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

    def initial_state(self) -> LSTMState:
        """The state of a stream that has read nothing."""
        config = self._parameters.config
        hidden, cell = np.zeros((2, config.layers, config.hidden_size), np.float32)
        return LSTMState(hidden, cell)

    def advance(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> tuple[Float32[np.ndarray, " V"], LSTMState]:
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

        A step whose loss or gradient is not finite changes nothing and returns NaN. A batch without
        any weight is only read, so that its state is carried on: no step, loss 0. A row that no
        previous batch had begins with the empty state, fresh or not.
        """
        batch = checked_batch(batch, self.vocab_size)
        check_rate(rate)
        if not isinstance(self.threads, int) or not 1 <= self.threads <= 256:
            raise InvalidInput(f"`threads` must be in [1, 256]; found {self.threads!r}.")
        carried = self._carried.continued(batch)
        loss = self._backend.train(
            self._parameters,
            self._optimizer,
            carried,
            batch,
            rate=float(rate),
            threads=self.threads,
        )
        if math.isfinite(loss):
            self._carried = carried
        return loss

    def carried(self, row: int) -> LSTMState:
        """The state in which row `row` (≥ 0) of the last batch ended, or the empty one."""
        state = self.initial_state()
        if row < self._carried.hidden.shape[1]:
            state.hidden[:] = self._carried.hidden[:, row]
            state.cell[:] = self._carried.cell[:, row]
        return state

    def inspect(self, tokens: Int32[np.ndarray, " T"]) -> Inspection:
        """What the glass box shows of these tokens (T ≥ 1), read from an empty state.

        For every layer `layers.0` and up the gates `.i .f .g .o`, `.cell` and `.hidden`, each
        (T, H).
        """
        tokens = checked_tokens(tokens, self.vocab_size)
        if len(tokens) == 0:
            raise InvalidInput("`tokens` must have at least one token to be inspected; found none.")
        empty = Carried.empty(self._parameters.config, 1)
        trace = reference.forward(
            self._parameters.tensors, tokens[:, None], empty.hidden, empty.cell
        )
        layers: dict[str, np.ndarray] = {}
        for number, layer in enumerate(trace.layers):
            for gate, letter in enumerate("ifgo"):
                layers[f"layers.{number}.{letter}"] = layer.gates[:, 0, gate]
            layers[f"layers.{number}.cell"] = layer.cell[1:, 0]
            layers[f"layers.{number}.hidden"] = layer.hidden[1:, 0]
        logits = self.logits(tokens)
        log_p = sampling.log_softmax(logits[:-1])
        return Inspection(
            tokens, logits, np.take_along_axis(log_p, tokens[1:, None], axis=1)[:, 0], layers
        )

    def _copy(self, state: State | None) -> LSTMState:
        """The state to move on, in memory of its own."""
        if state is None:
            return self.initial_state()
        config = self._parameters.config
        shape = (config.layers, config.hidden_size)
        if not isinstance(state, LSTMState) or state.hidden.shape != shape:
            raise InvalidInput(f"`state` must come from an LSTM of this shape; found {state!r}.")
        return state.copy()


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
