"""N-grams counted by the C kernels: what `reference.py` does, some hundred times as fast.

The tables are NumPy arrays that C reads and writes; C allocates nothing. Before anything is added
they are made large enough for the worst case, every n-gram new at every length, a few thousand
n-grams at a time, so that no more memory is taken than the text turns out to need.

Letters: M length of the longest context, V vocabulary, N n-grams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from l2c.engines.calls import options
from l2c.engines.engine import Generation, Sampler
from l2c.engines.ngram.counts import ANY, MAX_EVENTS, NGramState, Vocabulary
from l2c.engines.sampling import RECENT
from l2c.errors import InvalidInput
from l2c.kernels import binding

if TYPE_CHECKING:
    from jaxtyping import Float32, Float64, Int32, UInt32, UInt64

CHUNK = 4096
"""How many n-grams are added by one call of C."""

CONTEXT_FIELDS, ENTRY_FIELDS = 8, 4
PARENT, TOKEN, DEPTH = 0, 1, 2
"""Fields of a context's record; tokens are kept + 1. See `ngram.h`."""

ENTRY_CONTEXT, ENTRY_TOKEN, ENTRY_COUNT = 0, 1, 3
CONTEXTS_TOUCHED, CONTEXTS_LIVE, ENTRIES_TOUCHED, ENTRIES_LIVE, EVENTS = 0, 2, 3, 5, 6
COUNTS_OF_COUNTS = 7
"""Numbers in the tables' books."""


class KernelCounts:
    """The n-grams in tables of records, with a hash index for each."""

    name = "kernel"

    def __init__(self, context: int) -> None:
        self.context = context
        self._lib = binding.library()
        self._contexts = np.zeros((64, CONTEXT_FIELDS), np.uint32)
        self._entries = np.zeros((64, ENTRY_FIELDS), np.uint32)
        self._context_index = np.zeros(128, np.uint64)
        self._entry_index = np.zeros(128, np.uint64)
        self._books = np.zeros(self._lib.L2C_NGRAM_BOOKS, np.uint32)
        binding.check(self._lib.l2c_ngram_clear(self._tables()))

    def add(self, windows: Int32[np.ndarray, "N M+1"], amounts: UInt32[np.ndarray, " N"]) -> None:
        """Count every window `amounts` times."""
        self._check_events(int(amounts.sum(dtype=np.uint64)))
        for begin in range(0, len(windows), CHUNK):
            some = slice(begin, begin + CHUNK)
            self._make_room(len(windows[some]))
            binding.check(
                self._lib.l2c_ngram_add(self._tables(), *self._given(windows[some], amounts[some]))
            )

    def remove(
        self, windows: Int32[np.ndarray, "N M+1"], amounts: UInt32[np.ndarray, " N"]
    ) -> None:
        """Undo `add`; raises `InvalidInput`, nothing changed, for what was not added."""
        status = self._lib.l2c_ngram_remove(self._tables(), *self._given(windows, amounts))
        if status == self._lib.L2C_NOT_COUNTED:
            raise InvalidInput(
                "Only what was added can be removed; this text was not, or not that often."
            )
        binding.check(status)

    def score(
        self, windows: Int32[np.ndarray, "N M+1"], vocabulary: Vocabulary
    ) -> Float64[np.ndarray, " N"]:
        """The log probability of every window's last token."""
        found = np.empty(len(windows))
        status = self._lib.l2c_ngram_score(
            binding.pointer(found, found.shape, np.float64),
            self._tables(),
            binding.pointer(windows, (len(windows), self.context + 1), np.int32),
            len(windows),
            vocabulary.size,
            vocabulary.known,
        )
        binding.check(status)
        return found

    def follow(
        self, windows: Int32[np.ndarray, "N M+1"], vocab_size: int
    ) -> Float64[np.ndarray, " N"]:
        """Score every window, and count it before the next is scored."""
        self._check_events(len(windows))
        found = np.empty(len(windows))
        for begin in range(0, len(windows), CHUNK):
            some, here = windows[begin : begin + CHUNK], found[begin : begin + CHUNK]
            self._make_room(len(some))
            status = self._lib.l2c_ngram_follow(
                binding.pointer(here, here.shape, np.float64),
                self._tables(),
                binding.pointer(some, (len(some), self.context + 1), np.int32),
                len(some),
                vocab_size,
            )
            binding.check(status)
        return found

    def read(
        self, contexts: Int32[np.ndarray, "N M"], vocabulary: Vocabulary
    ) -> tuple[Float32[np.ndarray, "N V"], Float32[np.ndarray, "N M+2"]]:
        """The logits after every context, and how much each length decided."""
        logits = np.empty((len(contexts), vocabulary.size), np.float32)
        shares = np.empty((len(contexts), self.context + 2), np.float32)
        workspace = self._workspace(vocabulary)
        status = self._lib.l2c_ngram_read(
            binding.pointer(logits, logits.shape, np.float32),
            binding.pointer(shares, shares.shape, np.float32),
            self._tables(),
            binding.pointer(contexts, (len(contexts), self.context), np.int32),
            len(contexts),
            vocabulary.size,
            vocabulary.known,
            binding.pointer(workspace, workspace.shape, np.float64),
            workspace.size,
        )
        binding.check(status)
        return logits, shares

    def write(
        self, state: NGramState, n: int, sampler: Sampler, *, seed: int, vocabulary: Vocabulary
    ) -> Generation:
        """Write up to `n` tokens, moving `state` over them, all in one call of C."""
        tokens, log_probabilities = np.empty(n, np.int32), np.empty(n, np.float32)
        written, stopped = binding.new("size_t *"), binding.new("int *")
        position = binding.new("uint64_t *", state.position)
        workspace = self._workspace(vocabulary)
        status = self._lib.l2c_ngram_generate(
            binding.pointer(tokens, (n,), np.int32),
            binding.pointer(log_probabilities, (n,), np.float32),
            written,
            stopped,
            binding.pointer(state.recent, (RECENT,), np.int32),
            position,
            self._tables(),
            options(sampler, vocabulary.size).struct,
            seed,
            n,
            vocabulary.size,
            vocabulary.known,
            binding.pointer(workspace, workspace.shape, np.float64),
            workspace.size,
        )
        binding.check(status)
        state.position = int(position[0])
        count = int(written[0])
        return Generation(
            tokens[:count].copy(), log_probabilities[:count].copy(), state, bool(stopped[0])
        )

    @property
    def counts_of_counts(self) -> UInt32[np.ndarray, "M+1 4"]:
        """For every length of context how many entries have count 1, 2, 3 and 4."""
        numbers: UInt32[np.ndarray, "M+1 4"] = self._books[COUNTS_OF_COUNTS:][
            : 4 * (self.context + 1)
        ].reshape(-1, 4)
        return numbers

    @counts_of_counts.setter
    def counts_of_counts(self, numbers: UInt32[np.ndarray, "M+1 4"]) -> None:
        self.counts_of_counts[:] = numbers

    def listed(self) -> tuple[Int32[np.ndarray, "N M+1"], UInt32[np.ndarray, " N"]]:
        """Every window that is counted, once, and how often."""
        entries = self._entries[: self._books[ENTRIES_TOUCHED]]
        entries = entries[entries[:, ENTRY_COUNT] > 0]
        alone = self._counted_alone(entries)
        entries, alone = entries[alone > 0], alone[alone > 0]
        windows = np.full((len(entries), self.context + 1), ANY, np.int32)
        windows[:, -1] = entries[:, ENTRY_TOKEN]
        at = entries[:, ENTRY_CONTEXT]
        depths = self._contexts[at, DEPTH]
        for column in range(self.context):  # a context's parent lacks its oldest token
            inside = depths >= self.context - column
            windows[inside, column] = self._contexts[at[inside], TOKEN].astype(np.int64) - 1
            at = np.where(inside, self._contexts[at, PARENT], at)
        return windows, alone

    def _counted_alone(self, entries: UInt32[np.ndarray, "N 4"]) -> UInt32[np.ndarray, " N"]:
        """How much of each count no longer context accounts for: all of it for the longest ones,
        and for others only what pruning has left."""
        contexts, counts = entries[:, ENTRY_CONTEXT], entries[:, ENTRY_COUNT]
        depths = self._contexts[contexts, DEPTH]
        longest = depths == self.context
        longer = np.bincount(depths, minlength=self.context + 1)[1:]
        if np.array_equal(np.bincount(depths, counts, self.context + 1)[:-1], longer):
            return np.where(longest, counts, np.uint32(0)).astype(np.uint32)
        keys = _pairs(contexts, entries[:, ENTRY_TOKEN])
        deeper = entries[depths > 0]
        parents = self._contexts[deeper[:, ENTRY_CONTEXT], PARENT]
        reached = np.sort(_pairs(parents, deeper[:, ENTRY_TOKEN]))
        first, last = (np.searchsorted(reached, keys, side=side) for side in ("left", "right"))
        alone: UInt32[np.ndarray, " N"] = (counts - (last - first)).astype(np.uint32)
        return alone

    def _tables(self) -> Any:
        arrays: dict[str, np.ndarray] = {
            "contexts": self._contexts,
            "entries": self._entries,
            "context_index": self._context_index,
            "entry_index": self._entry_index,
            "books": self._books,
        }
        sizes = {
            "context_capacity": len(self._contexts),
            "entry_capacity": len(self._entries),
            "context_slots": len(self._context_index),
            "entry_slots": len(self._entry_index),
            "context": self.context,
        }
        pointers = {
            name: binding.pointer(array, array.shape, array.dtype.type)
            for name, array in arrays.items()
        }
        return binding.new("l2c_ngram_tables *", pointers | sizes)

    def _make_room(self, n: int) -> None:
        """Let `n` more windows fit, whatever they are; pools and indexes at least double."""
        contexts = 1 + int(self._books[CONTEXTS_LIVE]) + n * self.context
        entries = int(self._books[ENTRIES_LIVE]) + n * (self.context + 1)
        if contexts <= len(self._contexts) and entries <= len(self._entries):
            return
        _enlarge(self._contexts, contexts)
        _enlarge(self._entries, entries)
        self._context_index = _index_for(self._contexts, self._context_index)
        self._entry_index = _index_for(self._entries, self._entry_index)

    def _check_events(self, more: int) -> None:
        if int(self._books[EVENTS]) + more > MAX_EVENTS:
            raise InvalidInput(f"A counting model holds at most {MAX_EVENTS} n-grams.")

    def _given(
        self, windows: Int32[np.ndarray, "N M+1"], amounts: UInt32[np.ndarray, " N"]
    ) -> tuple[Any, Any, int]:
        return (
            binding.pointer(windows, (len(windows), self.context + 1), np.int32),
            binding.pointer(amounts, (len(windows),), np.uint32),
            len(windows),
        )

    def _workspace(self, vocabulary: Vocabulary) -> Float64[np.ndarray, " W"]:
        return np.empty(self._lib.l2c_ngram_workspace(vocabulary.size))


def _enlarge(records: UInt32[np.ndarray, "N F"], needed: int) -> None:
    """In place, so that the system moves pages instead of copying what is in them."""
    if needed > len(records):
        rows = max(needed, len(records) * 3 // 2)
        records.resize((rows, records.shape[1]), refcheck=False)


def _index_for(
    records: UInt32[np.ndarray, "N F"], index: UInt64[np.ndarray, " S"]
) -> UInt64[np.ndarray, " S2"]:
    """The index, moved into a larger one where it has too few slots: a third more than records."""
    slots = 1 << (len(records) * 4 // 3).bit_length()
    if slots <= len(index):
        return index
    larger = np.empty(slots, np.uint64)
    status = binding.library().l2c_ngram_move_index(
        binding.pointer(larger, (slots,), np.uint64),
        slots,
        binding.pointer(index, index.shape, np.uint64),
        len(index),
    )
    binding.check(status)
    return larger


def _pairs(
    contexts: UInt32[np.ndarray, " N"], tokens: UInt32[np.ndarray, " N"]
) -> UInt64[np.ndarray, " N"]:
    pairs: UInt64[np.ndarray, " N"] = contexts.astype(np.uint64) << np.uint64(32) | tokens
    return pairs
