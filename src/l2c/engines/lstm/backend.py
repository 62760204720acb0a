"""What an LSTM has read, and its arithmetic done with NumPy.

The functions are those of `reference.py`; `kernel.py` holds the compiled ones.

Letters in shapes: B batch, T time, V vocabulary, H hidden, L layers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from l2c.engines import network, sampling
from l2c.engines.adam import global_norm, take_step
from l2c.engines.engine import Batch, Generation, Sampler, State, Tensors
from l2c.engines.lstm import reference
from l2c.engines.lstm.dropout import OUTPUT_STREAM, WEIGHT_STREAM, Masks, mask
from l2c.engines.lstm.parameters import Config, Parameters
from l2c.engines.network import NO_TOKENS
from l2c.engines.rounding import rounded, stored
from l2c.engines.weights import Optimizer

if TYPE_CHECKING:
    from jaxtyping import Float32, Int32


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
class Carried(network.Carried):
    """The state every row of a batch ended with; where its next batch goes on."""

    hidden: Float32[np.ndarray, "L B H"]
    cell: Float32[np.ndarray, "L B H"]

    @classmethod
    def empty(cls, config: Config, rows: int) -> Carried:
        """The state of rows that have read nothing."""
        shape = (config.layers, rows, config.hidden_size)
        return cls(np.zeros(shape, np.float32), np.zeros(shape, np.float32))

    def tensors(self) -> Tensors:
        """Its arrays by name."""
        return {"hidden": self.hidden, "cell": self.cell}

    def continued(self, batch: Batch, config: Config) -> Carried:
        """A copy with one state a row of `batch`: empty where a row is fresh or has no past."""
        rows = len(batch.fresh)
        if rows == self.hidden.shape[1] and not np.count_nonzero(batch.fresh):
            return Carried(self.hidden.copy(), self.cell.copy())
        made = Carried.empty(config, rows)
        going_on = np.flatnonzero(~batch.fresh[: self.hidden.shape[1]])
        made.hidden[:, going_on] = self.hidden[:, going_on]
        made.cell[:, going_on] = self.cell[:, going_on]
        return made


Backend = network.Backend[Parameters, LSTMState, Carried]


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


class ReferenceBackend(Backend):
    """NumPy alone: slower, and its bits depend on NumPy's own library for matrices."""

    name = "reference"

    def __init__(self) -> None:
        self._stored: tuple[Parameters, Tensors] | None = None

    def read(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LSTMState
    ) -> Float32[np.ndarray, "T V"]:
        """Move `state` over `tokens`; the logits after every one."""
        top = self._move(parameters, tokens, state)
        return self._predict(parameters, top)

    def advance(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LSTMState
    ) -> Float32[np.ndarray, " V"]:
        """Move `state` over `tokens`; the logits after the last."""
        self._move(parameters, tokens, state)
        logits: Float32[np.ndarray, " V"] = self._predict(parameters, state.hidden[None, -1:])[0]
        return logits

    def write(
        self, parameters: Parameters, state: LSTMState, n: int, sampler: Sampler, *, seed: int
    ) -> Generation:
        """Write up to `n` tokens, moving `state` over them."""
        return sampling.write(
            lambda: self.advance(parameters, NO_TOKENS, state),
            lambda token: self._move(parameters, token, state),
            state,
            state.recent,
            n,
            sampler,
            seed=seed,
        )

    def train(
        self,
        parameters: Parameters,
        optimizer: Optimizer[Parameters],
        carried: Carried,
        batch: Batch,
        *,
        rate: float,
        threads: int,  # NumPy's library has threads of its own
    ) -> tuple[float, Carried]:
        """One step on `batch`, read after `carried`: the loss before it, the states after it."""
        tokens, weights = batch.tokens.T, batch.weights.T
        masks = masks_of(parameters, weights.shape, optimizer.steps + 1)
        before = carried.hidden, carried.cell
        if not weights.any():
            trace = reference.forward(parameters.tensors, tokens[:-1], *before, masks)
            return 0.0, _after(trace)
        with np.errstate(all="ignore"):  # what overflows is found by the check below
            loss, gradient, trace = reference.gradient(
                parameters.tensors, tokens, weights, *before, masks
            )
            norm = global_norm(gradient)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            return math.nan, carried
        rate *= parameters.config.learning_rate
        take_step(parameters, optimizer, gradient, rate=rate, norm=norm)
        self._stored = None
        return loss, _after(trace)

    def _move(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LSTMState
    ) -> Float32[np.ndarray, "T 1 H"]:
        """Move `state` over `tokens`; the top layer's hidden vectors after every one."""
        inputs: np.ndarray = tokens[:, None]
        for layer in range(len(state.hidden)):
            trace = reference.layer_forward(
                self._as_read(parameters),
                layer,
                inputs,
                state.hidden[layer, None],
                state.cell[layer, None],
                _rounding(parameters),
            )
            inputs = trace.hidden[1:]
            state.hidden[layer], state.cell[layer] = trace.hidden[-1, 0], trace.cell[-1, 0]
        state.move(tokens)
        return inputs

    def _predict(
        self, parameters: Parameters, top: Float32[np.ndarray, "T 1 H"]
    ) -> Float32[np.ndarray, "T V"]:
        weights, rounding = self._as_read(parameters), _rounding(parameters)
        logits: Float32[np.ndarray, "T V"]
        logits = reference.output_forward(weights, top, rounded=rounding)[2][:, 0]
        return logits

    def _as_read(self, parameters: Parameters) -> Tensors:
        """The weights in the type they are read in: made once, until the next step."""
        if self._stored is None or self._stored[0] is not parameters:
            self._stored = parameters, as_read(parameters)
        return self._stored[1]


def as_read(parameters: Parameters) -> Tensors:
    """The weights as reading sees them.

    A block is 32 inputs of one output, hence of a column where the inputs run along the rows. The
    first layer's Wx is looked up and never multiplied, and stays as it is.
    """
    reading, read = parameters.config.reading, dict(parameters.tensors)
    for name, tensor in parameters.tensors.items():
        if name == "output.W":
            read[name] = stored(tensor, reading)
        elif tensor.ndim == 2 and name != "layers.0.Wx":
            read[name] = stored(tensor.T, reading).T
    return read


def _rounding(parameters: Parameters) -> reference.Rounding:
    return partial(rounded, reading=parameters.config.reading)


def _after(trace: reference.Trace) -> Carried:
    """The state every row ends with."""
    return Carried(
        np.stack([layer.hidden[-1] for layer in trace.layers]),
        np.stack([layer.cell[-1] for layer in trace.layers]),
    )
