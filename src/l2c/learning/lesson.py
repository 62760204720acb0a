"""One lesson: from the incumbent, the sources and old text to a candidate and its verdict.

A lesson is a pure function. Its batches, seeds and step counts follow from the incumbent's
digest, the sources in their order and the attempt, never from the clock or the machine, so
anybody who has the starter and the ledger can make every checkpoint again, bit for bit. That
promise is versioned: whatever changes what a lesson computes must raise `RECIPE_VERSION`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from l2c import corpus
from l2c.corpus.chance import Chance
from l2c.engines.engine import Batch
from l2c.engines.model import LanguageModel
from l2c.learning import gate
from l2c.learning.examples import Example, Source, characters, evenly, from_source
from l2c.learning.gate import Exam, Thresholds, Verdict
from l2c.learning.replay import Pools, batches
from l2c.learning.trainer import Progress, train
from l2c.store.states import LessonKind

RECIPE_VERSION = 2
"""Raised by every change to what a lesson computes; the ledger names it for every step."""

ROWS = 16
SEQUENCE = 64
PASSES = 12
"""About how often a lesson reads its own text."""

FEWEST_STEPS, MOST_STEPS, PRACTICE_STEPS = 24, 400, 400
PRACTICE_TOKENS = PRACTICE_STEPS * ROWS * SEQUENCE
"""What one lesson of practice reads."""

OLD_ROWS = (8, 12, 14)
"""Rows of old text in a batch, by attempt: a refused lesson is tried again with more of it."""

RATES = (0.15, 0.06, 0.03)
"""Learning rate by attempt, as a fraction of the engine's own."""

EARLIER_ROWS = 3
"""Rows of old text that read what earlier lessons taught, when there were any."""

REPLAYED_CONVERSATIONS = 600
"""Corpus conversations a lesson may replay: more than it reads."""

REPLAYED_SOURCES = 64
"""Sources of earlier lessons it reads beside them, the newest ones and a draw of the others."""

ATTEMPTS = len(RATES)


@dataclass(frozen=True, slots=True)
class Lesson:
    """Everything that decides what a lesson computes.

    `parent` is the incumbent's digest, `earlier` the sources of the kept lessons before it,
    oldest first; `attempt` counts from 0.
    """

    kind: LessonKind
    parent: str
    sources: tuple[Source, ...]
    earlier: tuple[Source, ...]
    attempt: int = 0

    @property
    def seed(self) -> int:
        """63 bits that follow from the recipe, the parent, the sources and the attempt."""
        hashes = [source.sha256 for source in self.sources]
        key = json.dumps([RECIPE_VERSION, self.kind, self.parent, self.attempt, hashes])
        return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") >> 1

    @property
    def key(self) -> str:
        """A name for this very lesson; a resume point belongs to one key."""
        earlier = [source.sha256 for source in self.earlier]
        return hashlib.sha256(json.dumps([self.seed, earlier]).encode()).hexdigest()


class Training:
    """A lesson on its way: `candidate` is what it has become so far."""

    def __init__(self, lesson: Lesson, incumbent: LanguageModel) -> None:
        self.lesson = lesson
        self.candidate = incumbent.copy()
        self.candidate.grow(characters(lesson.sources))
        self._fresh = [from_source(s, self.candidate.tokenizer) for s in lesson.sources]
        self.steps, self._fresh_rows = _size(lesson, self._fresh)
        if not self.candidate.engine.practises:
            self.steps = 1  # to say how surprising old text is; the fresh one is remembered
        for example in self._fresh:
            self.candidate.engine.remember(example.batch)

    @property
    def tokens(self) -> int:
        """Tokens the whole lesson reads."""
        return self.steps * ROWS * SEQUENCE

    def run(self, *, done: int = 0) -> Iterator[Progress]:
        """Take the steps after the first `done`, one per item.

        A resumed lesson sets `candidate` to the saved model first. Leaving early is allowed.
        """
        return train(
            self.candidate.engine,
            self._batches(),
            self.steps,
            rate=RATES[self.lesson.attempt],
            done=done,
        )

    def judge(
        self,
        starter: LanguageModel,
        incumbent: LanguageModel,
        thresholds: Thresholds = gate.USUAL,
    ) -> Verdict:
        """The gate's verdict on the candidate as it is now."""
        lesson = self.lesson
        exam = Exam(
            fresh=lesson.sources,
            old=lesson.earlier[-REPLAYED_SOURCES:],
            general=gate.draw(corpus.held_out(), lesson.seed),
            seed=lesson.seed,
        )
        return gate.judge(starter, incumbent, self.candidate, exam, thresholds)

    def drift(self, starter: LanguageModel) -> float:
        """How much worse the candidate is than the starter on text no verdict reads."""
        return gate.drift(starter, self.candidate, corpus.held_out())

    def _batches(self) -> Iterator[Batch]:
        tokenizer, lesson = self.candidate.tokenizer, self.lesson
        replayed = corpus.training(lesson.seed, REPLAYED_CONVERSATIONS)
        pools = Pools(
            fresh=self._fresh,
            earlier=[from_source(source, tokenizer) for source in _recalled(lesson)],
            corpus=[evenly(conversation, tokenizer) for conversation in replayed],
        )
        rows = pools.rows(ROWS, fresh=self._fresh_rows, earlier=EARLIER_ROWS)
        return batches(rows, steps=self.steps, sequence=SEQUENCE, seed=lesson.seed)


def _size(lesson: Lesson, fresh: Sequence[Example]) -> tuple[int, int]:
    """How many steps, and how many rows of fresh text in each, from token counts alone."""
    if not fresh:
        return PRACTICE_STEPS, 0
    wanted = PASSES * sum(len(example.tokens) for example in fresh)
    most_rows = ROWS - OLD_ROWS[lesson.attempt]
    steps = min(max(math.ceil(wanted / (most_rows * SEQUENCE)), FEWEST_STEPS), MOST_STEPS)
    rows = min(max(math.ceil(wanted / (steps * SEQUENCE)), 1), most_rows)
    return steps, rows


def _recalled(lesson: Lesson) -> list[Source]:
    """Earlier sources to replay: half of them the newest, half drawn from all the others."""
    half = REPLAYED_SOURCES // 2
    newest, others = lesson.earlier[-half:], lesson.earlier[:-half]
    chance = Chance(lesson.seed, len(lesson.earlier))
    return [*newest, *chance.shuffled(others)[:half]]
