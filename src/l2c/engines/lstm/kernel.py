"""The LSTM computed by the C kernels: the same equations as `reference.py`, several times faster.

Letters in shapes: B batch, T time, V vocabulary, H hidden, L layers.
"""

from __future__ import annotations

import math
import mmap
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from l2c.engines.calls import TrainingMemory, adam, examples, memory, options, placed
from l2c.engines.engine import Batch, Generation, Sampler
from l2c.engines.lstm.backend import Backend, Carried, LSTMState
from l2c.engines.lstm.parameters import Config, Parameters
from l2c.engines.sampling import RECENT
from l2c.engines.weights import Optimizer
from l2c.kernels import binding

if TYPE_CHECKING:
    from jaxtyping import Float32, Int32


_PAST = {"f32": 32, "q8_0": 0}
"""Bytes into a cache line at which the matrices begin. Numbers of 8 bits are read a line at a time.
In float32 with AVX-512 a load that takes half of one line and half of the next keeps the second
cache streaming, 1.1 times as fast; AVX2's loads are half a line, and still within one."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What every reading of the same weights needs, as C takes it."""

    parameters: Parameters
    shape: Any
    weights: Any
    prepared: Any
    """The matrices as `l2c_lstm_prepare` made them."""
    storage: int
    """An L2C_... of `l2c.h`: what they were made into."""
    workspace_size: int


@dataclass(frozen=True, slots=True)
class Learning:
    """What every step needs, as C takes it: made once, for a step on a few tokens is soon done."""

    parameters: Parameters
    config: Config
    """The one the settings are from: weights may get another."""
    m: Parameters
    """The optimizer's, which growing replaces as it does the weights."""
    pointers: tuple[Any, Any, Any]
    """To the weights, m and v."""
    adam: Any
    """Its rate and its step are set in every step."""
    dropout: Any
    """Its step is set in every step."""
    loss: Any

    def fits(self, parameters: Parameters, m: Parameters) -> bool:
        """Whether it was made for these."""
        return self.parameters is parameters and self.config is parameters.config and self.m is m


class KernelBackend(Backend):
    """Compiled C. Training bits depend neither on threads nor, given FMA, on the machine."""

    name = "kernel"

    def __init__(self) -> None:
        self._lib = binding.library()
        self._memory = TrainingMemory()
        self._ready: Ready | None = None
        self._learning: Learning | None = None

    def read(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LSTMState
    ) -> Float32[np.ndarray, "T V"]:
        """Move `state` over `tokens`; the logits after every one."""
        logits = np.empty((len(tokens), parameters.vocab_size), np.float32)
        self._read(logits, parameters, tokens, state)
        return logits

    def advance(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LSTMState
    ) -> Float32[np.ndarray, " V"]:
        """Move `state` over `tokens`; the logits after the last."""
        logits = np.empty(parameters.vocab_size, np.float32)
        self._read(logits, parameters, tokens, state)
        return logits

    def write(
        self, parameters: Parameters, state: LSTMState, n: int, sampler: Sampler, *, seed: int
    ) -> Generation:
        """Write up to `n` tokens, moving `state` over them, all in one call of C."""
        tokens, log_probabilities = np.empty(n, np.int32), np.empty(n, np.float32)
        written, stopped = binding.new("size_t *"), binding.new("int *")
        position = binding.new("uint64_t *", state.position)
        ready = self._for_reading(parameters)
        status = self._lib.l2c_lstm_generate(
            binding.pointer(tokens, (n,), np.int32),
            binding.pointer(log_probabilities, (n,), np.float32),
            written,
            stopped,
            *_vectors(parameters, state),
            binding.pointer(state.recent, (RECENT,), np.int32),
            position,
            ready.weights,
            ready.prepared,
            ready.storage,
            ready.shape,
            options(sampler, parameters.vocab_size).struct,
            seed,
            n,
            *memory(np.empty(ready.workspace_size, np.float32)),
        )
        binding.check(status)
        state.position = int(position[0])
        count = int(written[0])
        return Generation(
            tokens[:count].copy(), log_probabilities[:count].copy(), state, bool(stopped[0])
        )

    def for_reading(self, parameters: Parameters) -> Parameters:
        """Without the matrices that C has prepared: for these stand zeros nobody looks at.

        Anonymous pages that nobody writes take no memory; what `np.zeros` gets may be used ones.
        """
        ready = self._for_reading(parameters)
        pages = mmap.mmap(-1, parameters.flat.nbytes, access=mmap.ACCESS_COPY)
        kept = Parameters(
            parameters.config, parameters.vocab_size, np.frombuffer(pages, np.float32)
        )
        for name, tensor in parameters.tensors.items():
            if tensor.ndim == 1 or name == "layers.0.Wx":
                kept.tensors[name][...] = tensor
        self._ready = replace(ready, parameters=kept, weights=_weights(kept))
        return kept

    def train(
        self,
        parameters: Parameters,
        optimizer: Optimizer[Parameters],
        carried: Carried,
        batch: Batch,
        *,
        rate: float,
        threads: int,
    ) -> tuple[float, Carried]:
        """One step on `batch`, read after `carried`: the loss before it, the states after it."""
        learning, shape = self._for_learning(parameters, optimizer), _shape(parameters)
        learning.adam.rate = rate * parameters.config.learning_rate
        learning.adam.step = learning.dropout.step = optimizer.steps + 1
        status = self._lib.l2c_lstm_train(
            *learning.pointers,
            *_carried(carried),
            learning.loss,
            *examples(batch),
            shape,
            learning.adam,
            learning.dropout,
            *self._sizes(shape, batch, threads),
        )
        self._ready = None
        if status == self._lib.L2C_NOT_FINITE:
            return math.nan, carried
        binding.check(status)
        if np.count_nonzero(batch.weights):
            optimizer.count += 1
        return float(learning.loss[0]), carried

    def gradient(
        self,
        parameters: Parameters,
        carried: Carried,
        batch: Batch,
        *,
        threads: int = 1,
        step: int = 1,
    ) -> tuple[float, Parameters]:
        """The loss on `batch` and its gradient in step `step`, without taking it: what tests hold
        against the twin.

        Raises `L2CError` when one of them is not finite.
        """
        found, shape = parameters.zeros(), _shape(parameters)
        loss = binding.new("double *")
        status = self._lib.l2c_lstm_gradient(
            _weights(found),
            *_carried(carried),
            loss,
            _weights(parameters),
            *examples(batch),
            shape,
            _dropout(parameters, step),
            *self._sizes(shape, batch, threads),
        )
        binding.check(status)
        return float(loss[0]), found

    def _read(
        self,
        logits: Float32[np.ndarray, "*T V"],
        parameters: Parameters,
        tokens: Int32[np.ndarray, " T"],
        state: LSTMState,
    ) -> None:
        ready = self._for_reading(parameters)
        status = self._lib.l2c_lstm_read(
            binding.pointer(logits, logits.shape, np.float32),
            *_vectors(parameters, state),
            ready.weights,
            ready.prepared,
            ready.storage,
            binding.pointer(tokens, (len(tokens),), np.int32),
            ready.shape,
            len(tokens),
            logits.ndim == 2,
            *memory(np.empty(ready.workspace_size, np.float32)),
        )
        binding.check(status)
        state.move(tokens)

    def _for_reading(self, parameters: Parameters) -> Ready:
        """What every reading of these weights needs: made once, until the next step."""
        ready = self._ready
        if ready is None or ready.parameters is not parameters:
            shape = _shape(parameters)
            storage = getattr(self._lib, f"L2C_{parameters.config.reading.upper()}")
            wanted = self._lib.l2c_lstm_prepared_size(shape, storage)
            room = placed(wanted, past=_PAST[parameters.config.reading])
            prepared = binding.pointer(room, (wanted,), np.float32)
            weights = _weights(parameters)
            binding.check(self._lib.l2c_lstm_prepare(prepared, weights, shape, storage))
            size = self._lib.l2c_lstm_read_workspace(shape)
            ready = self._ready = Ready(parameters, shape, weights, prepared, storage, size)
        return ready

    def _for_learning(self, parameters: Parameters, optimizer: Optimizer[Parameters]) -> Learning:
        """What every step on these weights needs."""
        found, config = self._learning, parameters.config
        if found is None or not found.fits(parameters, optimizer.m):
            found = self._learning = Learning(
                parameters,
                config,
                optimizer.m,
                (_weights(parameters), _weights(optimizer.m), _weights(optimizer.v)),
                adam(config, rate=0, step=1),
                _dropout(parameters, 1),
                binding.new("double *"),
            )
        return found

    def _sizes(self, shape: Any, batch: Batch, threads: int) -> tuple[int, int, int, Any, int]:
        """The last arguments of a training step."""
        rows, length = batch.weights.shape
        needed = self._lib.l2c_lstm_train_workspace(shape, rows, length, threads)
        return rows, length, threads, *self._memory.of(needed, batch, threads)


def _shape(parameters: Parameters) -> Any:
    config = parameters.config
    return _made_shape(parameters.vocab_size, config.hidden_size, config.layers, config.layer_norm)


@lru_cache(maxsize=16)
def _made_shape(vocab_size: int, hidden_size: int, layers: int, layer_norm: bool) -> Any:
    """Made once, because a training step asks for it many times; C only reads it."""
    values = {
        "vocab_size": vocab_size,
        "hidden_size": hidden_size,
        "layers": layers,
        "layer_norm": layer_norm,
    }
    return binding.new("l2c_lstm_shape *", values)


def _dropout(parameters: Parameters, step: int) -> Any:
    config = parameters.config
    values = {"output": config.dropout, "recurrent": config.recurrent_dropout, "step": step}
    return binding.new("l2c_lstm_dropout *", values)


def _weights(parameters: Parameters) -> Any:
    count = binding.library().l2c_lstm_parameter_count(_shape(parameters))
    return binding.pointer(parameters.flat, (count,), np.float32)


def _vectors(parameters: Parameters, state: LSTMState) -> tuple[Any, Any]:
    shape = (parameters.config.layers, parameters.config.hidden_size)
    return (
        binding.pointer(state.hidden, shape, np.float32),
        binding.pointer(state.cell, shape, np.float32),
    )


def _carried(carried: Carried) -> tuple[Any, Any]:
    return (
        binding.pointer(carried.hidden, carried.hidden.shape, np.float32),
        binding.pointer(carried.cell, carried.hidden.shape, np.float32),
    )
