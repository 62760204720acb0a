"""How people dress a question: what they say around it, turn about in it, and leave out of it.

A model of this size answers the wordings it has practised, and others as far as they are like
them. So a question of the grammar (`l2c.text.questioning`) is not asked in a few fixed frames but
drawn each time anew: alone or inside a request, with a greeting before it or a "please" behind
it, with the thing named first and a pronoun after ("my aunt, where does she live"), as something
said before ("where did I say my aunt lives"), and as somebody in a hurry types it, without
capitals, apostrophes or the last mark (`l2c.corpus.typist`). A few words are kept for the gate
alone: what it asks, no lesson has practised.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from l2c.conversation import Message, Role
from l2c.corpus.chance import Chance
from l2c.corpus.typist import typed
from l2c.text.beings import ANIMALS, PEOPLE
from l2c.text.lexicon import listed
from l2c.text.questioning import Core

GATE_DIRECT = ("Tell me one thing, {q}?", "Listen, {q}?")
GATE_EMBEDDED = ("You surely know {q}.", "May I ask {q}?", "Say once more {q}.")
"""What only the gate says around a question."""

_BEGIN = (
    "and", "so", "Le,", "hey,", "hello,", "hi,", "ok,", "well,", "now,", "one question:",
    "quick question:", "by the way,", "tell me,", "please tell me,", "can you tell me,",
    "I forgot,", "I cannot remember,", "just to be sure,", "help me,", "sorry,", "please,",
    "oh,", "do you remember,", "do you know,", "remind me,", "let me see,", "say,",
)  # fmt: skip
_END = (
    " again", " again", ", please", " please", ", le", ", do you know", ", do you remember",
    ", can you tell me", ", I forgot", " then", " now", ", tell me", ", can you say",
    ", I cannot remember", " by the way",
)  # fmt: skip
_WANTS_TO_KNOW = (
    "do you remember", "do you know", "do you still know", "do you still remember",
    "can you tell me", "could you tell me", "would you tell me", "can you say", "can you remember",
    "can you recall", "do you recall", "can you remind me", "could you remind me",
    "have you kept", "did I tell you", "have I told you", "did I say", "did I mention",
    "remember", "any idea", "would you know", "do you happen to know", "are you able to say",
    "can you look up", "did you keep", "do you have an idea", "can I ask you",
)  # fmt: skip
_SAYS = (
    "tell me", "please tell me", "tell me again", "remind me", "please remind me", "please say",
    "I forgot", "I have forgotten", "I keep forgetting", "I do not remember", "I cannot remember",
    "I can't recall", "I would like to know", "I want to know", "I need to know",
    "I want to hear", "I wonder", "I am not sure", "let me know", "let me ask you",
    "help me remember", "I told you", "you know", "somebody asked me", "I do not know any more",
    "it slipped my mind", "what was it,", "I was asked",
)  # fmt: skip
_NAMES = (
    "what is {q}", "what is {q}", "what was {q}", "which is {q}", "what about {q}",
    "do you remember {q}", "do you know {q}", "can you tell me {q}", "could you tell me {q}",
    "do you have {q}", "have you kept {q}", "do you still know {q}", "can you say {q}",
    "can you remind me of {q}", "did I tell you {q}", "do you recall {q}", "remember {q}",
    "I forgot {q}, what is it", "I cannot remember {q}, what was it", "{q}, what is it",
    "{q}, what was it", "{q}, do you know it", "about {q}, what did I say",
    "what did I say about {q}", "what did I tell you about {q}", "what do you know about {q}",
)  # fmt: skip
_GIVES = (
    "tell me {q}", "please tell me {q}", "I forgot {q}", "I need {q}", "say {q}", "give me {q}",
    "remind me of {q}", "I want to know {q}", "I would like to know {q}", "I am looking for {q}",
    "I do not remember {q}", "I cannot remember {q}", "let me know {q}", "{q}, please",
    "please say {q}", "look up {q}", "help me with {q}",
)  # fmt: skip
_FIRST = ("{np}, {q}", "{np}, {q}", "{np}: {q}", "about {np}, {q}", "about {np}: {q}",
          "it is about {np}, {q}", "you know {np}, {q}", "and {np}, {q}")  # fmt: skip
_TOPIC = (
    "What do you know about {q}?", "Tell me about {q}.", "What did I tell you about {q}?",
    "What have I said about {q}?", "do you know something about {q}",
)  # fmt: skip
_SAID = ("did I say", "did I tell you", "did I say that", "is it that", "do you think",
         "did I mention")  # fmt: skip
_SHORT = (
    (re.compile(r"\b(what|where|who|when|how|that|it) is\b", re.IGNORECASE), r"\1's"),
    (re.compile(r"\b(do|does|did|have|is|are|was) not\b", re.IGNORECASE), r"\1n't"),
    (re.compile(r"\bcannot\b", re.IGNORECASE), "can't"),
    (re.compile(r"\bI (?:would|had)\b"), "I'd"),
    (re.compile(r"\bI am\b"), "I'm"),
    (re.compile(r"\bI have(?= (?:told|forgotten|said))"), "I've"),
)
_ASKS_FOR = re.compile(
    r"^((?:(?:in|at|on|to|from|with|by|of|since|until|under|for|about) )?(?:(?:who|whom|where|when|"
    r"how|what)|(?:what|which|whose|how) [a-z-]+(?: (?:of|kind|[a-z-]+)){0,2}?)) "
    r"((?:I|we|my|our|the) .+)$"
)
_FEMALE = listed("""
    sister mother daughter wife aunt niece grandmother granddaughter girlfriend fiancée fiancee
    landlady godmother goddaughter stepmother stepsister stepdaughter mother-in-law sister-in-law
    daughter-in-law midwife hen cow
    """)
_MALE = listed("""
    brother father son husband uncle nephew grandfather grandson boyfriend landlord godfather godson
    stepfather stepbrother stepson father-in-law brother-in-law son-in-law bull rooster
    """)
_AFTER_VERB = re.compile(r"\b(?:is|was|are|does|did|has|can|will|would|do)$")

Shape = Callable[[Core, Chance], str]


def ask(core: Core, chance: Chance, *, needed: str = "") -> str:
    """One of the many ways to ask this; empty where the draw does not fit the question.

    Words of `needed`, the answer, are never mistyped.
    """
    text = chance.choice(_SHAPES)(core, chance)
    if not text:
        return ""
    if chance.one_in(3):
        for whole, short in _SHORT:
            text = whole.sub(short, text)
    if chance.one_in(8):
        text = re.sub(r"\bmy\b", "our", text)
    asked = [Message(Role.USER, _capital(text)), Message(Role.ASSISTANT, needed)]
    return typed(asked, chance)[0].text


def plainly(core: Core) -> str:
    """The question alone; empty where it has no such form."""
    return f"{_capital(core.direct)}?" if core.direct else ""


def about(topic: str) -> list[str]:
    """What is asked about somebody or something, whatever it is."""
    return [frame.format(q=topic) for frame in _TOPIC]


def kept_for_the_gate(core: Core) -> list[str]:
    """The question in the frames that no lesson practises."""
    lines = [frame.format(q=core.direct) for frame in GATE_DIRECT if core.direct]
    return lines + [frame.format(q=core.embedded) for frame in GATE_EMBEDDED if core.embedded]


def _direct(core: Core, chance: Chance) -> str:
    return _around(core.direct, chance) if core.direct else ""


def _alone(core: Core, chance: Chance) -> str:
    return f"{core.direct}?" if core.direct else ""


def _wants(core: Core, chance: Chance) -> str:
    return _around(f"{chance.choice(_WANTS_TO_KNOW)} {core.embedded}", chance, rarely=True) if (
        core.embedded) else ""  # fmt: skip


def _says(core: Core, chance: Chance) -> str:
    if not core.embedded:
        return ""
    end = ", please" if chance.one_in(8) else ""
    return f"{chance.choice(_SAYS)} {core.embedded}{end}."


def _named(core: Core, chance: Chance) -> str:
    if not core.noun:
        return ""
    if chance.one_in(2):
        return _around(chance.choice(_NAMES).format(q=core.noun), chance, rarely=True)
    if core.noun.startswith("the name of ") and chance.one_in(4):
        return f"name {core.noun.removeprefix('the name of ')}."
    return f"{chance.choice(_GIVES).format(q=core.noun)}."


def _noun_alone(core: Core, chance: Chance) -> str:
    if not core.noun:
        return ""
    noun = core.noun.removeprefix("the ") if chance.one_in(3) else core.noun
    return f"{noun.removeprefix('my ') if chance.one_in(3) else noun}?"


def _in_place(core: Core, chance: Chance) -> str:
    return _around(core.in_place, chance) if core.in_place else ""


def _said_before(core: Core, chance: Chance) -> str:
    """ "where did I say my aunt lives"; the word that asks goes in front of it."""
    asks = _ASKS_FOR.match(core.embedded)
    if asks is None:
        return ""
    return _around(f"{asks[1]} {chance.choice(_SAID)} {asks[2]}", chance, rarely=True)


def _thing_first(core: Core, chance: Chance) -> str:
    """ "my aunt, where does she live"."""
    head = core.about.rpartition(" ")[2]
    if not core.about or core.about not in core.direct or _is_plural(head):
        return ""
    subject, other, whose = chance.choice(_pronouns(head))
    said = re.sub(rf"\b{re.escape(core.about)}'s", whose, core.direct)
    before, found, after = said.partition(core.about)
    if found:
        pronoun = subject if _AFTER_VERB.search(before.strip()) else other
        said = f"{before}{pronoun}{after}"
    return f"{chance.choice(_FIRST).format(np=core.about, q=said)}?"


_SHAPES: tuple[Shape, ...] = (
    *((_direct,) * 3), *((_alone,) * 2), *((_wants,) * 3), *((_says,) * 2), *((_named,) * 2),
    _noun_alone, _in_place, *((_said_before,) * 2), *((_thing_first,) * 2),
)  # fmt: skip
"""Which way is drawn how often."""


def _around(text: str, chance: Chance, *, rarely: bool = False) -> str:
    """A question with a few words before or behind it, or none."""
    often = 6 if rarely else 3
    before = f"{chance.choice(_BEGIN)} " if chance.one_in(often) else ""
    behind = chance.choice(_END) if chance.one_in(often) else ""
    return f"{before}{text}{behind}?"


def _pronouns(head: str) -> tuple[tuple[str, str, str], ...]:
    """The pronouns that can stand for a being or thing: as subject, elsewhere, and whose."""
    she, he, it = ("she", "her", "her"), ("he", "him", "his"), ("it", "it", "its")
    if head in _FEMALE:
        return (she,)
    if head in _MALE:
        return (he,)
    if head in ANIMALS:
        return (it, he, she)
    return (he, she) if head in PEOPLE else (it,)


def _is_plural(noun: str) -> bool:
    return noun.endswith("s") and not noun.endswith(("ss", "us"))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
