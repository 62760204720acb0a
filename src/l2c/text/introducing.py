"""Who somebody is, said in one breath: "I'm Katrin, a translator from Graz, 43, mother of two".

After the name stands a list without verbs: a trade, an age, where one is from. Each becomes a
sentence of its own, so that the grammar of facts (`l2c.text.clauses`) reads it. A list with
anything else in it stays as it was.
"""

from __future__ import annotations

import re

from l2c.text.lexicon import NUMBERS, TRADES

_BEGINS = re.compile(
    r"^(?P<lead>(?:[\w' ]{1,24}[,.!] ?)*?)(?:I am|my name is|I am called|this is|it is) "
    r"(?P<name>[^\W\d_][\w'-]+)(?P<rest>,? .+?)[.!]*$",
    re.IGNORECASE,
)
_IN_WORDS = rf"(?:{'|'.join(sorted(NUMBERS - {'once', 'twice'}))})(?:-[a-z]+)?"
_OLD = r"(?: years(?: old| of age)?| yrs| yo|y)?"
_PARTS = tuple(
    (re.compile(rf"^[, ]*(?:and )?{part}(?=$|,| from\b| in\b| and\b)", re.IGNORECASE), said)
    for part, said in (
        (rf"(?:aged? )?(\d{{1,3}}){_OLD}", r"I am \1"),
        (rf"(?:aged? )?({_IN_WORDS}){_OLD}", r"I am \1 years old"),
        (r"from ([^,]+?)(?: and)?", r"I am from \1"),
        (r"((?:living|working|studying|based|born|married|retired) [^,]+?)", r"I am \1"),
        (r"(an? [a-z][\w -]*?)", r"I am \1"),
        (rf"({'|'.join(sorted(TRADES))})", r"I am a \1"),
        (rf"(?:mother|mum|mom|father|dad|parent) of ({_IN_WORDS}|\d+)", r"I have \1 children"),
        (r"(?:mother|mum|mom|father|dad|parent) of ([^,]+)", r"I have \1"),
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
    if name.islower() and not _PARTS[0][0].match(rest):
        return [sentence]
    while rest.strip(" ,"):
        read = next(((m, said) for part, said in _PARTS if (m := part.match(rest))), None)
        if read is None:
            return [sentence]
        parts.append(read[0].expand(read[1]))
        rest = rest[read[0].end() :]
    return [f"I am {name[0].upper()}{name[1:]}", *parts]
