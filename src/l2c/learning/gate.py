"""The gate: is the candidate better than the incumbent, and did it keep the rest?

It reads three kinds of text. *Fresh* is what the lesson was about: it must have become less
surprising. *Old* is what earlier lessons taught: it must not have been washed out. *General* is
held-out conversation that no lesson ever trains on; its bound is against the starter, not against
yesterday, because one per cent a lesson would compound to a fifth in twenty lessons. Before any
of that, weights that are not finite, that jumped, or that stutter are refused at once.

A verdict is a value: its figures, and one sentence that says why.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from l2c.conversation import Message, Role
from l2c.corpus.chance import Chance
from l2c.engines.engine import Sampler
from l2c.engines.model import LanguageModel
from l2c.learning.evaluation import answered, score_general, score_sources, worse_by
from l2c.learning.examples import Source
from l2c.learning.quiz import Asked

NORM_JUMP_LIMIT = 0.5
"""How far the weights may move in one lesson, as a fraction of their norm."""

PRACTICE_GAIN = 0.001
"""What a lesson of old text alone must gain on general text to be worth keeping."""

GATE_DOCUMENTS = 200
"""General documents read for one verdict, drawn anew each time."""

SEALED_DOCUMENTS = 100
"""General documents no verdict ever reads, which say how far a model has drifted."""

CHANCE_LOST = 2
"""Answers about older facts that one lesson may lose and another bring back."""

STUTTER_PROMPTS = ("Hello", "How are you?", "What are you?", "Tell me something.")
STUTTER_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a candidate must keep to. `general` is the upper 95 % limit of how much worse general
    text may be than with the starter, `old_kept` how much of what earlier lessons gained on
    their text must be left. `recalled` is the share of questions about new facts that must be
    answered rightly, in wordings no lesson practised, and `recall_kept` how much of the share of
    the older facts must be left. `general_night` takes the place of `general` for the lesson of a
    night, where it is less. `liked` is the share of its rated answers that must be good for a
    checkpoint to stay (`l2c.learning.rollback`). All are fractions.
    """

    general: float = 0.03
    general_night: float = 0.01
    old_kept: float = 0.6
    recalled: float = 0.0
    recall_kept: float = 0.8
    liked: float = 0.5

    @classmethod
    def recorded(cls, fractions: Mapping[str, float]) -> Self:
        """Those that a verdict was recorded with; one that it did not know yet is the usual one."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in fractions.items() if name in known})


USUAL = Thresholds()
"""The thresholds nobody has changed."""

SAFE: Mapping[str, tuple[float, float]] = {
    "general": (0.005, 0.1),
    "general_night": (0.002, 0.05),
    "old_kept": (0.3, 0.95),
    "recalled": (0.0, 0.9),
    "recall_kept": (0.5, 1.0),
    "liked": (0.0, 0.9),
}
"""From where to where a user may set each: no gate that lets everything through, or nothing."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the gate measured, in bits per byte; NaN where there was no such text.

    `fresh` is the lesson's own text, `old` that of earlier lessons, `yours` both together, each
    read by the starter, by the incumbent (`before`) or by the candidate. `general_upper` is the
    upper 95 % limit of how much worse the candidate is than the starter on general text, as a
    fraction. `recalled_before` and `recalled` are the shares of questions about the new facts that
    are answered rightly, `recall_before` and `recall_after` those of `recall_of` questions about
    older ones.
    """

    fresh_before: float
    fresh_after: float
    old_starter: float
    old_before: float
    old_after: float
    yours_starter: float
    yours_now: float
    general_starter: float
    general_before: float
    general_after: float
    general_upper: float
    recalled_before: float = math.nan
    recalled: float = math.nan
    recall_before: float = math.nan
    recall_after: float = math.nan
    recall_of: float = 0.0

    @property
    def general(self) -> float:
        """How much worse general text is than with the starter, as a fraction."""
        return self.general_after / self.general_starter - 1

    @property
    def old_kept(self) -> float:
        """How much of the gain on earlier lessons' text is left: 1 all of it, 0 none.

        NaN where there is no such text, or nothing was gained on it.
        """
        gained = self.old_starter - self.old_before
        return (self.old_starter - self.old_after) / gained if gained > 0 else math.nan


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's judgement in one sentence; without figures when it was refused unread."""

    kept: bool
    reason: str
    figures: Figures | None = None


@dataclass(frozen=True, slots=True)
class Exam:
    """What a verdict is based on: the lesson's sources, earlier ones, and general text.

    `asked` are questions about the lesson's facts in wordings it did not practise,
    `asked_earlier` those about the facts of the lessons before it.
    """

    fresh: Sequence[Source]
    old: Sequence[Source]
    general: Sequence[Sequence[Message]]
    seed: int
    asked: Sequence[Asked] = ()
    asked_earlier: Sequence[Asked] = ()


def draw(documents: Sequence[Sequence[Message]], seed: int) -> list[Sequence[Message]]:
    """The general documents of one verdict; a quarter of all is sealed and never drawn."""
    open_to_gates = [document for i, document in enumerate(documents) if i % 4 != 3]
    return Chance(seed).shuffled(open_to_gates)[:GATE_DOCUMENTS]


def sealed(documents: Sequence[Sequence[Message]]) -> list[Sequence[Message]]:
    """The general documents that are never drawn for a verdict."""
    return [document for i, document in enumerate(documents) if i % 4 == 3][:SEALED_DOCUMENTS]


def drift(
    starter: LanguageModel, model: LanguageModel, documents: Sequence[Sequence[Message]]
) -> float:
    """How much worse than the starter a model reads the sealed ones of these, as a fraction.

    Nothing is decided by it: it tells whether verdicts were right about text they did not read.
    """
    read = sealed(documents)
    before, after = score_general(starter, read), score_general(model, read)
    return after.bits_per_byte / before.bits_per_byte - 1


def judge(
    starter: LanguageModel,
    incumbent: LanguageModel,
    candidate: LanguageModel,
    exam: Exam,
    thresholds: Thresholds = USUAL,
) -> Verdict:
    """Whether `candidate` may take the place of `incumbent`. Changes nothing."""
    refusal = _refuse_at_once(incumbent, candidate)
    if refusal is not None:
        return Verdict(False, refusal)
    yours = [*exam.old, *exam.fresh]
    base = score_general(starter, exam.general)
    last = base if incumbent is starter else score_general(incumbent, exam.general)
    now = score_general(candidate, exam.general)
    figures = Figures(
        fresh_before=score_sources(incumbent, exam.fresh).bits_per_byte,
        fresh_after=score_sources(candidate, exam.fresh).bits_per_byte,
        old_starter=score_sources(starter, exam.old).bits_per_byte,
        old_before=score_sources(incumbent, exam.old).bits_per_byte,
        old_after=score_sources(candidate, exam.old).bits_per_byte,
        yours_starter=score_sources(starter, yours).bits_per_byte,
        yours_now=score_sources(candidate, yours).bits_per_byte,
        general_starter=base.bits_per_byte,
        general_before=last.bits_per_byte,
        general_after=now.bits_per_byte,
        general_upper=worse_by(base, now, seed=exam.seed),
        recalled_before=answered(incumbent, exam.asked),
        recalled=answered(candidate, exam.asked),
        recall_before=answered(incumbent, exam.asked_earlier),
        recall_after=answered(candidate, exam.asked_earlier),
        recall_of=len(exam.asked_earlier),
    )
    return Verdict(*decide(figures, thresholds), figures)


def decide(figures: Figures, thresholds: Thresholds = USUAL) -> tuple[bool, str]:
    """Whether to keep it, and the one sentence. The worst finding speaks first."""
    if figures.general_upper > thresholds.general:
        return False, (
            f"Refused. General text could be {100 * figures.general_upper:.1f} % worse than with "
            f"the starter; the limit is {100 * thresholds.general:g} %. le stayed as it was."
        )
    if figures.old_kept < thresholds.old_kept:
        return False, (
            f"Refused. Only {100 * max(figures.old_kept, 0):.0f} % of what you taught earlier was "
            f"left; it must be {100 * thresholds.old_kept:g} %. le stayed as it was."
        )
    lost = (figures.recall_before - figures.recall_after) * figures.recall_of
    if figures.recall_after < thresholds.recall_kept * figures.recall_before and lost > CHANCE_LOST:
        return False, (
            f"Refused. Of what you told earlier it answered {100 * figures.recall_after:.0f} % "
            f"rightly, and {100 * figures.recall_before:.0f} % before. le stayed as it was."
        )
    if math.isnan(figures.fresh_before):
        gain = 1 - figures.general_after / figures.general_before
        if gain < PRACTICE_GAIN:
            return False, "Refused. Practice brought nothing. le stayed as it was."
        return True, f"Kept. Practice made general text {100 * gain:.1f} % better."
    gain = 1 - figures.fresh_after / figures.fresh_before
    if gain <= 0:
        return False, "Refused. Your text got no better. le stayed as it was."
    if figures.recalled < max(thresholds.recalled, figures.recalled_before):
        return False, (
            f"Refused. Asked in new wordings, it answered only {100 * figures.recalled:.0f} % "
            "rightly. le stayed as it was."
        )
    general = _against_starter(figures.general)
    kept = f"Kept. Your text got {100 * gain:.0f} % better, {general}."
    if not math.isnan(figures.recalled):
        kept += f" Asked in new wordings, it answered {100 * figures.recalled:.0f} % rightly."
    return True, kept


def _against_starter(general: float) -> str:
    percent = 100 * general
    if abs(percent) < 0.05:
        return "general text stayed the same"
    direction = "worse" if percent > 0 else "better"
    return f"general text is {abs(percent):.1f} % {direction} than at the start"


def _refuse_at_once(incumbent: LanguageModel, candidate: LanguageModel) -> str | None:
    """The reason to refuse without reading a word, or None."""
    moved = total = 0.0
    before = incumbent.engine.tensors(optimizer=False)
    for name, after in candidate.engine.tensors(optimizer=False).items():
        if not np.isfinite(after).all():
            return "Refused. The training broke: some weights are not finite. le stayed as it was."
        if not np.issubdtype(after.dtype, np.floating):
            continue  # counts grow by what they are told
        old = before[name][tuple(slice(0, size) for size in after.shape)].astype(np.float64)
        new = after[tuple(slice(0, size) for size in old.shape)].astype(np.float64)
        moved += float(((new - old) ** 2).sum())
        total += float((old**2).sum())
    if moved > NORM_JUMP_LIMIT**2 * total:
        return "Refused. The weights jumped too far in one lesson. le stayed as it was."
    if _stutters(candidate) and not _stutters(incumbent):
        return "Refused. Its answers only repeat themselves. le stayed as it was."
    return None


def _stutters(model: LanguageModel) -> bool:
    """Whether any plain question gets a long answer made of a few repeated letters."""
    for prompt in STUTTER_PROMPTS:
        said = [Message(Role.USER, prompt)]
        greedy = Sampler(temperature=0.0)
        answer = "".join(
            piece.text for piece in model.answer(said, greedy, length=STUTTER_LENGTH, seed=0)
        )
        fours = [answer[i : i + 4] for i in range(len(answer) - 3)]
        if len(answer) >= STUTTER_LENGTH // 2 and len(set(fours)) < len(fours) / 4:
            return True
    return False
