"""The night's lesson: everything that was learned, once more, together, from the starter.

Lessons of the day stand on each other's shoulders, and whatever drifts goes on drifting. So when
nobody has talked for long, or when it is asked for, one joint lesson begins again at the starter
and reads everything the live checkpoint was taught. What it makes has a past of one lesson, so
that forgetting means leaving out. It has to keep to a tighter bound on general text than the
lessons of the day; where it does not, or knows less than they did, the day's checkpoint stays.

Once the history is longer than a night can learn, an earlier night's checkpoint takes the
starter's place, an *anchor*: the joint lesson begins there, reads what was taught since, and
rehearses the rest. The bound stays the one against the starter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from l2c.engines.model import LanguageModel
from l2c.learning.evaluation import answered
from l2c.learning.gate import Thresholds, Verdict
from l2c.learning.ledger import earlier_sources, source_of
from l2c.learning.lesson import Lesson, Training
from l2c.store.ledger import NewSource
from l2c.store.lessons import JOINT, LedgerEntry
from l2c.store.states import LessonKind

FEWEST_LESSONS = 2
"""Lessons, at least, for the first night to be worth its while; for another, one since the last."""


@dataclass(frozen=True, slots=True)
class Night:
    """A joint lesson: what it computes, where its sources come from, and what it replaces.

    `begins` says in words where it begins.
    """

    lesson: Lesson
    sources: tuple[NewSource, ...]
    was: str
    begins: str = "the start"


def night(
    chain: Sequence[LedgerEntry], *, starter: str, live: str, most: int, has: Callable[[str], bool]
) -> Night | None:
    """The joint lesson over what the live checkpoint was taught; None when there is too little.

    `chain` is its ledger. A night learns `most` exchanges, or more where there is no anchor yet;
    `has` tells whether a checkpoint's file is there. Sources whose text or exchange is gone are
    left out.
    """
    last = max(anchors(chain), default=-1)
    new = [link for link in chain[last + 1 :] if link.sources]
    if not new or len(chain) < FEWEST_LESSONS:
        return None
    at = _begins_at(chain, most, has)
    rows = [row for link in chain[at + 1 :] for row in link.sources if row.exchange_id is not None]
    taught = [(row, one) for row in rows if (one := source_of(row)) is not None]
    if not taught:
        return None
    sources = tuple(one for _, one in taught)
    named = tuple(
        NewSource(str(row.exchange_id), one.user, one.answer, one.answer_teaches, one.sha256)
        for row, one in taught
    )
    parent = starter if at < 0 else chain[at].digest
    lesson = Lesson(LessonKind.EXCHANGES, parent, sources, earlier_sources(chain[: at + 1]))
    if at < 0:
        return Night(lesson, named, live)
    begins = f"lesson {chain[at].lesson.number}, which takes the place of the start,"
    return Night(lesson, named, live, begins)


def anchors(chain: Sequence[LedgerEntry]) -> list[int]:
    """Where in a ledger the lessons of nights are, on which another night may stand."""
    return [at for at, link in enumerate(chain) if link.lesson.metrics.get(JOINT)]


def _begins_at(chain: Sequence[LedgerEntry], most: int, has: Callable[[str], bool]) -> int:
    """The link a night begins after: -1, the starter, if that is not too much for one night, else
    the oldest anchor that leaves little enough, else the newest.
    """
    places = [-1, *(at for at in anchors(chain) if has(chain[at].digest))]
    fits = [at for at in places if sum(len(link.sources) for link in chain[at + 1 :]) <= most]
    return fits[0] if fits else places[-1]


def at_night(thresholds: Thresholds) -> Thresholds:
    """What the lesson of a night must keep to: of general text it may lose less."""
    return replace(thresholds, general=min(thresholds.general, thresholds.general_night))


def judge(
    training: Training,
    starter: LanguageModel,
    begun: LanguageModel,
    day: LanguageModel,
    thresholds: Thresholds,
) -> Verdict:
    """The verdict on the night's candidate: against the starter, and on answers against the day's.

    `begun` is what it began with, the starter or an anchor; `thresholds` are those of `at_night`.
    """
    verdict = training.judge(starter, begun, thresholds)
    asked = [one for some in training.curriculum.exam() for one in some]
    if not (verdict.kept and asked):
        return verdict
    by_day, now = answered(day, asked), answered(training.candidate, asked)
    if now >= thresholds.recall_kept * by_day:
        return verdict
    return Verdict(
        False,
        f"Refused. Of what you told it answered {100 * now:.0f} % rightly, the lessons of the day "
        f"{100 * by_day:.0f} %. le stayed as it was.",
        verdict.figures,
    )
