"""What the weights know by heart: recited, and looked at before it is said.

A lesson teaches a model to answer with a value and the sentence it was told in ("Brno. Your aunt
lives in Brno."). A model this small keeps more facts than it can tell apart: asked for the uncle
it recites what it knows of the aunt. But what it recites can be read. So several beginnings of an
answer are drafted, the sentence of each is read as a told fact, and it counts where that fact
answers the question, by the same grammar that answers from the memory (`l2c.text.answering`).
That grammar does not understand every question; where it does not, a draft counts that speaks of
what was asked and is likelier than everything else together.

Nothing is looked up: whatever is recited comes out of the weights. Of what counts the likeliest is
said; and where nothing does, or not having been told is much likelier still, it says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from l2c.conversation import Message
from l2c.engines.doubt import Draft, drafts, rather
from l2c.engines.model import LanguageModel
from l2c.text import facts
from l2c.text.answering import answers
from l2c.text.asking import LIGHT, NOT_TOLD, Question, ask
from l2c.text.lexicon import concepts
from l2c.text.restating import as_told, restate

BEGINNINGS = 6
"""Beginnings of an answer that are drafted."""

SLACK = 2.0
"""Nats by which not having been told may be likelier than a fact that answers."""

SURE = math.log(0.5)
"""Likelier than everything else together."""

SHARED = 2
"""Ideas that such a draft shares with the question."""

_SENTENCE = re.compile(r"(?<=[.!?]) ")


def recite(model: LanguageModel, messages: Sequence[Message]) -> str | None:
    """What the model recites in answer to the last of `messages`, or that it was not told.

    None where nothing is recited and the question is none about its speaker: then the model's
    words are its own.
    """
    question = ask(messages[-1].text)
    if question is None:
        return NOT_TOLD if rather(model, messages, NOT_TOLD) else None
    drafted, not_told = drafts(model, messages, BEGINNINGS, instead=NOT_TOLD)
    known = [(one.log_probability, said) for one in drafted if (said := _told(question, one.text))]
    likeliest, said = max(known, default=(-math.inf, ""))
    if likeliest > not_told - SLACK:
        return said
    sure = [one.text.strip() for one in drafted if _is_sure(question, one)]
    if sure:
        return sure[0]
    if question.own or not_told > max((one.log_probability for one in drafted), default=-math.inf):
        return NOT_TOLD
    return None


def _told(question: Question, text: str) -> str:
    """The first sentence recited here that answers, behind its value; empty for none."""
    for sentence in _SENTENCE.split(text.strip()):
        for fact in facts.find(as_told(sentence)):
            if answers(question, fact) > 0:
                value, whole = restate(fact.value), restate(fact.said)
                return whole if whole.startswith(value[:-1]) else f"{value} {whole}"
    return ""


def _is_sure(question: Question, draft: Draft) -> bool:
    """Whether a draft is likelier than all others, and speaks of what is asked."""
    if draft.log_probability <= SURE or draft.text.strip() == NOT_TOLD:
        return False
    spoken = set(concepts(as_told(draft.text)))
    return len((question.ideas - LIGHT) & spoken) >= SHARED
