"""What a stream has read: keys and values in pages, so that texts with one beginning share it.

The cache of a transformer grows with its text, and a state must stay as it was when another text
goes on from it. So keys and values lie in pages of `PAGE` positions. A full page is never written
again and is shared by all states that go on from it; only the last, partly filled page is copied.
Pages that no later token sees are let go. Page n holds the positions from n * PAGE on, in an array
(L, 2, G, PAGE * E): for every layer and head its keys as (E, PAGE), then its values as (PAGE, E),
which is how the sums over them run.

Letters: L layers, G kv_heads, E head, D dim, B batch, P past.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from l2c.engines import network, sampling
from l2c.engines.engine import Batch, State, Tensors
from l2c.engines.llama.config import LlamaConfig
from l2c.engines.llama.reference import Past

if TYPE_CHECKING:
    from jaxtyping import Float32, Int32, Int64

PAGE = 64


@dataclass(slots=True)
class LlamaState(State):
    """The window of one stream, and what its next token is predicted from."""

    config: LlamaConfig
    output: Float32[np.ndarray, " D"]
    """rms(x) * norm of the last token; zeros before the first, which predict nothing at all."""
    pages: list[np.ndarray] = field(default_factory=list)
    first_page: int = 0
    recent: Int32[np.ndarray, " 64"] = field(default_factory=sampling.empty_recent)
    position: int = 0

    @property
    def before(self) -> int:
        """The token that was read last, -1 where there is none."""
        return int(self.recent[(self.position - 1) % sampling.RECENT]) if self.position else -1

    @classmethod
    def empty(cls, config: LlamaConfig) -> LlamaState:
        """The state of a stream that has read nothing."""
        return cls(config, np.zeros(config.dim, np.float32))

    def copy(self) -> LlamaState:
        """The same state, free to go on: full pages are shared, the last one is its own."""
        # Room that was made and not used is left behind.
        pages = self.pages[: -(-self.position // PAGE) - self.first_page]
        if self.position % PAGE:
            pages[-1] = pages[-1].copy()
        return LlamaState(
            self.config,
            self.output.copy(),
            pages,
            self.first_page,
            self.recent.copy(),
            self.position,
        )

    def make_room(self, tokens: int) -> None:
        """Let go of pages that are out of sight, and add empty ones for `tokens` more tokens."""
        oldest = max(0, self.position - self.config.context + 1) // PAGE
        while self.pages and self.first_page < oldest:
            del self.pages[0]
            self.first_page += 1
        if not self.pages:
            self.first_page = self.position // PAGE
        shape = (self.config.layers, 2, self.config.kv_heads, PAGE * self.config.head)
        while (self.first_page + len(self.pages)) * PAGE < self.position + tokens:
            self.pages.append(np.zeros(shape, np.float32))

    def window(self) -> tuple[Float32[np.ndarray, "L S G E"], Float32[np.ndarray, "L S G E"]]:
        """Keys and values of what the next token sees, with room for its own at the end."""
        first = max(0, self.position - self.config.context + 1)
        return self._cut(first, self.position + 1)

    def write(
        self,
        first: int,
        keys: Float32[np.ndarray, "L S G E"],
        values: Float32[np.ndarray, "L S G E"],
    ) -> None:
        """Put keys and values of the positions from `first` on into pages, which must be there."""
        for offset in range(keys.shape[1]):
            page, place = divmod(first + offset, PAGE)
            ours_k, ours_v = self._views(self.pages[page - self.first_page])
            ours_k[..., place] = keys[:, offset]
            ours_v[:, :, place] = values[:, offset]

    def move(self, tokens: Int32[np.ndarray, " T"]) -> None:
        """Remember that `tokens` were read; pages and output are the backend's to write."""
        sampling.remember(self.recent, self.position, tokens)
        self.position += len(tokens)

    def _cut(self, first: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        keys, values = [], []
        for number in range(first // PAGE, (end - 1) // PAGE + 1):
            low, high = max(first - number * PAGE, 0), min(end - number * PAGE, PAGE)
            k, v = self._views(self.pages[number - self.first_page])
            keys.append(k[..., low:high].transpose(0, 3, 1, 2))
            values.append(v[:, :, low:high].transpose(0, 2, 1, 3))
        return np.concatenate(keys, axis=1), np.concatenate(values, axis=1)

    def _views(self, page: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The keys of a page as (L, G, E, PAGE), its values as (L, G, PAGE, E)."""
        layers, groups, size = self.config.layers, self.config.kv_heads, self.config.head
        keys = page[:, 0].reshape(layers, groups, size, PAGE)
        return keys, page[:, 1].reshape(layers, groups, PAGE, size)


@dataclass(slots=True)
class Carried(network.Carried):
    """What every row of a batch has read, for its next batch: a window of keys and values.

    Of row b only the last `lengths[b]` of P are real; its next token stands at `positions[b]`.
    """

    keys: Float32[np.ndarray, "L B P G E"]
    values: Float32[np.ndarray, "L B P G E"]
    outputs: Float32[np.ndarray, "B D"]
    lengths: Int64[np.ndarray, " B"]
    positions: Int64[np.ndarray, " B"]
    before: Int32[np.ndarray, " B"] | None
    """The last token each row has read, -1 for none; kept where a table of n-grams asks for it."""

    @classmethod
    def empty(cls, config: LlamaConfig, rows: int, past: int = 0) -> Carried:
        """The state of rows that have read nothing."""
        shape = (config.layers, rows, past, config.kv_heads, config.head)
        keys, values = np.zeros((2, *shape), np.float32)
        lengths, positions = np.zeros((2, rows), np.int64)
        before = np.full(rows, -1, np.int32) if config.ngram_rows else None
        outputs = np.zeros((rows, config.dim), np.float32)
        return cls(keys, values, outputs, lengths, positions, before)

    def tensors(self) -> Tensors:
        """Its arrays by name."""
        names = ("keys", "values", "outputs", "lengths", "positions")
        last = {} if self.before is None else {"before": self.before}
        return {name: getattr(self, name) for name in names} | last

    def continued(self, batch: Batch, config: LlamaConfig) -> Carried:
        """One state a row of `batch`: empty where a row is fresh or has no past."""
        known = len(self.lengths)
        going_on = np.flatnonzero(~batch.fresh[:known])
        past = int(self.lengths[going_on].max(initial=0))
        made = Carried.empty(config, len(batch.fresh), past)
        first = self.keys.shape[2] - past
        for name in ("keys", "values"):
            getattr(made, name)[:, going_on] = getattr(self, name)[:, going_on, first:]
        for name in ("outputs", "lengths", "positions"):
            getattr(made, name)[going_on] = getattr(self, name)[going_on]
        if made.before is not None and self.before is not None:
            made.before[going_on] = self.before[going_on]
        return made

    def moved(
        self,
        config: LlamaConfig,
        batch: Batch,
        keys: Float32[np.ndarray, "L B T G E"],
        values: Float32[np.ndarray, "L B T G E"],
        outputs: Float32[np.ndarray, "B D"],
    ) -> Carried:
        """The states after a batch of T tokens with these keys and values, cut to the window."""
        longest = config.context - 1
        time = keys.shape[2]
        lengths = np.minimum(self.lengths + time, longest)
        first = self.keys.shape[2] + time - int(lengths.max(initial=0))
        return Carried(
            _joined(self.keys, keys, first),
            _joined(self.values, values, first),
            np.ascontiguousarray(outputs),
            lengths,
            self.positions + time,
            None if self.before is None else batch.tokens[:, -2].copy(),
        )

    def past(self) -> Past:
        """The same as the teaching text takes it."""
        return Past(self.keys, self.values, self.lengths, self.positions, self.before)

    def state(self, row: int, config: LlamaConfig) -> LlamaState:
        """The state of one row, as a stream that can go on."""
        state = LlamaState.empty(config)
        length = int(self.lengths[row])
        state.position = int(self.positions[row]) - length
        state.make_room(length)
        first = self.keys.shape[2] - length
        state.write(state.position, self.keys[:, row, first:], self.values[:, row, first:])
        state.position += length
        state.output[:] = self.outputs[row]
        if self.before is not None and length:
            state.recent[(state.position - 1) % sampling.RECENT] = self.before[row]
        return state


def _joined(past: np.ndarray, new: np.ndarray, first: int) -> np.ndarray:
    """Past and new tokens from `first` on; a view where no past is left, for most have none."""
    known = past.shape[2]
    if first >= known:
        return new[:, :, first - known :]
    return np.concatenate([past[:, :, first:], new], axis=2)
