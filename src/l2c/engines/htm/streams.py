"""What reads and writes texts for the engine: the contract of its backends, and their values.

A backend holds what was learned: the synapses of a Temporal Memory, and counts and weights of the
head that turns its cells into probabilities. There are two: `reference_streams.py` in
dictionaries, to be read, and `kernel_streams.py` in C. The engine keeps the books.

Letters: V vocabulary, T time, E experts, N entries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from l2c.engines import sampling
from l2c.engines.engine import Generation, Sampler, State
from l2c.engines.htm.parameters import TemporalMemoryParameters, check_numbers
from l2c.engines.htm.synapses import Synapses
from l2c.errors import InvalidConfig

if TYPE_CHECKING:
    from jaxtyping import Bool, Float32, Int32, UInt16, UInt32, UInt64

MAX_VOCAB_SIZE = 65_535
MAX_ORDER = 4
EXPERTS = (
    "winner cells",
    "active cells together",
    "expected columns",
    *(f"order {n}" for n in range(MAX_ORDER + 1)),
)
WEIGHT_SETS = 31
MAX_COUNT = 65_535
"""A count stops there."""


@dataclass(frozen=True, slots=True)
class Config:
    """A sequence memory over tokens: its Temporal Memory, and the head on it.

    Every token is `active_columns` columns, chosen by hash. `orders` is the longest context the
    head counts beside the memory. `max_counts` bounds its memory: when it is reached all counts
    are halved, and what falls to nothing is forgotten.
    """

    columns: int = 1024
    cells_per_column: int = 32
    active_columns: int = 20
    activation_threshold: int = 13
    min_threshold: int = 10
    max_new_synapse_count: int = 20
    initial_permanence: float = 0.21
    connected_permanence: float = 0.5
    permanence_increment: float = 0.05
    permanence_decrement: float = 0.02
    predicted_segment_decrement: float = 0.0
    max_segments_per_cell: int = 128
    max_synapses_per_segment: int = 32
    max_segments: int = 131_072
    orders: int = MAX_ORDER
    max_counts: int = 1 << 21
    mixing_rate: float = 0.001

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """The configuration with these values; raises `InvalidConfig` for a bad or unknown one."""
        known = [field.name for field in fields(cls)]
        for key in values:
            if key not in known:
                raise InvalidConfig(f"A sequence memory is configured by {known}; found {key!r}.")
        return cls(**values)

    def __post_init__(self) -> None:
        ranges = {
            "active_columns": (1, self.columns),
            "orders": (0, MAX_ORDER),
            "max_counts": (1 << 10, 1 << 28),
        }
        self.memory()  # checks its own
        for name, (least, most) in ranges.items():
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise InvalidConfig(
                    f"`{name}` must be an integer in [{least}, {most}]; found {value!r}."
                )
        check_numbers(self, mixing_rate=(0, 1))

    def memory(self) -> TemporalMemoryParameters:
        """The parameters of the Temporal Memory."""
        names = [field.name for field in fields(TemporalMemoryParameters)]
        return TemporalMemoryParameters(**{name: getattr(self, name) for name in names})


@dataclass(slots=True)
class HTMState(State):
    """What a stream has read: which cells are active, which won, and its last tokens.

    `surprise` is the anomaly of the last step.
    """

    active: UInt16[np.ndarray, " A"] = field(default_factory=lambda: np.zeros(0, np.uint16))
    winners: UInt16[np.ndarray, " W"] = field(default_factory=lambda: np.zeros(0, np.uint16))
    recent: Int32[np.ndarray, " 64"] = field(default_factory=sampling.empty_recent)
    position: int = 0
    surprise: float = 1.0

    def copy(self) -> HTMState:
        """The same state in memory of its own."""
        return HTMState(
            self.active.copy(), self.winners.copy(), self.recent.copy(), self.position,
            self.surprise,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """What came after cells and contexts, and the weights of the head.

    `orders` is -1 for a cell (then `keys` is the cell) and n for a context of n tokens (16 bits of
    the key each, the last one lowest). `overlaps[n]`: how often a token was seen n of whose
    columns were expected, and how often it came.
    """

    orders: Int32[np.ndarray, " N"]
    keys: UInt64[np.ndarray, " N"]
    tokens: UInt32[np.ndarray, " N"]
    counts: UInt32[np.ndarray, " N"]
    overlaps: UInt32[np.ndarray, "O 2"]
    weights: Float32[np.ndarray, "S E"]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How many tokens there are, how many were there when the head last learned, their columns."""

    known: int
    columns: UInt16[np.ndarray, "V K"]

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return len(self.columns)

    def learned(self) -> Vocabulary:
        """The same after the head has learned: every token is known."""
        return Vocabulary(self.size, self.columns)


@dataclass(frozen=True, slots=True)
class Read:
    """The logits after every token, its anomaly, and what each expert said."""

    logits: Float32[np.ndarray, "T V"]
    anomaly: Float32[np.ndarray, " T"]
    experts: Float32[np.ndarray, "T E V"]


@dataclass(frozen=True, slots=True)
class Followed:
    """A stream that was predicted token by token, and learned.

    `scores` are natural log probabilities of each token; `claimed` is the probability of the
    likeliest one, `right` whether it came; `anomaly` the part of its columns nobody expected.
    `experts` are the scores of the experts alone, 0 for those that are not used.
    """

    scores: Float32[np.ndarray, " T"]
    experts: Float32[np.ndarray, "T E"]
    claimed: Float32[np.ndarray, " T"]
    right: Bool[np.ndarray, " T"]
    anomaly: Float32[np.ndarray, " T"]


class Streams(Protocol):
    """The memory and its head, and streams of tokens through them. States move in place."""

    name: str
    vocabulary: Vocabulary
    """The tokens that are read and written; it may be replaced by a larger one."""

    @property
    def segment_count(self) -> int:
        """How many segments there are."""

    def last(self, tokens: Int32[np.ndarray, " T"], state: HTMState) -> Float32[np.ndarray, " V"]:
        """Read without learning; the logits after the last token (or where the state stands)."""

    def read(self, tokens: Int32[np.ndarray, " T"], state: HTMState) -> Read:
        """Read without learning; what is predicted after every token."""

    def follow(
        self, tokens: Int32[np.ndarray, " T"], learn: Bool[np.ndarray, " T"], state: HTMState
    ) -> Followed:
        """Predict every token, then read it, and learn it where `learn` says so."""

    def write(self, state: HTMState, n: int, sampler: Sampler, *, seed: int) -> Generation:
        """Write up to `n` tokens without learning."""

    def synapses(self) -> Synapses:
        """What the memory learned."""

    def counts(self) -> Counts:
        """What the head learned, sorted by order, key and token."""

    def restore(self, synapses: Synapses, counts: Counts) -> None:
        """Become what these say. Raises `InvalidInput` where they do not fit together."""


def first_weights(orders: int) -> Float32[np.ndarray, "S E"]:
    """The weights of a head that has learned nothing: every expert it uses has an equal say."""
    used = 4 + orders
    weights = np.zeros((WEIGHT_SETS, len(EXPERTS)), np.float32)
    weights[-1, :used] = 1 / used
    return weights


FLOOR = 0.004
"""The part of every prediction that is order 0, so that no expert must leave room for surprises."""


def weight_set(surprise: float, seen: int) -> int:
    """Which weights: by the surprise of the last step and the longest context ever seen."""
    level = 0 if surprise <= 0 else 5 if surprise >= 1 else 1 + int(surprise * 4)
    return level * (MAX_ORDER + 1) + seen


def halved(counts: Counts) -> Counts:
    """Half of every count, without those that fall to nothing."""
    half = counts.counts // 2
    kept = half > 0
    return Counts(
        counts.orders[kept], counts.keys[kept], counts.tokens[kept], half[kept],
        counts.overlaps, counts.weights,
    )  # fmt: skip
