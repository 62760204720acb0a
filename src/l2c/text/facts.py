"""Finding in a turn what its user told about themselves, in general English.

A fact is a clause that hangs on the speaker: "my sister's dog is called Waldo", "I grew up in
Ostheim", "the code for the shed is 7731", "Anneliese is my aunt". Each is read as subject, relation
and value, so that a newer value takes the place of an older one, and keeps the words it was said
in, which are what is answered with. What is only asked, quoted, supposed, dreamt, joked or said of
other people is no fact. Corrections rest on what was told just before: "No, it is Hanne."

The finder reads grammar and ordinary word lists (`l2c.text.lexicon`), not a list of sentences. It
prefers silence to a wrong fact; its precision and recall are measured apart (`l2c recall`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from l2c.text import clauses
from l2c.text.beings import TRADES
from l2c.text.forgetting import forgotten, is_kept, is_off_the_record
from l2c.text.in_passing import names_in_passing
from l2c.text.introducing import introduced
from l2c.text.lexicon import plain, tokens
from l2c.text.mending import mended
from l2c.text.predicates import Fact
from l2c.text.run_on import apart

__all__ = ["MOST_FACTS", "Fact", "find", "is_meant", "is_telling", "sentences"]

MOST_FACTS = 32
"""A turn of more facts than this is a pasted text; what lies beyond is not read."""

LONGEST_SENTENCE = 300

_JOKE = re.compile(
    r"\b(?:just |only )?(?:kidding|joking)\b|\bjust (?:a joke|for fun)\b|\bjk\b|"
    r"\bnot really\b|\bpulling your leg\b|\bapril fool|😜",
    re.IGNORECASE,
)
_LAUGHTER = re.compile(r"\b(?:ba)?ha(?:ha)+h?\b|\blo+l\b|\blmf?ao\b|\brofl\b|😂|🤣", re.IGNORECASE)
_TALL = re.compile(
    r"\b(?:king|queen|emperor|empress|prince|princess|pope|president|god|goddess|superman|batman|"
    r"spider-?man|superhero|alien|unicorn|dragon|ghost|vampire|zombie|genius|legend|boss of|"
    r"millionaire|billionaire|castle|palace|moon|mars|million|billion|\d{4,}|(?:1[2-9]|[2-9]\d)\d "
    r"years? old)\b",
    re.IGNORECASE,
)
"""What is no plain fact in a turn that laughs."""
_UNREAL = re.compile(
    r"\b(?:if|suppose|supposing|imagine|pretend|assume|assuming|what if|let us say|let's|maybe|"
    r"perhaps|probably|possibly|would|could|might|should|wish|unless|whether|as if|as though|"
    r"once upon|joke|jokes|guess|dreamt|dreamed|(?<!\bI )(?<!\bwe )used to)\b|"
    r"\b(?:in|from) (?:my|a|the|this|that|our|his|her)(?: \w+)? (?:dreams?|book|novel|story|film|"
    r"movie|game|song|play|poem|series|show|episode|tale|fantasy)\b|"
    r"\b(?:my|the) (?:character|avatar|hero)\b|\b(?:story|poem|song) (?:in which|where|about)\b|"
    r"^(?:write|translate|say|repeat|read|correct|rewrite|spell)\b",
    re.IGNORECASE,
)
_MAYBE = re.compile(r"(?<!in )(?<!of )(?<!\d )(?<!by )(?<!since )\bmay\b(?! \d)")
_REPORTED = re.compile(
    r"\b(?:he|she|they|who|people|somebody|someone|everybody|friend|neighbour|man|woman|\w+er)\b"
    r"[^.]{0,40}\b(?:says?|said|told|tells?|wrote|writes|claims?|claimed|asked|asks|replied|"
    r"shouted|whispered|thinks?|believes?)\b|\baccording to\b|\bas far as i know\b|"
    r"\b(?:wrote|goes|reads|says)\s*[\"“:]",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“«]([^\"”»]*)[\"”»]")
_ASKS = re.compile(
    r"^(?:(?:so|and|but|ok|okay|well|then|hey|wait|oh)[ ,]+)*(?:who|whom|whose|what|which|when|"
    r"where|why|how|do(?! not forget)|does|did|is|are|was|were|can|could|will|would|shall|should|"
    r"have|has|am|(?:tell|remind|give|show) me|guess)\b",
    re.IGNORECASE,
)
_DO = re.compile(
    r"^(?:please )?(?:do not|never) (?!forget\b)(?:[a-z]+) |^please (?!remember|note|keep)[a-z]+ ",
    re.IGNORECASE,
)
"""What is wished and not told: "please do not tell anyone"."""
_TO_LEARN = re.compile(
    r"^((?:\w+, )?)(?:please )?(?:can|could|would|will) you (?:please )?(?:remember|note|learn|"
    r"keep in mind|save|store|write down)(?: for me)?(?: that)? (?=(?:I|we|my|our)\b)([^?]+)\?*$",
    re.IGNORECASE,
)
_OF_THIS = re.compile(r"^(?:(?:a bit|so|very) )?(?:\w+ )?(?:about |of )?(?:that|this|it)$", re.I)
"""A value that only points: "nervous about that"."""
_OWN_WORDS = re.compile(
    r"\b(?:as )?I (?:said|told you|say)\b[,:]?( that)?|"
    r"\b(?:people|friends|everyone|everybody) says? (?=[A-Z][\w'-]+$)"
)
"""What reports nothing: the speaker's own saying, and what people say for a name."""
_TITLE = re.compile(r"\b(Dr|Mr|Mrs|Ms|St|Prof|No|Nr|Jr|Sr|approx)\.", re.IGNORECASE)
_SENTENCE = re.compile(
    r"(?<=[.!?;])[\"”']?\s+|\n+|,? but (?=now,? (?:I|we|my|our)\b)|"
    r",? (?:so|but|and) "
    r"(?=(?:who|what|when|where|why|how|should|can|could|did|do) [^.!?]*\?)|"
    r", (?=(?:can|could|would|will|do|should|what|how|where|when|why) (?:you|i|we)\b[^.!?]*\?)|"
    r", (?:so |and )?(?=(?:what|how much) (?:is|was|does|will|would) (?:that|this|it)\b[^.!?]*$)|"
    r", (?=(?:how (?:much|many|long|far|old)|what time|which \w+) [^.!?]*\??$)|"
    r",? so (?=(?:please )?(?:convince|tell|help|give|show|ask|surprise|entertain) (?:me|us)\b)|"
    r", (?=please (?!remember|note|keep|do not forget|call)[a-z])",
    re.IGNORECASE,
)
_PRESUPPOSES = re.compile(
    r"(?:my|our) (?:[a-z-]+ ){1,2}[A-Z]\w+ (?:also |always |just |often )?(?:says?|said|thinks?|"
    r"thought|told|tells|asks|asked|wants?|wanted|believes)\b"
)
"""What "my brother Sean says …" tells, whatever he says: how the brother is called."""
_ASIDE = re.compile(
    r",? (?:by the way|btw|fyi|tho|though|i meant?|to be honest|tbh|to tell (?:you )?the truth|"
    r"(?:nice|pleased|good|glad) to meet you(?: too)?)\W*$",
    re.IGNORECASE,
)
_REVOKES = re.compile(
    r"^(?:(?:i was |that was |it was )?(?:just|only) (?:kidding|joking|a joke)|(?:i am|i was) "
    r"(?:just |only )?(?:kidding|joking)|that was a joke|(?:please )?forget (?:that|it|what i said)"
    r"|scratch that|never ?mind that|that is not true|that was not true)[.! ]*$",
    re.IGNORECASE,
)


def find(text: str, before: Sequence[Fact] = ()) -> list[Fact]:
    """The facts told in a turn, in order; `before` are those told last, for what refers to them.

    >>> [(fact.subject, fact.relation, fact.value) for fact in find("My sister is called Mirela.")]
    [('sister', 'name', 'Mirela')]
    >>> find("If my sister were called Mirela, would you like her?")
    []
    """
    text = asked_to_learn(text)
    said = plain(text)
    if _REVOKES.match(said):
        return [replace(fact, ended=True) for fact in before if not fact.ended][-1:]
    if _JOKE.search(said) or is_off_the_record(said):
        return []
    if (over := forgotten(said, before)) is not None:
        return over
    laughs = _LAUGHTER.search(said) is not None
    known = list(before)
    found: list[Fact] = []
    spoken: list[str] = []
    parts = (mended(_with_known_names(one, before)) for one in sentences(_LAUGHTER.sub(". ", text)))
    whole = (one for part in parts for one in apart(part))
    for sentence in (one for part in whole for one in introduced(part)):
        if len(found) >= MOST_FACTS:
            break
        told: Sequence[Fact] = ()
        if is_telling(sentence):
            told = clauses.read(_ASIDE.sub("", sentence), known, spoken)
        elif _PRESUPPOSES.match(sentence):
            told = tuple(names_in_passing(sentence, ()))
        for fact in told:
            if not (laughs and _is_tall(fact)) and not _OF_THIS.match(fact.value):
                found.append(fact)
                known.append(fact)
        spoken.append(sentence)
    return found[:MOST_FACTS]


def asked_to_learn(text: str) -> str:
    """What somebody asks to be learned as they would tell it: "can you remember that I ski?"."""
    return _TO_LEARN.sub(r"\1remember that \2", text)


def _with_known_names(sentence: str, before: Sequence[Fact]) -> str:
    """The sentence with capitals on names that were told before: "Zosia is seven"."""
    for fact in before:
        name = fact.value
        if fact.relation in ("name", "person") and fact.subject and name.istitle():
            said = re.compile(rf"(^|\band |, ){re.escape(name.lower())}(?='s |(?: [a-z]+)? \w+)")
            sentence = said.sub(rf"\1{name}", sentence)
    return sentence


def without_laughter(text: str) -> str:
    """The text without what only laughs."""
    return _LAUGHTER.sub(" ", text)


def is_meant(text: str) -> bool:
    """Whether a turn does not say of itself that it is a joke, or that it is to be forgotten."""
    return is_kept(plain(text)) and not (_JOKE.search(text) or _LAUGHTER.search(text))


def _is_tall(fact: Fact) -> bool:
    """Whether a fact told laughing is none: a wonder, or what somebody is but for a trade."""
    is_something = fact.relation in ("is", "job", "person") and not any(
        word.lower() in TRADES for word in tokens(fact.value)
    )
    return is_something or _TALL.search(fact.said) is not None


def sentences(text: str) -> list[str]:
    """The sentences of a text, plain, without quotes around single names."""
    parts = _SENTENCE.split(_TITLE.sub(r"\1", text))
    return [plain(p) for p in parts if p.strip(" .,!") and len(p) <= LONGEST_SENTENCE]


def is_telling(sentence: str) -> bool:
    """Whether a sentence states something, and is not asked, quoted, supposed or reported."""
    if sentence.rstrip(" \"'”)").endswith("?") or _ASKS.match(sentence) or _DO.match(sentence):
        return False
    quoted = _QUOTED.findall(sentence)
    if any(len(words.split()) > 2 for words in quoted):
        return False
    own = _OWN_WORDS.sub("", sentence)
    return not (_UNREAL.search(own) or _MAYBE.search(own) or _REPORTED.search(own))
