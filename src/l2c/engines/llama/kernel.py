"""The Llama computed by the C kernels: the same equations as `reference.py`, many times faster.

Letters in shapes: B batch, T time, V vocabulary, D dim, L layers, G kv_heads, E head.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from l2c.engines.calls import TrainingMemory, adam, examples, memory, options
from l2c.engines.engine import Batch, Generation, Sampler
from l2c.engines.llama.backend import Backend
from l2c.engines.llama.config import READINGS
from l2c.engines.llama.parameters import Parameters
from l2c.engines.llama.stream import PAGE, Carried, LlamaState
from l2c.engines.sampling import RECENT
from l2c.engines.weights import Optimizer
from l2c.kernels import binding

if TYPE_CHECKING:
    from jaxtyping import Float32, Int32

AT_ONCE = 8 * PAGE
"""Tokens read or written in one call of C: what a long text adds to memory beyond its window."""

PASS = 4
"""Tokens of a pass for every number a token has and every thread. A pass reads and writes the whole
gradient once, and keeps of a token a few numbers for every `dim` weights: with so many tokens what
it keeps is four times as large as the gradient, and small enough for the caches where both are."""


SHAPE = (
    *("dim", "layers", "heads", "kv_heads", "hidden", "context", "tied", "rope_theta"),
    *("norm_epsilon", "qk_norm", "softcap", "ngram_rows"),
)
"""The settings that C knows as a shape."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What every reading of the same weights needs, as C takes it."""

    parameters: Parameters
    instruction_set: str
    shape: Any
    weights: Any
    prepared: Any
    storage: int
    workspace_size: int


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a stream as C takes them, and what it points at."""

    struct: Any
    pointers: Any
    pages: tuple[Any, ...]


@dataclass(slots=True)
class Step:
    """The memory one training step writes to beside the weights."""

    keys: Float32[np.ndarray, "L B T G E"]
    values: Float32[np.ndarray, "L B T G E"]
    outputs: Float32[np.ndarray, "B D"]
    loss: Any

    @classmethod
    def of(cls, parameters: Parameters, batch: Batch) -> Step:
        """Room for a step on this batch."""
        config, (rows, length) = parameters.config, batch.weights.shape
        shape = (config.layers, rows, length, config.kv_heads, config.head)
        return cls(
            np.empty(shape, np.float32),
            np.empty(shape, np.float32),
            np.empty((rows, config.dim), np.float32),
            binding.new("double *"),
        )

    def pointers(self) -> Iterator[Any]:
        """The outputs in the order in which C takes them."""
        for array in (self.keys, self.values, self.outputs):
            yield binding.pointer(array, array.shape, np.float32)
        yield self.loss


class KernelBackend(Backend):
    """Compiled C. Training bits depend neither on threads nor, given FMA, on the machine."""

    name = "kernel"

    def __init__(self) -> None:
        self._lib = binding.library()
        self._memory = TrainingMemory()
        self._ready: Ready | None = None

    def read(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LlamaState
    ) -> Float32[np.ndarray, "T V"]:
        """Move `state` over `tokens`; the logits after every one."""
        logits = np.empty((len(tokens), parameters.vocab_size), np.float32)
        workspace = self._reading_workspace(parameters)
        for start in range(0, len(tokens), AT_ONCE):
            piece = tokens[start : start + AT_ONCE]
            self._read(logits[start : start + AT_ONCE], parameters, piece, state, workspace)
        return logits

    def advance(
        self, parameters: Parameters, tokens: Int32[np.ndarray, " T"], state: LlamaState
    ) -> Float32[np.ndarray, " V"]:
        """Move `state` over `tokens`; the logits after the last."""
        logits = np.empty(parameters.vocab_size, np.float32)
        workspace = self._reading_workspace(parameters)
        for start in range(0, max(len(tokens), 1), AT_ONCE):
            piece = tokens[start : start + AT_ONCE]
            self._read(logits, parameters, piece, state, workspace)
        return logits

    def write(
        self, parameters: Parameters, state: LlamaState, n: int, sampler: Sampler, *, seed: int
    ) -> Generation:
        """Write up to `n` tokens, moving `state` over them."""
        tokens, log_probabilities = np.empty(n, np.int32), np.empty(n, np.float32)
        workspace = self._reading_workspace(parameters)
        written, stopped = 0, False
        while written < n and not stopped:
            count, stopped = self._write(
                tokens[written : written + AT_ONCE],
                log_probabilities[written : written + AT_ONCE],
                parameters,
                state,
                sampler,
                seed,
                workspace,
            )
            written += count
        return Generation(
            tokens[:written].copy(), log_probabilities[:written].copy(), state, stopped
        )

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
        config, steps = parameters.config, optimizer.steps
        step = Step.of(parameters, batch)
        shape = _shape(parameters)
        status = self._lib.l2c_llama_train(
            _weights(parameters),
            _weights(optimizer.m),
            _weights(optimizer.v),
            *step.pointers(),
            *examples(batch),
            _past(carried),
            shape,
            adam(config, rate=config.rate(steps, rate), step=steps + 1),
            config.muon_rate(steps, rate),
            *self._sizes(parameters, carried, batch, threads),
        )
        self._ready = None
        if status == self._lib.L2C_NOT_FINITE:
            return math.nan, carried
        binding.check(status)
        if batch.weights.any():
            optimizer.count += 1
        return float(step.loss[0]), carried.moved(
            config, batch, step.keys, step.values, step.outputs
        )

    def gradient(
        self, parameters: Parameters, carried: Carried, batch: Batch, *, threads: int = 1
    ) -> tuple[float, Parameters]:
        """The loss on `batch` and its gradient, without a step: what tests hold against the twin.

        Raises `L2CError` when one of them is not finite.
        """
        found = parameters.zeros()
        step, shape = Step.of(parameters, batch), _shape(parameters)
        status = self._lib.l2c_llama_gradient(
            _weights(found),
            *step.pointers(),
            _weights(parameters),
            *examples(batch),
            _past(carried),
            shape,
            *self._sizes(parameters, carried, batch, threads),
        )
        binding.check(status)
        return float(step.loss[0]), found

    def _read(
        self,
        logits: Float32[np.ndarray, "*T V"],
        parameters: Parameters,
        tokens: Int32[np.ndarray, " T"],
        state: LlamaState,
        workspace: Float32[np.ndarray, " N"],
    ) -> None:
        ready, pages = self._for_reading(parameters), _pages(state, len(tokens))
        status = self._lib.l2c_llama_read(
            binding.pointer(logits, logits.shape, np.float32),
            _output(parameters, state),
            pages.struct,
            ready.weights,
            ready.prepared,
            ready.storage,
            binding.pointer(tokens, (len(tokens),), np.int32),
            state.before,
            ready.shape,
            state.position,
            len(tokens),
            logits.ndim == 2,
            *memory(workspace),
        )
        binding.check(status)
        state.move(tokens)

    def _write(
        self,
        tokens: Int32[np.ndarray, " N"],
        log_probabilities: Float32[np.ndarray, " N"],
        parameters: Parameters,
        state: LlamaState,
        sampler: Sampler,
        seed: int,
        workspace: Float32[np.ndarray, " N"],
    ) -> tuple[int, bool]:
        n = len(tokens)
        ready, pages = self._for_reading(parameters), _pages(state, n)
        written, stopped = binding.new("size_t *"), binding.new("int *")
        position = binding.new("uint64_t *", state.position)
        status = self._lib.l2c_llama_generate(
            binding.pointer(tokens, (n,), np.int32),
            binding.pointer(log_probabilities, (n,), np.float32),
            written,
            stopped,
            _output(parameters, state),
            pages.struct,
            binding.pointer(state.recent, (RECENT,), np.int32),
            position,
            ready.weights,
            ready.prepared,
            ready.storage,
            ready.shape,
            options(sampler, parameters.vocab_size).struct,
            seed,
            n,
            *memory(workspace),
        )
        binding.check(status)
        state.position = int(position[0])
        return int(written[0]), bool(stopped[0])

    def _for_reading(self, parameters: Parameters) -> Ready:
        """What every reading of these weights needs: made once, until the next step."""
        ready, isa = self._ready, binding.instruction_set()
        if ready is None or ready.parameters is not parameters or ready.instruction_set != isa:
            shape, weights = _shape(parameters), _weights(parameters)
            storage = READINGS.index(parameters.config.reading)
            size = self._lib.l2c_llama_prepared_size(shape, storage)
            prepared = binding.pointer(np.empty(size, np.float32), (size,), np.float32)
            binding.check(self._lib.l2c_llama_prepare(prepared, weights, shape, storage))
            room = self._lib.l2c_llama_read_workspace(shape)
            ready = Ready(parameters, isa, shape, weights, prepared, storage, room)
            self._ready = ready
        return ready

    def _reading_workspace(self, parameters: Parameters) -> Float32[np.ndarray, " N"]:
        return np.empty(self._for_reading(parameters).workspace_size, np.float32)

    def _sizes(
        self, parameters: Parameters, carried: Carried, batch: Batch, threads: int
    ) -> tuple[int, int, int, int, Any, int]:
        """The last arguments of a training step."""
        rows, length = batch.weights.shape
        past = carried.keys.shape[2]
        shape, muon = _shape(parameters), parameters.config.muon > 0
        tokens = PASS * parameters.config.dim * threads
        at_once = min(self.rows_at_once or math.ceil(tokens / length), rows)
        sizes = (rows, at_once, length, threads)
        needed = self._lib.l2c_llama_train_workspace(shape, muon, past, *sizes)
        return *sizes, *self._memory.of(needed, batch, threads)


def _shape(parameters: Parameters) -> Any:
    config = parameters.config
    values = {name: getattr(config, name) for name in SHAPE}
    values["vocab_size"] = parameters.vocab_size
    return binding.new("l2c_llama_shape *", values)


def _weights(parameters: Parameters) -> Any:
    count = binding.library().l2c_llama_parameter_count(_shape(parameters))
    return binding.pointer(parameters.flat, (count,), np.float32)


def _output(parameters: Parameters, state: LlamaState) -> Any:
    return binding.pointer(state.output, (parameters.config.dim,), np.float32)


def _pages(state: LlamaState, tokens: int) -> Pages:
    """The stream's pages, with room for `tokens` more."""
    state.make_room(tokens)
    pages = tuple(binding.pointer(page, page.shape, np.float32) for page in state.pages)
    pointers = binding.new("float *[]", pages)
    values = {"pages": pointers, "first": state.first_page, "count": len(pages)}
    return Pages(binding.new("l2c_llama_pages *", values), pointers, pages)


def _past(carried: Carried) -> Any:
    shape, rows = carried.keys.shape, carried.lengths.shape
    values = {
        "keys": binding.pointer(carried.keys, shape, np.float32),
        "values": binding.pointer(carried.values, shape, np.float32),
        "lengths": binding.pointer(carried.lengths, rows, np.int64),
        "positions": binding.pointer(carried.positions, rows, np.int64),
        "length": shape[2],
    }
    if carried.before is not None:
        values["before"] = binding.pointer(carried.before, rows, np.int32)
    return binding.new("l2c_llama_past *", values)
