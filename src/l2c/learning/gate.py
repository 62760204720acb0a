"""The gate: is the candidate better than the incumbent, and did it keep the rest?

It reads three kinds of text. *Fresh* is what the lesson was about: it must have become less
surprising. *Old* is what earlier lessons taught: it must not have been washed out. *General* is
held-out conversation that no lesson ever trains on; its bound is against the starter, not against
yesterday, because one per cent a lesson would compound to a fifth in twenty lessons. Before any
of that, weights that are not finite, that jumped, or that stutter are refused at once.

A verdict is a value: its figures, and one sentence that says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from l2c.conversation import Message, Role
from l2c.corpus.chance import Chance
from l2c.engines.engine import Sampler
from l2c.engines.model import LanguageModel
from l2c.learning.evaluation import Score, score_general, score_sources, worse_by
from l2c.learning.examples import Source

GENERAL_LIMIT = 0.03
"""Upper 95 % limit on general text, cumulative against the starter."""

OLD_LIMIT = 0.05
"""How much worse the text of earlier lessons may get in one lesson."""

NORM_JUMP_LIMIT = 0.5
"""How far the weights may move in one lesson, as a fraction of their norm."""

PRACTICE_GAIN = 0.001
"""What a lesson of old text alone must gain on general text to be worth keeping."""

GATE_DOCUMENTS = 200
"""General documents read for one verdict, drawn anew each time."""

STUTTER_PROMPTS = ("Hello", "How are you?", "What are you?", "Tell me something.")
STUTTER_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's judgement. Bits are per byte; percentages are signed, positive is worse.

    `fresh_before` and `fresh_after` are NaN for a lesson without sources, `old_percent` is NaN
    where nothing was learned earlier. `general_limit_percent` is the upper 95 % limit.
    """

    kept: bool
    reason: str
    fresh_before: float
    fresh_after: float
    old_percent: float
    general_percent: float
    general_upper_percent: float


@dataclass(frozen=True, slots=True)
class Exam:
    """What a verdict is based on: the lesson's sources, earlier ones, and general text."""

    fresh: Sequence[Source]
    old: Sequence[Source]
    general: Sequence[Sequence[Message]]
    seed: int


def draw(documents: Sequence[Sequence[Message]], seed: int) -> list[Sequence[Message]]:
    """The general documents of one verdict; a quarter of all is sealed and never drawn."""
    open_to_gates = [document for i, document in enumerate(documents) if i % 4 != 3]
    return Chance(seed).shuffled(open_to_gates)[:GATE_DOCUMENTS]


def judge(
    starter: LanguageModel, incumbent: LanguageModel, candidate: LanguageModel, exam: Exam
) -> Verdict:
    """Whether `candidate` may take the place of `incumbent`. Changes nothing."""
    refusal = _refuse_at_once(incumbent, candidate)
    if refusal is not None:
        nan = float("nan")
        return Verdict(False, refusal, nan, nan, nan, nan, nan)
    scores = score_general(candidate, exam.general)
    base = score_general(starter, exam.general)
    figures = _Figures(
        fresh=_before_after(incumbent, candidate, exam.fresh),
        old=_before_after(incumbent, candidate, exam.old),
        general=scores.bits_per_byte / base.bits_per_byte - 1,
        general_upper=worse_by(base, scores, seed=exam.seed),
        general_gain=1
        - scores.bits_per_byte / score_general(incumbent, exam.general).bits_per_byte,
    )
    kept, reason = _decide(figures)
    return Verdict(
        kept,
        reason,
        fresh_before=figures.fresh[0],
        fresh_after=figures.fresh[1],
        old_percent=100 * (figures.old[1] / figures.old[0] - 1),
        general_percent=100 * figures.general,
        general_upper_percent=100 * figures.general_upper,
    )


@dataclass(frozen=True, slots=True)
class _Figures:
    fresh: tuple[float, float]
    old: tuple[float, float]
    general: float
    general_upper: float
    general_gain: float


def _decide(figures: _Figures) -> tuple[bool, str]:
    """The one sentence, and whether it is good news. The worst finding speaks first."""
    before, after = figures.fresh
    general = _against_starter(figures.general)
    if figures.general_upper > GENERAL_LIMIT:
        return False, (
            f"Refused. General text could be {100 * figures.general_upper:.1f} % worse than with "
            f"the starter; the limit is {100 * GENERAL_LIMIT:.0f} %. le stayed as it was."
        )
    old = figures.old[1] / figures.old[0] - 1
    if old > OLD_LIMIT:
        return False, (
            f"Refused. What you taught earlier got {100 * old:.1f} % worse; "
            f"the limit is {100 * OLD_LIMIT:.0f} %. le stayed as it was."
        )
    if np.isnan(before):
        if figures.general_gain < PRACTICE_GAIN:
            return False, "Refused. Practice brought nothing. le stayed as it was."
        return True, f"Kept. Practice made general text {100 * figures.general_gain:.1f} % better."
    if after >= before:
        return False, "Refused. Your text got no better. le stayed as it was."
    return True, f"Kept. Your text got {100 * (1 - after / before):.0f} % better, {general}."


def _against_starter(general: float) -> str:
    percent = 100 * general
    if abs(percent) < 0.05:
        return "general text stayed the same"
    direction = "worse" if percent > 0 else "better"
    return f"general text is {abs(percent):.1f} % {direction} than at the start"


def _before_after(
    incumbent: LanguageModel, candidate: LanguageModel, sources: Sequence[Source]
) -> tuple[float, float]:
    if not sources:
        return float("nan"), float("nan")
    before: Score = score_sources(incumbent, sources)
    return before.bits_per_byte, score_sources(candidate, sources).bits_per_byte


def _refuse_at_once(incumbent: LanguageModel, candidate: LanguageModel) -> str | None:
    """The reason to refuse without reading a word, or None."""
    moved = total = 0.0
    before = incumbent.engine.tensors(optimizer=False)
    for name, after in candidate.engine.tensors(optimizer=False).items():
        if not np.isfinite(after).all():
            return "Refused. The training broke: some weights are not finite. le stayed as it was."
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
