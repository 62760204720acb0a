"""What takes back what was said a moment ago: "No, it is Hanne", "It was April, not March".

A correction says only the new value; what it is a value of stands in the fact told last. It is the
whole value, or the one word of its sort in what was said: a month for a month, a year for a year.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from l2c.text.lexicon import MONTHS, WEEKDAYS
from l2c.text.predicates import Fact
from l2c.text.values import clean_value, kind_of

_CORRECTS = re.compile(
    r"^(?:oh |wait,? |oh,? )*(?:no|nope|actually|sorry|wait|correction|i made (?:a )?"
    r"mistake|i meant|i mean|forgive me|i am mistaken|my mistake|pardon|i misspoke|"
    r"i (?:have )?changed my mind|"
    r"that (?:was|is) wrong|i was wrong|change that|(?:scrap|strike) that|"
    r"not(?! (?:bad|good|really|yet|sure|now|today|at|much|too|so|nice|great|even|only)\b))\b",
    re.IGNORECASE,
)
_ALAS = re.compile(r"^oh no\W+(?:he|she|they|we|my|our|the)\b", re.IGNORECASE)
"""What only cries out: "oh no, she is awake"."""
_THERE_IS_NO = re.compile(r"^no ([a-zà-ÿ-]+)\W*$")
"""What there is none of, and no other value: "no lift"; "no seven" and "no, Max" are values."""
_IS_A_CLAUSE = re.compile(
    r"^(?:it|he|she|they|that|this|you|there|what|who|nothing|nobody|too|true|right|wrong|fine|okay|"
    r"ok|enough|late|early)\b|"
    r"\b(?:is|are|was|were|has|have|had|does|did|will|really)\b",
    re.IGNORECASE,
)
"""What is no value put in another's place: "no, it really hurts"."""
_SAYS_OTHERWISE = re.compile(
    r"\b(?:(?:it|that|this|he|she|they) (?:is|was|are|were|will be)|"
    r"not|but|the|in|on|at|from|to)\b|[\s,.!;]",
    re.IGNORECASE,
)
_SORTS = tuple(
    re.compile(sort, re.IGNORECASE)
    for sort in (
        rf"\b(?:{'|'.join(sorted(MONTHS - {'may'}))}|(?<=in )may)\b",
        rf"\b(?:{'|'.join(sorted(WEEKDAYS))})\b",
        r"\b(?:19|20)\d\d\b",
        r"\b\d{1,2}(?:[:.]\d{2})? ?[ap]m\b",
        r"\b\d{1,2}(?:st|nd|rd|th)\b",
        r"\b\d{1,2}[:.]\d{2}\b",
        r"(?<![\d.:])\b\d{1,4}\b(?![.:]\d)",
    )
)
"""Words one of which stands for another: "in March", "on Friday", "2009", "the 12th"."""
_NOT_THAT = re.compile(
    r"\b(?!(?:is|was|are|were|am|be|it|that|this|do|does|did|has|have)\b)(?P<now>[\w-]+),? "
    r"(?:and )?not (?:(?:in|at|on|to|the|Mr|Mrs|Ms|Miss|Dr) )?(?P<was>[\w-]+)$"
)
_IS = re.compile(r"^(?:it|he|she|they|that) (?:is|was|are) (?:called )?(?:now )?", re.IGNORECASE)
_JUST_NOT = re.compile(r"^(?:(?:in|at|on|to) )?(?:the )?[\w-]+, not (?:\w+ )?[\w-]+[.!]*$")
_NOT_BUT = re.compile(
    r"^(?:(?:oh|no|sorry|wait|actually),? )*not (?P<was>[^,]+?)(?:,|,? but|,? I (?:mean|meant)) "
    r"(?:I (?:mean|meant) |but )?(?P<now>[^,]+)$",
    re.IGNORECASE,
)
_HAS_OTHER = re.compile(
    r"^(?:(?:oh|no|sorry|wait|actually),? )*(?:I|we) (?:do|did) not (?:have|own|mean|say) "
    r"(?:an? |my )?(?P<was>[\w' -]+?)(?:,|;)? (?:but )?"
    r"(?:(?:I|we) (?:have|had|own|mean|meant|said) )?"
    r"(?P<now>an? [\w' -]+|(?-i:[A-Z])[\w'-]+)$",
    re.IGNORECASE,
)
_IT = r"(?:it|them|that|(?:my|the|his|her) [\w-]+)"
_BACK = re.compile(
    r"^(?:(?:and|so|but|now|oh|well|yes|good news),? )*"
    r"(?:(?i:he|she|they|I|we)|[A-Z][\w'-]+|[Mm]y \w+) "
    r"(?:(?:has|have|had|just|now|already|finally) )*"
    rf"(?:(?:gave|given|brought|got|handed) (?:{_IT} back|back {_IT})|returned {_IT})(?! to\b)"
)
"""What says that something is where it belongs again: "she gave it back yesterday"."""
_LENT = re.compile(
    r"\b(?P<deed>lent|borrowed) .*?\b(?P<thing>(?:my|our|the|an?|some|his|her|their|\d+) [\w-]+)"
)
_MOVED = re.compile(
    r"(?P<noun>[\w-]+(?: [\w-]+)??) (?:(?:got|was|is|has been|has|were|been|now|just) )*"
    r"(?:moved|changed|postponed|put off|put back|brought forward|shifted) (?:to|until|on) "
)


_NAMING = frozenset({"name", "nickname", "is", "live", "origin", "place", "work", "study", "born"})


def is_correction(sentence: str) -> bool:
    """Whether a sentence says of itself that it takes something back."""
    if _ALAS.match(sentence):
        return False
    if (missing := _THERE_IS_NO.match(sentence)) and not kind_of(missing[1]):
        return False
    return _CORRECTS.match(sentence) is not None or _JUST_NOT.match(sentence) is not None


def turned_round(sentence: str) -> str:
    """ "Not Berlin, I mean Hamburg" as "Hamburg, not Berlin"; any other sentence as it is."""
    found = _NOT_BUT.match(sentence)
    return f"No, {found['now']}, not {found['was']}" if found else sentence


def no_longer(sentence: str, before: Sequence[Fact]) -> list[Fact]:
    """What a sentence ends of what was told, and what holds instead."""
    return exchanged(sentence, before) or given_back(sentence, before)


def exchanged(sentence: str, before: Sequence[Fact]) -> list[Fact]:
    """What is had with another thing in its place: "I don't have a cat, I have a dog".

    Whatever was told of the cat ends and is told of the dog; nothing where no cat was told of.
    """
    found = _HAS_OTHER.match(sentence)
    if found is None:
        return []
    was = re.compile(rf"\b(?:an? )?{re.escape(found['was'])}\b", re.IGNORECASE)
    bare = re.sub(r"^an? ", "", found["now"])

    def other(text: str) -> str:
        return was.sub(lambda old: found["now"] if " " in old[0] else bare, text)

    told = [fact for at, fact in enumerate(before) if was.search(f"{fact.subject} {fact.said}")]
    wrong = [fact for fact in told if not fact.ended]
    right = (
        replace(fact, subject=other(fact.subject), value=other(fact.value), said=other(fact.said))
        for fact in wrong
    )
    had = Fact("", "has", found["now"], f"I have {found['now']}")
    new = [*right, had] if wrong else []
    return [*(replace(fact, ended=True) for fact in wrong), *dict.fromkeys(new)]


def given_back(sentence: str, before: Sequence[Fact]) -> list[Fact]:
    """The end of what was lent or borrowed last, and where it is now: "he has given it back".

    Nothing where nothing was.
    """
    if not _BACK.match(sentence):
        return []
    for fact in reversed(before):
        if (handed := _LENT.search(fact.said)) and not fact.ended:
            thing = re.sub(r"^an? ", "the ", handed["thing"])
            mine = handed["deed"] == "lent" and not fact.subject
            back = f"have {thing} back" if mine else f"gave {thing} back"
            verb, _, value = back.partition(" ")
            new = Fact("", "has" if mine else "give", value, f"I {verb} {value}")
            return [replace(fact, ended=True), new]
    return []


def corrected(clause: str, before: Sequence[Fact]) -> list[Fact]:
    """The last fact with another value: "No, it is Hanne.", "Not Inès, Agnès."."""
    old = before[-1]
    if put_right := _NOT_THAT.search(clause):
        was = re.compile(rf"\b{re.escape(put_right['was'])}\b")
        holding = [fact for fact in reversed(before) if was.search(fact.said) and not fact.ended]
        named = holding[: None if put_right["was"].istitle() else 1]
        pairs = ((fact, _with(fact, put_right["was"], put_right["now"])) for fact in named)
        if changed := [one for fact, right in pairs for one in _instead(fact, right)]:
            return changed
    if (other := _of_its_sort(clause, old.said)) is not None:
        return _instead(old, _with(old, *other))
    if re.match(r"(?:my|our|i|we|the) ", clause, re.IGNORECASE):
        return []
    said = _IS.sub("", clause)
    said = re.sub(rf"^not {re.escape(old.value)},? ?(?:but )?", "", said, flags=re.IGNORECASE)
    said = re.sub(rf",? not {re.escape(old.value)}$", "", said, flags=re.IGNORECASE)
    value = clean_value(re.sub(r"^not [^,]+, (?:but )?", "", said))
    if f"{old.value} {value.partition(' ')[2]}" in old.said and " " in value:
        value = value.partition(" ")[0]  # "four grandchildren", of which there were three
    if not value or len(value.split()) > 5 or old.value not in old.said:
        return []
    if _IS_A_CLAUSE.search(value):
        return []
    if kind_of(value) != kind_of(old.value) and not (value[:1].isupper() and _may_be_a_name(old)):
        return []
    new = replace(old, value=value, said=old.said.replace(old.value, value), replaces=True)
    return _instead(old, new)


def _may_be_a_name(old: Fact) -> bool:
    """Whether a name can stand for the value: of whatever is called so, is somewhere, or is it."""
    return old.relation in _NAMING and kind_of(old.value) in ("", "name", "kind", "place", "colour")


def _instead(old: Fact, new: Fact) -> list[Fact]:
    """The new fact, after the end of the old one where both could hold."""
    return [new] if new.single else [replace(old, ended=True), new]


def put_off(rest: str, before: Sequence[Fact]) -> list[Fact]:
    """What was told of at another time or place: "the exam got moved to Friday".

    `rest` is what follows "the", or all where it begins with "it"; empty where nothing of that name
    was told of.
    """
    moved = _MOVED.match(rest)
    if moved is None:
        return []
    if moved["noun"] == "it":
        changes = ((fact, _of_its_sort(rest[moved.end() :], fact.said)) for fact in before[::-1])
        return next((_instead(fact, _with(fact, *other)) for fact, other in changes if other), [])
    named = re.compile(rf"\b{re.escape(moved['noun'])}\b", re.IGNORECASE)
    for fact in reversed(before):
        if named.search(fact.said) and (other := _of_its_sort(rest[moved.end() :], fact.said)):
            return _instead(fact, _with(fact, *other))
    return []


def _with(fact: Fact, was: str, now: str) -> Fact:
    """The fact with one word in place of another."""
    value, said = fact.value.replace(was, now), fact.said.replace(was, now)
    return replace(fact, value=value, said=said, replaces=True)


def _of_its_sort(clause: str, said: str) -> tuple[str, str] | None:
    """A month, a day or a number of what was said, and the one that is put in its place.

    "It was April" corrects "in March", "the 19th, not the 12th" the day and "2008" the year, where
    one word alone is of that sort.
    """
    for sort in _SORTS:
        old = sort.findall(said)
        new = [word for word in sort.findall(clause) if word.lower() not in map(str.lower, old)]
        rest = _SAYS_OTHERWISE.sub("", sort.sub("", clause))
        if len(set(old)) == 1 and len(new) == 1 and not rest:
            return old[0], new[0]
    return None
