"""What the weights know by heart: recited, and looked at before it is said.

A lesson teaches a model to answer with a value and the sentence it was told in ("Brno. Your aunt
lives in Brno."). A model this small keeps more facts than it can tell apart: asked for the uncle
it recites what it knows of the aunt. But what it recites can be read. So several beginnings of an
answer are drafted, the sentence of each is read as a told fact, and it counts where that fact
answers the question, by the same grammar that answers from the memory (`l2c.text.answering`).
That grammar does not understand every question; where it does not, a draft counts that speaks of
what was asked and is likelier than everything else together.

A model is surest of the wordings it has practised, and a question in odd words makes it say that
it was not told what it knows well. So a fact that answers, but is less likely than not having been
told, is asked for once more in the plain questions of its own grammar (`l2c.text.questioning`):
what was told holds there, and what was made up for the question does not. And where nothing
answers, what the model knows of whom or what the question names is recited and looked at alike.

Nothing is looked up: whatever is recited comes out of the weights. Of what counts the likeliest is
said; and where nothing does, it says that it was not told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from l2c.conversation import Message, Role
from l2c.engines.doubt import Draft, drafts, likelier, rather
from l2c.engines.model import LanguageModel
from l2c.text import facts
from l2c.text.answering import answers
from l2c.text.asking import LIGHT, NOT_TOLD, Question, ask
from l2c.text.facts import Fact
from l2c.text.lexicon import concepts
from l2c.text.questioning import cores
from l2c.text.restating import as_told, restate

BEGINNINGS = 10
"""Beginnings of an answer that are drafted."""

SLACK = 2.0
"""Nats by which not having been told may be likelier than a fact that answers."""

PLAINLY = 6
"""Plain questions in which a fact that is less likely is asked for once more."""

HOLDS = 3.0
"""Nats by which it is likelier there than not having been told, on average, if it was told."""

ABOUT = "What do you know about {}?"
"""What lessons practise to ask of whatever they tell (`l2c.learning.framing`)."""

UNLIKELY_BEGINNINGS, BEGINNINGS_ABOUT = 24, 8
"""Beginnings of an answer, and of one to that, that are drafted where nothing else answers."""

SURE = math.log(0.5)
"""Likelier than everything else together."""

SHARED = 2
"""Ideas that such a draft shares with the question."""

LATELY = 3
"""Messages that give a statement about the user its occasion."""

_OF_USER = re.compile(r"^(?!I\b)[^?]*\byour?s?\b[^?]*$", re.IGNORECASE)
_TO_LE = re.compile(r"\b(?:you|your|yours|yourself)\b", re.IGNORECASE)
_OF_ONESELF = re.compile(r"\b(?:i|me|my|mine|we|us|our|ours)\b", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?]) ")
_NAMED = re.compile(r"\b(my|our|the) ([\w'-]+(?: [\w'-]+){0,2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Recited:
    """A fact that answers, and the sentence that says so behind its value."""

    fact: Fact
    text: str


def recite(model: LanguageModel, messages: Sequence[Message]) -> str | None:
    """What the model recites in answer to the last of `messages`, or that it was not told.

    None where nothing is recited and the question is none about its speaker: then the model's
    words are its own.
    """
    question = ask(messages[-1].text)
    if question is None:
        return NOT_TOLD if rather(model, messages, NOT_TOLD) else None
    drafted, not_told = drafts(model, messages, BEGINNINGS, instead=NOT_TOLD)
    for one in sorted(drafted, key=lambda one: -one.log_probability):
        if (recited := _answering(question, one.text)) is not None and (
            one.log_probability > not_told - SLACK or _holding(model, recited) > HOLDS
        ):
            return recited.text
    sure = [one.text.strip() for one in drafted if _is_sure(question, one)]
    if sure:
        return sure[0]
    found = _looked_for(model, question, messages)
    if found:
        return found
    if question.own or not_told > max((one.log_probability for one in drafted), default=-math.inf):
        return NOT_TOLD
    return None


def _answering(question: Question, text: str) -> Recited | None:
    """The first sentence recited here that answers, behind its value."""
    for sentence in _SENTENCE.split(text.strip()):
        for fact in facts.find(as_told(sentence)):
            if answers(question, fact) > 0:
                value, whole = restate(fact.value), restate(fact.said)
                begins = whole.startswith(value[:-1])
                return Recited(fact, whole if begins else f"{value} {whole}")
    return None


def _holding(model: LanguageModel, recited: Recited) -> float:
    """Nats by which it is likelier than not having been told, asked for plainly, on average."""
    direct = dict.fromkeys(core.direct for core in cores(recited.fact) if core.direct)
    asked = [f"{one[:1].upper()}{one[1:]}?" for one in list(direct)[:PLAINLY]]
    told = [likelier(model, _said(one), recited.text, than=NOT_TOLD) for one in asked]
    return math.fsum(told) / len(told) if told else -math.inf


def _looked_for(model: LanguageModel, question: Question, messages: Sequence[Message]) -> str:
    """What answers and holds among unlikely beginnings, and all that is known of whom or what the
    question names; empty for nothing.
    """
    asked = [(_said(ABOUT.format(one)), BEGINNINGS_ABOUT) for one in _named(messages[-1].text)]
    recited = [
        found
        for words, number in [(messages, UNLIKELY_BEGINNINGS), *asked]
        for one in drafts(model, words, number, instead=NOT_TOLD)[0]
        if (found := _answering(question, one.text)) is not None
    ]
    held = [(_holding(model, one), one.text) for one in dict.fromkeys(recited)]
    holding, said = max(held, default=(-math.inf, ""))
    return said if holding > HOLDS else ""


def _named(text: str) -> list[str]:
    """What a question may be about: what stands after "my", "our" or "the", in one to three words.

    >>> _named("Who is my piano teacher?")
    ['my piano', 'my piano teacher']
    """
    found = []
    for article, phrase in _NAMED.findall(text):
        words = phrase.split()
        owner = "the" if article.lower() == "the" else "my"
        phrases = (" ".join([owner, *words[:number]]) for number in range(1, len(words) + 1))
        found += [one.removesuffix("'s") for one in phrases]
    return list(dict.fromkeys(found))


def _said(text: str) -> list[Message]:
    return [Message(Role.USER, text)]


def _is_sure(question: Question, draft: Draft) -> bool:
    """Whether a draft is likelier than all others, and speaks of what is asked."""
    if draft.log_probability <= SURE or draft.text.strip() == NOT_TOLD:
        return False
    spoken = set(concepts(as_told(draft.text)))
    return len((question.ideas - LIGHT) & spoken) >= SHARED


def is_beside(draft: str, messages: Sequence[Message]) -> bool:
    """Whether what a taught model would say is recited where nobody asked for it.

    What lessons practise comes to it readily, and with certainty: to "have you got a garden" what
    it was told of the user's. So, where memory knew no answer, a statement about the user must
    share an idea with what was said last, which must not be about `le`; and only memory knows that
    something was not told.

    >>> is_beside("99 metres. Your garden is 99 metres long.", [Message(Role.USER, "Tell a joke")])
    True
    """
    said = {idea for message in messages[-LATELY:] for idea in concepts(message.text)}
    asked = messages[-1].text
    to_le = _TO_LE.search(asked) is not None and not _OF_ONESELF.search(asked)
    of_user = (one for one in _SENTENCE.split(draft.strip()) if _OF_USER.search(one))
    return draft.strip() == NOT_TOLD or any(to_le or not said & {*concepts(one)} for one in of_user)
