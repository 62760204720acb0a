"""Who somebody is, said in one breath: "I'm Katrin, a translator from Graz, 43, mother of two".

After the name stands a list: a trade, an age, where one is from, what one does or did ("moved to
Galway in March and work at the aquarium"). Each becomes a sentence of its own, so that the grammar
of facts (`l2c.text.clauses`) reads it. A list with anything else in it stays as it was.
"""

from __future__ import annotations

import re

from l2c.text.beings import TRADES
from l2c.text.given_names import GIVEN_NAMES
from l2c.text.lexicon import NUMBERS

_BEGINS = re.compile(
    r"^(?P<lead>(?:[\w' ]{1,24}[,.!] ?)*?)(?:I am|my name is|I am called|this is|it is) "
    r"(?P<name>[^\W\d_][\w'-]+)(?P<rest>,? .+?)[.!]*$",
    re.IGNORECASE,
)
_IN_WORDS = rf"(?:{'|'.join(sorted(NUMBERS - {'once', 'twice'}))})(?:-[a-z]+)?"
_OLD = r"(?: years(?: old| of age)?| yrs| yo|y)?"
_DOES = (
    r"(?:live|work|study|teach|come|have|got|own|run|play|love|like|hate|speak|grew up|"
    r"moved|started|finished|retired|joined|married|lost|found|bought|sold)"
)
_END = rf"(?=$|,| and (?:also |just )?(?:{_DOES}|an?|from|{_IN_WORDS}|\d)\b)"
_OR_A_PLACE = r"(?=$|,| from\b| in\b| and\b)"
_PARTS = tuple(
    (re.compile(rf"^[, ]*(?:(?:and|but|who|also|just|recently|now) )*{part}", re.IGNORECASE), said)
    for part, said in (
        (rf"(?:aged? )?(\d{{1,3}}){_OLD}{_OR_A_PLACE}", r"I am \1"),
        (rf"(?:aged? )?({_IN_WORDS}){_OLD}{_OR_A_PLACE}", r"I am \1 years old"),
        (rf"from ([^,]+?)(?: and)?{_OR_A_PLACE}", r"I am from \1"),
        (rf"(?:I|we) ((?:am |have |\w+ly )?(?:{_DOES}|an?|from) [^,]+?){_END}", r"I \1"),
        (rf"in ((?-i:[A-Z])[^,]*?){_END}", r"I live in \1"),
        (rf"doing ([^,]+? at (?:uni|university|college)\b[^,]*?){_END}", r"I study \1"),
        (rf"({_DOES} [^,]+?){_END}", r"I \1"),
        (rf"((?:living|working|studying|based|born|married|retired) [^,]+?){_END}", r"I am \1"),
        (rf"(an? [a-z][\w -]*?){_OR_A_PLACE}", r"I am \1"),
        (rf"({'|'.join(sorted(TRADES))}){_OR_A_PLACE}", r"I am a \1"),
        (rf"new (?:here|in town|around here){_END}", ""),
        (
            rf"(?:mother|mum|mom|father|dad|parent) of ({_IN_WORDS}|\d+){_OR_A_PLACE}",
            r"I have \1 children",
        ),
        (rf"(?:mother|mum|mom|father|dad|parent) of ([^,]+){_END}", r"I have \1"),
    )
)


def introduced(sentence: str) -> list[str]:
    """The sentence, or those that an introduction is made of.

    >>> introduced("I am Katrin, a translator from Graz, 43")
    ['I am Katrin', 'I am a translator', 'I am from Graz', 'I am 43']
    """
    found = _BEGINS.match(sentence)
    if found is None:
        return [sentence]
    name, rest, parts = found["name"], found["rest"], list[str]()
    if name.islower() and name not in GIVEN_NAMES and not _PARTS[0][0].match(rest):
        return [sentence]
    while rest.strip(" ,"):
        read = next(((m, said) for part, said in _PARTS if (m := part.match(rest))), None)
        if read is None:
            return [sentence]
        parts.append(read[0].expand(read[1]))
        rest = rest[read[0].end() :]
    return [f"I am {name[0].upper()}{name[1:]}", *filter(None, parts)]
