"""The ledger read back: from the starter and the kept lessons to the very same checkpoint.

A checkpoint is a function of its starter and of the lessons between them, in order. Rebuilding
walks that chain and computes every lesson again; each step must give the digest the store has
for it. That is how deleted model files come back, and what makes a checkpoint's claim about its
past checkable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.learning.examples import Source
from l2c.learning.gate import Thresholds
from l2c.learning.lesson import RECIPE_VERSION, Lesson, Training
from l2c.learning.trainer import Progress
from l2c.store.lessons import LedgerEntry, SourceRow
from l2c.store.states import LessonKind


@dataclass(frozen=True, slots=True)
class Entry:
    """One kept lesson, as the store remembers it. `missing` counts sources whose text is gone.

    `thresholds` are those its verdict was given under; None for one older than that record.
    """

    number: int
    kind: LessonKind
    attempt: int
    recipe_version: int
    sources: tuple[Source, ...]
    missing: int
    digest: str
    thresholds: Thresholds | None


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a lesson of the chain became when it was computed again."""

    entry: Entry
    model: LanguageModel
    digest: str

    @property
    def exact(self) -> bool:
        """Whether it is bit for bit the checkpoint that was recorded."""
        return self.digest == self.entry.digest


def recompute(
    starter: LanguageModel,
    starter_digest: str,
    chain: Sequence[Entry],
    *,
    on_step: Callable[[Entry, Progress], None],
) -> Iterator[Rebuilt]:
    """Every checkpoint of `chain`, computed again from the starter, oldest first.

    After a lesson that does not come out exact (another recipe, text that is gone, arithmetic
    without FMA) the chain goes on from what it became.
    """
    model, parent = starter, starter_digest
    earlier: tuple[Source, ...] = ()
    for entry in chain:
        lesson = Lesson(entry.kind, parent, entry.sources, earlier, entry.attempt)
        training = Training(lesson, model)
        for progress in training.run():
            on_step(entry, progress)
        model = training.candidate
        parent = checkpoint.digest_of(checkpoint.to_bytes(model))
        earlier += entry.sources
        yield Rebuilt(entry, model, parent)


@dataclass(frozen=True, slots=True)
class Verification:
    """What recomputing a checkpoint from its ledger showed, and the one sentence about it."""

    model: str
    checkpoint: str
    recomputed: str
    lessons: int
    exact: bool
    reason: str


def verify(
    name: str,
    starter: LanguageModel,
    starter_digest: str,
    chain: Sequence[Entry],
    *,
    on_step: Callable[[Entry, Progress], None],
) -> Verification:
    """Whether the checkpoint at the end of `chain` is what its ledger says. Writes nothing."""
    digest, different = starter_digest, None
    for link in recompute(starter, starter_digest, chain, on_step=on_step):
        digest = link.digest
        if not link.exact:
            different = link
            break
    expected = chain[-1].digest if chain else starter_digest
    if different is None:
        count = "1 lesson gives" if len(chain) == 1 else f"{len(chain)} lessons give"
        reason = f"Verified. The starter and {count} {expected[:12]}, bit for bit."
    else:
        reason = (
            f"Different. Lesson {different.entry.number} gives {different.digest[:12]}, the store "
            f"has {different.entry.digest[:12]}: {why_not_exact(different)}."
        )
    return Verification(name, expected, digest, len(chain), different is None, reason)


def entries(ledger: Sequence[LedgerEntry]) -> list[Entry]:
    """The store's ledger as what a recomputation needs."""
    return [
        Entry(
            number=link.lesson.number,
            kind=link.lesson.kind,
            attempt=link.lesson.attempt,
            recipe_version=link.lesson.recipe_version,
            sources=_sources(link),
            missing=link.lesson.sources - len(_sources(link)),
            digest=link.digest,
            thresholds=_judged_under(link),
        )
        for link in ledger
    ]


def earlier_sources(ledger: Sequence[LedgerEntry]) -> tuple[Source, ...]:
    """Everything these lessons taught whose text is still there, oldest first."""
    return tuple(source for link in ledger for source in _sources(link))


def _judged_under(link: LedgerEntry) -> Thresholds | None:
    recorded = link.lesson.thresholds
    return None if recorded is None else Thresholds.recorded(recorded)


def source_of(row: SourceRow) -> Source | None:
    """What an exchange taught; None when its text is gone."""
    if row.user_text is None or row.answer_text is None:
        return None
    conversation = row.conversation_id or ""
    return Source(row.user_text, row.answer_text, row.answer_teaches, conversation)


def _sources(link: LedgerEntry) -> tuple[Source, ...]:
    return tuple(one for one in map(source_of, link.sources) if one is not None)


def why_not_exact(rebuilt: Rebuilt) -> str:
    """The likeliest reason, in words, why a rebuilt checkpoint has another digest."""
    entry = rebuilt.entry
    if entry.missing:
        return f"{entry.missing} of its sources are gone"
    if entry.recipe_version != RECIPE_VERSION:
        return f"it was made by recipe {entry.recipe_version}, this version has {RECIPE_VERSION}"
    return "this machine computes with other arithmetic"
