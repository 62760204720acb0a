"""Whether something told answers a question of its speaker.

A question and a fact are compared as sets of ideas (`l2c.text.lexicon.concepts`). A fact answers
when everything the question names is told by it, when the question names whom the fact is about,
and when the value has the form that is asked for: a place for "where", a time for "when". So the
brother's town is never the sister's, and her name is not her age. The other way round works too:
"Who is Anneliese?" finds "Anneliese is my aunt".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from l2c.text.asking import LIGHT, TROUBLE, Question
from l2c.text.beings import ANIMALS, BREEDS, PEOPLE
from l2c.text.facts import Fact
from l2c.text.lexicon import MEMBERS, PLACES, TIMES, concepts, listed, stem, tokens
from l2c.text.predicates import ENDING, PAST
from l2c.text.sorts import names, sorts_of
from l2c.text.trades import is_a_field, is_a_trade
from l2c.text.values import kind_of

IMPLIED = {
    stem(told): tuple(stem(word) for word in more.split())
    for told, more in {
        "marry": "husband wife spouse", "husband": "marry", "wife": "marry",
        "teach": "learn teacher", "inherit": "leave get", "give": "get have go",
        "lend": "have borrow", "borrow": "have lend", "fly": "travel holiday", "train": "travel",
        "plane": "travel", "bus": "travel", "visit": "see meet", "leave": "departure",
        "record": "collection",
        "collect": "collection", "share": "sit", "drive": "car", "born": "birthday",
        "birthday": "born", "move": "live", "study": "university", "age": "live",
        "partner": "play", "code": "open number", "password": "open", "plan": "do holiday travel",
        "work": "job", "flat": "live home", "job": "work",
        "allergic": "cannot eat", "driver": "drive", "turn": "birthday",
        "origin": "come", "rent": "flat price owe landlord home", "play": "practise",
        "car": "drive",
        "teacher": "teach", "composer": "music", "band": "music", "boss": "chief work",
        "weigh": "weight",
    }.items()
}  # fmt: skip
"""What else is told by telling this."""

OPPOSITE = {"like": "dislike", "dislike": "like"}
"""What nobody does to the same thing at a time."""

_FORM_IDEAS = {
    "about": set(), "kind": set(), "place": PLACES - {"school"}, "time": TIMES,
    "number": {"number", "many", "size", "distance", "digits", "figures"},
    "age": {"age"}, "job": {"job"}, "name": {"name"},
}  # fmt: skip
_ALLOWED = {
    "about": {"name", "number", "age", "time", "place", "colour", "kind", ""},
    "kind": {"kind", "name", ""},
    "place": {"place", "name", "", "kind"},
    "time": {"time"},
    "number": {"number", "age", "time"},
    "age": {"age", "number"},
    "job": {"kind", "job", ""},
    "name": {"name", "", "kind"},
}
"""Forms of a value that can answer a question of a form."""


_SPECIES = {stem(breed): species for species, breeds in BREEDS.items() for breed in breeds}
_STATES = frozenset(map(stem, listed("live work job drive study")))
"""What is one thing now and was another before."""

_OWN_NAMES = frozenset({"name", "nickname"})
_OF_NAMES = {"name", "still"} | set(map(stem, listed("everyone everybody people friends they")))


def answers(question: Question, fact: Fact) -> float:
    """How well a fact answers a question; 0 when it does not."""
    if not fact.subject and fact.relation in _OWN_NAMES and question.own:
        asked = question.ideas - LIGHT <= _OF_NAMES and "name" in question.ideas
        return 1.0 + (question.called == (fact.relation == "nickname")) if asked else 0.0
    told = _read(fact)
    covered = question.ideas & told.ideas
    uncovered = question.ideas - told.ideas - LIGHT
    inverse = bool(told.value and told.key) and told.value <= question.ideas
    inverse = inverse and not question.checks
    uncovered -= _asked_forms(question, told.forms, inverse=inverse)
    if inverse:
        uncovered -= {"job"}
    if question.checks:
        uncovered -= {OPPOSITE.get(fact.relation, "")}
    if "like" not in told.ideas and not inverse:
        uncovered -= question.sort - TROUBLE
    if fact.relation not in _BEING:
        uncovered -= TROUBLE
    if uncovered or not covered - {"many"}:
        return 0.0
    if not fact.subject and "name" not in told.forms and _asks_for_a_name_of_kin(question):
        return 0.0
    if not inverse and not _is_about(question, fact, told):
        return 0.0
    if not inverse and _has_another(question, fact, told):
        return 0.0
    if not _of_its_time(question, fact):
        return 0.0
    if "many" in question.ideas and (fact.relation == "age" or "number" not in told.forms):
        return 0.0
    if inverse and not _says_when_or_how_many(question, told.forms):
        return 0.0
    if inverse and question.deed and fact.relation == "name":
        return 0.0
    if not inverse and not question.checks:
        if not _fits(question, fact, told.forms) or _contradicts(question, fact):
            return 0.0
        if _has_something(question, fact):
            return 1.0 + len(covered)
        met = fact.relation == "has" and question.forms == {"name"}
        telling = covered - (set() if met else told.value - {fact.relation}) - {"name", "number"}
        if not telling and not question.forms - {"name", "kind"}:
            return 0.0
        named_alone = covered <= told.required and question.verb not in fact.relation.split()
        if question.deed and named_alone and not question.forms:
            return 0.0
    called = question.forms == {"name"} and fact.relation in ("name", "person")
    had = question.verb == "own" and fact.relation.split(" ")[0] in _HAD
    return (
        1.0
        + len(covered)
        - 0.2 * len(told.key - question.ideas)
        - 0.1 * inverse
        + 0.5 * (had or called)
    )


def _asks_for_a_name_of_kin(question: Question) -> bool:
    """Whether only the name of somebody is asked for: wedding dresses name no husband."""
    return "name" in question.ideas and question.ideas - {"name"} <= _BEINGS


_BEINGS = frozenset(map(stem, PEOPLE | ANIMALS))


def _has_something(question: Question, fact: Fact) -> bool:
    """Whether a question asks what somebody has, and a fact tells something of it."""
    asked = question.verb == "own" and question.deed and not question.forms
    return asked and fact.relation == "has" and bool(fact.subject)


def _has_another(question: Question, fact: Fact, told: _Told) -> bool:
    """Whether "which car does my sister have" is asked, and the fact is of something else."""
    asked = question.verb == "own" and bool(question.sort) and not question.forms
    return asked and not question.sort & told.ideas and fact.relation.split(" ")[0] not in _HAD


def _is_about(question: Question, fact: Fact, told: _Told) -> bool:
    """Whether a question names whom a fact is about, or what they are, or asks who it is."""
    doers = {question.verb + ending for ending in ("er", "r", "or")} if question.doer else set()
    if question.doer and question.verb == fact.relation.split(" ")[0]:
        return True
    if _asks_whom(question, fact):
        return True
    named = question.ideas | _species(question.ideas)
    return all(one in named or one in doers or _sorts(one) & named for one in told.required)


def _asks_whom(question: Question, fact: Fact) -> bool:
    """Whether it is asked of whom a fact is told: "who is allergic to peanuts?"."""
    asked = question.forms == {"name"} and "name" not in question.ideas and not question.own
    return asked and not question.checks and fact.relation in _TRAITS and _is_somebody(fact)


_TRAITS = frozenset({"has", *map(stem, listed("allergic afraid scared married born learn study"))})


def _sorts(idea: str) -> set[str]:
    return set(map(stem, sorts_of(idea)))


def denies(question: Question, fact: Fact) -> bool:
    """Whether a fact that answers a question for yes or no says no to it."""
    opposite = OPPOSITE.get(fact.relation)
    if opposite is not None:
        return opposite in question.ideas
    ended = fact.relation in ENDING and not question.ideas & (ENDING | {"ended"})
    left_out = _LEFT_OUT.search(fact.said)
    excluded = left_out is not None and bool(set(concepts(left_out[1])) & question.ideas)
    return fact.value == "no" or fact.relation.startswith("not ") or ended or excluded


_LEFT_OUT = re.compile(r"(?:,|\band|\bbut) (?:not|never) (?!only\b)(.+)$")
"""What is said not to be so beside what is: "on Thursday, never Friday"."""


def says_all(question: Question, fact: Fact) -> bool:
    """Whether a fact says everything a question for yes or no names.

    That somebody lives on a boat answers "Do I live in a house?", but neither with a yes.
    """
    unsaid = question.ideas - _read(fact).ideas - {OPPOSITE.get(fact.relation, "")}
    return not unsaid - question.sort - _NO_MATTER


_NO_MATTER = frozenset(map(stem, listed("still get have take ended stop")))


@dataclass(frozen=True, slots=True)
class _Told:
    """A fact as ideas: all of them, those of its value, those beside it, whom it is about."""

    ideas: frozenset[str]
    value: frozenset[str]
    key: frozenset[str]
    required: frozenset[str]
    forms: frozenset[str]


@lru_cache(maxsize=16_384)
def _read(fact: Fact) -> _Told:
    told, value, subject = (concepts(text) for text in (fact.said, fact.value, fact.subject))
    key, also = set(told) - set(value), " ".join([fact.relation, *sorts_of(fact.value)])
    if fact.relation.split(" ")[0] in _HAD:
        also = " ".join([also, *(sort for word in tokens(fact.said) for sort in sorts_of(word))])
    also = " ".join([also, *sorts_of(fact.subject), "job" if is_a_trade(fact) else ""])
    ideas = {*told, *subject, *concepts(also)}
    return _Told(
        ideas=frozenset(ideas if fact.relation in ENDING else _implied(ideas)),
        value=frozenset(value),
        key=frozenset(key),
        required=frozenset(_required(fact, subject, key)),
        forms=frozenset(_forms(fact)),
    )


_BEING = frozenset({"is", "kind", "name", "colour", "place", "age"})
_HAD = frozenset({"has", "count"})
"""Relations to what is counted or had, of which each may be asked for by its sort."""


def _implied(ideas: set[str]) -> set[str]:
    return ideas | _species(ideas) | {more for idea in ideas for more in IMPLIED.get(idea, ())}


def _species(ideas: Iterable[str]) -> set[str]:
    """The dog that a spaniel is."""
    return {_SPECIES[idea] for idea in ideas if idea in _SPECIES}


def _of_its_time(question: Question, fact: Fact) -> bool:
    """Whether a fact may say how it was before, where that is asked, or how it is now."""
    if fact.relation.startswith(PAST):
        return question.past or question.did
    return not question.past or fact.relation not in _STATES


def _forms(fact: Fact) -> set[str]:
    """The forms the value of a fact has, by its relation and by its letters."""
    of_value = kind_of(fact.value)
    forms = {of_value, fact.relation.removeprefix(PAST)}
    relation = fact.relation.removeprefix(PAST)
    if relation in ("live", "origin", "place", "park", "study", "work", "keep", "leave"):
        forms.add("place")
    if fact.relation in ("born", "birthday", "rise") or of_value == "time":
        forms.add("time")
    if fact.relation == stem("turn") and kind_of(fact.value.split(" ")[0]) == "number":
        forms.add("age")
    if fact.relation.endswith(" by"):
        forms.add("name")
    if is_a_trade(fact) or is_a_field(fact):
        forms.add("job")
        forms -= {"place"} if is_a_field(fact) else set()
    said = kind_of(" ".join(fact.said.split()[-4:]))
    if re.search(r"\d", fact.value) or fact.relation.startswith("count"):
        forms.add("number")
    if said in ("time", "place"):
        forms.add(said)
    for form in ("time", "place", "number", "name"):
        if any(kind_of(part) == form for part in _parts(fact.said)):
            forms.add(form)
    return forms


def _parts(said: str) -> list[str]:
    """Pieces of a clause that could be a value by themselves, from each preposition on."""
    words = said.split()
    starts = [i for i, word in enumerate(words) if i and _may_begin_a_value(word)]
    return [" ".join(words[i : i + 4]) for i in starts]


def _may_begin_a_value(word: str) -> bool:
    return word.lower() in _PREPOSITIONS or word[:1].isupper() or kind_of(word) == "number"


_PREPOSITIONS = listed("in on at under behind near by from to with since until every next")


def _asked_forms(question: Question, forms: frozenset[str], *, inverse: bool) -> set[str]:
    """Ideas of the question that only say what form is asked for, where the fact has that form."""
    return {
        idea
        for form in question.forms
        if inverse or forms & _ALLOWED[form] - {""} or form in forms or (form == "name")
        for idea in {stem(word) for word in _FORM_IDEAS[form]} & question.ideas
    }


def _fits(question: Question, fact: Fact, forms: frozenset[str]) -> bool:
    """Whether the value has a form that is asked for; any will do where none is said."""
    if not question.forms:
        return True
    if question.forms == {"name"} and fact.relation.split(" ")[0] in _SITES:
        return fact.relation.endswith(" with")
    by_name = fact.relation == "name" and _is_somebody(fact)
    if "place" in question.forms and "place" not in forms and (by_name or not fact.relation):
        return False
    if question.forms == {"name"} and fact.relation == "has" and "name" not in forms:
        return stem("appointment") in concepts(fact.said) or _asks_whom(question, fact)
    if "kind" in question.forms and fact.relation not in _KINDS:
        return False
    if "place" in question.forms and fact.relation in _NOWHERE and "place" not in forms:
        return False
    strict = question.forms - {"name"} or question.forms
    return any(
        forms & (_ALLOWED[form] - {""}) or ("" in _ALLOWED[form] and not forms & _PLAIN)
        for form in strict
    )


def _is_somebody(fact: Fact) -> bool:
    named = fact.subject[:1].isupper()
    return named or bool(set(map(str.lower, tokens(fact.subject))) & (PEOPLE | ANIMALS))


_KINDS = frozenset({"is", "kind", "has", "name"}) | frozenset(
    map(stem, listed("like dislike drive own play collect wear buy ride"))
)
_NOWHERE = frozenset({"kind", "colour", "age", "job"})
_SITES = frozenset(map(stem, listed("live origin study work move park")))
_PLAIN = frozenset({"name", "number", "age", "time", "place", "colour"})


def _says_when_or_how_many(question: Question, forms: frozenset[str]) -> bool:
    """Whether a fact has the time, place or number that a question names its value for.

    "How old is Ellie?" is not answered by whose name that is.
    """
    asked = question.forms & {"time", "age", "number", "place", "job"}
    return all(forms & _ALLOWED[form] - {"", "name", "kind"} for form in asked)


def _contradicts(question: Question, fact: Fact) -> bool:
    """Whether an instrument, say, is asked for and the value is none, as far as is known."""
    words = {word.lower() for word in tokens(fact.value)}
    said = words | {word.lower() for word in tokens(fact.said)}
    if any(stem(kind) in question.sort and not said & members for kind, members in MEMBERS.items()):
        return True
    named = fact.relation == "name"  # a hamster called Waffles is no dessert
    of = said if " " in fact.relation else words  # "play accordion": on Thursdays
    sorts = {stem(sort) for word in of for sort in sorts_of(word) if not named}
    asked = question.sort & _sort_names()
    return bool(sorts and asked) and not sorts & asked


@cache
def _sort_names() -> frozenset[str]:
    return frozenset(map(stem, names())) - set(map(stem, _ANY_SORT))


_ANY_SORT = listed("food dish meal drink animal game country island day")
"""Sorts of which more is one than what is listed as such."""


def _required(fact: Fact, subject: list[str], key: set[str]) -> set[str]:
    """Whom a question must name to be about this fact: its people and animals, and its noun."""
    beings = {
        stem(word)
        for word in tokens(fact.subject)
        if word.lower().removesuffix("'s") in PEOPLE | ANIMALS
    }
    beings = {_SPECIES.get(being, being) for being in beings}
    key = key | {_SPECIES.get(idea, idea) for idea in key}
    if beings or not subject:
        return beings & (key | set(subject) | _species(subject))
    if fact.relation.endswith(" by") or fact.relation == "there":
        return set()
    owner = concepts(fact.subject.split("'s ")[0])
    heads = [idea for idea in owner if idea not in _GENERAL] or subject
    return set(heads[-1:]) & (key | set(subject))


_GENERAL = frozenset(
    map(stem, listed("number size code date plan time name day colour price card plate group type"))
)
