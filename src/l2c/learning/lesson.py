"""One lesson: from the incumbent, the sources and old text to a candidate and its verdict.

A lesson is a pure function. Its batches, seeds and step counts follow from the incumbent's
digest, the sources in their order and the attempt, never from the clock or the machine, so
anybody who has the starter and the ledger can make every checkpoint again, bit for bit. That
promise is versioned: whatever changes what a lesson computes must raise `RECIPE_VERSION`, also
where it is the reading of facts (`l2c.text`) or the corpus that changes.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from l2c import corpus
from l2c.engines.engine import Batch
from l2c.engines.model import LanguageModel
from l2c.learning import gate
from l2c.learning.curriculum import Curriculum
from l2c.learning.examples import Example, Source, characters, evenly
from l2c.learning.gate import Exam, Thresholds, Verdict
from l2c.learning.replay import Pools, batches
from l2c.learning.trainer import Progress, train
from l2c.store.states import LessonKind

RECIPE_VERSION = 9
"""Raised by every change to what a lesson computes; the ledger names it for every step."""

ROWS = 16
SEQUENCE = 64
PASSES = 12
"""About how often a lesson reads its own text."""

FEWEST_STEPS, MOST_STEPS, PRACTICE_STEPS = 24, 400, 400
PRACTICE_TOKENS = PRACTICE_STEPS * ROWS * SEQUENCE
"""What one lesson of practice reads."""

OLD_ROWS = (8, 12, 12)
"""Rows of old text in a batch, by attempt: a refused lesson is tried again with more of it."""

RATES = (0.15, 0.06, 0.03)
"""Learning rate by attempt, as a fraction of the engine's own."""

PRACTICE_RATE = 0.01
"""The same for practice, which mends what lessons disturbed: a higher one disturbs more."""

EARLIER_ROWS, MOST_EARLIER_ROWS, FACTS_A_ROW = 3, 7, 50
"""Of eight rows of old text, those that read what earlier lessons taught, when there were any: one
more for every fifty of their facts, which else are rehearsed ever more seldom, and fade."""

REPLAYED_CONVERSATIONS = 600
"""Corpus conversations a lesson of text may replay: more than it reads."""

FACT_PASSES = 1.0
"""How often a lesson reads the questions about its facts, which ask for each fact many times."""

FEWEST_FACT_STEPS, MOST_FACT_STEPS = 60, 1200
"""Steps of a lesson that tells facts; the most for every `STEPS_FOR` sources, or part of them."""

STEPS_FOR = 64

UNTOLD_ROWS = 4
"""Of eight rows that are not old, so many ask for what nobody told."""

FACT_RATE, LEAST_FACT_RATE, RATE_STEPS = 0.8, 0.15, 1300
"""The learning rate of a lesson that tells facts: a long one may take large steps, for what they
disturb settles again while it practises; a short one takes so much less as it has fewer steps."""

GENTLER = (1.0, 0.5, 0.25)
"""The share of that rate, by attempt."""

DROPOUT, WEIGHT_DECAY = 0.1, 0.05
"""What the starter was made with. Lessons read old text again and again, and without these they
learn it by heart: what is held out got 2 to 4 % worse, the more old text they read the more so."""

CONVERSATIONS_PER_STEP = 6
"""Corpus conversations replayed for each step of such a lesson, and of practice, so that none comes
back soon."""

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
        self.curriculum = Curriculum(lesson.sources, lesson.earlier, lesson.seed)
        self.candidate = incumbent.copy()
        self.candidate.grow(characters(lesson.sources))
        self.candidate.engine.regularize(dropout=DROPOUT, weight_decay=WEIGHT_DECAY)
        self._fresh = self.curriculum.fresh(self.candidate.tokenizer)
        self.size = _size(self.curriculum, lesson.attempt, self._fresh)
        self.steps = self.size.steps
        if not self.candidate.engine.practises:
            self.steps = 1  # to say how surprising old text is; the fresh one is remembered
        for example in self.curriculum.told(self.candidate.tokenizer):
            self.candidate.engine.remember(example.batch)  # what counts reads what was said, once

    @property
    def tokens(self) -> int:
        """Tokens the whole lesson reads."""
        return self.steps * ROWS * SEQUENCE

    def run(self, *, done: int = 0) -> Iterator[Progress]:
        """Take the steps after the first `done`, one per item.

        A resumed lesson sets `candidate` to the saved model first. Leaving early is allowed.
        """
        return train(self.candidate.engine, self._batches(), self.steps, rate=self.rate, done=done)

    @property
    def rate(self) -> float:
        """The learning rate, as a fraction of the engine's own."""
        if self.lesson.kind is LessonKind.PRACTICE:
            return PRACTICE_RATE
        if not self.curriculum.tells:
            return RATES[self.lesson.attempt]
        full = min(max(self.steps / RATE_STEPS, LEAST_FACT_RATE), FACT_RATE)
        return full * GENTLER[self.lesson.attempt]

    def judge(
        self,
        starter: LanguageModel,
        incumbent: LanguageModel,
        thresholds: Thresholds = gate.USUAL,
    ) -> Verdict:
        """The gate's verdict on the candidate as it is now."""
        lesson = self.lesson
        asked, asked_earlier = self.curriculum.exam()
        exam = Exam(
            fresh=lesson.sources,
            old=self.curriculum.replayed,
            general=gate.draw(corpus.held_out(), lesson.seed),
            seed=lesson.seed,
            asked=asked,
            asked_earlier=asked_earlier,
        )
        return gate.judge(starter, incumbent, self.candidate, exam, thresholds)

    def drift(self, starter: LanguageModel) -> float:
        """How much worse the candidate is than the starter on text no verdict reads."""
        return gate.drift(starter, self.candidate, corpus.held_out())

    def _batches(self) -> Iterator[Batch]:
        tokenizer, lesson = self.candidate.tokenizer, self.lesson
        facts = self.curriculum.tells
        wide = facts or lesson.kind is LessonKind.PRACTICE
        conversations = CONVERSATIONS_PER_STEP * self.steps if wide else 0
        replayed = corpus.training(lesson.seed, max(conversations, REPLAYED_CONVERSATIONS))
        pools = Pools(
            fresh=self._fresh,
            untold=self.curriculum.untold(tokenizer) if facts else (),
            earlier=self.curriculum.rehearsed(tokenizer),
            corpus=[evenly(conversation, tokenizer) for conversation in replayed],
        )
        rows = pools.rows(
            ROWS,
            fresh=self.size.fresh_rows,
            untold=self.size.untold_rows,
            earlier=OLD_ROWS[lesson.attempt] * self._earlier_rows // OLD_ROWS[0],
        )
        return batches(rows, steps=self.steps, sequence=SEQUENCE, seed=lesson.seed)

    @property
    def _earlier_rows(self) -> int:
        """Of eight rows of old text."""
        more = len(self.curriculum.older) // FACTS_A_ROW
        return min(EARLIER_ROWS + more, MOST_EARLIER_ROWS)


@dataclass(frozen=True, slots=True)
class Size:
    """Steps of a lesson, and how many rows of each batch are fresh or ask what nobody told."""

    steps: int
    fresh_rows: int
    untold_rows: int = 0


def _size(curriculum: Curriculum, attempt: int, fresh: Sequence[Example]) -> Size:
    """How large a lesson is, from token counts alone."""
    if not fresh:
        return Size(PRACTICE_STEPS, 0)
    tokens, room = sum(len(example.tokens) for example in fresh), ROWS - OLD_ROWS[attempt]
    if not curriculum.tells:
        steps, rows = _spread(PASSES * tokens, room, FEWEST_STEPS, MOST_STEPS)
        return Size(steps, rows)
    untold = max(room * UNTOLD_ROWS // 8, 1)
    wanted = math.ceil(FACT_PASSES * tokens)
    most = MOST_FACT_STEPS * math.ceil(len(curriculum.sources) / STEPS_FOR)
    most = most * (ROWS - OLD_ROWS[0]) // room  # tried again it reads as much of its own
    steps, rows = _spread(wanted, room - untold, FEWEST_FACT_STEPS, most)
    return Size(steps, rows, min(rows, untold))


def _spread(wanted: int, most_rows: int, fewest: int, most: int) -> tuple[int, int]:
    """The steps and rows that read so many tokens, in as few steps as the rows allow."""
    steps = min(max(math.ceil(wanted / (most_rows * SEQUENCE)), fewest), most)
    return steps, min(max(math.ceil(wanted / (steps * SEQUENCE)), 1), most_rows)
