"""What carries out a Llama's arithmetic, and the one that does it with NumPy.

The engine keeps the books (configuration, weights, optimizer, states); a backend computes. There
are two, and they compute the same up to rounding: this one, made of the functions of
`reference.py`, and the compiled one of `kernel.py`.

Letters in shapes: T time, V vocabulary.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Float32, Int32

from l2c.engines import sampling
from l2c.engines.engine import Batch, Sampler
from l2c.engines.llama import reference
from l2c.engines.llama.config import LlamaConfig
from l2c.engines.llama.parameters import Parameters
from l2c.engines.llama.rounding import rounded, stored
from l2c.engines.llama.stream import Carried, LlamaState


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

    def rate(self, config: LlamaConfig, factor: float) -> float:
        """The learning rate of the next step: `factor` times the configured one, warming up."""
        rising = min(1.0, (self.steps + 1) / config.warmup) if config.warmup else 1.0
        return factor * config.learning_rate * rising


@dataclass(frozen=True, slots=True)
class Written:
    """What a backend generated; the state it was given has moved on."""

    tokens: Int32[np.ndarray, " N"]
    log_probabilities: Float32[np.ndarray, " N"]
    stopped: bool


class Backend(Protocol):
    """The arithmetic of a Llama. States and optimizers are changed in place; inputs are checked."""

    @property
    def name(self) -> str:
        """`kernel` or `reference`."""

    def read(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LlamaState
    ) -> Float32[np.ndarray, "T V"]:
        """Move `state` over `tokens`; the logits after every one."""

    def advance(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LlamaState
    ) -> Float32[np.ndarray, " V"]:
        """Move `state` over `tokens`; the logits after the last."""

    def write(
        self, parameters: Parameters, state: LlamaState, n: int, sampler: Sampler, *, seed: int
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
    ) -> tuple[float, Carried]:
        """One step on `batch`, read after `carried`: the loss before the step, the states after it.

        NaN, and nothing changed, when the loss or a gradient is not finite. A batch without any
        weight is only read: its loss is 0.
        """


class ReferenceBackend:
    """NumPy alone: slower, and its bits depend on NumPy's own library for matrices."""

    name = "reference"

    def __init__(self) -> None:
        self._stored: tuple[Parameters, dict[str, np.ndarray]] | None = None

    def read(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LlamaState
    ) -> Float32[np.ndarray, "T V"]:
        """Move `state` over `tokens`; the logits after every one."""
        logits = np.empty((len(tokens), parameters.vocab_size), np.float32)
        for t in range(len(tokens)):
            self._move(parameters, tokens[t : t + 1], state)
            logits[t] = self._predict(parameters, state)
        return logits

    def advance(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LlamaState
    ) -> Float32[np.ndarray, " V"]:
        """Move `state` over `tokens`; the logits after the last."""
        for t in range(len(tokens)):
            self._move(parameters, tokens[t : t + 1], state)
        return self._predict(parameters, state)

    def write(
        self, parameters: Parameters, state: LlamaState, n: int, sampler: Sampler, *, seed: int
    ) -> Written:
        """Write up to `n` tokens, moving `state` over them."""
        tokens, log_probabilities = np.zeros(n, np.int32), np.zeros(n, np.float32)
        for written in range(n):
            logits = self._predict(parameters, state)
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
    ) -> tuple[float, Carried]:
        """One step on `batch`, read after `carried`: the loss before it, the states after it."""
        self._stored = None
        config, weights = parameters.config, parameters.tensors
        if not batch.weights.any():
            trace = reference.forward(weights, config, batch.tokens[:, :-1], carried.past())
            return 0.0, self._carry(parameters, trace, carried)
        with np.errstate(all="ignore"):  # what overflows is found by the check below
            loss, gradient, trace = reference.gradient(
                weights, config, batch.tokens, batch.weights, carried.past()
            )
            norm = reference.global_norm(gradient)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            return math.nan, carried
        moved = self._carry(parameters, trace, carried)
        self._step(parameters, optimizer, gradient, norm, rate=rate)
        return loss, moved

    def _step(
        self,
        parameters: Parameters,
        optimizer: Optimizer,
        gradient: dict[str, np.ndarray],
        norm: float,
        *,
        rate: float,
    ) -> None:
        config, now = parameters.config, optimizer.rate(parameters.config, rate)
        optimizer.count += 1
        adam = reference.Adam(now, config.beta1, config.beta2, config.weight_decay, optimizer.steps)
        clip = min(1.0, config.clip_norm / norm) if norm > 0 else 1.0
        for name, weight in parameters.tensors.items():
            m, v = optimizer.m.tensors[name], optimizer.v.tensors[name]
            reference.adam_update(weight, m, v, gradient[name] * clip, adam)

    def _carry(self, parameters: Parameters, trace: reference.Trace, carried: Carried) -> Carried:
        past = carried.keys.shape[2]
        keys = np.stack([layer.k[:, past:] for layer in trace.layers])
        values = np.stack([layer.v[:, past:] for layer in trace.layers])
        outputs = trace.normal[:, -1] * parameters.tensors["norm"]
        return carried.moved(parameters.config, keys, values, outputs)

    def _move(
        self, parameters: Parameters, token: Int32[np.ndarray, " 1"], state: LlamaState
    ) -> None:
        state.make_room(1)
        keys, values = state.window()
        config = parameters.config
        state.output[:] = reference.decode(
            self._as_read(parameters),
            config,
            parameters.tensors["embedding"][int(token[0])],
            state.position,
            keys,
            values,
            lambda x: rounded(x, config.reading),
        )
        state.write(state.position, keys[:, -1:], values[:, -1:])
        state.move(token)

    def _predict(self, parameters: Parameters, state: LlamaState) -> Float32[np.ndarray, " V"]:
        # Each logit is a sum of its own, so growing the vocabulary changes no bit.
        output = reference.output_weights(self._as_read(parameters))
        y = rounded(state.output, parameters.config.reading)
        logits: np.ndarray = np.einsum("d,vd->v", y, output)
        return logits

    def _as_read(self, parameters: Parameters) -> dict[str, np.ndarray]:
        """The weights in the type they are read in: made once, until the next step."""
        if self._stored is None or self._stored[0] is not parameters:
            self._stored = parameters, stored(parameters.tensors, parameters.config.reading)
        return self._stored[1]
