"""What a pronoun stands for: "whats it called", after a cat was spoken of.

In a statement "I sold it" is about what was had last. A question that says "it" or "she" is asked
again with the nouns that the turns before it named, of what was told, the newest first. Whether one
of these questions has an answer shows which was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from l2c.text.beings import ANIMALS, PEOPLE
from l2c.text.lexicon import concepts, listed, plain, stem
from l2c.text.predicates import Fact, head_of

_PRONOUN = re.compile(
    r"\b(?P<whose>his|its|their|her(?= [a-z]))\b|\b(?P<who>it|he|she|they|him|her|them)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^(?:(?:and|so|but|ok|okay|well|now|then|wait|hey|again)\W+)*(?:(?:(?:on|in|at|since|"
    r"from|to|with) )?(?:what|which)|who|whom|whose|when|where|why|"
    r"how (?:old|many|much|long|tall|far|big)|until when|since when)\b",
    re.IGNORECASE,
)
_EXPLETIVE = re.compile(r" is it(?= (?:still )?(?:until|till?|to) )")
"""An "it" that stands for nothing: "how many days is it until his birthday"."""
_OTHERS = re.compile(r"\b(?:he|she|they|his|her|their)\b", re.IGNORECASE)
_SPEAKER = re.compile(r"\b(?:i|me|my|mine|we|us|our|ours)\b", re.IGNORECASE)
_OF_THIS_MOMENT = re.compile(
    r"\bwhat time is it\b|\b(?:what|how|who) (?:is|was|are|were) (?:it|they|that)\W*$|"
    r"\bit (?:mean|matter|all)\b",
    re.IGNORECASE,
)

_THING_OVER = re.compile(
    r"^(?P<who>I|we) (?P<does>(?:have |had |just |already )*(?:sold|lost|quit|stopped|gave away|"
    r"gave up|returned|cancelled|broke)) (?:it|them)\b",
    re.IGNORECASE,
)
_HAVING = frozenset({"has", *map(stem, listed("get buy own drive adopt rent"))})

_OF_THEM = re.compile(
    r"(oldest|eldest|youngest|older|younger|middle|first|second|third|other)(?: one)? "
    r"(?=(?:is|was|has|lives|works|studies|plays|likes|loves)\b)"
)
_THE_BEING = re.compile(rf"\bthe ({'|'.join(sorted(PEOPLE | ANIMALS))})\b", re.IGNORECASE)


def is_of_others(question: str) -> bool:
    """Whether a question is about somebody a pronoun stands for, and not about its speaker.

    >>> is_of_others("How old will they be?"), is_of_others("Do they know my age?")
    (True, False)
    """
    return _OTHERS.search(question) is not None and _SPEAKER.search(question) is None


def in_nouns(question: str, before: Sequence[str], told: Sequence[Fact]) -> Iterator[str]:
    """The question with what its pronoun may stand for; `before` are the turns before it, the
    newest first.

    >>> told = Fact("", "has", "a cat", "I have a cat")
    >>> list(in_nouns("whats it called", ["I have a cat"], [told]))
    ['what is my cat called']
    """
    asked = _EXPLETIVE.sub("", plain(question).rstrip(" ?!."))
    found = _PRONOUN.search(asked)
    if found is None or not _ASKS.match(asked) or _OF_THIS_MOMENT.search(asked):
        return
    pronoun, whose = found[0].lower(), "'s" if found["whose"] else ""
    for noun in _nouns(before, told):
        if _may_stand_for(pronoun, noun):
            yield f"{asked[: found.start()]}my {noun}{whose}{asked[found.end() :]}"


def _nouns(before: Sequence[str], told: Sequence[Fact]) -> Iterator[str]:
    """What of the speaker's the turns name, each once."""
    named: set[str] = set()
    for text in before:
        ideas = set(concepts(text))
        for fact in reversed(told):
            noun = fact.subject or (
                _thing(fact.value) if fact.relation in ("has", "get", "buy") else ""
            )
            called = fact.value if fact.relation == "name" else ""
            spoken_of = {*concepts(head_of(noun))} <= ideas or (
                called and {*concepts(called)} <= ideas
            )
            if noun and noun not in named and (spoken_of or fact.said in text):
                named.add(noun)
                yield noun


def _thing(value: str) -> str:
    return re.sub(r"^(?:an?|the|my|our|some) ", "", value)


def may_be(pronoun: str, noun: str) -> bool:
    """Whether somebody may be "he" or "she", as far as the noun says it.

    >>> may_be("he", "daughter"), may_be("she", "boss"), may_be("his", "sister's dog")
    (False, True, True)
    """
    other = {"he": _FEMALE, "his": _FEMALE, "him": _FEMALE, "she": _MALE, "her": _MALE}
    return head_of(noun) not in other.get(pronoun, ())


_FEMALE = listed("""
    mother mum mom mummy mama grandmother grandma granny gran nan daughter granddaughter sister
    aunt auntie niece wife girlfriend goddaughter stepmother stepdaughter stepsister landlady
    mother-in-law sister-in-law daughter-in-law
    """)
_MALE = listed("""
    father dad daddy papa grandfather grandpa granddad grandad son grandson brother uncle nephew
    husband boyfriend godson stepfather stepson stepbrother landlord father-in-law brother-in-law
    son-in-law
    """)


def _may_stand_for(pronoun: str, noun: str) -> bool:
    if not may_be(pronoun, noun):
        return False
    head = head_of(noun)
    being = head in PEOPLE | ANIMALS or noun[:1].isupper()
    if pronoun in ("he", "she", "his", "him", "her"):
        return being
    return pronoun in ("they", "them", "their") or head not in PEOPLE


def with_its_thing(clause: str, before: Sequence[Fact]) -> str:
    """ "I sold it" with what was had last in place of the pronoun."""
    over = _THING_OVER.match(clause)
    had = [fact for fact in before if fact.relation in _HAVING and not fact.ended]
    if over is None or not had:
        return clause
    thing = re.sub(r"^(?:an?|the|my|our) | from .*$", "", had[-1].value)
    return f"{over['who']} {over['does']} my {thing}{clause[over.end() :]}"


def one_of_them(rest: str, before: Sequence[Fact]) -> str:
    """ "oldest sister is Ida" for "oldest is Ida", after "I have three sisters"; else empty."""
    found = _OF_THEM.match(rest)
    counts = [fact.relation for fact in before if fact.relation.startswith("count ")]
    if found is None or not counts:
        return ""
    one = re.sub(r"(?<=child)ren$|(?<!s)s$", "", counts[-1].removeprefix("count "))
    return f"{found[1]} {one} {rest[found.end() :]}"


def was_told_of(rest: str, before: Sequence[Fact]) -> bool:
    """Whether "the exam" is one the speaker told of: "I have an exam on Thursday"."""
    noun = rest.split(" ")[0].lower().removesuffix("'s")
    had = re.compile(rf"\b(?:an?|my|our) (?:[\w-]+ ){{0,2}}{re.escape(noun)}\b", re.IGNORECASE)
    return any(had.search(fact.said) for fact in before)


def told_of(part: str, before: Sequence[Fact]) -> list[str]:
    """People and animals that were told of and are named with "the" now."""
    named = (found[1] for found in _THE_BEING.finditer(part))
    return [noun for noun in named if was_told_of(noun, before)]
