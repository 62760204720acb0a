"""From something told to the questions that ask for it: grammar alone, no list of questions.

A told clause has a place where its value stands. Taking the value out and a question word in gives
what is asked: "my pen pal lives in Lodz" becomes "where does my pen pal live" and, inside another
sentence, "where my pen pal lives". What people say in several ways (a name, an age, a job) has a
few of each by its relation. Frames around them ("Do you remember …?") are `l2c.learning.quiz`'s.

The questions are the speaker's own, so "I" and "my" stay as they were told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from l2c.text.beings import ANIMALS, PEOPLE
from l2c.text.lexicon import listed, stem, tokens
from l2c.text.predicates import Fact, head_of
from l2c.text.rewording import reworded
from l2c.text.shapes import BY_UNIT, COUNTED, OF_SPEAKER, OF_THING, THERE, Shapes
from l2c.text.sorts import sorts_of
from l2c.text.values import kind_of
from l2c.text.verbs import ADVERBS, BE, HAVE, VERBS, finite, plain_form


@dataclass(frozen=True, slots=True)
class Core:
    """One question without a frame, in four shapes; an empty one does not exist.

    `direct` stands alone ("where do I live"), `embedded` after another clause ("where I live"),
    `noun` is what is asked for as a thing ("the name of my cat"), and `in_place` leaves the words
    in their order ("I live where"). `about` is whom or what it is about ("my cat"), if anything.
    """

    direct: str = ""
    embedded: str = ""
    noun: str = ""
    in_place: str = ""
    about: str = ""


_AUXILIARY = BE | listed("will can cannot shall")
_PERSON_TIES = listed("with to by from for")
_PEOPLE = frozenset(map(stem, PEOPLE))
_SITES = listed("in at on behind under near by inside beside between opposite above below outside")
_TIES = _PERSON_TIES | _SITES | listed("of about into onto against as")
_LEAD = re.compile(r"^(?:[^,]{1,40}?),? (?=(?:I|we|my|our) )")
_PARTICIPLE = re.compile(r"^([a-z]+(?:ed|en|id|rn|de|ld|pt|ght|lt|ic|ised|ized)) ([a-z]+) (.+)$")


def cores(fact: Fact) -> list[Core]:
    """The questions whose answer is the value of a fact; none for one that only ends another.

    >>> cores(Fact("", "park van", "the bakery", "I park my van behind the bakery"))[0].direct
    'where do I park my van'
    """
    if fact.ended or not fact.value:
        return []
    found = [core for said in (fact, *reworded(fact)) for core in _of(said)]
    return [core for core in dict.fromkeys(found) if core.direct or core.embedded]


def _of(fact: Fact) -> Iterator[Core]:
    """The questions of a fact in the words in which it stands."""
    about = topic(fact)
    for asked in (_by_relation, _by_unit, _from_clause, _of_value):
        yield from (replace(core, about=about) for core in asked(fact))


def topic(fact: Fact) -> str:
    """What a fact is about, as the speaker names it: "my van", "my sister"; empty for nothing."""
    if fact.subject:
        return noun_phrase(fact)
    thing = re.search(r"\b(my (?:[a-z-]+ ){0,2}?[a-z-]+)(?= (?:[a-z]+ )?(?:in|at|on|to|from|with|"
                      r"behind|under|by|near|for|of)\b|$)", _own(fact.said))  # fmt: skip
    return thing[1] if thing and thing[1].lower() not in fact.value.lower() else ""


def noun_phrase(fact: Fact) -> str:
    """The subject of a fact with its article, as its speaker says it."""
    article = "the" if fact.said.lower().startswith(f"the {fact.subject}".lower()) else "my"
    return f"{article} {fact.subject}"


def of_relation(subject: str, relation: str) -> list[Core]:
    """The questions for this of a subject (empty: the speaker), whatever was told of it."""
    if not subject:
        return [Core(*shapes) for shapes in OF_SPEAKER.get(relation, ())]
    be = "are" if _is_plural(subject, "") else "is"
    found = _filled(OF_THING.get(relation, ()), f"my {subject}", be)
    return [replace(core, about=f"my {subject}") for core in found]


def _by_relation(fact: Fact) -> Iterator[Core]:
    relation = fact.relation
    if not fact.subject:
        yield from of_relation("", relation)
        return
    np = noun_phrase(fact)
    being = head_of(fact.subject) in PEOPLE | ANIMALS
    if relation == "person" or (relation == "is" and being):
        relation = "name" if relation == "person" else "job"
    if relation in ("name", "time") and _NUMBERED.search(fact.subject):
        relation = "number"
    if fact.subject == "favourite" and relation == "colour":
        np, relation = "my favourite colour", "is"
    if "favourite " in np:
        yield from _filled(OF_THING["favourite"], np, _be(fact))
        return
    if relation == "name" and not (being or _says_name(fact)):
        yield from _filled(OF_THING["is"], np, _be(fact))
    elif relation == "time" and re.match(r"(?:born|\w+ed|stolen|\w+en) ", fact.value):
        return
    yield from _filled(OF_THING.get(relation, ()), np, _be(fact))
    if fact.relation == "person" and fact.value[:1].isupper():
        yield Core(f"who is {fact.value}", f"who {fact.value} is")
        yield Core(f"what is {fact.value} to me", f"what {fact.value} is to me")
        yield Core(f"how do I know {fact.value}", f"how I know {fact.value}")
    if owned := _OF_OWNER.match(fact.subject):
        for owner in (f"the {owned['owner']}", f"my {owned['owner']}"):
            yield from _filled(OF_THING["of owner"], owner, "is", thing=owned["thing"])


_OF_OWNER = re.compile(
    r"(?P<owner>[\w-]+(?: [\w-]+)?)(?:'s)? (?P<thing>number|code|password|passcode|PIN|pin|"
    r"combination|price|size|hint|username)$"
)
_NUMBERED = re.compile(r"\b(?:number|code|plate|PIN|pin|combination|record|price|size)\b")


def _filled(shapes: Shapes, np: str, be: str, thing: str = "") -> list[Core]:
    nps = f"{np}'" if np.endswith("s") else f"{np}'s"
    whose, _, liked = np.rpartition("favourite ")
    owns = whose.strip()
    owner = "I" if owns == "my" else owns.removesuffix("'s")
    do, likes = ("do", "like") if owner == "I" else ("does", "likes")
    words = {
        "np": np, "nps": nps, "be": be, "head": liked if whose else head_of(np),
        "owner": owner, "owns": owns, "do": do, "likes": likes, "thing": thing,
        "bare": np.removeprefix("my ").removeprefix("the "),
    }  # fmt: skip
    return [Core(*(part.format_map(words) for part in one)) for one in shapes]


def _says_name(fact: Fact) -> bool:
    return bool(re.search(r"\b(?:called|named|name|names|call)\b", fact.said))


def _be(fact: Fact) -> str:
    return "are" if _is_plural(fact.subject, fact.said) else "is"


def _is_plural(subject: str, said: str) -> bool:
    if re.search(r"\b(?:is|was|has)\b", said):
        return False
    head = head_of(subject)
    return head.endswith("s") and not head.endswith(("ss", "us"))


def _own(said: str) -> str:
    """A clause with the speaker alone, in small letters at its beginning."""
    said = re.sub(r"\bours?\b", "my", said.strip(" ."), flags=re.IGNORECASE)
    first = said.split(" ")[0]
    return said if first in ("I", "I'm") else f"{said[:1].lower()}{said[1:]}"


def _by_unit(fact: Fact) -> Iterator[Core]:
    """What is asked of an amount: money, a length, a weight, years, times."""
    unit = _UNIT.search(fact.value)
    if unit is None or not fact.subject:
        return
    kind = next(kind for kind, word in unit.groupdict().items() if word)
    yield from _filled(BY_UNIT[kind], noun_phrase(fact), _be(fact))


_UNIT = re.compile(
    r"\d.*?\b(?:(?P<money>euros?|dollars?|pounds?|francs?|cents?)|(?P<length>(?:kilo|centi|milli)?"
    r"met(?:re|er)s?|km|cm|mm|miles?|feet|inches)|(?P<weight>kilos?|kilograms?|kg|grams?|tons?)|"
    r"(?P<years>years?))\b"
)


def _from_clause(fact: Fact) -> Iterator[Core]:
    """The clause it was told in, with a question word where the value stood, or a time."""
    said = fact.said.strip(" .")
    if there := _THERE.match(said):
        yield from _filled(THERE, f"{there['noun']} are there{there['where']}", "")
        return
    if said.startswith(fact.value + " ") and not fact.value[:1].islower():
        rest = said[len(fact.value) + 1 :]
        if not rest.startswith(("is ", "was ")):
            yield Core(f"who {_own(rest)}", f"who {_own(rest)}")
            yield Core(f"who was it that {_own(rest)}", f"who it was that {_own(rest)}")
        return
    begins = said.lower().startswith(("i ", "we ", "my ", "our ", "the "))
    parts = _split(_own(said if begins else _LEAD.sub("", said)))
    if parts is None:
        return
    who, verb, tail = parts
    for value in dict.fromkeys(_values(fact, verb, tail)):
        value = _PARTICLE.sub("", value)
        at = tail.find(value)
        if at < 0 or _is_deed(value, verb, tail[:at]):
            continue
        before, after = tail[:at].split(), tail[at + len(value) :].strip(" ,.").split()
        for wh, kept, left in _question_words(fact, value, before, after):
            if wh.split()[-1] == who.split()[-1]:
                continue  # which fruit is my favourite fruit
            yield _asked(wh, who, verb, [*kept, *left])
            if wh.startswith("how many ") and who in ("I", "we") and verb in HAVE and not left:
                yield from _filled(COUNTED, wh.removeprefix("how many "), "are")
        thing = _THING.match(tail)
        if at > 0 and who in ("I", "we") and thing and thing.end() <= at:
            sites = before[-1:] and before[-1].lower() in _SITES and kind_of(value) != "time"
            if sites:
                np = thing[0].strip()
                be = "are" if _is_plural(np, "") else "is"
                yield from _filled(OF_THING["place"], np, be)
                if done := _PARTICIPLES.get(plain_form(verb.lower(), who)[1]):
                    yield Core(f"where {be} {np} {done}", f"where {np} {be} {done}")


_THERE = re.compile(r"^[Tt]here (?:is|are|were|was) \S+ (?P<noun>[a-z]+)(?P<where>(?: .+)?)$")
_THING = re.compile(r"(?:my|the) (?:[a-z-]+ ){0,2}?[a-z-]+(?= (?:in|at|on|behind|under|near|by|"
                    r"inside|beside|between|below|above)\b)")  # fmt: skip
_PARTICLE = re.compile(r"^(?:up|out|off|down|away|back) (?=\w)")
_PARTICIPLES = {
    "park": "parked", "keep": "kept", "store": "stored", "put": "put", "hide": "hidden",
    "leave": "left", "hang": "hung", "plant": "planted", "buy": "bought", "lock": "locked",
}  # fmt: skip
_OFTEN = re.compile(r"\b(?:\w+ times|once|twice)\b(?: an? \w+)?")
_WHEN = re.compile(r"\b(?:on|at|in|since|until) (?:[^ ]+ ?){1,5}$")


def _values(fact: Fact, verb: str, tail: str) -> Iterator[str]:
    """What of a clause can be asked for: the value, its own parts, how often, and when."""
    participle = _PARTICIPLE.match(fact.value)
    if participle and participle[2] in _TIES and verb in BE:
        yield participle[3]
    else:
        yield fact.value
    tied = re.split(r" (?:with|from|at|in|on|to) ", fact.value, maxsplit=1)
    if len(tied) > 1 and tied[0].count(" ") < 3:
        yield from tied
    done, _, what = fact.value.partition(" ")
    if what and stem(done) in VERBS and not participle:
        yield re.split(r" (?:with|from|at|in|on|to|next|this|every) ", what)[0]
    often, when = _OFTEN.search(tail), _WHEN.search(tail)
    if often:
        yield often[0]
    if when and kind_of(when[0]) == "time":
        yield when[0]


def _is_deed(value: str, verb: str, before: str) -> bool:
    """Whether a value is what is going to be done, of which only the rest can be asked for."""
    after_verb = before.endswith(" to ") or before == "to " or verb in ("will", "shall")
    return value[:1].islower() and after_verb and stem(value.split(" ")[0]) in VERBS


def _split(clause: str) -> tuple[str, str, str] | None:
    """Who, the verb the clause turns on, and what follows it."""
    words = clause.split()
    if not words:
        return None
    if words[0].lower() in ("i", "we"):
        at = next((i for i in range(1, len(words)) if words[i].lower() not in ADVERBS), None)
    elif words[0].lower() in ("my", "the"):
        at = next((i for i in range(2, len(words)) if finite(words[i], words[i - 1])), None)
    else:
        at = None
    if at is None or at + 1 >= len(words):
        return None
    who = words[:1] if words[0].lower() in ("i", "we") else words[:at]
    return " ".join(who), words[at], " ".join(words[at + 1 :])


def _question_words(
    fact: Fact, value: str, before: list[str], after: list[str]
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Question words for a value, with what of the clause stays before and after its place."""
    tie = before[-1].lower() if before and before[-1].lower() in _TIES else ""
    first = value.split(" ")[0]
    if not tie and first in _SITES and kind_of(value) in ("place", "time"):
        tie, before = first, [*before, first]
    named, sorts = value.removeprefix(f"{tie} ")[:1].isupper(), sorts_of(value)
    if _OFTEN.fullmatch(value):
        yield "how often", before, after
        yield "how many times", before, after
    elif fact.relation.startswith("count") and after and value == fact.value:
        noun = _leading_noun(after)
        yield f"how many {' '.join(noun)}", before, after[len(noun) :]
    elif kind_of(f"{tie} {value}".strip()) == "time" or kind_of(value) == "time":
        kept = before[:-1] if tie else before
        yield "when", kept, after
        yield "on which day", kept, after
        yield "at what time" if ":" in value else "on what date", kept, after
        for sort in sorts:
            yield (
                f"in which {sort}" if sort in ("month", "season") else f"on which {sort}",
                kept,
                after,
            )
            yield f"what {sort}", kept, after
    elif tie in _SITES and not (named and tie == "by"):
        yield "where", before[:-1], after
        yield f"{tie} what place", before[:-1], after
        if named and tie in ("in", "at"):
            yield f"{tie} which town", before[:-1], after
            yield f"{tie} what city", before[:-1], after
    elif tie and " ".join(before[-2:]).lower() in _BESIDE:
        yield "where", before[:-2], after
        yield f"{before[-2]} {before[-1]} what", before[:-2], after
    elif tie:
        moves = tie in ("to", "from") and bool(_MOVES.search(fact.said))
        people = named or {stem(word) for word in tokens(value)} & _PEOPLE
        asks = "where" if moves else "who" if people and tie in _PERSON_TIES else "what"
        yield asks, before, after
        if not moves:
            yield f"{tie} {'whom' if asks == 'who' else asks}", before[:-1], after
        for sort in sorts:
            yield f"{tie} which {sort}", before[:-1], after
            yield f"what {sort}", before, after
    elif value[:1].isdigit() and before and before[-1].isalpha():
        kept = before[:-1]
        while kept and kept[-1].lower() in _TIES | {"the", "a", "an", "my"}:
            kept = kept[:-1]
        yield f"which {before[-1]}", kept, after
        yield f"what {before[-1]}", kept, after
    else:
        yield "what", before, after
        for sort in sorts:
            yield f"which {sort}", before, after
            yield f"what {sort}", before, after
        if named and _MET.search(fact.said):
            yield "who", before, after
            yield "whom", before, after
        elif named:
            yield "which one", before, after


_BESIDE = ("next to", "close to", "front of", "top of", "out of")
_MET = re.compile(r"\b(?:visit|meet|met|see|saw|marry|married|know|invite|call)(?:s|ed)?\b")
_MOVES = re.compile(r"\b(?:com|mov|fly|travel|go|originat|driv)\w*\b|\b(?:came|flew|went)\b")


def _leading_noun(words: list[str]) -> list[str]:
    taken: list[str] = []
    for word in words[:3]:
        if word.lower() in _TIES or not word.isalpha():
            break
        taken.append(word)
    return taken or words[:1]


def _asked(wh: str, who: str, verb: str, rest: list[str]) -> Core:
    """The question with this word, alone and inside another sentence."""
    tail = "".join(f" {word}" for word in rest)
    low = verb.lower()
    embedded, in_place = f"{wh} {who} {verb}{tail}", f"{who} {verb}{tail} {wh}"
    perfect = low in ("have", "has", "had") and rest and re.search(r"(?:ed|en|ad|ght|ne)$", rest[0])
    if low in _AUXILIARY or perfect:
        return Core(f"{wh} {verb} {who}{tail}", embedded, in_place=in_place)
    do, base = plain_form(low, who)
    return Core(f"{wh} {do} {who} {base}{tail}", embedded, in_place=in_place)


def _of_value(fact: Fact) -> Iterator[Core]:
    """Questions that name the sort of thing the value is: "rhubarb cake" is a cake."""
    words = tokens(fact.value)
    sort = words[-1] if words else ""
    if fact.subject or len(words) != 2 or not words[0].isalpha() or not fact.value.islower():
        return
    split = _split(_own(fact.said))
    if split is None or words[0] in ("a", "an", "the", "my"):
        return
    who, verb, tail = split
    rest = tail.replace(fact.value, "").split()
    yield _asked(f"which {sort}", who, verb, rest)
    yield _asked(f"what kind of {sort}", who, verb, rest)
