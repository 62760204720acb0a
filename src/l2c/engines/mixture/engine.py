"""Several engines as one: a network that generalises beside counts that remember at once.

Every member reads the same tokens and learns from the same batches as it would alone; the mixture
multiplies their predictions, each to a power learned online (`mixing.py`). Members that err
differently are better together than the best of them, which is what the best compressors of text
are built on.

Members have one vocabulary, or are spelled in it (`spelling.py`). Found by folder like every
engine; members are found in the registry.

Letters in shapes: B batch, T time, V vocabulary, K members.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from l2c.engines import sampling
from l2c.engines.checks import check_length, check_rate, checked_batch, checked_tokens
from l2c.engines.engine import Batch, Engine, Generation, Inspection, Sampler, State, Tensors
from l2c.engines.mixture.config import Config
from l2c.engines.mixture.members import NO_TOKENS, Counts, described, predictions
from l2c.engines.mixture.mixing import LEARNING_RATE, Mixer
from l2c.engines.mixture.spelling import Spelled
from l2c.engines.mixture.tensors import join, split
from l2c.engines.reading import inspection
from l2c.errors import CheckpointError, InvalidConfig, InvalidInput

if TYPE_CHECKING:
    from jaxtyping import Float32, Float64, Int32

CALIBRATE_EVERY = 16
"""Steps of practice for one of the weights, which costs about as much as they do each."""


@dataclass(slots=True)
class MixtureState(State):
    """What one stream has read: the state of every member, and the last tokens."""

    members: tuple[State, ...]
    recent: Int32[np.ndarray, " 64"] = field(default_factory=sampling.empty_recent)
    position: int = 0

    @property
    def last(self) -> Int32[np.ndarray, " 1"]:
        """The token read last, -1 when none was."""
        return self.recent[[(self.position - 1) % sampling.RECENT]]

    def moved(self, tokens: Int32[np.ndarray, " T"], members: Sequence[State]) -> MixtureState:
        """The state after `tokens`, which left the members in these states."""
        recent = self.recent.copy()
        sampling.remember(recent, self.position, tokens)
        return MixtureState(tuple(members), recent, self.position + len(tokens))


class Mixture(Engine):
    """Engines over one vocabulary, weighted online."""

    family = "mixture"

    def __init__(
        self, members: Sequence[Engine], mixer: Mixer, *, known: int, steps: int = 0
    ) -> None:
        """Put a mixture together; use `create`, `of` or `from_tensors` instead."""
        self.members = tuple(members)
        self.vocab_size = self.members[0].vocab_size
        self.window = min(member.window for member in self.members)
        self._mixer = mixer
        self._known = known
        self._steps = steps

    @classmethod
    def of(cls, members: Sequence[Engine], *, learning_rate: float = LEARNING_RATE) -> Self:
        """A mixture of engines that were trained already, equally weighted for a start.

        They are taken over, not copied. One with a vocabulary of its own comes as `Spelled`.
        Raises `InvalidInput` unless all speak of the same tokens.
        """
        sizes = {member.vocab_size for member in members}
        if len(sizes) != 1:
            raise InvalidInput(f"Members must have one vocabulary; found sizes {sorted(sizes)}.")
        listed = [described(member) for member in members]
        config = Config.from_mapping({"members": listed, "learning_rate": learning_rate})
        mixer = Mixer.fresh(len(members), max(sizes), learning_rate=config.learning_rate)
        return cls(members, mixer, known=max(sizes))

    @classmethod
    def create(cls, config: Mapping[str, Any], vocab_size: int, *, seed: int) -> Self:
        """A new mixture of new members, all made with this seed.

        Raises `InvalidConfig` for an unknown key or a value out of range.
        """
        checked = Config.from_mapping(config)
        if any(member.spelled for member in checked.members):
            raise InvalidConfig("A spelled member is an engine that was trained: see Mixture.of.")
        members = [
            member.engine.create(member.config, vocab_size, seed=seed) for member in checked.members
        ]
        return cls.of(members, learning_rate=checked.learning_rate)

    @classmethod
    def from_tensors(cls, config: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> Self:
        """The mixture these tensors came from; the optimizers' may be absent, all of them.

        Raises `CheckpointError` when the tensors are not exactly what `config` says.
        """
        checked = Config.from_mapping(config)
        parts = split(len(checked.members), tensors, learning_rate=checked.learning_rate)
        size = len(parts.mixer.weights["token"]) - 1
        members = [
            Spelled.restored(member.engine, member.config, of_member, size)
            if member.spelled
            else member.engine.from_tensors(member.config, of_member)
            for member, of_member in zip(checked.members, parts.members, strict=True)
        ]
        sizes = {member.vocab_size for member in members}
        expected = {size}
        if sizes != expected or not 1 <= parts.known <= min(sizes):
            raise CheckpointError(
                f"Members and weights must have one vocabulary, 'known' tokens of it known before; "
                f"found sizes {sorted(sizes | expected)} and {parts.known}."
            )
        return cls(members, parts.mixer, known=parts.known, steps=parts.steps)

    @property
    def config(self) -> dict[str, Any]:
        """Every configuration value as JSON-ready plain types."""
        listed = [described(member) for member in self.members]
        return {"members": listed, "learning_rate": self._mixer.learning_rate}

    @property
    def steps(self) -> int:
        """Batches learned since the optimizer was fresh."""
        return self._steps

    def tensors(self, *, optimizer: bool = True) -> Tensors:
        """Copies of all tensors by name."""
        joined = join(self.members, self._mixer, known=self._known, steps=self._steps)
        return {
            name: tensor
            for name, tensor in joined.items()
            if optimizer or not name.startswith("optimizer/")
        }

    def initial_state(self) -> MixtureState:
        """The state of a stream that has read nothing."""
        return MixtureState(tuple(member.initial_state() for member in self.members))

    def advance(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> tuple[Float32[np.ndarray, " V"], MixtureState]:
        """Read `tokens` (T ≥ 0); the logits after the last one, and the new state."""
        tokens = checked_tokens(tokens, self.vocab_size)
        begun = self._begun(state)
        read = [
            member.advance(tokens, of_member)
            for member, of_member in zip(self.members, begun.members, strict=True)
        ]
        now = begun.moved(tokens, [moved for _, moved in read])
        mixed = self._mix(np.stack([logits for logits, _ in read])[:, None], now.last)
        return mixed[0], now

    def logits(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> Float32[np.ndarray, "T V"]:
        """The logits after every token."""
        tokens = checked_tokens(tokens, self.vocab_size)
        return self._mix(self._rows(tokens, self._begun(state).members), tokens)

    def generate(self, state: State, n: int, sampler: Sampler, *, seed: int) -> Generation:
        """Write up to `n` tokens (n ≥ 0) from where `state` stands; `state` is left as it was.

        The loop is in Python, as members advance in turn. Raises `InvalidInput` for an option out
        of range, when every token is banned, or for more than `MAX_GENERATED` tokens.
        """
        sampling.check(sampler, self.vocab_size)
        sampling.check_seed(seed)
        check_length(n)
        logits, now = self.advance(NO_TOKENS, state)
        tokens: list[int] = []
        log_probabilities: list[float] = []
        stopped = False
        while len(tokens) < n and not stopped:
            token = sampling.choose(
                logits, now.recent, sampler=sampler, seed=seed, position=now.position
            )
            stopped = token in sampler.stop
            if not stopped:
                tokens.append(token)
                log_probabilities.append(float(sampling.log_softmax(logits)[token]))
            logits, now = self.advance(np.array([token], np.int32), now)
        return Generation(
            np.array(tokens, np.int32), np.array(log_probabilities, np.float32), now, stopped
        )

    def grow(self, vocab_size: int) -> None:
        """Make room for new tokens. Logits of old tokens stay, bit for bit, until the next step."""
        for member in self.members:
            member.grow(vocab_size)
        self._mixer.grow(vocab_size)
        self.vocab_size = vocab_size

    def train(self, batch: Batch, *, rate: float = 1.0) -> float:
        """One step of every member and of the weights; the mean loss from before it.

        `rate` scales the members' learning rates and that of the weights, which learn from what
        the members predicted before they saw the batch. A batch whose weights are not finite
        changes nothing and gives NaN; so does a loss that is not finite. A batch without any
        weight is only read: no step, loss 0.

        Weights should be learned on text that is new to the members: whoever reads a text several
        times trains the members alone and puts them together with `of`.
        """
        batch = checked_batch(batch, self.vocab_size)
        check_rate(rate)
        importance = batch.weights.astype(np.float64).ravel()
        total, loss = float(importance.sum()), 0.0
        if not math.isfinite(total):
            return math.nan
        if total > 0:
            loss = self._step(batch, importance / total, rate)
            if not math.isfinite(loss):
                return math.nan
        for member in self.members:
            member.threads = self.threads
            member.train(batch, rate=rate)
        return loss

    def remember(self, batch: Batch) -> None:
        """Let the members that count take the batch in."""
        for member in self.members:
            member.remember(batch)
        self._known = self.vocab_size

    def regularize(self, *, dropout: float, weight_decay: float) -> None:
        """Let every member that has them learn with these."""
        for member in self.members:
            member.regularize(dropout=dropout, weight_decay=weight_decay)

    def practise(self, batch: Batch, *, rate: float = 1.0) -> float:
        """One step of the members that learn in steps; the mean loss of the best member.

        Every `CALIBRATE_EVERY` steps the weights learn too, when the batch is one that was taken
        in: from what the members that count would have predicted had it not been.
        """
        batch = checked_batch(batch, self.vocab_size)
        check_rate(rate)
        total = float(batch.weights.sum(dtype=np.float64))
        if rate > 0 and 0 < total < math.inf:
            if self._steps % CALIBRATE_EVERY == 0:
                self._calibrate(batch, batch.weights.astype(np.float64).ravel() / total, rate)
            self._steps += 1
        losses = []
        for member in self.members:
            if isinstance(member, Spelled):
                continue
            member.threads = self.threads
            losses.append(member.practise(batch, rate=rate))
        return min(losses) if np.isfinite(losses).all() else math.nan

    def begin_anew(self) -> None:
        """Let every member go of what the rows of the last batch had read."""
        for member in self.members:
            member.begin_anew()

    def follow(
        self, tokens: Int32[np.ndarray, " T"], state: State | None = None
    ) -> tuple[Float64[np.ndarray, " T"], MixtureState]:
        """Predict each token, then let the weights learn it, and every member that follows too.

        Members that learn in batches alone are only read. Log probabilities, and the new state.
        """
        tokens = checked_tokens(tokens, self.vocab_size)
        self._known = self.vocab_size
        begun = self._begun(state)
        read = [
            predictions(member, tokens, of_member)
            for member, of_member in zip(self.members, begun.members, strict=True)
        ]
        rows = np.stack([logits for logits, _ in read])
        before = np.concatenate([begun.last, tokens])[: len(tokens)]
        found = self._mixer.follow(rows, before, tokens, known=self._known)
        return found, begun.moved(tokens, [moved for _, moved in read])

    def carried(self, row: int) -> MixtureState:
        """The state in which row `row` (≥ 0) of the last batch ended, or the empty one."""
        return MixtureState(tuple(member.carried(row) for member in self.members))

    def inspect(self, tokens: Int32[np.ndarray, " T"]) -> Inspection:
        """What the glass box shows of these tokens (T ≥ 1), read from an empty state.

        `weights` (T, K), and what every member shows, as `members.N.…`.
        """
        seen = [member.inspect(tokens) for member in self.members]
        rows = np.stack([one.logits for one in seen])
        mixed, in_rows = self._mixer.mix(rows, seen[0].tokens, known=self._known)
        layers: dict[str, np.ndarray] = {"weights": self._mixer.in_force(in_rows)}
        for number, one in enumerate(seen):
            layers |= {f"members.{number}.{name}": a for name, a in one.layers.items()}
        logits = mixed.astype(np.float32)
        return inspection(seen[0].tokens, logits, layers)

    def _step(self, batch: Batch, importance: Float64[np.ndarray, " N"], rate: float) -> float:
        """The loss on the batch, whose importance sums to 1; the weights learn from it."""
        rows = np.concatenate(
            [
                self._rows(tokens[:-1], self._entering(batch, row).members)
                for row, tokens in enumerate(batch.tokens)
            ],
            axis=1,
        )
        targets = batch.tokens[:, 1:].ravel()
        before = batch.tokens[:, :-1].ravel()
        mixed, in_rows = self._mixer.mix(rows, before, known=self._known)
        log_p = sampling.log_softmax(mixed)[np.arange(len(targets)), targets]
        loss = -float(importance @ log_p)
        if math.isfinite(loss):
            if rate > 0:
                self._mixer.learn(rows, mixed, in_rows, targets, importance=importance, rate=rate)
            self._known = self.vocab_size
            self._steps += 1
        return loss

    def _calibrate(self, batch: Batch, importance: Float64[np.ndarray, " N"], rate: float) -> None:
        try:
            rows = np.stack([self._unseen(number, batch) for number in range(len(self.members))])
        except InvalidInput:
            return  # not taken in: corpus text that a lesson repeats, for one
        targets, before = batch.tokens[:, 1:].ravel(), batch.tokens[:, :-1].ravel()
        mixed, in_rows = self._mixer.mix(rows, before, known=self._known)
        if np.isfinite(mixed).all():
            self._mixer.learn(rows, mixed, in_rows, targets, importance=importance, rate=rate)

    def _unseen(self, number: int, batch: Batch) -> Float32[np.ndarray, "N V"]:
        """What a member predicts of a batch it has not counted, or has not counted any more."""
        member = self.members[number]
        if isinstance(member, Counts):
            return member.logits_without(batch)
        return np.concatenate(
            [
                member.logits(tokens[:-1], self._entering(batch, row).members[number])
                for row, tokens in enumerate(batch.tokens)
            ]
        )

    def _entering(self, batch: Batch, row: int) -> MixtureState:
        return self.initial_state() if batch.fresh[row] else self.carried(row)

    def _rows(
        self, tokens: Int32[np.ndarray, " T"], states: Sequence[State]
    ) -> Float32[np.ndarray, "K T V"]:
        return np.stack(
            [m.logits(tokens, state) for m, state in zip(self.members, states, strict=True)]
        )

    def _mix(
        self, rows: Float32[np.ndarray, "K N V"], before: Int32[np.ndarray, " N"]
    ) -> Float32[np.ndarray, "N V"]:
        return self._mixer.mix(rows, before, known=self._known)[0].astype(np.float32)

    def _begun(self, state: State | None) -> MixtureState:
        if state is None:
            return self.initial_state()
        if not isinstance(state, MixtureState) or len(state.members) != len(self.members):
            raise InvalidInput(f"`state` must come from a mixture like this; found {state!r}.")
        return state
