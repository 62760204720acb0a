"""What a lesson reads: its sources, the facts in them as questions, and what is to be kept.

    statements + questions about new facts   | half of every batch
    questions nobody told the answer of      |
    questions about older facts, and sources } the other half
    the starter's corpus                     }

A turn that tells no fact teaches as text alone. What a newer turn corrects is withdrawn: neither
its wordings nor the turn it stood in are practised again, and what only the old value would answer
is asked as something nobody told. Everything follows from the sources and their order, so a lesson
can be read, verified, and carried out again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from l2c.corpus.chance import Chance
from l2c.learning import quiz
from l2c.learning.examples import Example, Source, from_question, from_source
from l2c.learning.quiz import Asked, Reading, Told
from l2c.text.tokenizer import Tokenizer

STATEMENTS = 3
"""How often a source stands among the questions about its facts."""

REPLAYED_SOURCES = 64
"""Sources of earlier lessons that are read again, the newest ones and a draw of the others."""

CORRECTED = "(corrected in the same lesson, and not practised)"
"""What stands for a source that tells what a newer one corrects."""

EXAMINED = 100
"""Questions about new facts that the gate asks at most, and as many about older ones."""

UNTOLD, UNTOLD_PER_FACT = 200, 200
"""Questions without an answer that one lesson draws: so many, and more for each of its facts."""


@dataclass(frozen=True)
class Curriculum:
    """The material of one lesson; `earlier` are the sources of the lessons before it."""

    sources: tuple[Source, ...]
    earlier: tuple[Source, ...]
    seed: int = 0

    @cached_property
    def _read(self) -> Reading:
        return quiz.read([*self.earlier, *self.sources])

    @cached_property
    def new(self) -> list[Told]:
        """The facts that this lesson's sources tell, and that hold."""
        return [one for one in self._read.holding if one.source >= len(self.earlier)]

    @cached_property
    def older(self) -> list[Told]:
        """The facts of earlier lessons that still hold."""
        return [one for one in self._read.holding if one.source < len(self.earlier)]

    @cached_property
    def fell(self) -> list[Told]:
        """The facts of earlier lessons that hold no longer since this one."""
        before = quiz.read(self.earlier).holding
        return [one for one in before if one not in self.older]

    @property
    def tells(self) -> bool:
        """Whether it tells something, or ends something told, and not only text."""
        return bool(self.new or self.fell)

    def told(self, tokenizer: Tokenizer) -> list[Example]:
        """The sources as they were said; none that a correction of the same lesson withdrew."""
        return [from_source(source, tokenizer) for at, source in self._numbered if self._holds(at)]

    def fresh(self, tokenizer: Tokenizer) -> list[Example]:
        """The sources, and the questions about their facts."""
        read = self.told(tokenizer)
        among = self._read.holding
        asked = quiz.practice(self.new, among) + quiz.no_longer(self.fell, among)
        return read * (STATEMENTS if asked else 1) + _examples(asked, tokenizer)

    def rehearsed(self, tokenizer: Tokenizer) -> list[Example]:
        """Earlier sources that no correction withdrew, and questions about older facts."""
        asked = quiz.practice(self.older, self._read.holding, wordings=quiz.REHEARSED_WORDINGS)
        return [from_source(s, tokenizer) for s in self.replayed] + _examples(asked, tokenizer)

    @cached_property
    def replayed(self) -> list[Source]:
        """Earlier sources to read again; none that tells only what a correction withdrew."""
        kept = [source for at, source in enumerate(self.earlier) if self._holds(at)]
        return _drawn(kept, Chance(self.seed, len(self.earlier)))

    def untold(self, tokenizer: Tokenizer) -> list[Example]:
        """Questions about what nobody told; none where no fact is about."""
        among, fallen = self._read.holding, self._read.fallen
        if not among:
            return []
        near = self.new or self.older
        wordings = UNTOLD + UNTOLD_PER_FACT * len(near)
        asked = quiz.untold(near, among, seed=self.seed, wordings=wordings)
        again = quiz.no_longer(fallen, among, wordings=quiz.REHEARSED_WORDINGS)
        return _examples([*asked, *again], tokenizer)

    def exam(self) -> tuple[list[Asked], list[Asked]]:
        """What only the gate asks: of the new facts, and of the older ones."""
        among, chance = self._read.holding, Chance(self.seed, 3)
        new = quiz.held_out(self.new, among) + quiz.no_longer_held_out(self.fell, among)
        older = quiz.held_out(self.older, among)
        return chance.shuffled(new)[:EXAMINED], chance.shuffled(older)[:EXAMINED]

    @property
    def _numbered(self) -> Iterator[tuple[int, Source]]:
        return enumerate(self.sources, start=len(self.earlier))

    def _holds(self, at: int) -> bool:
        """Whether nothing that a source tells was withdrawn by a correction."""
        return at not in self._read.withdrawn

    def texts(self) -> list[str]:
        """What each of the lesson's sources teaches, exactly, for its owner to read."""
        among, found = self._read.holding, []
        for at, source in self._numbered:
            own = [one for one in self.new if one.source == at]
            said = source.text if self._holds(at) else CORRECTED
            found.append("\n\n".join([said, *_lines(quiz.practice(own, among))]))
        if found:
            found[-1] = "\n\n".join([found[-1], *_lines(quiz.no_longer(self.fell, among))])
        return found


def _lines(asked: Sequence[Asked]) -> list[str]:
    return [f"you: {one.question}\nle: {one.begins or one.answer}" for one in asked]


def _examples(asked: Sequence[Asked], tokenizer: Tokenizer) -> list[Example]:
    return [from_question(one.messages, tokenizer, begins=one.begins) for one in asked]


def _drawn(sources: Sequence[Source], chance: Chance) -> list[Source]:
    """Half of the sources replayed are the newest, half are drawn from all the others."""
    half = REPLAYED_SOURCES // 2
    return [*sources[-half:], *chance.shuffled(sources[:-half])[:half]]
