"""What carries out an LSTM's arithmetic, and the one that does it with NumPy.

The engine keeps the books (configuration, weights, optimizer, states); a backend computes. There
are two, and they compute the same up to rounding: this one, made of the functions of
`reference.py`, and the compiled one of `kernel.py`.

Letters in shapes: B batch, T time, V vocabulary, H hidden, L layers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from jaxtyping import Float32, Int32

from l2c.engines import sampling
from l2c.engines.engine import Batch, Sampler, State
from l2c.engines.lstm import reference
from l2c.engines.lstm.dropout import OUTPUT_STREAM, WEIGHT_STREAM, Masks, mask
from l2c.engines.lstm.parameters import Config, Parameters


@dataclass(slots=True)
class LSTMState(State):
    """What one stream has read: the two vectors of every layer, and the last tokens."""

    hidden: Float32[np.ndarray, "L H"]
    cell: Float32[np.ndarray, "L H"]
    recent: Int32[np.ndarray, " 64"] = field(default_factory=sampling.empty_recent)
    position: int = 0

    def copy(self) -> LSTMState:
        """The same state in memory of its own."""
        return LSTMState(self.hidden.copy(), self.cell.copy(), self.recent.copy(), self.position)

    def move(self, tokens: Int32[np.ndarray, " T"]) -> None:
        """Remember that `tokens` were read; the vectors are the backend's to move."""
        sampling.remember(self.recent, self.position, tokens)
        self.position += len(tokens)


@dataclass(slots=True)
class Carried:
    """The state every row of a batch ended with; where its next batch goes on."""

    hidden: Float32[np.ndarray, "L B H"]
    cell: Float32[np.ndarray, "L B H"]

    @classmethod
    def empty(cls, config: Config, rows: int) -> Carried:
        """The state of rows that have read nothing."""
        shape = (config.layers, rows, config.hidden_size)
        return cls(np.zeros(shape, np.float32), np.zeros(shape, np.float32))

    def continued(self, batch: Batch) -> Carried:
        """A copy with one state a row of `batch`: empty where a row is fresh or has no past."""
        layers, past, size = self.hidden.shape
        rows = len(batch.fresh)
        made = Carried(*(np.zeros((layers, rows, size), np.float32) for _ in range(2)))
        going_on = np.flatnonzero(~batch.fresh[:past])
        made.hidden[:, going_on] = self.hidden[:, going_on]
        made.cell[:, going_on] = self.cell[:, going_on]
        return made


class Optimizer:
    """Adam's memory: means and mean squares of the gradients, laid out like the weights."""

    def __init__(self, parameters: Parameters) -> None:
        self.m = Parameters(parameters.config, parameters.vocab_size)
        self.v = Parameters(parameters.config, parameters.vocab_size)
        self.count = np.zeros(1, np.int64)

    @property
    def steps(self) -> int:
        """How many steps it has taken."""
        return int(self.count[0])


@dataclass(frozen=True, slots=True)
class Written:
    """What a backend generated; the state it was given has moved on."""

    tokens: Int32[np.ndarray, " N"]
    log_probabilities: Float32[np.ndarray, " N"]
    stopped: bool


class Backend(Protocol):
    """The arithmetic of an LSTM. States and optimizers are changed in place; inputs are checked."""

    @property
    def name(self) -> str:
        """`kernel` or `reference`."""

    def read(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LSTMState
    ) -> Float32[np.ndarray, "T V"]:
        """Move `state` over `tokens`; the logits after every one."""

    def advance(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LSTMState
    ) -> Float32[np.ndarray, " V"]:
        """Move `state` over `tokens`; the logits after the last."""

    def write(
        self, parameters: Parameters, state: LSTMState, n: int, sampler: Sampler, *, seed: int
    ) -> Written:
        """Write up to `n` tokens, moving `state` over them."""

    def train(
        self,
        parameters: Parameters,
        optimizer: Optimizer,
        carried: Carried,
        batch: Batch,
        *,
        rate: float,
        threads: int,
    ) -> float:
        """One step on `batch`, the state in `carried` moving over it; the loss before the step.

        NaN, and nothing changed, when the loss or a gradient is not finite. A batch without any
        weight is only read: its loss is 0.
        """


def masks_of(parameters: Parameters, shape: tuple[int, ...], step: int) -> Masks:
    """What step `step` on a batch of `shape` (T, B) leaves out."""
    config, H = parameters.config, parameters.config.hidden_size
    weights = {
        f"layers.{layer}.Wh": mask(
            (H, 4 * H), config.recurrent_dropout, step=step, stream=WEIGHT_STREAM + layer
        )
        for layer in range(config.layers)
        if config.recurrent_dropout > 0
    }
    if config.dropout == 0:
        return Masks(weights)
    return Masks(weights, mask((*shape, H), config.dropout, step=step, stream=OUTPUT_STREAM))


class ReferenceBackend:
    """NumPy alone: slower, and its bits depend on NumPy's own library for matrices."""

    name = "reference"

    def read(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LSTMState
    ) -> Float32[np.ndarray, "T V"]:
        """Move `state` over `tokens`; the logits after every one."""
        top = self._move(parameters, tokens, state)
        logits: Float32[np.ndarray, "T V"]
        logits = reference.output_forward(parameters.tensors, top)[2][:, 0]
        return logits

    def advance(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LSTMState
    ) -> Float32[np.ndarray, " V"]:
        """Move `state` over `tokens`; the logits after the last."""
        self._move(parameters, tokens, state)
        top = state.hidden[None, -1:]
        logits: Float32[np.ndarray, " V"]
        logits = reference.output_forward(parameters.tensors, top)[2][0, 0]
        return logits

    def write(
        self, parameters: Parameters, state: LSTMState, n: int, sampler: Sampler, *, seed: int
    ) -> Written:
        """Write up to `n` tokens, moving `state` over them."""
        tokens, log_probabilities = np.zeros(n, np.int32), np.zeros(n, np.float32)
        nothing = np.zeros(0, np.int32)
        for written in range(n):
            logits = self.advance(parameters, nothing, state)
            token = sampling.choose(
                logits, state.recent, sampler=sampler, seed=seed, position=state.position
            )
            self._move(parameters, np.array([token], np.int32), state)
            if token in sampler.stop:
                return Written(tokens[:written], log_probabilities[:written], True)
            tokens[written] = token
            log_probabilities[written] = sampling.log_softmax(logits)[token]
        return Written(tokens, log_probabilities, False)

    def train(
        self,
        parameters: Parameters,
        optimizer: Optimizer,
        carried: Carried,
        batch: Batch,
        *,
        rate: float,
        threads: int,  # NumPy's library has threads of its own
    ) -> float:
        """One step on `batch`, the state in `carried` moving over it; the loss before the step."""
        tokens, weights = batch.tokens.T, batch.weights.T
        if not weights.any():
            masks = masks_of(parameters, weights.shape, optimizer.steps + 1)
            trace = reference.forward(
                parameters.tensors, tokens[:-1], carried.hidden, carried.cell, masks
            )
            self._carry(trace, carried)
            return 0.0
        with np.errstate(all="ignore"):  # what overflows is found by the check below
            loss, gradient, trace = reference.gradient(
                parameters.tensors,
                tokens,
                weights,
                carried.hidden,
                carried.cell,
                masks_of(parameters, weights.shape, optimizer.steps + 1),
            )
            norm = reference.global_norm(gradient)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            return math.nan
        self._step(parameters, optimizer, gradient, norm, rate=rate)
        self._carry(trace, carried)
        return loss

    def _step(
        self,
        parameters: Parameters,
        optimizer: Optimizer,
        gradient: dict[str, np.ndarray],
        norm: float,
        *,
        rate: float,
    ) -> None:
        config = parameters.config
        optimizer.count += 1
        adam = reference.Adam(
            rate * config.learning_rate,
            config.beta1,
            config.beta2,
            config.weight_decay,
            optimizer.steps,
        )
        clip = min(1.0, config.clip_norm / norm) if norm > 0 else 1.0
        for name, weight in parameters.tensors.items():
            m, v = optimizer.m.tensors[name], optimizer.v.tensors[name]
            reference.adam_update(weight, m, v, gradient[name] * clip, adam)

    def _carry(self, trace: reference.Trace, carried: Carried) -> None:
        for layer, layer_trace in enumerate(trace.layers):
            carried.hidden[layer] = layer_trace.hidden[-1]
            carried.cell[layer] = layer_trace.cell[-1]

    def _move(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LSTMState
    ) -> Float32[np.ndarray, "T 1 H"]:
        """Move `state` over `tokens`; the top layer's hidden vectors after every one."""
        inputs: np.ndarray = tokens[:, None]
        for layer in range(len(state.hidden)):
            trace = reference.layer_forward(
                parameters.tensors,
                layer,
                inputs,
                state.hidden[layer, None],
                state.cell[layer, None],
            )
            inputs = trace.hidden[1:]
            state.hidden[layer], state.cell[layer] = trace.hidden[-1, 0], trace.cell[-1, 0]
        state.move(tokens)
        return inputs
