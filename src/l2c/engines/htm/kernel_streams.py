"""Texts through the memory and its head in C: what `reference_streams.py` does, much faster.

The counts of the head lie in NumPy arrays that C reads and writes, like those of the memory. Where
C says that they are full they are copied into larger ones, up to the bound of the configuration;
there all counts are halved, and those that fall to nothing make room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from l2c.engines.calls import options
from l2c.engines.engine import Generation, Sampler
from l2c.engines.htm.kernel import KernelMemory
from l2c.engines.htm.streams import (
    EXPERTS,
    WEIGHT_SETS,
    Config,
    Counts,
    Followed,
    HTMState,
    Read,
    Vocabulary,
    first_weights,
    halved,
)
from l2c.engines.htm.synapses import Synapses
from l2c.engines.sampling import RECENT
from l2c.kernels import binding

if TYPE_CHECKING:
    from jaxtyping import Bool, Float32, Float64, Int32, UInt64

ENTRIES, CONTEXTS = 0, 1
"""Numbers in the head's books."""

KEY_LOW, KEY_HIGH, ORDER, FIRST, TOTAL, TYPES = range(6)
"""Fields of a context; the last three are those of a cell."""


class KernelStreams:
    """The memory and its head in arrays for C."""

    name = "kernel"

    def __init__(self, config: Config, vocabulary: Vocabulary, *, seed: int) -> None:
        self._config = config
        self._lib = binding.library()
        self._memory = KernelMemory(config.memory(), seed=seed)
        self.vocabulary = vocabulary
        self._empty_head()
        self._overlaps = np.zeros((config.active_columns + 1, 2), np.uint32)
        self._weights = first_weights(config.orders)

    @property
    def segment_count(self) -> int:
        """How many segments there are."""
        return self._memory.segment_count

    def last(self, tokens: Int32[np.ndarray, " T"], state: HTMState) -> Float32[np.ndarray, " V"]:
        """Read without learning; the logits after the last token."""
        logits = np.empty(self.vocabulary.size, np.float32)
        self._read(logits, None, None, tokens, state)
        return logits

    def read(self, tokens: Int32[np.ndarray, " T"], state: HTMState) -> Read:
        """Read without learning; what is predicted after every token."""
        T, V = len(tokens), self.vocabulary.size
        logits, anomaly = np.empty((T, V), np.float32), np.empty(T, np.float32)
        experts = np.zeros((T, len(EXPERTS), V), np.float32)
        self._read(logits, anomaly, experts, tokens, state)
        return Read(logits, anomaly, experts)

    def follow(
        self, tokens: Int32[np.ndarray, " T"], learn: Bool[np.ndarray, " T"], state: HTMState
    ) -> Followed:
        """Predict every token, then read it, and learn it where `learn` says so."""
        T, done, made = len(tokens), 0, binding.new("size_t *")
        scores = np.empty((T, 1 + len(EXPERTS)), np.float32)
        claims, anomaly = np.empty((T, 2), np.float32), np.empty(T, np.float32)
        learned = learn.astype(np.int32)
        with _Stream(self, state) as stream:
            while done < T:
                status = self._lib.l2c_htm_follow(
                    made,
                    *(
                        binding.pointer(a[done:], a[done:].shape, np.float32)
                        for a in (scores, claims, anomaly)
                    ),
                    stream.place,
                    self._memory.struct,
                    self._head(),
                    *stream.activity(),
                    binding.pointer(tokens[done:], (T - done,), np.int32),
                    binding.pointer(learned[done:], (T - done,), np.int32),
                    T - done,
                    *stream.workspace(),
                )
                if learned[done : done + int(made[0])].any():
                    self.vocabulary = self.vocabulary.learned()
                done += int(made[0])
                if status == self._lib.L2C_FULL:
                    stream.leave()
                    self._make_room(int(stream.state.winners.size))
                    stream.enter()
                else:
                    binding.check(status)
        return Followed(
            scores[:, 0].copy(), scores[:, 1:].copy(), claims[:, 0].copy(),
            claims[:, 1] == 1, anomaly,
        )  # fmt: skip

    def write(self, state: HTMState, n: int, sampler: Sampler, *, seed: int) -> Generation:
        """Write up to `n` tokens without learning."""
        tokens, log_probabilities = np.empty(n, np.int32), np.empty(n, np.float32)
        written, stopped = binding.new("size_t *"), binding.new("int *")
        with _Stream(self, state) as stream:
            status = self._lib.l2c_htm_generate(
                binding.pointer(tokens, (n,), np.int32),
                binding.pointer(log_probabilities, (n,), np.float32),
                written,
                stopped,
                stream.place,
                self._memory.struct,
                self._head(),
                *stream.activity(),
                options(sampler, self.vocabulary.size).struct,
                seed,
                n,
                *stream.workspace(),
            )
            binding.check(status)
        count = int(written[0])
        return Generation(
            tokens[:count].copy(), log_probabilities[:count].copy(), state, bool(stopped[0])
        )

    def synapses(self) -> Synapses:
        """What the memory learned."""
        return self._memory.synapses()

    def counts(self) -> Counts:
        """What the head learned, sorted by order, key and token."""
        contexts = self._contexts[self._contexts[:, ORDER] > 0]
        keys = contexts[:, KEY_LOW] | contexts[:, KEY_HIGH].astype(np.uint64) << np.uint64(32)
        cells = np.flatnonzero(self._cells[:, 2])
        owners = np.concatenate([cells.astype(np.uint64), keys])
        orders = np.concatenate([np.full(len(cells), -1), contexts[:, ORDER].astype(np.int64) - 1])
        at = np.concatenate([self._cells[cells, 0], contexts[:, FIRST]])
        found = []
        which = np.arange(len(owners))
        while len(which):  # one entry of every list that has another
            entries = self._entries[at - 1]
            both = entries[:, 0]
            found.append((orders[which], owners[which], both & 0xFFFF, both >> np.uint32(16)))
            more = entries[:, 1] > 0
            which, at = which[more], entries[more, 1]
        columns = [np.concatenate(column) for column in zip(*found, strict=True)] or [
            np.zeros(0)
        ] * 4
        order = np.lexsort((columns[2], columns[1], columns[0]))
        return Counts(
            columns[0][order].astype(np.int32),
            columns[1][order].astype(np.uint64),
            columns[2][order].astype(np.uint32),
            columns[3][order].astype(np.uint32),
            self._overlaps.copy(),
            self._weights.copy(),
        )

    def restore(self, synapses: Synapses, counts: Counts) -> None:
        """Become what these say. Raises `InvalidInput` where they do not fit together."""
        self._memory.restore(synapses)
        self._overlaps, self._weights = counts.overlaps.copy(), counts.weights.copy()
        self._fill_head(counts)

    def _read(
        self,
        logits: np.ndarray,
        anomaly: np.ndarray | None,
        experts: np.ndarray | None,
        tokens: Int32[np.ndarray, " T"],
        state: HTMState,
    ) -> None:
        outputs = (logits, anomaly, experts)
        with _Stream(self, state) as stream:
            status = self._lib.l2c_htm_read(
                *(
                    binding.nothing() if a is None else binding.pointer(a, a.shape, np.float32)
                    for a in outputs
                ),
                stream.place,
                self._memory.struct,
                self._head(),
                *stream.activity(),
                binding.pointer(tokens, (len(tokens),), np.int32),
                len(tokens),
                int(logits.ndim == 2),
                *stream.workspace(),
            )
            binding.check(status)

    # -------------------------------------------------------------------- the head's arrays

    def _empty_head(self, slots: int = 1 << 10, entries: int = 1 << 10) -> None:
        self._cells = np.zeros((self._config.memory().cells, 3), np.uint32)
        self._contexts = np.zeros((slots, 6), np.uint32)
        self._entries = np.zeros((entries, 2), np.uint32)
        self._books = np.zeros(self._lib.L2C_HTM_HEAD_BOOKS, np.uint64)

    def _fill_head(self, counts: Counts) -> None:
        """The head's lists, made of these counts, with room for some more."""
        n = len(counts.counts)
        beyond = counts.orders >= 0
        pairs = np.column_stack([counts.orders[beyond].astype(np.uint64), counts.keys[beyond]])
        contexts = len(np.unique(pairs, axis=0)) if len(pairs) else 0
        slots = 1 << max(10, (3 * (contexts + 8)).bit_length())
        self._empty_head(slots, min(n + n // 4 + 4096, self._config.max_counts))
        binding.check(
            self._lib.l2c_htm_head_add(
                self._head(),
                self._memory.struct,
                binding.pointer(counts.orders, (n,), np.int32),
                binding.pointer(counts.keys, (n,), np.uint64),
                binding.pointer(counts.tokens, (n,), np.uint32),
                binding.pointer(counts.counts, (n,), np.uint32),
                n,
            )
        )

    def _make_room(self, winners: int) -> None:
        """Whatever C found full, the head or the memory, is made larger; see `head_has_room`."""
        more, orders = winners + self._config.orders + 1, self._config.orders + 1
        used, contexts = int(self._books[ENTRIES]), int(self._books[CONTEXTS])
        lists_fit = (contexts + orders) * 4 // 3 + 2 < len(self._contexts)
        if used + more <= len(self._entries) and lists_fit:
            self._memory.grow()
            return
        counts = self.counts()
        while len(counts.counts) + more > self._config.max_counts:
            counts = halved(counts)
        self._fill_head(counts)

    def _head(self) -> Any:
        vocabulary, cells = self.vocabulary, self._config.memory().cells
        arrays: dict[str, tuple[np.ndarray, tuple[int, ...], type[np.generic]]] = {
            "columns": (
                vocabulary.columns, (vocabulary.size, self._config.active_columns), np.uint16
            ),
            "cells": (self._cells, (cells, 3), np.uint32),
            "contexts": (self._contexts, self._contexts.shape, np.uint32),
            "entries": (self._entries, self._entries.shape, np.uint32),
            "overlaps": (self._overlaps, (self._config.active_columns + 1, 2), np.uint32),
            "weights": (self._weights, (WEIGHT_SETS, len(EXPERTS)), np.float32),
            "books": (self._books, self._books.shape, np.uint64),
        }  # fmt: skip
        pointers = {name: binding.pointer(*given) for name, given in arrays.items()}
        sizes = {
            "context_slots": len(self._contexts),
            "entry_capacity": len(self._entries),
            "vocab_size": vocabulary.size,
            "known": vocabulary.known,
            "on": self._config.active_columns,
            "orders": self._config.orders,
            "rate": self._config.mixing_rate,
        }
        return binding.new("l2c_htm_head *", pointers | sizes)


class _Stream:
    """A state on its way through C: entered at the beginning, left where it stands at the end."""

    def __init__(self, streams: KernelStreams, state: HTMState) -> None:
        self._streams = streams
        self._lib = binding.library()
        self.state = state
        self.place = binding.new("l2c_htm_place *")

    def __enter__(self) -> _Stream:
        self.enter()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def activity(self) -> tuple[Any, int]:
        """What the stream excites: memory, and its size."""
        return binding.pointer(self._activity, self._activity.shape, np.uint64), len(self._activity)

    def workspace(self) -> tuple[Any, int]:
        """Scratch memory, and its size."""
        size = self._lib.l2c_htm_workspace(self._streams.vocabulary.size)
        self._workspace: Float64[np.ndarray, " W"] = np.empty(size)
        return binding.pointer(self._workspace, (size,), np.float64), size

    def enter(self) -> None:
        """Stand where the state stands."""
        self._activity: UInt64[np.ndarray, " W"] = self._streams._memory.activity()
        state = self.state
        self.place.recent[0:RECENT] = state.recent.tolist()
        self.place.position, self.place.surprise = state.position, state.surprise
        given = [
            x
            for cells in (state.active, state.winners)
            for x in (binding.pointer(cells, cells.shape, np.uint16), len(cells))
        ]
        struct = self._streams._memory.struct
        binding.check(self._lib.l2c_htm_enter(struct, *self.activity(), *given))

    def leave(self) -> None:
        """The state, moved to where the stream stands."""
        cells = self._streams._config.memory().cells
        active, winners = np.empty(cells, np.uint16), np.empty(cells, np.uint16)
        counts = [binding.new("size_t *") for _ in range(3)]
        nothing = binding.nothing()
        status = self._lib.l2c_htm_context(
            binding.pointer(active, active.shape, np.uint16),
            counts[0],
            binding.pointer(winners, winners.shape, np.uint16),
            counts[1],
            nothing,
            nothing,
            counts[2],
            self._streams._memory.struct,
            *self.activity(),
        )
        binding.check(status)
        self.state.active = active[: int(counts[0][0])].copy()
        self.state.winners = winners[: int(counts[1][0])].copy()
        self.state.recent = np.array(list(self.place.recent), np.int32)
        self.state.position = int(self.place.position)
        self.state.surprise = float(self.place.surprise)
