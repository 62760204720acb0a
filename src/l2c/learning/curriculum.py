"""What a lesson reads: its sources, the facts in them as questions, and what is to be kept.

    statements + questions about new facts   | half of every batch
    questions nobody told the answer of      |
    questions about older facts, and sources } the other half
    the starter's corpus                     }

A turn that tells no fact teaches as text alone. What a newer turn corrects is withdrawn: neither
its wordings nor the sentence it stood in are practised again. Everything follows from the sources
and their order, so a lesson can be read, verified, and carried out again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from l2c.corpus.chance import Chance
from l2c.learning import quiz
from l2c.learning.examples import Example, Source, from_question, from_source
from l2c.learning.quiz import Asked, Told
from l2c.text.tokenizer import Tokenizer

STATEMENTS = 3
"""How often a source stands among the questions about its facts."""

REPLAYED_SOURCES = 64
"""Sources of earlier lessons that are read again, the newest ones and a draw of the others."""

REHEARSED_WORDINGS = 12
"""Wordings in which an older fact is asked for again."""

CORRECTED = "(corrected in the same lesson, and not practised)"
"""What stands for a source that tells only what a newer one corrects."""

EXAMINED = 100
"""Questions about new facts that the gate asks at most, and as many about older ones."""

UNTOLD, UNTOLD_PER_FACT = 200, 100
"""Questions without an answer that one lesson draws: so many, and more for each of its facts."""


@dataclass(frozen=True)
class Curriculum:
    """The material of one lesson; `earlier` are the sources of the lessons before it."""

    sources: tuple[Source, ...]
    earlier: tuple[Source, ...]
    seed: int = 0

    @cached_property
    def _read(self) -> tuple[list[Told], set[int]]:
        return quiz.read([*self.earlier, *self.sources])

    @cached_property
    def new(self) -> list[Told]:
        """The facts that this lesson's sources tell, and that hold."""
        return [one for one in self._read[0] if one.source >= len(self.earlier)]

    @cached_property
    def older(self) -> list[Told]:
        """The facts of earlier lessons that still hold."""
        return [one for one in self._read[0] if one.source < len(self.earlier)]

    def told(self, tokenizer: Tokenizer) -> list[Example]:
        """The sources as they were said; none that a correction of the same lesson withdrew."""
        return [from_source(source, tokenizer) for at, source in self._numbered if self._holds(at)]

    def fresh(self, tokenizer: Tokenizer) -> list[Example]:
        """The sources, and the questions about their facts."""
        read = self.told(tokenizer)
        asked = quiz.practice(self.new, self._read[0])
        return read * (STATEMENTS if asked else 1) + _examples(asked, tokenizer)

    def rehearsed(self, tokenizer: Tokenizer) -> list[Example]:
        """Earlier sources that no correction withdrew, and questions about older facts."""
        asked = quiz.practice(self.older, self._read[0], wordings=REHEARSED_WORDINGS)
        return [from_source(s, tokenizer) for s in self.replayed] + _examples(asked, tokenizer)

    @cached_property
    def replayed(self) -> list[Source]:
        """Earlier sources to read again; none that tells only what a correction withdrew."""
        kept = [source for at, source in enumerate(self.earlier) if self._holds(at)]
        return _drawn(kept, Chance(self.seed, len(self.earlier)))

    def untold(self, tokenizer: Tokenizer) -> list[Example]:
        """Questions about what nobody told; none where no fact is about."""
        if not self._read[0]:
            return []
        near = self.new or self.older
        wordings = UNTOLD + UNTOLD_PER_FACT * len(near)
        asked = quiz.untold(near, self._read[0], seed=self.seed, wordings=wordings)
        return _examples(asked, tokenizer)

    def exam(self) -> tuple[list[Asked], list[Asked]]:
        """What only the gate asks: of the new facts, and of the older ones."""
        everything, chance = self._read[0], Chance(self.seed, 3)
        return (
            chance.shuffled(quiz.held_out(self.new, everything))[:EXAMINED],
            chance.shuffled(quiz.held_out(self.older, everything))[:EXAMINED],
        )

    @property
    def _numbered(self) -> Iterator[tuple[int, Source]]:
        return enumerate(self.sources, start=len(self.earlier))

    def _holds(self, at: int) -> bool:
        """Whether a source tells more than what a correction withdrew."""
        return at not in self._read[1]

    def texts(self) -> list[str]:
        """What each of the lesson's sources teaches, exactly, for its owner to read."""
        found = []
        for at, source in self._numbered:
            if not self._holds(at):
                found.append(CORRECTED)
                continue
            own = [one for one in self.new if one.source == at]
            asked = quiz.practice(own, self._read[0])
            lines = [f"you: {one.question}\nle: {one.answer}" for one in asked]
            found.append("\n\n".join([source.text, *lines]))
        return found


def _examples(asked: Sequence[Asked], tokenizer: Tokenizer) -> list[Example]:
    return [from_question(one.messages, tokenizer) for one in asked]


def _drawn(sources: Sequence[Source], chance: Chance) -> list[Source]:
    """Half of the sources replayed are the newest, half are drawn from all the others."""
    half = REPLAYED_SOURCES // 2
    return [*sources[-half:], *chance.shuffled(sources[:-half])[:half]]
