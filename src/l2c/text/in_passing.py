"""Names that a clause about something else gives: "I live with my partner Marc".

A name that stands behind its noun is the name of the speaker's own person or animal; so is what
something the speaker deals in is called: "I play in a band called The Muddy Boots". A number in
brackets behind a name is an age.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from l2c.text.beings import ANIMALS, PEOPLE
from l2c.text.lexicon import listed
from l2c.text.predicates import Fact, head_of, subject_of
from l2c.text.values import clean_value, kind_of

_BEHIND_ITS_NOUN = re.compile(
    r"\b(?:[Mm]y|[Oo]ur) (?P<noun>(?:[a-zà-ÿ-]+ ){0,2}[a-zà-ÿ-]+),? "
    r"(?P<name>(?:(?:Dr|Mr|Mrs|Ms) )?[^\W\d_a-zà-ÿ][\w-]+)(?=$|[ ,])"
)
_WITH_AGE = re.compile(r"\b(?P<name>[^\W\d_a-zà-ÿ][\w-]+) \((?P<age>\d{1,3})\)")
_CALLED = re.compile(
    r"^(?:I|we) (?:\w+ ){1,5}?an? (?P<noun>(?:[a-z-]+ )?[a-z-]+) (?:called|named) (?P<name>[^,]+)$",
    re.IGNORECASE,
)
_OF_ITS_KIND = re.compile(
    r"\b(?:[Mm]y|[Oo]ur) (?P<noun>(?:[a-z-]+ )?[a-z-]+),? an? (?:[\w-]+ ){1,3}(?:called|named) "
    r"(?P<name>[^\W\d_a-zà-ÿ][\w-]+)"
)
"""What it is stands between it and its name: "my dog, a Labrador called Captain"."""
_MADE_UP = listed("""
    book novel film movie song story game show series play poem character podcast article man woman
    person girl boy guy
    """)
"""What is called something, and is nobody's own."""


def names_in_passing(clause: str, told: Sequence[Fact]) -> Iterator[Fact]:
    """The names of a clause which are not among what it was found to tell."""
    known = {fact.topic for fact in told}
    for match in _BEHIND_ITS_NOUN.finditer(clause):
        fact = _named(subject_of(match["noun"]), match["name"])
        is_name = head_of(fact.subject) in PEOPLE | ANIMALS and kind_of(fact.value) == "name"
        if is_name and fact.topic not in known:
            yield fact
    for match in _WITH_AGE.finditer(clause):
        yield Fact(match["name"], "age", match["age"], f"{match['name']} is {match['age']}")
    for match in _OF_ITS_KIND.finditer(clause):
        yield _named(subject_of(match["noun"]), match["name"])
    called = _CALLED.match(clause)
    if called and not set(called["noun"].split()) & _MADE_UP:
        fact = _named(called["noun"], clean_value(called["name"]))
        if fact.topic not in known:
            yield fact


def _named(subject: str, name: str) -> Fact:
    return Fact(subject, "name", name, f"my {subject} is called {name}")
