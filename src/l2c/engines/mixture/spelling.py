"""A member with a vocabulary of its own: its tokens are spelled in those of the mixture.

A mixture of characters may hold a model of bytes in another order, of fewer letters, or of whole
syllables and words. Such a member reads the longest token that fits what was read, as soon as no
longer one can be meant; what is left until then is pending. Its prediction of the next token of
the mixture sums over all of its own tokens that begin with what is pending:

    P(x) = (sum of P(t) over the t that go on with x  +  P(t) P'(x) for the t that is pending) / Z

where P' is what it predicts after t, and Z makes the sum 1. So characters, syllables and words can
be mixed, and none of them needs to know of the others. (Marginalising over tokens as in Vieira et
al. 2024, "From language models over tokens to language models over characters", cut off after one
token.)

Such a member is only read: it was trained apart, by its own tokens, and every row of a batch meets
it fresh. Tokens it cannot spell, and those that come later, have the probability `FLOOR`.

Letters: T time, V vocabulary of the mixture, U of the member.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Self

import numpy as np

from l2c.engines import sampling
from l2c.engines.checks import checked_tokens
from l2c.engines.engine import Batch, Engine, Generation, Inspection, Sampler, State, Tensors
from l2c.engines.reading import inspection
from l2c.errors import CheckpointError, InvalidInput

if TYPE_CHECKING:
    from jaxtyping import Float32, Float64, Int32

FLOOR = 1e-6
"""The probability of what a member cannot say, before anything is normalised."""

Spelling = tuple[int, ...]

_TOKENS, _LENGTHS = "spelling.tokens", "spelling.lengths"


@dataclass(frozen=True, slots=True)
class SpelledState(State):
    """Where the member's own stream stands, and what it has not read yet."""

    inner: State
    pending: Spelling = ()
    position: int = 0


class Spelled(Engine):
    """An engine seen through another vocabulary."""

    def __init__(self, inner: Engine, spellings: Sequence[Sequence[int]], vocab_size: int) -> None:
        """`spellings[u]` are the mixture's tokens, of `vocab_size`, that the member's token u
        stands for; an empty one is never meant, as for marks that are no text.

        Raises `InvalidInput` unless there is one for every token and at least one is not empty.
        """
        self.inner = inner
        self.family = inner.family
        self.vocab_size = vocab_size
        self.window = inner.window
        self.spellings = [tuple(int(token) for token in spelling) for spelling in spellings]
        known = [token for spelling in self.spellings for token in spelling]
        if len(self.spellings) != inner.vocab_size or not known:
            raise InvalidInput(
                f"A member of {inner.vocab_size} tokens needs as many spellings, one of them not "
                f"empty; found {len(self.spellings)}."
            )
        if min(known) < 0 or max(known) >= vocab_size:
            raise InvalidInput(f"Spellings must be of tokens in [0, {vocab_size}).")
        self._own: dict[Spelling, int] = {}
        self._beginning: dict[Spelling, list[int]] = {}
        for number, spelling in enumerate(self.spellings):
            if spelling:
                self._own.setdefault(spelling, number)
            for length in range(len(spelling)):
                self._beginning.setdefault(spelling[:length], []).append(number)

    @classmethod
    def create(cls, config: Mapping[str, Any], vocab_size: int, *, seed: int) -> NoReturn:
        """Not possible: spellings are given to an engine that is there."""
        raise InvalidInput("A spelled member is made of an engine that was trained: see Spelled.")

    @classmethod
    def from_tensors(cls, config: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> NoReturn:
        """Not possible without the family and the mixture's vocabulary: see `restored`."""
        raise InvalidInput("A spelled member is restored with its mixture.")

    @classmethod
    def restored(
        cls,
        family: type[Engine],
        config: Mapping[str, Any],
        tensors: Mapping[str, np.ndarray],
        vocab_size: int,
    ) -> Self:
        """The member these tensors came from; raises `CheckpointError` when they do not fit."""
        given = dict(tensors)
        tokens, lengths = given.pop(_TOKENS, None), given.pop(_LENGTHS, None)
        for array in (tokens, lengths):
            if array is None or array.dtype != np.int32 or array.ndim != 1:
                raise CheckpointError("A spelled member needs two int32 lists of its spellings.")
        assert tokens is not None
        assert lengths is not None
        if (lengths < 0).any() or lengths.sum(dtype=np.int64) != len(tokens):
            raise CheckpointError(f"{_LENGTHS!r} does not add up to {len(tokens)} tokens.")
        inner = family.from_tensors(config, given)
        ends = np.cumsum(lengths)
        parts = [tokens[end - n : end] for end, n in zip(ends, lengths, strict=True)]
        try:
            return cls(inner, [part.tolist() for part in parts], vocab_size)
        except InvalidInput as error:
            raise CheckpointError(str(error)) from error

    @property
    def config(self) -> dict[str, Any]:
        """That of the engine itself."""
        return self.inner.config

    def tensors(self, *, optimizer: bool = True) -> Tensors:
        """Those of the engine itself, without its optimizer, and the spellings."""
        flat = [token for spelling in self.spellings for token in spelling]
        lengths = [len(spelling) for spelling in self.spellings]
        return self.inner.tensors(optimizer=False) | {
            _TOKENS: np.array(flat, np.int32),
            _LENGTHS: np.array(lengths, np.int32),
        }

    @property
    def steps(self) -> int:
        """Those it took before it was put here."""
        return self.inner.steps

    def initial_state(self) -> SpelledState:
        """The state of a stream that has read nothing."""
        return SpelledState(self.inner.initial_state())

    def advance(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> tuple[Float32[np.ndarray, " V"], SpelledState]:
        """Read `tokens` (T ≥ 0); the logits after the last one, and the new state."""
        now = self.read(tokens, state)
        return self._predicted(now), now

    def read(self, tokens: Int32[np.ndarray, " T"], state: State | None = None) -> SpelledState:
        """The new state after reading `tokens` (T ≥ 0), without predicting what comes next."""
        now = self._begun(state)
        for token in checked_tokens(tokens, self.vocab_size).tolist():
            now = self._read(now, token)
        return now

    def logits(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> Float32[np.ndarray, "T V"]:
        """The logits after every token."""
        now, rows = self._begun(state), np.empty((len(tokens), self.vocab_size), np.float32)
        for at, token in enumerate(checked_tokens(tokens, self.vocab_size).tolist()):
            now = self._read(now, token)
            rows[at] = self._predicted(now)
        return rows

    def generate(self, state: State, n: int, sampler: Sampler, *, seed: int) -> Generation:
        """Not possible: the mixture writes, its members predict."""
        raise InvalidInput("A spelled member does not write by itself.")

    def grow(self, vocab_size: int) -> None:
        """New tokens of the mixture are ones this member cannot say."""
        self.vocab_size = vocab_size

    def train(self, batch: Batch, *, rate: float = 1.0) -> float:
        """Nothing: it learned by its own tokens. 0."""
        return 0.0

    def carried(self, row: int) -> SpelledState:
        """The empty state: every row meets it fresh."""
        return self.initial_state()

    def inspect(self, tokens: Int32[np.ndarray, " T"]) -> Inspection:
        """The logits of the mixture's tokens; what is inside speaks of other ones."""
        return inspection(tokens, self.logits(tokens), {})

    def _begun(self, state: State | None) -> SpelledState:
        if state is None:
            return self.initial_state()
        if not isinstance(state, SpelledState):
            raise InvalidInput(f"`state` must come from a spelled member; found {state!r}.")
        return state

    def _read(self, state: SpelledState, token: int) -> SpelledState:
        inner, pending = state.inner, (*state.pending, token)
        while pending and pending not in self._beginning:
            fits = (end for end in range(len(pending), 0, -1) if pending[:end] in self._own)
            length = next(fits, 0)
            if length:
                own = np.array([self._own[pending[:length]]], np.int32)
                inner = self.inner.advance(own, inner)[1]
            pending = pending[max(length, 1) :]  # what no token begins with is passed over
        return SpelledState(inner, pending, state.position + 1)

    def _predicted(self, state: SpelledState) -> Float32[np.ndarray, " V"]:
        nothing = np.zeros(0, np.int32)
        p = self._probabilities(self.inner.advance(nothing, state.inner)[0])
        found = self._next(p, state.pending)
        complete = self._own.get(state.pending)
        if complete is not None:
            after = self.inner.advance(np.array([complete], np.int32), state.inner)[0]
            found += p[complete] * self._next(self._probabilities(after), ())
        logits: Float32[np.ndarray, " V"] = np.log(found / max(found.sum(), FLOOR) + FLOOR).astype(
            np.float32
        )
        return logits

    def _next(self, p: Float64[np.ndarray, " U"], pending: Spelling) -> Float64[np.ndarray, " V"]:
        """The probability that one of the tokens that begin with `pending` is meant, by what it
        goes on with."""
        tokens = self._beginning.get(pending, [])
        going_on = [self.spellings[token][len(pending)] for token in tokens]
        return np.bincount(
            np.array(going_on, np.int64), p[tokens] if tokens else None, self.vocab_size
        ).astype(np.float64)

    def _probabilities(self, logits: Float32[np.ndarray, " U"]) -> Float64[np.ndarray, " U"]:
        p: Float64[np.ndarray, " U"] = np.exp(sampling.log_softmax(logits.astype(np.float64)))
        return p
