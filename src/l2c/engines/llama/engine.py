"""The Llama as an engine: what `l2c.engines.network` does for every network, with its own window.

Letters in shapes: T time, H heads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from l2c.engines.backends import is_kernel
from l2c.engines.checks import check_vocab_size
from l2c.engines.engine import Packing, State, Tensors
from l2c.engines.llama import reference
from l2c.engines.llama.backend import Backend, ReferenceBackend
from l2c.engines.llama.config import MAX_VOCAB_SIZE, LlamaConfig
from l2c.engines.llama.kernel import KernelBackend
from l2c.engines.llama.parameters import Parameters
from l2c.engines.llama.rounding import read_in
from l2c.engines.llama.stream import Carried, LlamaState
from l2c.engines.llama.tensors import restore
from l2c.engines.network import Network
from l2c.engines.weights import Optimizer
from l2c.errors import InvalidInput

if TYPE_CHECKING:
    from jaxtyping import Int32


class Llama(Network[Parameters, LlamaState, Carried]):
    """A transformer over tokens. See `README.md` beside this file for the equations."""

    family = "llama"
    max_vocab_size = MAX_VOCAB_SIZE

    def __init__(
        self,
        parameters: Parameters,
        optimizer: Optimizer[Parameters],
        carried: Carried,
        backend: Backend,
    ) -> None:
        """Put an engine together; use `create` or `from_tensors` instead."""
        super().__init__(parameters, optimizer, carried, backend)
        self._llama = backend
        self.window = parameters.config.context
        """How many tokens back a token sees; a longer text is read on, its beginning forgotten."""

    @classmethod
    def create(
        cls, config: Mapping[str, Any], vocab_size: int, *, seed: int, backend: str | None = None
    ) -> Self:
        """A new Llama with random weights; the same seed gives the same weights, bit for bit.

        `backend` forces `kernel` or `reference`. Raises `InvalidConfig` for an unknown key or a
        value out of range.
        """
        checked = LlamaConfig.from_mapping(config)
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
        """The Llama these tensors came from; the optimizer's may be absent, then it is fresh.

        `backend` forces `kernel` or `reference`. Raises `CheckpointError` when the tensors are not
        exactly what `config` says.
        """
        return cls(*restore(LlamaConfig.from_mapping(config), tensors), _backend(backend))

    @property
    def rows_at_once(self) -> int:
        """How many rows of a batch go through together, their gradients adding up.

        Fewer take less memory and change no bit of the step. 0, the default, takes as many as is
        fastest. The NumPy twin takes all. Raises `InvalidInput` for anything but an integer ≥ 0.
        """
        return self._llama.rows_at_once

    @rows_at_once.setter
    def rows_at_once(self, rows: int) -> None:
        if type(rows) is not int or rows < 0:
            raise InvalidInput(f"`rows_at_once` must be an integer ≥ 0; found {rows!r}.")
        self._llama.rows_at_once = rows

    def packing(self) -> Packing:
        """Every matrix, where whole numbers are read: blocks are inputs of one output."""
        reading = self._parameters.config.reading
        return {
            name: (read_in(name, reading), 1)
            for name, tensor in self._parameters.tensors.items()
            if tensor.ndim == 2 and reading in ("q8_0", "q4_0")
        }

    def initial_state(self) -> LlamaState:
        """The state of a stream that has read nothing; it predicts every token alike."""
        return LlamaState.empty(self._parameters.config)

    def begin_anew(self) -> None:
        """Let go of the keys and values of the last batch's rows; no checkpoint holds them then."""
        self._carried = Carried.empty(self._parameters.config, 0)

    def carried(self, row: int) -> LlamaState:
        """The state in which row `row` (≥ 0) of the last batch ended, or the empty one."""
        if row >= len(self._carried.lengths):
            return self.initial_state()
        return self._carried.state(row, self._parameters.config)

    def layers(self, tokens: Int32[np.ndarray, " T"]) -> Tensors:
        """For every layer `layers.0` and up `.attention` (T, H, T).

        It is how every head divides its attention among the tokens it sees.
        """
        config = self._parameters.config
        trace = reference.forward(
            self._parameters.tensors, config, tokens[None], Carried.empty(config, 1).past()
        )
        return {
            f"layers.{number}.attention": np.ascontiguousarray(layer.p[0].transpose(1, 0, 2))
            for number, layer in enumerate(trace.layers)
        }

    def _copy(self, state: State | None) -> LlamaState:
        if state is None:
            return self.initial_state()
        ours = self._parameters.config
        if not isinstance(state, LlamaState) or state.config != ours:
            raise InvalidInput(
                f"`state` must come from a Llama of this shape; found {state!r:.80}."
            )
        return state.copy()


def _backend(name: str | None) -> Backend:
    return KernelBackend() if is_kernel(name) else ReferenceBackend()
