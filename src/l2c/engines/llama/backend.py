"""A Llama's arithmetic done with NumPy, by the functions of `reference.py`.

`kernel.py` holds the compiled ones.

Letters in shapes: T time, V vocabulary.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from l2c.engines import network, sampling
from l2c.engines.adam import global_norm, take_step
from l2c.engines.engine import Batch, Generation, Sampler
from l2c.engines.llama import muon, reference
from l2c.engines.llama.blocks import ngram_rows
from l2c.engines.llama.parameters import Parameters
from l2c.engines.llama.rounding import stored
from l2c.engines.llama.stream import Carried, LlamaState
from l2c.engines.rounding import rounded
from l2c.engines.weights import Optimizer

if TYPE_CHECKING:
    from jaxtyping import Float32, Int32


class Backend(network.Backend[Parameters, LlamaState, Carried]):
    """A backend of this family."""

    rows_at_once = 0
    """So many rows of a batch go through together; 0 for as many as is fastest. NumPy takes all."""


class ReferenceBackend(Backend):
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
    ) -> Generation:
        """Write up to `n` tokens, moving `state` over them."""
        return sampling.write(
            lambda: self._predict(parameters, state),
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
        self._stored = None
        config, weights = parameters.config, parameters.tensors
        if not batch.weights.any():
            trace = reference.forward(weights, config, batch.tokens[:, :-1], carried.past())
            return 0.0, self._carry(parameters, trace, carried, batch)
        with np.errstate(all="ignore"):  # what overflows is found by the check below
            loss, gradient, trace = reference.gradient(
                weights, config, batch.tokens, batch.weights, carried.past()
            )
            norm = global_norm(gradient)
        if not (math.isfinite(loss) and math.isfinite(norm)):
            return math.nan, carried
        moved = self._carry(parameters, trace, carried, batch)
        if config.muon:
            muon.move_matrices(parameters, optimizer, gradient, factor=rate, norm=norm)
        rate = config.rate(optimizer.steps, rate)
        others = muon.left_to_adam(config, gradient)
        take_step(parameters, optimizer, others, rate=rate, norm=norm)
        return loss, moved

    def _carry(
        self, parameters: Parameters, trace: reference.Trace, carried: Carried, batch: Batch
    ) -> Carried:
        past = carried.keys.shape[2]
        keys = np.stack([layer.k[:, past:] for layer in trace.layers])
        values = np.stack([layer.v[:, past:] for layer in trace.layers])
        outputs = trace.normal[:, -1] * parameters.tensors["norm"]
        return carried.moved(parameters.config, batch, keys, values, outputs)

    def _move(
        self, parameters: Parameters, token: Int32[np.ndarray, " 1"], state: LlamaState
    ) -> None:
        state.make_room(1)
        keys, values = state.window()
        config = parameters.config
        state.output[:] = reference.decode(
            self._as_read(parameters),
            config,
            self._embedded(parameters, int(token[0]), state.before),
            state.position,
            keys,
            values,
            lambda x: rounded(x, config.reading),
        )
        state.write(state.position, keys[:, -1:], values[:, -1:])
        state.move(token)

    @staticmethod
    def _embedded(parameters: Parameters, token: int, before: int) -> Float32[np.ndarray, " D"]:
        """What the stream of a token begins with."""
        weights, rows = parameters.tensors, parameters.config.ngram_rows
        x: Float32[np.ndarray, " D"] = weights["embedding"][token]
        if rows:
            x = x + weights["ngram"][int(ngram_rows(np.array(before), np.array(token), rows))]
        return x

    def _predict(self, parameters: Parameters, state: LlamaState) -> Float32[np.ndarray, " V"]:
        # Each logit is a sum of its own, so growing the vocabulary changes no bit.
        output = reference.output_weights(self._as_read(parameters))
        y = rounded(state.output, parameters.config.reading)
        logits: np.ndarray = np.einsum("d,vd->v", y, output)
        return reference.capped(logits, parameters.config.softcap)

    def _as_read(self, parameters: Parameters) -> dict[str, np.ndarray]:
        """The weights in the type they are read in: made once, until the next step."""
        if self._stored is None or self._stored[0] is not parameters:
            self._stored = parameters, stored(parameters.tensors, parameters.config.reading)
        return self._stored[1]
