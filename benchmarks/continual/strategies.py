"""How a network goes on learning without losing what it knew.

- `plain`: the new chunk alone.
- `replay`: as many rows of earlier chunks beside it.
- `dreams`: beside it as much of what the network itself wrote before the task began (Shin et al.
  2017).
- `anchor`: after every chunk each weight is drawn back to where the task found it, the more the
  larger its gradients are (Kirkpatrick et al. 2017, "EWC", with Adam's mean squares as Fisher's
  information).
- `averaged`: what answers is a moving average of the weights (Polyak & Juditsky 1992).
- `rows`: of every matrix only the rows that changed most keep their change (after sparse memory
  fine-tuning, arXiv 2510.15103).
- `joint`: as `replay`, and after every task a new network learns all tasks so far, in as many
  steps: what the others may hope for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from l2c.engines.engine import Batch, Engine, Sampler, Tensors
from l2c.engines.network import Network

if TYPE_CHECKING:
    from jaxtyping import Int32

ALL = ("plain", "replay", "dreams", "anchor", "averaged", "rows", "joint")

ROWS, SEQUENCE = 16, 64
PASSES = 6
"""Steps on every chunk."""

DREAMT = 4096
PULL = 0.02
KEPT = 0.7
SHARE = 0.1

Tokens: TypeAlias = 'Int32[np.ndarray, " N"]'
Rows: TypeAlias = 'Int32[np.ndarray, "B T+1"]'


class Strategy:
    """`plain`, and what the others have in common."""

    def __init__(self, make: Callable[[int], Engine], seed: int) -> None:
        """`make` gives a new engine for a seed; chance here begins with `seed`."""
        self._make = make
        self._seed = seed
        self._rng = np.random.default_rng(seed)
        self._past: list[Rows] = []

    def task_begins(self, engine: Engine) -> None:
        """A new task begins; `engine` is what it finds."""

    def batches(self, new: Rows) -> list[Batch]:
        """The steps to take on a chunk, which is remembered."""
        beside = self.beside(len(new))
        self._past.append(new)
        rows = new if beside is None else np.concatenate([new, beside])
        return [_batch(rows) for _ in range(PASSES)]

    def beside(self, count: int) -> Rows | None:
        """So many rows to learn beside the new ones."""
        return None

    def learned(self, before: Tensors, engine: Engine) -> Engine:
        """The engine that goes on after a chunk, which found the weights `before`."""
        return engine

    def answering(self, engine: Engine) -> Engine:
        """The engine that predicts."""
        return engine

    def task_ends(self, engine: Engine) -> Engine:
        """The engine that goes on to the next task."""
        return engine

    def _earlier(self, count: int) -> Rows | None:
        if not self._past:
            return None
        past = np.concatenate(self._past)
        return past[self._rng.integers(0, len(past), count)]


class Replay(Strategy):
    def beside(self, count: int) -> Rows | None:
        return self._earlier(count)


class Dreams(Strategy):
    def task_begins(self, engine: Engine) -> None:
        self._dreamt = None
        if self._past:
            state = engine.initial_state()
            text = engine.generate(state, DREAMT, Sampler(temperature=1.0), seed=self._seed)
            self._dreamt = rows_of(text.tokens)

    def beside(self, count: int) -> Rows | None:
        if self._dreamt is None:
            return None
        return self._dreamt[self._rng.integers(0, len(self._dreamt), count)]


class Anchor(Strategy):
    def task_begins(self, engine: Engine) -> None:
        self._found = engine.tensors(optimizer=False) if self._past else {}

    def learned(self, before: Tensors, engine: Engine) -> Engine:
        now = engine.tensors()
        for name, anchor in self._found.items():
            importance = np.sqrt(now[f"optimizer/v/{name}"])
            pull = np.minimum(PULL * importance / (importance.mean() + 1e-12), 1)
            now[name] += (pull * (anchor - now[name])).astype(np.float32)
        return engine.from_tensors(engine.config, now)


class Averaged(Strategy):
    _mean: Tensors | None = None

    def learned(self, before: Tensors, engine: Engine) -> Engine:
        now = engine.tensors(optimizer=False)
        if self._mean is None:
            self._mean = now
        for name, tensor in now.items():
            self._mean[name] += np.float32(1 - KEPT) * (tensor - self._mean[name])
        return engine

    def answering(self, engine: Engine) -> Engine:
        return engine if self._mean is None else engine.from_tensors(engine.config, self._mean)


class SparseRows(Strategy):
    def learned(self, before: Tensors, engine: Engine) -> Engine:
        now = engine.tensors()
        for name, old in before.items():
            if old.ndim == 2 and len(self._past) > 1:
                change = np.linalg.norm(now[name] - old, axis=1)
                least = np.argsort(-change)[max(int(SHARE * len(change)), 1) :]
                now[name][least] = old[least]
        return engine.from_tensors(engine.config, now)


class Joint(Replay):
    def task_ends(self, engine: Engine) -> Engine:
        fresh = self._make(self._seed)
        for _ in range(PASSES * len(self._past)):
            rows = self._earlier(2 * ROWS)
            assert rows is not None
            fresh.train(_batch(rows))
        return fresh


STRATEGIES: dict[str, type[Strategy]] = dict(
    zip(ALL, (Strategy, Replay, Dreams, Anchor, Averaged, SparseRows, Joint), strict=True)
)


def networks(engine: Engine) -> Sequence[Network[Any, Any, Any]]:
    """What of an engine learns by gradients."""
    members = getattr(engine, "members", (engine,))
    return [member for member in members if isinstance(member, Network)]


def rows_of(tokens: Tokens) -> Rows:
    """The text in rows; each begins with the token the one before it ends with."""
    count = (len(tokens) - 1) // SEQUENCE
    return np.stack([tokens[n * SEQUENCE :][: SEQUENCE + 1] for n in range(count)])


def _batch(rows: Rows) -> Batch:
    weights = np.ones((len(rows), SEQUENCE), np.float32)
    return Batch(np.ascontiguousarray(rows), weights, np.ones(len(rows), bool))
