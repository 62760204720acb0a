"""The night's lesson: everything that was learned, once more, together, from the starter.

Lessons of the day stand on each other's shoulders, and whatever drifts goes on drifting. So when
nobody has talked for long, or when it is asked for, one joint lesson begins again at the starter
and reads everything the live checkpoint was taught. What it makes has a past of one lesson, so
that forgetting means leaving out. It has to keep to a tighter bound on general text than the
lessons of the day; where it does not, or knows less than they did, the day's checkpoint stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from l2c.engines.model import LanguageModel
from l2c.learning.evaluation import answered
from l2c.learning.gate import Thresholds, Verdict
from l2c.learning.ledger import source_of
from l2c.learning.lesson import Lesson, Training
from l2c.store.ledger import NewSource
from l2c.store.lessons import LedgerEntry
from l2c.store.states import LessonKind

FEWEST_LESSONS = 2
"""Lessons since the last night, at least, for another to be worth its while."""


@dataclass(frozen=True, slots=True)
class Night:
    """A joint lesson: what it computes, where its sources come from, and what it replaces."""

    lesson: Lesson
    sources: tuple[NewSource, ...]
    was: str


def night(chain: Sequence[LedgerEntry], *, starter: str, live: str) -> Night | None:
    """The joint lesson over what the live checkpoint was taught; None when there is too little.

    `chain` is its ledger. Sources whose text or exchange is gone are left out.
    """
    rows = [row for link in chain for row in link.sources if row.exchange_id is not None]
    taught = [(row, one) for row in rows if (one := source_of(row)) is not None]
    if len(chain) < FEWEST_LESSONS or not taught:
        return None
    sources = tuple(one for _, one in taught)
    named = tuple(
        NewSource(str(row.exchange_id), one.user, one.answer, one.answer_teaches, one.sha256)
        for row, one in taught
    )
    return Night(Lesson(LessonKind.EXCHANGES, starter, sources, ()), named, live)


def at_night(thresholds: Thresholds) -> Thresholds:
    """What the lesson of a night must keep to: of general text it may lose less."""
    return replace(thresholds, general=min(thresholds.general, thresholds.general_night))


def judge(
    training: Training, starter: LanguageModel, day: LanguageModel, thresholds: Thresholds
) -> Verdict:
    """The verdict on the night's candidate: against the starter, and on answers against the day's.

    `thresholds` are those of `at_night`.
    """
    verdict = training.judge(starter, starter, thresholds)
    asked, _ = training.curriculum.exam()
    if not (verdict.kept and asked and verdict.figures):
        return verdict
    by_day, now = answered(day, asked), verdict.figures.recalled
    if now >= thresholds.recall_kept * by_day:
        return verdict
    return Verdict(
        False,
        f"Refused. Of what you told it answered {100 * now:.0f} % rightly, the lessons of the day "
        f"{100 * by_day:.0f} %. le stayed as it was.",
        verdict.figures,
    )
