"""One sentence as facts: who it is about, what is said of them, and the value.

A clause is read from its subject: the speaker ("I", "we"), what is theirs ("my sister's dog", "the
code for the shed"), a pronoun for what was named just before, or somebody who stands to the speaker
in a relation ("Anneliese is my aunt", "Otakar taught me to swim"). After it comes a verb; what
follows is the value, and its form says what kind it is: a name, a number, a time, a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from l2c.text.beings import ANIMALS, CALLED_SO, PEOPLE
from l2c.text.correcting import corrected, is_correction, no_longer, put_off, turned_round
from l2c.text.in_passing import names_in_passing
from l2c.text.lexicon import PRIVATE, listed, stem, tokens
from l2c.text.predicates import (
    CHANGE,
    NAMED,
    PAST,
    Fact,
    attribute_of,
    does_facts,
    ended_facts,
    has_facts,
    head_of,
    is_being,
    is_facts,
    main_value,
    subject_of,
)
from l2c.text.referring import may_be, one_of_them, told_of, was_told_of, with_its_thing
from l2c.text.values import clean_value, kind_of
from l2c.text.verbs import ADVERBS, BE, HAVE, JOINTS, LASTING, TRIFLES, VERBS, finite

_LEAD = re.compile(
    r"^(?:and|but|so|oh|well|hey|hi|hello|okay|ok|yes|no|nope|also|by the way|btw|fyi|for the "
    r"record|just so you know|remember(?: that| this)?|note(?: that)?|please(?: remember| note)?"
    r"(?: that)?|you should know(?: that)?|keep in mind(?: that)?|(?:do not|"
    r"never) forget(?: that)?|"
    r"i told you(?: that)?|as i said|i want you to know(?: that)?|actually|in fact|sorry|wait|"
    r"correction|(?:scrap|strike) that|i made a mistake|that (?:was|is) wrong|i was wrong|"
    r"i (?:mean|meant)(?: to (?:say|write|type))?(?: that)?|i (?:have )?changed my mind|"
    r"from (?:now|today|this \w+|next \w+) on(?:wards)?|now|currently|these days|nowadays|le|"
    r"i think(?: that)?|i believe(?: that)?|because|since|although|though|forgive me|"
    r"i am mistaken|i (?:made )?(?:a )?mistake|my mistake|pardon(?: me)?|"
    r"(?:you (?:can|may)|just)(?= call me))\b[\s,:.!–-]*",
    re.IGNORECASE,
)
_TO_KEEP = re.compile(
    r"(?:please )?(?:remember|note|keep in mind|(?:do not|never) forget)\b", re.IGNORECASE
)
"""What wants to be remembered, also of what is nobody's own: "the server is called heron"."""
_NEW = re.compile(
    r"\b(?:now|instead|no longer|any ?more|these days|nowadays|from (?:today|now|this)|new|changed|"
    r"moved|switched|became|become|correction|turned|went (?:up|down))\b",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"[,;:]? (?:and|but) (?=(?:now )?(?:I|i|we|my|our|he|she|it|they|the)\b)|"
    r",? and (?=[A-Z]\w+ (?:is|was|has|lives|works|studies|turned|likes|loves|plays|teaches|"
    r"goes|comes|runs|drives|sings|cooks|speaks|sells|writes|makes|wants|does|did|went|got)\b)|"
    r"(?:,|,? and|,? but) (?=(?:every(?:one|body)|(?:most |all )?(?:people|friends))"
    r"(?: [a-z]+)? (?:calls? me|says?) [A-Z]|(?:[a-z]+ ){0,2}call me [A-Z])|"
    r"[,;:] (?=(?:I|we|my|our|he|she|it|they|now I|(?:his|her|its|their) [a-z]+ (?:is|was))\b)"
)
_ADJUNCT = re.compile(
    r"^((?:on|in|at|next|every|each|this|during|after|before|for|since|until|tomorrow|tonight)\b"
    r"[^,]{0,40}?),? (?=(?:I|we|my|our)\b)",
    re.IGNORECASE,
)
_ONLY_A_NUMBER = re.compile(r"(?:it|that|this) (?:is|was) [\d:.,-]+$", re.IGNORECASE)
"""What can only correct a number, and where there is none says nothing."""
_OF_ONE = {"have": "has", "are": "is", "were": "was", "live": "lives", "work": "works"}
_SINGULAR = re.compile(rf"^(?:{'|'.join(_OF_ONE)})\b")
_WEATHER = re.compile(
    r"(?:(?:is|was|has been|will be) )?(?:\w+ )?"
    r"(?:rain|snow|hail|thunder|pour|drizzl)(?:s|ed|ing|e)?\b|"
    r"(?:is|was) (?:\w+ )?(?:windy|sunny|cloudy|foggy|stormy|late|early|freezing)\b",
    re.IGNORECASE,
)
_INVERSE = re.compile(
    r"^(?P<who>[^,]{1,60}?) (?:is|was|are|were)(?: called| now)? (?:my|our) (?P<what>.+)$"
)
_DOER = re.compile(
    r"^(?P<who>(?:(?:Dr|Mr|Mrs|Ms) )?[^\W\d_][\w'-]+(?: [^\W\da-z_][\w'-]+)?) (?P<verb>\w+) "
)
_OWNED = re.compile(
    r"\b(?:[Mm]y|[Oo]ur|[Ii] (?:have|had|got|own|bought|adopted)(?: got)? (?:an?|one)|"
    r"[Ww]e (?:have|got) (?:an?|one)) (?!mind\b)"
    r"(?:new |old |little |younger |older )?"
)
_WORDS = re.compile(r"(?:[a-zà-ÿ-]+'s )*[a-zà-ÿ-]+(?: [a-zà-ÿ-]+)*")
_SHARED = re.compile(
    r"^(?P<who>I|we) (?P<first>[^,]+?),? but (?=(?:also |really |always |only )?(?:like|love|hate|"
    r"adore|enjoy|prefer|dislike|cannot stand|do not like)\b)"
)
"""Two things told of one subject: "I hate mushrooms but love pizza"."""
_OTHERS = r"(?i:(?:most |all )?(?:of )?(?:people|friends)|every(?:one|body)|they)"
_NICKNAME = re.compile(
    rf"^(?:{_OTHERS}|(?i:my|our) [\w' -]+?)(?: all| usually| often| always| just| still)* "
    r"(?:calls?|called) (?:me|us) (?P<name>[^\W\d_a-zà-ÿ][\w'-]+(?: [^\W\d_a-zà-ÿ][\w'-]+)?)$"
)
_SAYS = re.compile(rf"^({_OTHERS}) say(s?) (?=[^\W\d_a-zà-ÿ][\w'-]+$)")
_NAME = re.compile(r"[^\W\d_a-zà-ÿ][\w-]+(?=(?:'s)? )")
_NOBODY = listed("""
    nobody somebody someone everybody everyone something nothing everything he she it they this that
    these those the a an there here his her their its your you people some many one who what all
    both today tomorrow yesterday tom's
    """)


def read(sentence: str, before: Sequence[Fact], spoken: Sequence[str] = ()) -> list[Fact]:
    """The facts of a sentence that states something; see `l2c.text.facts`."""
    corrects = is_correction(sentence) or any(map(is_correction, spoken[-1:]))
    found: list[Fact] = []
    if over := no_longer(sentence.rstrip(" .!;"), before):
        return over
    about = _named(" ".join(spoken[-1:]))
    sentence = turned_round(sentence)
    sentence = _SHARED.sub(r"\g<who> \g<first> but \g<who> ", sentence.rstrip(" .!;"))
    parts = _SPLIT.split(sentence)
    for part in parts:
        clause = with_its_thing(_without_lead(part.strip(" ,")), [*before, *found])
        facts: list[Fact] = []
        if corrects and before and not about and len(parts) <= 2:
            facts = corrected(clause, before)
        if _TO_KEEP.match(sentence) and clause.startswith("the "):
            facts = list(_of_thing(clause.removeprefix("the "), clause))
        if clause and not facts and not (corrects and _ONLY_A_NUMBER.match(clause)):
            facts = _read_clause(clause, [*before, *found], about)
        facts += names_in_passing(clause, [*found, *facts])
        found += [
            f
            if f.relation.startswith(PAST)
            else replace(f, replaces=f.replaces or corrects or bool(_NEW.search(part)))
            for f in facts
        ]
        about = _named(part) or told_of(part, before) or about
    return found


def _without_lead(clause: str) -> str:
    while (shorter := _LEAD.sub("", clause)) != clause:
        clause = shorter
    return clause


def _last_named(text: str) -> str:
    """The last thing of the speaker's that a text names; empty for none."""
    return next(iter(_named(text)[::-1]), "")


def _named(text: str) -> list[str]:
    """What of the speaker's a text names, in order, for a pronoun to stand for."""
    spans = (_WORDS.match(text, lead.end()) for lead in _OWNED.finditer(text))
    return [re.sub(r"'s name$", "", _noun_of(words[0])) for words in spans if words]


def _meant(pronoun: str, named: Sequence[str]) -> str:
    """What a pronoun stands for among these: "her" for a person, where there is one."""
    named = [noun for noun in named if may_be(pronoun, noun)]
    things = [noun for noun in named if head_of(noun) not in PEOPLE]
    if pronoun in ("it", "its"):
        fitting = things
    elif pronoun in ("he", "she", "his", "her"):
        fitting = [noun for noun in named if head_of(noun) in PEOPLE] or [
            noun for noun in things if head_of(noun) in ANIMALS
        ]
    else:
        fitting = []
    return next(iter((fitting or named)[::-1]), "")


def _noun_of(words: str) -> str:
    """The noun phrase words begin with, up to a verb or a preposition."""
    taken: list[str] = []
    for word in words.split():
        if taken and (
            finite(word, taken[-1])
            or word in JOINTS | ADVERBS | {"no", "never"}
            or (stem(word) in VERBS and (word.endswith("ed") or taken[-1] in PEOPLE))
        ):
            break
        taken.append(word)
    return re.sub(r"'s$", "", " ".join(taken))


def _read_clause(clause: str, before: Sequence[Fact], about: Sequence[str]) -> list[Fact]:
    adjunct = _ADJUNCT.match(clause)
    said = clause
    if adjunct:
        clause = f"{clause[adjunct.end() :]} {adjunct[1][0].lower()}{adjunct[1][1:]}"
    if called := _NICKNAME.match(named := _SAYS.sub(r"\1 call\2 me ", clause)):
        return [Fact("", "nickname", called["name"], named)]
    first, _, rest = clause.partition(" ")
    low = first.lower()
    if low in ("i", "we"):
        return [_without(fact, adjunct and adjunct[1]) for fact in _of_speaker(rest, said)]
    if low in ("my", "our"):
        return list(_of_thing(rest, said))
    if low.removesuffix("'s") in CALLED_SO:
        return list(_of_thing(f"{low} {rest}", f"my {low} {rest}"))
    if low == "the" and (moved := put_off(rest, before)):
        return moved
    if low == "the" and (
        PRIVATE & {w.lower() for w in tokens(rest)}
        or re.search(r"\b(?:my|our) ", rest)
        or was_told_of(rest, before)
    ):
        inverse = _inverse(clause, said)
        return inverse or list(_of_thing(rest, said))
    if low == "it" and (moved := put_off(f"it {rest}", before)):
        return moved
    if low == "it" and _WEATHER.match(rest):
        return []
    if low == "the" and (whole := one_of_them(rest, before)):
        return list(_of_thing(whole, f"my {whole}"))
    if low in ("he", "she", "it", "they", "his", "her", "its", "their"):
        last = before[-1].subject if before and may_be(low, before[-1].subject) else ""
        if low in ("it", "its") and (head_of(last) in PEOPLE or last[:1].isupper()):
            last = ""
        subject = _meant(low, about) or last
        if not subject:
            return []
        if low == "they" and head_of(subject) in PEOPLE:
            rest = _SINGULAR.sub(lambda verb: _OF_ONE[verb[0]], rest)
        owned = f"{subject}'s" if low in ("his", "her", "its", "their") else subject
        told = f"{owned} {rest}"
        return list(_of_thing(told, told if subject[:1].isupper() else f"my {told}"))
    if low == "call" and rest.lower().startswith("me "):
        return [Fact("", "name", clean_value(rest[3:]), f"my name is {clean_value(rest[3:])}")]
    if low == "there" and re.search(r"\b(?:my|our)\b", rest):
        value = re.sub(r"^(?:is|are|was|were) ", "", rest)
        return [Fact(_last_named(rest), "there", clean_value(value), said)]
    return _inverse(clause, said) or _of_named(clause, before) or _by_other(clause, said)


def _of_named(clause: str, before: Sequence[Fact]) -> list[Fact]:
    """ "Ellie is seven", once it was told that the daughter is called Ellie."""
    for fact in reversed(before):
        named = fact.relation == "name" and fact.subject
        if named and clause.startswith((f"{fact.value} ", f"{fact.value}'s ")):
            rest = clause.removeprefix(fact.value)
            said = f"my {fact.subject} {fact.value}{rest}"
            return list(_of_thing(f"{fact.subject}{rest}", said))
    name = _NAME.match(clause)
    if name and any(re.search(rf"\b{name[0]}\b", fact.said) for fact in before):
        return list(_of_thing(clause, clause))
    return []


def _without(fact: Fact, adjunct: str | None) -> Fact:
    """The fact without a time or place in its value that stood before the clause."""
    if not adjunct or not fact.value.lower().endswith(" " + adjunct.lower()):
        return fact
    return replace(fact, value=fact.value[: -len(adjunct) - 1])


def _of_speaker(rest: str, said: str) -> Iterator[Fact]:
    """Facts about the one who speaks: `rest` is what follows "I"."""
    words = rest.split()
    while words and words[0].lower() in ADVERBS:
        words = words[1:]
    if not words:
        return
    rest = " ".join(words)
    verb = words[0].lower()
    if verb in BE:
        yield from _is_speaker(" ".join(words[1:]), said)
    elif verb in HAVE and words[1:2] == ["been"]:
        yield from _is_speaker(" ".join(words[2:]), said)
    elif verb in HAVE and len(words) > 1:
        yield from has_facts("", " ".join(words[1:]), said)
    else:
        named = re.match(
            r"(?:call|named|name|called) (?:my|our) (?P<np>[\w' -]+?) (?P<name>[^\W\da-z_].*)$",
            rest,
        )
        if named:
            yield Fact(subject_of(named["np"]), "name", clean_value(named["name"]), said)
        elif verb != "went":
            yield from does_facts("", rest, said)


def _is_speaker(rest: str, said: str) -> Iterator[Fact]:
    rest = re.sub(r"^(?:now|still|also|currently|already) ", "", rest)
    kind = kind_of(rest)
    match = re.match(
        r"(?P<verb>born|allergic|married|engaged|from|called|named|afraid|scared|based|fluent|"
        r"divorced|related|employed|known|interested|\w+ing|\w+ed(?= (?:in|on|at|by|to|into)\b))\b"
        r" ?(?P<rest>.*)$",
        rest,
    )
    if match:
        verb, rest = match["verb"], match["rest"]
        relation = {"from": "origin", "called": "name", "named": "name"}.get(verb, stem(verb))
        if verb.endswith("ing") and relation not in VERBS and relation != "go":
            return
        relation = "plan" if verb == "going" else relation
        value = re.sub(r"^(?:to|of|with|in|at|as) ", "", rest)
        if verb == "going" and (match := re.match(r"to (\w+) (?:my|our|the|an?|some) (.+)", rest)):
            value = match[0].removeprefix(f"to {match[1]} ")
        if value:
            yield Fact("", relation, main_value(value), said)
    elif rest.lower().split(" ")[0] in LASTING:
        yield Fact("", "is", clean_value(rest), said)
    elif kind == "age" or re.search(r"\b(?:tall|years? old)$", rest):
        yield Fact("", "height" if rest.endswith("tall") else "age", clean_value(rest), said)
    elif kind == "name" and len(rest.split()) <= 3:
        yield Fact("", "name", clean_value(rest), said)
    elif kind == "kind" and not (set(rest.lower().split()) & TRIFLES):
        yield Fact("", "job", clean_value(rest), said)
    elif kind == "number" and not rest.split(" ")[-1].isalpha():
        yield Fact("", "age", clean_value(rest), said)


def _of_thing(rest: str, said: str) -> Iterator[Fact]:
    """Facts about what is the speaker's: `rest` is what follows "my" or "the"."""
    words = rest.split()
    if over := re.match(
        r"(?P<np>[\w' -]+?) (?:no longer|does not|do not) (?P<rest>.+? any ?more|"
        r"(?<=no longer ).+)$",
        rest,
    ):
        yield from ended_facts(subject_of(over["np"]), over["rest"], said)
        return
    at = next((i for i in range(1, len(words)) if finite(words[i], words[i - 1])), None)
    if at is None:
        if match := NAMED.match(rest):
            yield Fact(subject_of(match["np"]), "name", clean_value(match["name"]), said)
        return
    noun, verb, after = " ".join(words[:at]), words[at].lower(), " ".join(words[at + 1 :])
    name, noun = _apposition(noun)
    subject = subject_of(noun)
    if not subject:
        return
    if name:
        yield Fact(subject, "name", name, f"my {subject} is called {name}")
    person = is_being(subject)
    tail = f"{verb} {after}"
    if (change := CHANGE.match(tail)) and not person:
        yield from is_facts(subject, tail[change.end() :], said)
    elif verb in BE:
        yield from is_facts(subject, after, said)
    elif verb in HAVE:
        yield from has_facts(subject, after, said)
    else:
        yield from does_facts(subject, tail, said)


def _inverse(clause: str, said: str) -> list[Fact]:
    """ "Anneliese is my aunt": the value comes first."""
    match = _INVERSE.match(clause)
    if match is None:
        return []
    who = match["who"]
    if who.lower() in _NOBODY or who.split()[0].lower() in _NOBODY - {"the", "a", "an"}:
        return []
    name, noun = _apposition(match["what"].rstrip(" ."))
    subject = subject_of(noun)
    if name:
        return [Fact(subject, "name", name, said)]
    owner, attribute = attribute_of(subject)
    return [
        Fact(owner, attribute or ("person" if who[0].isupper() else "is"), clean_value(who), said)
    ]


def _by_other(clause: str, said: str) -> list[Fact]:
    """ "Otakar taught me to swim": somebody by name did something to the speaker or theirs."""
    match = _DOER.match(clause)
    if match is None or match["who"].split()[0].lower() in _NOBODY or not match["who"][0].isupper():
        return []
    verb = stem(match["verb"])
    if verb not in VERBS | {"have"} or not re.search(
        r"\b(?:me|my|us|our)\b", clause[match.end() - 1 :]
    ):
        return []
    return [Fact(_last_named(clause), f"{verb} by", match["who"], said)]


def _apposition(noun: str) -> tuple[str, str]:
    """A name that stands behind its noun, and the noun: "aunt Lioba" is Lioba, my aunt."""
    match = re.match(
        r"^(?P<noun>.*?[a-zà-ÿ][a-zà-ÿ-]*),? (?P<name>(?:(?:Dr|Doctor|Professor|Mr|Mrs|"
        r"Ms) )?[^\W\d_a-zà-ÿ][\w'-]+(?: [^\W\d_a-zà-ÿ][\w'-]+)*)$",
        noun,
    )
    if match and not match["name"].endswith("'s") and head_of(match["noun"]) in PEOPLE | ANIMALS:
        return match["name"], match["noun"]
    return "", noun
