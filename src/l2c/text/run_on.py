"""Sentences that stand together without a stop: spoken words, and verbs that are said once.

Who dictates to a telephone leaves out every full stop ("my name is Tomasz I drive a van"), and
whoever tells of several people says a verb only once ("Mark lives in Toronto and Luke in Bristol").
Both are taken apart into sentences that the grammar of facts (`l2c.text.clauses`) reads. A clause
that hangs on the word before it ("the flower I like", "I think she is ill") stays where it is.
"""

from __future__ import annotations

import re
from itertools import pairwise

from l2c.text.lexicon import listed, stem, tokens
from l2c.text.verbs import ADVERBS, JOINTS, VERBS, finite

_NEXT = re.compile(
    r"(?<=[\w'])(?: and)? (?=(?P<then>now |then )?"
    r"(?P<who>I|we|he|she|it|they|my \w+) (?P<verb>[a-z']+) )"
)
_ASKS = re.compile(
    r" (?=(?:how (?:much|many|old|long|far)|what|where|when|who|which \w+) "
    r"(?:do|does|did|is|are|was|were|will|can) (?:I|we|he|she|it|they|my|you)\b)",
    re.IGNORECASE,
)
_BEGINS = re.compile(r"^(?:I|we|my|our|he|she|it|they|[A-Z]\w+|the \w+ (?:is|was|are|were))\b")
_BEING = listed("am is are was were have has had")
_HANGS = (
    JOINTS
    | listed("""
    that which whom whose what where why how whether like while before after though although
    until once think thinks thought know knows knew say says said hope hopes believe guess wish feel
    sure glad sorry happy sad afraid lucky mean means meant tell told time day way place thing
    something someone somebody anything anyone everything everyone everybody all nothing nobody one
    do does did can will shall should would could may might must first last best only same a an the
    my your our his her its their not is are was were am be been
    """)
) - {"now", "today"}
"""Words that the next clause belongs to."""
_OF_A_CLAUSE = listed("the every any that this those these all no so such too more")
_GAPPED = re.compile(
    r"^(?P<who>(?:[Mm]y |[Oo]ur )?[\w-]+) (?P<verb>lives|works|studies|is|comes|was born|plays|"
    r"moved|went|goes) (?P<prep>in|at|from|to|for|on|with|near) (?P<first>[^,]+?)"
    r"(?P<others>(?:,|,? and) (?:(?:[Mm]y |[Oo]ur )?[\w-]+) (?P=prep) .+)$"
)
_WHO = re.compile(
    r"(?:,|:|,? and) (?P<name>[^\W\d_a-z\xe0-\xff][\w-]+),? who (?P<does>(?:is|was|works?|lives?|"
    r"plays?|likes?|loves?|studies|has|goes|just|turned)\b[^,]*?)"
    r"(?=$|[.!]|,? and [^\W\d_a-z\xe0-\xff][\w-]+,? who |, )"
)
_WHO_BETWEEN = re.compile(
    r"^(?P<who>(?:[Mm]y|[Oo]ur) [^,]+), (?:who|which) (?P<does>[^,]+), (?:and )?"
    r"(?P<rest>(?:is|was|has|had|lives?|works?|studies|plays?|likes?|loves?|goes|comes?) .+)$"
)
"""What is said of somebody between two commas: "my sister Ann, who is a nurse, lives in York"."""
_OTHER = re.compile(
    r"(?:, and|,| and) (?P<who>(?:[Mm]y |[Oo]ur )?[\w-]+) (?P<prep>in|at|from|to|for|on|with|near) "
    r"(?P<value>(?:(?!,| and (?:(?:my|our) )?[\w-]+ (?P=prep)).)+)"
)


def apart(sentence: str) -> list[str]:
    """The sentences that one is made of; alone where it is one.

    >>> apart("my name is Tomasz I drive a van")
    ['my name is Tomasz', 'I drive a van']
    >>> apart("Mark lives in Toronto, Luke in Bristol and John in York")
    ['Mark lives in Toronto', 'Luke lives in Bristol', 'John lives in York']
    >>> apart("the flower I like is the rose")
    ['the flower I like is the rose']
    """
    return [one for part in _cut(sentence) for whole in _of_each(part) for one in _each(whole)]


def _of_each(sentence: str) -> list[str]:
    """What is told of each of several people in passing, apart: "two sons, Ben who is six"."""
    if aside := _WHO_BETWEEN.match(sentence):
        return [f"{aside['who']} {aside['does']}", f"{aside['who']} {aside['rest']}"]
    told = list(_WHO.finditer(sentence))
    if not told or sentence[: told[0].start()].rstrip(" ,:") == "":
        return [sentence]
    names = [found["name"] for found in told]
    listed_names = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    whole = f"{sentence[: told[0].start()].rstrip(' ,:')}, {listed_names}"
    return [whole, *(f"{found['name']} {found['does']}" for found in told)]


def _cut(sentence: str) -> list[str]:
    """Cut where a new clause, or a question, begins after a whole one."""
    asks = _ASKS.search(sentence)
    if asks and _is_whole(told := sentence[: asks.start()].rstrip(",")):
        return [*_cut(told), f"{sentence[asks.end() :].rstrip('?')}?"]
    begins = 0
    parts: list[str] = []
    for found in _NEXT.finditer(sentence):
        before = sentence[begins : found.start()]
        if " and" not in found[0] and _is_whole(before) and _may_begin(found, before):
            parts.append(before)
            begins = found.end()
    return [*parts, sentence[begins:]]


def _is_whole(clause: str) -> bool:
    """Whether words are a clause that says something by itself."""
    words = clause.split()
    if len(words) < 3 or _BEGINS.match(clause) is None or words[-1] in _HANGS:
        return False
    turns = any(
        finite(word, before) or (before in ("I", "we", "they") and stem(word) in VERBS)
        for before, word in pairwise(words)
    )
    return turns and not re.search(r"\bif\b|\bwhen\b|,", clause)


def _may_begin(found: re.Match[str], before: str) -> bool:
    """Whether the next words are no clause about the noun before them."""
    if found["then"]:
        return True
    near = [word.lower() for word in before.split()[-3:]]
    if set(near) & _OF_A_CLAUSE or found["verb"] in ADVERBS:
        return False
    verb = found["verb"]
    if found["who"] in ("I", "we", "they", "it"):
        means = verb in _BEING or stem(verb) in VERBS
        return means and not set(near) & {"a", "an", "some"}
    return verb in _BEING or finite(verb, "he")


def _each(sentence: str) -> list[str]:
    """A sentence for each of those that one verb is said of."""
    found = _GAPPED.match(sentence)
    if found is None or not _is_somebody(found["who"]):
        return [sentence]
    others = list(_OTHER.finditer(found["others"]))
    whole = "".join(one[0] for one in others) == found["others"]
    if not whole or not all(_is_somebody(one["who"]) for one in others):
        return [sentence]
    said = f"{found['verb']} {found['prep']}"
    return [
        f"{found['who']} {said} {found['first']}",
        *(f"{one['who']} {said} {one['value']}" for one in others),
    ]


def _is_somebody(words: str) -> bool:
    return words[:1].isupper() or len(tokens(words)) == 2
