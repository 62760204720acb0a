"""The LSTM computed by the C kernels: the same equations as `reference.py`, several times faster.

Letters in shapes: B batch, T time, V vocabulary, H hidden, L layers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Float32, Int32

from l2c.engines.engine import Batch, Sampler
from l2c.engines.lstm.backend import Carried, LSTMState, Optimizer, Written
from l2c.engines.lstm.parameters import Parameters
from l2c.engines.sampling import RECENT
from l2c.errors import InvalidInput
from l2c.kernels import binding


@dataclass(frozen=True, slots=True)
class Ready:
    """What every reading of the same weights needs, as C takes it."""

    parameters: Parameters
    shape: Any
    weights: Any
    output: Any
    """(H, V) the output's weights, the vocabulary running fastest."""
    workspace_size: int


@dataclass(frozen=True, slots=True)
class Options:
    """A sampler as C takes it, and the arrays it points at."""

    struct: Any
    banned: Any
    stop: Any


class KernelBackend:
    """Compiled C. Training bits depend neither on threads nor, given FMA, on the machine."""

    name = "kernel"

    def __init__(self) -> None:
        self._lib = binding.library()
        # Kept from step to step, because fresh memory costs time. Reading and writing, which may
        # go on in several threads at once, use memory of their own.
        self._training_workspace = np.empty(0, np.float32)
        self._ready: Ready | None = None

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
    ) -> Written:
        """Write up to `n` tokens, moving `state` over them, all in one call of C."""
        tokens, log_probabilities = np.empty(n, np.int32), np.empty(n, np.float32)
        written, stopped = binding.new("size_t *"), binding.new("int *")
        position = binding.new("uint64_t *", state.position)
        ready = self._for_reading(parameters)
        options = _options(sampler, parameters.vocab_size)
        status = self._lib.l2c_lstm_generate(
            binding.pointer(tokens, (n,), np.int32),
            binding.pointer(log_probabilities, (n,), np.float32),
            written,
            stopped,
            *_vectors(parameters, state),
            binding.pointer(state.recent, (RECENT,), np.int32),
            position,
            ready.weights,
            ready.output,
            ready.shape,
            options.struct,
            seed,
            n,
            *_memory(np.empty(ready.workspace_size, np.float32)),
        )
        binding.check(status)
        state.position = int(position[0])
        count = int(written[0])
        return Written(tokens[:count].copy(), log_probabilities[:count].copy(), bool(stopped[0]))

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
        """One step on `batch`, the state in `carried` moving over it; the loss before the step."""
        config, shape = parameters.config, _shape(parameters)
        rows, length = batch.weights.shape
        workspace = self._workspace(shape, rows, length, threads)
        loss = binding.new("double *")
        adam = {
            "rate": rate * config.learning_rate,
            "beta1": config.beta1,
            "beta2": config.beta2,
            "weight_decay": config.weight_decay,
            "clip_norm": config.clip_norm,
            "step": optimizer.steps + 1,
        }
        dropout = _dropout(parameters, optimizer.steps + 1)
        status = self._lib.l2c_lstm_train(
            _weights(parameters),
            _weights(optimizer.m),
            _weights(optimizer.v),
            *_carried(carried),
            loss,
            *_examples(batch),
            shape,
            binding.new("l2c_adam *", adam),
            dropout,
            rows,
            length,
            threads,
            *_memory(workspace),
        )
        self._ready = None
        if status == self._lib.L2C_NOT_FINITE:
            return math.nan
        binding.check(status)
        if batch.weights.any():
            optimizer.count += 1
        return float(loss[0])

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
        rows, length = batch.weights.shape
        shape = _shape(parameters)
        found = Parameters(parameters.config, parameters.vocab_size)
        loss = binding.new("double *")
        status = self._lib.l2c_lstm_gradient(
            _weights(found),
            *_carried(carried),
            loss,
            _weights(parameters),
            *_examples(batch),
            shape,
            _dropout(parameters, step),
            rows,
            length,
            threads,
            *_memory(self._workspace(shape, rows, length, threads)),
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
            ready.output,
            binding.pointer(tokens, (len(tokens),), np.int32),
            ready.shape,
            len(tokens),
            logits.ndim == 2,
            *_memory(np.empty(ready.workspace_size, np.float32)),
        )
        binding.check(status)
        state.move(tokens)

    def _for_reading(self, parameters: Parameters) -> Ready:
        """What every reading of these weights needs: made once, until the next step."""
        ready = self._ready
        if ready is None or ready.parameters is not parameters:
            shape = _shape(parameters)
            wanted = (parameters.config.hidden_size, parameters.vocab_size)
            output = binding.pointer(np.empty(wanted, np.float32), wanted, np.float32)
            weights = _weights(parameters)
            binding.check(self._lib.l2c_lstm_prepare(output, weights, shape))
            size = self._lib.l2c_lstm_read_workspace(shape)
            ready = self._ready = Ready(parameters, shape, weights, output, size)
        return ready

    def _workspace(
        self, shape: Any, rows: int, length: int, threads: int
    ) -> Float32[np.ndarray, " N"]:
        needed = self._lib.l2c_lstm_train_workspace(shape, rows, length, threads)
        if needed == 0:
            raise InvalidInput(
                f"A batch of {rows} rows of {length} tokens on {threads} threads is too large."
            )
        if self._training_workspace.size < needed:
            self._training_workspace = np.empty(needed, np.float32)
        return self._training_workspace


@lru_cache(maxsize=16)
def _options(sampler: Sampler, vocab_size: int) -> Options:
    banned = binding.new("int32_t[]", list(sampler.banned))
    stop = binding.new("int32_t[]", list(sampler.stop))
    values = {
        "temperature": sampler.temperature,
        "top_p": sampler.top_p,
        "repetition_penalty": sampler.repetition_penalty,
        "top_k": min(sampler.top_k, vocab_size),
        "banned": banned,
        "stop": stop,
        "banned_count": len(sampler.banned),
        "stop_count": len(sampler.stop),
    }
    return Options(binding.new("l2c_sampler *", values), banned, stop)


def _shape(parameters: Parameters) -> Any:
    config = parameters.config
    values = {
        "vocab_size": parameters.vocab_size,
        "hidden_size": config.hidden_size,
        "layers": config.layers,
        "layer_norm": config.layer_norm,
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


def _examples(batch: Batch) -> tuple[Any, Any]:
    rows, length = batch.weights.shape
    return (
        binding.pointer(batch.tokens, (rows, length + 1), np.int32),
        binding.pointer(batch.weights, (rows, length), np.float32),
    )


def _memory(workspace: Float32[np.ndarray, " N"]) -> tuple[Any, int]:
    return binding.pointer(workspace, workspace.shape, np.float32), workspace.size
