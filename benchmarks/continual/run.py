"""One learner with one strategy on one stream."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.continual.strategies import ROWS, SEQUENCE, STRATEGIES, networks, rows_of
from benchmarks.continual.streams import Stream
from l2c.engines.engine import Engine, State
from l2c.engines.mixture.members import Follows
from l2c.engines.sampling import log_softmax

if TYPE_CHECKING:
    from jaxtyping import Float64, Int32

CHUNK = ROWS * SEQUENCE
NO_TOKENS = np.zeros(0, np.int32)


@dataclass(frozen=True)
class Outcome:
    """Bits per byte. `read[n, j]` is task j's held-out part after n tasks, n from 0."""

    prequential: float
    read: Float64[np.ndarray, "S+1 S"]
    cpu_s: float

    @property
    def forgetting(self) -> float:
        """At the end against the best, over all tasks but the last."""
        best = self.read[1:, :-1].min(axis=0)
        return float((self.read[-1, :-1] - best).mean())

    @property
    def backward(self) -> float:
        """What later tasks did for earlier ones; negative where they harmed."""
        new = np.diagonal(self.read[1:])[:-1]
        return float((new - self.read[-1, :-1]).mean())

    @property
    def forward(self) -> float:
        """What earlier tasks did for later ones, before these began."""
        tasks = self.read.shape[1]
        before = np.array([self.read[j, j] for j in range(1, tasks)])
        return float((self.read[0, 1:] - before).mean())

    @property
    def figures(self) -> dict[str, float]:
        """All of it by name."""
        return {
            "prequential": self.prequential,
            "at_the_end": float(self.read[-1].mean()),
            "forgetting": self.forgetting,
            "backward_transfer": self.backward,
            "forward_transfer": self.forward,
            "cpu_s": self.cpu_s,
        }


def run(make: Callable[[int, int], Engine], stream: Stream, strategy: str, seed: int) -> Outcome:
    """The whole stream, once."""

    def fresh(seed: int) -> Engine:
        return make(stream.vocab_size, seed)

    way = STRATEGIES[strategy](fresh, seed)
    engine, state = fresh(seed), None
    began, nats, tokens = time.process_time(), 0.0, 0
    read = [_read_all(engine, stream)]
    for task in stream.tasks:
        way.task_begins(engine)
        for begin in range(0, len(task.learned), CHUNK):
            chunk = task.learned[begin : begin + CHUNK]
            answering = way.answering(engine)
            found, state = predicted(answering, chunk, state)
            nats, tokens = nats - float(found.sum()), tokens + len(chunk)
            trained = networks(engine)
            if not trained:
                continue
            before = trained[0].tensors(optimizer=False)
            for batch in way.batches(rows_of(task.learned[max(begin - 1, 0) : begin + CHUNK])):
                for network in trained:
                    network.train(batch)
            engine = way.learned(before, engine)
        engine = way.task_ends(engine)
        read.append(_read_all(way.answering(engine), stream))
        state = None
    bits = nats / tokens / math.log(2)
    return Outcome(bits, np.array(read), time.process_time() - began)


def predicted(
    engine: Engine, tokens: Int32[np.ndarray, " N"], state: State | None
) -> tuple[Float64[np.ndarray, " N"], State]:
    """Log probabilities of each token, and the state after them; what follows a stream learns."""
    if isinstance(engine, Follows):
        found, now = engine.follow(tokens, state)
        return np.asarray(getattr(found, "scores", found), np.float64), now
    return _read(engine, tokens, state)


def _read(
    engine: Engine, tokens: Int32[np.ndarray, " N"], state: State | None
) -> tuple[Float64[np.ndarray, " N"], State]:
    first, state = engine.advance(NO_TOKENS, state)
    logits = np.concatenate([first[None], engine.logits(tokens[:-1], state)])
    log_p = log_softmax(logits.astype(np.float64))
    return log_p[np.arange(len(tokens)), tokens], engine.advance(tokens, state)[1]


def _read_all(engine: Engine, stream: Stream) -> Float64[np.ndarray, " S"]:
    """Bits per byte of every task's held-out part, nothing learned."""
    return np.array(
        [-_read(engine, task.held_out, None)[0].mean() / math.log(2) for task in stream.tasks]
    )
