"""Going back by itself: when a promoted checkpoint turns out to be worse than what was before it.

A gate judges once, before a checkpoint answers, and on a sample. Two things are known only later.
People rate answers: when those of the live checkpoint are called bad so often that it is no chance
(the interval of Wilson, 1927), and more often than the answers before, it goes. And held-out text
can be read once more, in documents drawn anew: when it is surely worse than the bound on general
text, at the lower end of its confidence interval and not at the upper one that a gate asks for,
the checkpoint goes too, and with it all before it that read it as badly.

The person has the last word: a checkpoint gone back from once and promoted again is left alone.
What its lessons taught is remembered all the same; only the weights are the older ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from l2c import corpus
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.model import LanguageModel
from l2c.learning.evaluation import score_general, worse_by
from l2c.learning.gate import Thresholds, draw
from l2c.learning.recall import Share
from l2c.store.learning import Learning, Ratings
from l2c.store.ledger import TAKEN_BACK
from l2c.store.models import CheckpointRow, ModelRow, Models

SURELY = 0.05
"""The quantile of the bootstrap at which general text must still be too much worse."""

NOT_RATED = Ratings(0, 0)


@dataclass(frozen=True, slots=True)
class Rollback:
    """From the checkpoint that lesson `number` made, to an older one, and why in a sentence."""

    number: int
    was: str
    to: str
    reason: str


def by_ratings(
    models: Models, learning: Learning, folder: CheckpointFolder, model: ModelRow, least: float
) -> Rollback | None:
    """The way back when the live checkpoint's answers are called bad too often, else None.

    `least` is the share of rated answers that must be good.
    """
    live, older = _standing(models, learning, folder, model)
    if live is None or not older:
        return None
    rated = learning.ratings(model.name)
    here = rated.pop(model.live, NOT_RATED)
    if not _too_many_bad(here, rated, least):
        return None
    reason = f"Of {here.good + here.bad} rated answers {here.bad} were called bad."
    return Rollback(live, model.live, older[0].digest, reason)


def by_held_out_text(
    models: Models,
    learning: Learning,
    folder: CheckpointFolder,
    model: ModelRow,
    thresholds: Thresholds,
) -> Rollback | None:
    """The way back when the live checkpoint surely reads general text too badly, else None.

    It goes to the newest checkpoint before it that does not. Takes seconds.
    """
    live, older = _standing(models, learning, folder, model)
    if live is None or not older:
        return None
    starter = folder.load(model.starter)
    worse = _surely_worse(starter, folder.load(model.live), model.live)
    if worse <= thresholds.general:
        return None
    sound = (
        row.digest
        for row in older
        if row.digest == model.starter
        or _surely_worse(starter, folder.load(row.digest), model.live) <= thresholds.general
    )
    to = next(sound, None)
    reason = (
        f"General text is more than {100 * worse:.1f} % worse than with the starter; the limit is "
        f"{100 * thresholds.general:g} %."
    )
    return None if to is None else Rollback(live, model.live, to, reason)


def _standing(
    models: Models, learning: Learning, folder: CheckpointFolder, model: ModelRow
) -> tuple[int | None, list[CheckpointRow]]:
    """The lesson that made the live checkpoint, and what could answer instead, newest first.

    No lesson where none made it, or where it was gone back from before: a person wanted it again.
    """
    rows = models.checkpoints(model.name)
    at = next(number for number, row in enumerate(rows) if row.digest == model.live)
    older = [
        row
        for row in rows[at + 1 :]
        if folder.has(row.digest) and not _taken_back(learning, model.name, row)
    ]
    there = rows[at].lesson if not _taken_back(learning, model.name, rows[at]) else None
    return there, older


def _taken_back(learning: Learning, name: str, row: CheckpointRow) -> bool:
    return row.lesson is not None and TAKEN_BACK in learning.lesson(name, row.lesson).metrics


def _too_many_bad(here: Ratings, others: Mapping[str, Ratings], least: float) -> bool:
    _, at_most = Share(here.good, here.good + here.bad).interval
    before = Share(sum(one.good for one in others.values()), _number(list(others.values())))
    return at_most < min(least, before.value if before.of else least)


def _number(ratings: Sequence[Ratings]) -> int:
    return sum(one.good + one.bad for one in ratings)


def _surely_worse(starter: LanguageModel, model: LanguageModel, seed: str) -> float:
    """How much worse than the starter it reads general text, at least, as a fraction."""
    drawn = int(seed[:15], 16)
    documents = draw(corpus.held_out(), drawn)
    before, after = score_general(starter, documents), score_general(model, documents)
    return worse_by(before, after, seed=drawn, quantile=SURELY)
