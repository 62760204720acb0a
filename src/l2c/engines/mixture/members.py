"""What a mixture asks of its members beyond what every engine does.

Letters in shapes: T time, V vocabulary, N predictions of a batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from l2c.engines.engine import Batch, Engine, State
from l2c.engines.mixture.spelling import Spelled

if TYPE_CHECKING:
    from jaxtyping import Float32, Float64, Int32

NO_TOKENS = np.zeros(0, np.int32)


@runtime_checkable
class Counts(Protocol):
    """An engine that can say what it would predict had it not taken in a text."""

    def logits_without(self, batch: Batch) -> Float32[np.ndarray, "N V"]:
        """The logits before every target of a batch that was taken in, as if it had not been."""


@runtime_checkable
class Follows(Protocol):
    """An engine that learns a stream token by token, as it reads."""

    def follow(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> tuple[Float64[np.ndarray, " T"], State]:
        """Predict each token, then learn it."""


def described(member: Engine) -> dict[str, Any]:
    """A member as the configuration lists it."""
    listed = {"family": member.family, "config": member.config}
    return listed | ({"spelled": True} if isinstance(member, Spelled) else {})


def predictions(
    member: Engine, tokens: Int32[np.ndarray, " T"], state: State
) -> tuple[Float32[np.ndarray, "T V"], State]:
    """The member's logits before each of `tokens`, and its state after them."""
    first, now = member.advance(NO_TOKENS, state)
    rows = [first]
    if not isinstance(member, Follows):
        rows.extend(member.logits(tokens[:-1], state))
        return np.stack(rows)[: len(tokens)], member.advance(tokens, state)[1]
    for n in range(len(tokens)):
        _, now = member.follow(tokens[n : n + 1], now)
        rows.append(member.advance(NO_TOKENS, now)[0])
    return np.stack(rows)[: len(tokens)], now
