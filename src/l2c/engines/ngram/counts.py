"""What counts n-grams for the engine: the contract of its backends, and the values they share.

The engine keeps the books (vocabulary, what each row of a batch read last); a backend counts and
predicts. There are two: `reference.py` in dictionaries, to be read, and `kernel.py` in C.

Letters: M length of the longest context, V vocabulary, N n-grams.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from l2c.engines import sampling
from l2c.engines.engine import Generation, Sampler, State
from l2c.errors import InvalidConfig

if TYPE_CHECKING:
    from jaxtyping import Float32, Float64, Int32, UInt32

NOTHING = -1
"""What stands in a context where the text had not begun."""

ANY = -2
"""What stands for the older tokens of an n-gram of which only the rest was kept; see pruning."""

MAX_CONTEXT = 8
MAX_VOCAB_SIZE = 65_534
MAX_EVENTS = 2**32 - 1
"""How many n-grams can be counted: sums are kept in 32 bits."""


@dataclass(frozen=True, slots=True)
class Config:
    """How far a counting model looks back. 6 characters are the measured best of 3 to 8."""

    context: int = 6

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """The configuration with these values; raises `InvalidConfig` for a bad or unknown one."""
        for key in values:
            if key != "context":
                raise InvalidConfig(
                    f"A counting model is configured by ['context']; found {key!r}."
                )
        config = cls(**values)
        if type(config.context) is not int or not 1 <= config.context <= MAX_CONTEXT:
            raise InvalidConfig(
                f"`context` must be an integer in [1, {MAX_CONTEXT}]; found {config.context!r}."
            )
        return config


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How many tokens there are, and how many of them were there when the counts last changed.

    Tokens that came since share what is left for unseen ones, without any old score changing.
    """

    size: int
    known: int


@dataclass(slots=True)
class NGramState(State):
    """What one stream has read: its last tokens are all there is to know."""

    recent: Int32[np.ndarray, " 64"] = field(default_factory=sampling.empty_recent)
    position: int = 0

    def copy(self) -> NGramState:
        """The same state in memory of its own."""
        return NGramState(self.recent.copy(), self.position)

    def context(self, length: int) -> Int32[np.ndarray, " M"]:
        """The last `length` tokens, `NOTHING` in front of the first."""
        at = self.position + np.arange(-length, 0)
        return self.recent[at % sampling.RECENT]

    def move(self, tokens: Int32[np.ndarray, " T"]) -> None:
        """Remember that `tokens` were read."""
        sampling.remember(self.recent, self.position, tokens)
        self.position += len(tokens)


class Counts(Protocol):
    """N-grams that were counted, and what they predict. Inputs are checked.

    A window is a context of M tokens and the token that followed it.
    """

    @property
    def name(self) -> str:
        """`kernel` or `reference`."""

    @property
    def context(self) -> int:
        """M, how many tokens a context has."""

    def add(self, windows: Int32[np.ndarray, "N M+1"], amounts: UInt32[np.ndarray, " N"]) -> None:
        """Count every window `amounts` times; raises `InvalidInput` beyond `MAX_EVENTS`.

        Where a window begins with `ANY`, only the contexts behind it are counted.
        """

    def remove(
        self, windows: Int32[np.ndarray, "N M+1"], amounts: UInt32[np.ndarray, " N"]
    ) -> None:
        """Undo `add`. Raises `InvalidInput`, nothing changed, when it was not added that often."""

    def score(
        self, windows: Int32[np.ndarray, "N M+1"], vocabulary: Vocabulary
    ) -> Float64[np.ndarray, " N"]:
        """The log probability of every window's last token."""

    def follow(
        self, windows: Int32[np.ndarray, "N M+1"], vocab_size: int
    ) -> Float64[np.ndarray, " N"]:
        """Score every window, and count it before the next is scored."""

    def read(
        self, contexts: Int32[np.ndarray, "N M"], vocabulary: Vocabulary
    ) -> tuple[Float32[np.ndarray, "N V"], Float32[np.ndarray, "N M+2"]]:
        """The logits after every context, and what decided them.

        The second array says how much of a prediction came from the uniform distribution, then
        from the contexts of 0 to M tokens; a row sums to 1.
        """

    def write(
        self, state: NGramState, n: int, sampler: Sampler, *, seed: int, vocabulary: Vocabulary
    ) -> Generation:
        """Write up to `n` tokens, moving `state` over them."""

    @property
    def counts_of_counts(self) -> UInt32[np.ndarray, "M+1 4"]:
        """For every length of context how many entries have count 1, 2, 3 and 4: what discounts
        are estimated from. Setting it counts entries that pruning has given up."""

    @counts_of_counts.setter
    def counts_of_counts(self, numbers: UInt32[np.ndarray, "M+1 4"]) -> None: ...

    def listed(self) -> tuple[Int32[np.ndarray, "N M+1"], UInt32[np.ndarray, " N"]]:
        """Every window that is counted, once, in no particular order, and how often.

        What a shorter context counts beyond the longer ones that lead to it stands behind `ANY`.
        """
