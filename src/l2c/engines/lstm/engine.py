"""The LSTM as an engine: what `l2c.engines.network` does for every network, with its own states.

Letters in shapes: T time, H hidden, L layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from l2c.engines.backends import is_kernel
from l2c.engines.checks import check_vocab_size
from l2c.engines.engine import Packing, State, Tensors
from l2c.engines.lstm import reference
from l2c.engines.lstm.backend import Backend, Carried, LSTMState, ReferenceBackend
from l2c.engines.lstm.kernel import KernelBackend
from l2c.engines.lstm.parameters import MAX_VOCAB_SIZE, Config, Parameters
from l2c.engines.lstm.tensors import restore
from l2c.engines.network import Network
from l2c.engines.weights import Optimizer
from l2c.errors import InvalidInput

if TYPE_CHECKING:
    from jaxtyping import Int32


class LSTM(Network[Parameters, LSTMState, Carried]):
    """A recurrent network over tokens. See `README.md` beside this file for the equations."""

    family = "lstm"
    max_vocab_size = MAX_VOCAB_SIZE

    @classmethod
    def create(
        cls, config: Mapping[str, Any], vocab_size: int, *, seed: int, backend: str | None = None
    ) -> Self:
        """A new LSTM with random weights; the same seed gives the same weights, bit for bit.

        `backend` forces `kernel` or `reference`. Raises `InvalidConfig` for an unknown key or a
        value out of range.
        """
        checked = Config.from_mapping(config)
        check_vocab_size(vocab_size, MAX_VOCAB_SIZE)
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

    def regularize(self, *, dropout: float, weight_decay: float) -> None:
        """Leave out at least this share of outputs in training, and let weights decay by this."""
        own, wanted = self.config, {"dropout": dropout, "weight_decay": weight_decay}
        larger = {name: max(own.get(name, 0.0), value) for name, value in wanted.items()}
        self._parameters.config = Config.from_mapping(own | larger)

    def packing(self) -> Packing:
        """Every matrix, where 8 bits are read: blocks are neighbouring inputs of one output.

        The first layer's Wx is looked up by rows, which are its blocks.
        """
        reading = self._parameters.config.reading
        by_rows = ("output.W", "layers.0.Wx")
        return {
            name: (reading, 1 if name in by_rows else 0)
            for name, tensor in self._parameters.tensors.items()
            if tensor.ndim == 2 and reading != "f32"
        }

    def initial_state(self) -> LSTMState:
        """The state of a stream that has read nothing."""
        config = self._parameters.config
        hidden, cell = np.zeros((2, config.layers, config.hidden_size), np.float32)
        return LSTMState(hidden, cell)

    def carried(self, row: int) -> LSTMState:
        """The state in which row `row` (≥ 0) of the last batch ended, or the empty one."""
        state = self.initial_state()
        if row < self._carried.hidden.shape[1]:
            state.hidden[:] = self._carried.hidden[:, row]
            state.cell[:] = self._carried.cell[:, row]
        return state

    def layers(self, tokens: Int32[np.ndarray, " T"]) -> Tensors:
        """For every layer `layers.0` and up the gates `.i .f .g .o`, `.cell` and `.hidden`.

        Each is (T, H).
        """
        empty = Carried.empty(self._parameters.config, 1)
        trace = reference.forward(
            self._parameters.tensors, tokens[:, None], empty.hidden, empty.cell
        )
        shown: Tensors = {}
        for number, layer in enumerate(trace.layers):
            for gate, letter in enumerate("ifgo"):
                shown[f"layers.{number}.{letter}"] = layer.gates[:, 0, gate]
            shown[f"layers.{number}.cell"] = layer.cell[1:, 0]
            shown[f"layers.{number}.hidden"] = layer.hidden[1:, 0]
        return shown

    def _copy(self, state: State | None) -> LSTMState:
        if state is None:
            return self.initial_state()
        config = self._parameters.config
        shape = (config.layers, config.hidden_size)
        if not isinstance(state, LSTMState) or state.hidden.shape != shape:
            raise InvalidInput(f"`state` must come from an LSTM of this shape; found {state!r}.")
        return state.copy()


def _backend(name: str | None) -> Backend:
    return KernelBackend() if is_kernel(name) else ReferenceBackend()
