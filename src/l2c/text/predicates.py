"""What is said of a subject: what it is, what it has, what it does; each as facts.

The verb decides the relation, the form of the value helps where the verb is only "is", and an
object that belongs to the speaker is part of the relation: "I park my van behind the bakery".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from l2c.text.beings import ANIMALS, PEOPLE
from l2c.text.lexicon import PRIVATE, listed, stem, tokens
from l2c.text.values import clean_value, kind_of
from l2c.text.verbs import ADVERBS, HAVE, JOINTS, LASTING, TRIFLES, VERBS, finite


@dataclass(frozen=True, slots=True)
class Fact:
    """Something told. `subject` is what it is about, empty for the speaker: `sister's dog`.

    `said` are the words it was told in, as a sentence of its own. `replaces`: it is said to be new
    or corrected; `ended`: it holds no longer.
    """

    subject: str
    relation: str
    value: str
    said: str
    replaces: bool = False
    ended: bool = False

    @property
    def topic(self) -> tuple[str, str]:
        """What a newer fact must share to be about the same thing."""
        return " ".join(stem(word) for word in tokens(self.subject)), self.relation

    @property
    def of_speaker(self) -> bool:
        """Whether it says what the speaker is: a name, an age, a trade, a home."""
        return not self.subject and self.relation in _SINGLE

    @property
    def single(self) -> bool:
        """Whether only one value can hold at a time."""
        return (self.replaces and self.relation != "has") or self.relation in _SINGLE


PAST = "used "
"""What the relation of a fact begins with that held once: "I used to live in Sheffield"."""

ENDING = frozenset(map(stem, listed("sell stop quit swap")))
"""Deeds after which something is not had or done any more."""

_SINGLE = listed("""
    name nickname age colour number time place job kind is born birthday live work drive weight
    height size rise origin price code study
    """)
_ATTRIBUTES = {
    "name": "name", "age": "age", "colour": "colour", "color": "colour", "birthday": "birthday",
    "job": "job", "profession": "job", "height": "height", "weight": "weight", "hometown": "live",
    "address": "live", "occupation": "job",
}  # fmt: skip
CHANGE = re.compile(
    r"^(?:(?:was|has been|is|has|have|had|got|been) )*(?:just )?(?:changed|moved|switched|went|gone"
    r"|risen|rose|dropped|increased|turned)(?: (?:up|down|over))?(?: to| into)? (?=\S)"
)
NAMED = re.compile(
    r"^(?P<np>.+?),? (?:is |was |who is |which is )?(?:called|named|by the name of) (?P<name>.+)$"
)


def ended_facts(subject: str, rest: str, said: str) -> Iterator[Fact]:
    """What holds no longer; the value says which fact it was."""
    value = re.sub(r"^\w+ (?:as |in |at |to |on )?", "", rest)
    yield Fact(subject, "", clean_value(value), said, ended=True)
    verb = stem(rest.split(" ")[0])
    if verb in VERBS and clean_value(value):
        yield Fact(subject, f"not {verb}", clean_value(value), said)


def is_facts(subject: str, rest: str, said: str) -> Iterator[Fact]:
    """What something is, by the form of the value."""
    rest = re.sub(r"^(?:(?:now|still|also|currently|always|really|only|just|already) )+", "", rest)
    if negated := re.match(r"(?:not|no longer)(?: called)? (.+)$", rest):
        yield Fact(subject, "", clean_value(negated[1]), said, ended=True)
        return
    if origin := re.match(r"from (.+)$", rest):
        yield Fact(subject, "origin", clean_value(origin[1]), said)
        return
    if spelt := re.match(r"(?:spelt|spelled|written) (?:as )?(?-i:([A-Z][\w'-]+))", rest):
        of = re.sub(r"(?:'s)? ?(?:sur|last |first )?name$", "", subject)
        right = f"my {of} is called {spelt[1]}" if of else f"my name is {spelt[1]}"
        yield Fact(of, "name", spelt[1], right)
        return
    if called := re.match(r"(?:called|named|known as) (.+)$", rest):
        yield Fact(subject, "name", clean_value(called[1]), said)
        return
    if not clean_value(rest):
        return
    owner, attribute = attribute_of(subject)
    if attribute:
        yield Fact(owner, attribute, clean_value(rest), said)
        return
    head, kind = head_of(subject), kind_of(rest)
    being = is_being(subject)
    done = re.match(
        r"(\w+(?:ed|en|born|made|told|sold|kept|bought|built|made|ic|id|ing)) (?:to|of|by|in|on|"
        r"at|from|with|behind|under) (.+)$",
        rest,
    )
    if done and not kind:
        yield Fact(subject, stem(done[1]), clean_value(rest), said)
        return
    if being and ((kind == "number" and len(clean_value(rest).split()) <= 2) or _turns(rest)):
        kind = "age"
    if kind == "kind" and (head in PEOPLE or (being and head not in ANIMALS)):
        kind = "job"
    first = rest.lower().split(" ")[0]
    quality = re.sub(r"^(?:very|so|quite|too|pretty|rather) ", "", clean_value(rest))
    plain_word = not kind and " " not in quality and first not in LASTING
    telling = (
        "favourite" in subject
        or "favorite" in subject
        or _PRIVATE_HEADS & set(subject.lower().split())
    )
    if (plain_word and not telling and not subject[:1].isupper()) or first in TRIFLES:
        return
    yield Fact(subject, kind or "is", clean_value(rest), said)


def _turns(rest: str) -> bool:
    """Whether it says how old somebody will be: "turning seven on Friday"."""
    verb, _, age = rest.partition(" ")
    return verb == "turning" and kind_of(age.split(" ")[0]) == "number"


_PRIVATE_HEADS = PRIVATE | {
    "hint",
    "hobby",
    "dream",
    "goal",
    "instrument",
    "subject",
    "team",
    "size",
}


_ORDER = listed("older younger elder little big small new old lovely grown-up")


def has_facts(subject: str, rest: str, said: str) -> Iterator[Fact]:
    """What somebody has: a thing, so many of a thing, or a thing with a name."""
    rest = re.sub(
        r"^(?:got|now|also|still|already|just|always|moved|had) (?=\S)",
        lambda m: m[0] if m[0] == "moved " else "",
        rest,
    )
    words = rest.split()
    if not words or {w.lower() for w in words[:4]} & TRIFLES:
        return
    first = words[0].lower()
    if first in ("to", "not", "been", "never"):
        return
    named = NAMED.match(re.sub(r"^(?:an?|the|one|my|our) ", "", rest))
    if first in ("a", "an", "one", "the", "my", "our", "another") or first in HAVE:
        noun = " ".join(words[1:])
        if named:
            np = named["np"].split(" ")
            owner = f"{subject}'s " if subject else ""
            yield Fact(
                f"{owner}{subject_of(' '.join(np))}", "name", clean_value(named["name"]), said
            )
        elif noun:
            head, _, name = noun.partition(", ")
            if name and name[0].isupper() and len(name.split()) <= 2:
                owner = f"{subject}'s " if subject else ""
                yield Fact(f"{owner}{subject_of(head)}", "name", clean_value(name), said)
            else:
                yield Fact(subject, "has", main_value(rest), said)
    elif first == "no":
        yield Fact(subject, f"count {stem(words[-1])}", "no", said, replaces=True)
    elif kind_of(first) == "number" and len(words) > 1:
        counted = next((w for w in words[1:] if w not in _ORDER), words[1])
        yield from _each_by_name(counted, rest, subject, said)
        relation = f"count {stem(counted.strip(',:'))}"
        yield Fact(subject, relation, clean_value(words[0]), said, replaces=True)
    elif finite(words[0], "x") or stem(first) in VERBS:
        yield from does_facts(subject, rest, said)


def _each_by_name(counted: str, rest: str, subject: str, said: str) -> Iterator[Fact]:
    """Who they are, of so many: "three nephews: Mark, Luke and John"."""
    noun = re.sub(r"(?<=child)ren$|(?<!s)s$", "", counted.strip(",:"))
    _, found, names = rest.partition(counted)
    if not found or noun not in PEOPLE or subject:
        return
    for name in re.split(r",? and |, ", re.sub(r" \([^)]*\)", "", names.strip(" ,:"))):
        name = re.sub(r"^(?:called|named) ", "", name)
        if re.fullmatch(r"[^\W\d_a-zà-ÿ][\w-]+", name):
            yield Fact(noun, "person", name, said)


def does_facts(subject: str, rest: str, said: str) -> Iterator[Fact]:
    """What somebody does, did or will do: a verb of the list and what follows it."""
    if match := re.match(
        r"(?:do|does|did|will|shall|can) not (?:\w+ly )?(\w+)|cannot (\w+)|never (\w+)", rest
    ):
        verb = stem(match[1] or match[2] or match[3])
        value = clean_value(rest[match.end() :])
        if verb == stem("know"):
            return
        if verb == stem("have") and (had := re.match(r"(?:an?|any) (.+)$", value)):
            yield Fact(subject, "", clean_value(had[1]), said, ended=True)
            yield from has_facts(subject, f"no {clean_value(had[1])}", said)
            return
        relation = "dislike" if verb in ("like", "stand", "bear") else f"not {verb}"
        if value and (verb in VERBS or relation == "dislike"):
            yield Fact(subject, relation, value, said)
        return
    if match := re.match(r"no longer (.+)$", rest):
        yield from ended_facts(subject, match[1], said)
        return
    if match := re.match(
        r"(?:have |has |had )?(?P<ends>gave up|given up|stopped|quit|sold)"
        r" (?P<what>(?:(?:playing|taking|driving|eating|drinking) )?(?P<value>.+))$",
        rest,
    ):
        yield Fact(subject, "", clean_value(match["value"]), said, ended=True)
        deed = stem(match["ends"]) if " " not in match["ends"] else "stop"
        yield Fact(subject, deed, main_value(match["what"]), said)
        if both := re.search(r" and (\w+) (.+)$", rest):
            yield from does_facts(
                subject, both[0].removeprefix(" and "), f"I {both[0].removeprefix(' and ')}"
            )
        return
    if match := _SWAPPED.match(rest):
        yield Fact(subject, "", clean_value(match["old"]), said, ended=True)
        yield Fact(subject, "swap", clean_value(match["old"]), said)
        has = "I have" if not subject else f"my {subject} has"
        yield Fact(subject, "has", main_value(match["new"]), f"{has} {main_value(match['new'])}")
        return
    if match := re.match(r"used to (\w+) (.+)$", rest):
        verb, value = stem(match[1]), main_value(match[2])
        verb = "job" if verb == "be" and kind_of(value) == "kind" else verb
        if verb in VERBS | {"be", "job", "have"}:
            value = re.sub(r"^(?:in|at|to|with|from|for|of|on|near) (?=\S)", "", value)
            yield Fact(subject, f"{PAST}{verb}", clean_value(value), said)
        return
    if match := re.match(
        r"(?:will|shall|plans? to|wants? to|hopes? to|intends? to|going to|planned to) (.+)$", rest
    ):
        if not set(match[1].lower().split()) & TRIFLES:
            _, _, what = match[1].partition(" ")
            yield Fact(subject, "plan", main_value(what or match[1]), said)
        return
    if match := re.match(r"(?:am|is|are|was|were|have|has|had|can|will|be|been) (.+)$", rest):
        rest = match[1]
    rest = re.sub(r"^(\w+) (?:nothing but|only|mostly|(?:part|full)[- ]time) ", r"\1 ", rest)
    if match := _TOGETHER.match(rest):
        yield Fact(subject, "live with", clean_value(match["whom"]), said)
        rest = f"live {match['where']}" if match["where"] else ""
    words = rest.split()
    while words and words[0].lower() in ADVERBS:
        words = words[1:]
    if len(words) < 2:
        return
    verb = stem(words[0])
    value = " ".join(words[1:])
    if verb == "break" and words[1].lower() in ("up", "down", "off"):
        return
    if verb not in VERBS or {w.lower() for w in words[1:4]} & TRIFLES:
        return
    if verb == "work" and words[1].lower() == "as":
        verb, value = "job", " ".join(words[2:])
    elif verb == stem("move") and words[1].lower() in ("to", "into"):
        verb, value = "live", " ".join(words[2:])
    elif verb in ("get", "wake") and words[1].lower() == "up":
        verb, value = "rise", " ".join(words[2:])
    elif verb == "turn" and kind_of(value) == "number":
        verb = "age"
    elif verb == "go" and words[1].lower() == "by":
        verb, value = "name", re.sub(r"^by (?:the name(?: of)? )?", "", value)
    elif verb == "can":
        return
    value = re.sub(r"^(?:in|at|to|with|from|for|of|on|near|nothing but|only) (?=\S)", "", value)
    if verb == "get" and kind_of(value) not in ("kind", "name"):
        return
    value = _WHY_THERE.sub("", value) if verb == "live" else value
    value, thing = _of_object(verb, value)
    yield Fact(subject, f"{verb} {thing}".strip(), main_value(value), said)


_SWAPPED = re.compile(
    r"(?:have |has |had )?(?:just )?(?:swapped|exchanged|replaced|traded(?: in)?) (?:my|our|the) "
    r"(?P<old>[\w' -]+?) (?:for|with|by|against) (?P<new>(?:an?|my|the|our) .+)$"
)
"""What is had in another thing's place."""


def _of_object(verb: str, value: str) -> tuple[str, str]:
    """What is said of the object of a verb, and its noun: "my van behind the bakery"."""
    numbered = re.match(
        r"(?P<what>[a-z]+(?: (?!on|in|at|from|since|until|by)[a-z]+)*?) (?:number |no )?"
        r"(?P<value>\d[\w:.-]*)\b",
        value,
    )
    if numbered and numbered["what"] not in JOINTS | {"the", "a", "an"} and " from" not in value:
        return numbered["value"], stem(numbered["what"].split(" ")[-1])
    match = re.match(
        r"(?:my|our|the) (?P<np>[\w' -]+?) (?:with|to|from|in|at|under|behind|on|by|for|into|near) "
        r"(?P<value>.+)$|(?:an?|some) (?P<what>[\w' -]+?) (?:from|to|with) (?P<whom>.+)$",
        value,
    )
    if match is None or (match["what"] and verb not in _HANDED):
        return value, ""
    noun = match["np"] or match["what"]
    return match["value"] or match["whom"], stem(noun.split(" ")[-1])


_WHY_THERE = re.compile(
    r" (?:for (?:an?|my|the|our|work|love|uni\w*|stud(?:y|ies)|school|\w+ing)\b.*|because of .+|"
    r"with (?:my|our|his|her|their|some|two|three) .+|"
    r"to (?:study|work|be|live|start|teach|learn)\b.*)$",
    re.IGNORECASE,
)
"""What follows a place and is no part of it: "Berlin for work"."""

_TOGETHER = re.compile(
    r"(?:lives?|living) with (?P<whom>(?:my|our|the|an?|two|three|four|some) .+?)"
    r"(?: (?P<where>(?:in|at|on|near) .+))?$"
)
"""With whom somebody lives, and where."""

_HANDED = frozenset(map(stem, listed("get inherit borrow adopt give lend sell share buy rent")))


def main_value(value: str) -> str:
    """A value without the time that is said beside it: "Porto in May" is `Porto`."""
    value = clean_value(value)
    match = re.match(r"(.+?) ((?:on|in|at|next|every|from|since|until|this) .+)$", value)
    if match and kind_of(match[2]) == "time" and kind_of(match[1]) != "time":
        return clean_value(match[1])
    return value


def subject_of(noun: str) -> str:
    """A noun phrase as an owner's chain: "the dog of my sister" is `sister's dog`."""
    noun = re.sub(r"^(?:the|my|our|an?|this|that) ", "", noun.strip(" ,"), flags=re.IGNORECASE)
    noun = re.sub(r"^(?:new|own|dear|current) ", "", noun)
    if match := re.match(r"(?P<what>[\w' -]+?) of (?:my|our|the) (?P<whose>.+)$", noun):
        return f"{subject_of(match['whose'])}'s {match['what']}"
    return noun


def attribute_of(subject: str) -> tuple[str, str]:
    """`sister's name` is the name of `sister`; no attribute for anything else."""
    owner, _, last = subject.rpartition(" ")
    relation = _ATTRIBUTES.get(last.lower(), "")
    if not relation:
        return subject, ""
    return re.sub(r"'s?$", "", owner), relation


def is_being(subject: str) -> bool:
    """Whether a subject is a person or an animal, by its noun or because it is a name."""
    return subject[:1].isupper() or head_of(subject) in PEOPLE | ANIMALS


def head_of(subject: str) -> str:
    """The noun a phrase is about: `boss` of "boss at the mill"."""
    before = re.split(r" (?:at|in|on|for|of|with|from|to|next|by|since|who|that) ", subject)[0]
    return before.split(" ")[-1].lower() if before else ""
