"""A statement as its speaker meant it: hurried typing and beginners' English, put into the grammar.

Who types fast leaves out capitals and "I" ("got an exam on thursday", "my sister ella"); who is
learning English says the subject twice, leaves out the article of a trade and the ending of a verb,
and has years instead of being so old ("my wife she is teacher", "he have 4 years"). Only what has
one reading is mended, so that `l2c.text.clauses` need not know these forms; every other word
stays as it was typed.
"""

from __future__ import annotations

import re

from l2c.text.beings import ANIMALS, PEOPLE, TRADES
from l2c.text.given_names import with_capitals
from l2c.text.lexicon import NUMBERS, listed, stem
from l2c.text.verbs import ADVERBS, JOINTS, VERBS, finite

_NUMBER = rf"(?:\d+|{'|'.join(sorted(NUMBERS - {'once', 'twice'}))})"
_TRADE = "|".join(sorted(TRADES))
_BEINGS = "|".join(sorted(PEOPLE | ANIMALS))
_AUXILIARY = re.compile(r"(?:is|are|was|were|has|have|had|do|does|did|will|can|cannot)\b")

_MENDS = tuple(
    (re.compile(said, re.IGNORECASE), meant)
    for said, meant in (
        # the subject twice
        (rf"\b((?:my|our) (?:\w+ )?(?:{_BEINGS})(?-i: [A-Z]\w+)?),? (?:she|he|it) (?=\w)", r"\1 "),
        # a name, and no stop before the next clause
        (rf"\b((?:my|our|an?) (?:\w+ )?(?:{_BEINGS})) (?=(?:his|her|its|their) name )", r"\1, "),
        (r"\b((?:called|named|name is|is(?= (?-i:[A-Z]))) \w+) "
         r"(?=(?:he|she|they) \w|(?:his|her|their) \w+ (?:is|are) )", r"\1, "),
        (r"^(?:(?:hey|hi|yo|hello)\W+)*names? (?:is )?(\w+)(?=$|[,.;!])", r"my name is \1"),
        # what is stressed
        (r"\b(I|we|they) do (?=(?:have|own|like|love|live|work)\b)", r"\1 "),
        (r"\b(?:I am|we are) (?:expecting|having) (?:my|our|an?) (?:\w+ )?(?:child|baby|girl)\b"
         r"(?= (?:in|on|at|next|this)\b)", "my baby is due"),
        (rf"\b(works?|worked) ((?:from|in|at|for) [\w' ]+?) (as an? (?:{_TRADE}))\b", r"\1 \3 \2"),
        (r"\b(my|our) (?:boy|lad)(?= (?-i:[A-Z])| (?:is|was|has|lives|works)\b)", r"\1 son"),
        (r"^(?:the |and )*(dog|cat|wife|husband|son|daughter|brother|sister)(?:'s|s) name is ",
         r"my \1's name is "),
        (r"(?<=\w )hes (?=an? )", "he is "), (r"(?<=\w )shes (?=an? )", "she is "),
        (r"^(?=(?:drove|worked|lived|taught|served|studied) "
         rf"(?:(?:for|in|at|as|on|near) |{_NUMBER}\b))", "I "),
        # names in a row
        (r"^((?:I|we)) (?:have|have got|got) (twins|triplets)(?:[,:]| called| named) "
         r"(?=(?-i:[A-Z]))", r"my \2 are called "),
        # a wish
        (r"\b(I|we) would (?:really |so )?(?:like|love) to "
         r"(?=(?:see|visit|travel|learn)\b)", r"\1 want to "),
        # the subject left out, where the verb is of the past
        (r"^(?:and |so |also |btw )*(?=(?:just )?(?:got|bought|sold|lost|moved|quit|broke|passed|"
         r"failed|adopted|finished|started) (?:an?|my|our|the|to|some|two|three|it|them)\b)", "I "),
        (r"^((?:(?:oh|wait|no|actually|sorry)\W+)*(?:I|we) [^,]+, )(?=(?:just )?(?:got|had|bought) "
         r"(?:an?|my|our)\b)", r"\1I "),
        (r"(?<![\w'.-])i(?= \w)", "I"),
        (r"\bI am work (?=(?:as|in|at|for)\b)", "I work "),
        (r"\b(is|are|am) name (?=(?-i:[A-Z]))", r"\1 named "),
        (rf"\b((?-i:[A-Z])\w+ has {_NUMBER} years(?: old)? and (?-i:[A-Z])\w+ has {_NUMBER})"
         r"(?=[.,;!]|$)", r"\1 years"),
        (r"\b(his|her|its|their|my|our) name (?=(?-i:[A-Z])\w+(?:$|[,.;!]))", r"\1 name is "),
        (r"^(?:the )?(name|age|birthday|colour) of (?=(?:dog|cat|wife|husband|mother|father|sister|"
         r"brother|son|daughter)\b)", r"the \1 of my "),
        (r"\b(he|she|it) have\b", r"\1 has"),
        (rf"\bI have (?={_NUMBER} years(?: old)?\b(?! (?:of|in|at|to)\b))", "I am "),
        (rf"\b(he|she|it|(?-i:[A-Z])\w+|(?:my|our) (?:\w+ )?(?:{_BEINGS})(?-i: [A-Z]\w+)?) has "
         rf"({_NUMBER}) years(?: old)?(?=[.,;!]|$| and\b)", r"\1 is \2 years old"),
        (rf"\b(am|is|was) (?=(?:{_TRADE})\b(?! (?:of|at) (?:my|our|the)\b))", r"\1 a "),
        (rf"\b(works?|worked|working) (?:like|as) (?:an? )?(?=(?:{_TRADE})\b)", r"\1 as a "),
        (r"\bI have (?:my )?birthday (?=(?:at|on|in|the)\b)", "my birthday is "),
        (r"\bis (?:at|on) (?:the )?(\d{1,2})(?:st|nd|rd|th)? of (?=(?-i:[A-Z]))", r"is on \1 "),
    )
)  # fmt: skip
_BARE_NAME = re.compile(
    rf"\b((?:[Mm]y|[Oo]ur) (?:{_BEINGS}) )([a-zà-ÿ]{{3,}})( (?:she|he|"
    r"(?:live|work|like|play|love)s?|go|goes|study|studies) )"
)
"""A name without its capital, between what somebody is and what they do."""
_LOW_NAME = re.compile(
    r"\b((?:[Mm]y|[Hh]is|[Hh]er|[Ii]ts)(?: \w+'s)? name is |"
    r"(?:I am|[Mm]y \w+(?: \w+)? is) (?:called|named) )([a-zà-ÿ]{4,})(?=$|[.,;!])"
)
"""A name without its capital, where a sentence says that it is one."""
_TIME_FIRST = re.compile(
    r"^(yesterday(?: morning| evening| afternoon)?|last (?:night|week|weekend|month|year|summer|"
    r"winter|spring|autumn|fall|[a-z]+day)),? ((?:I|we|my \w+) [^,]+?)([.!]*)$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\ba (?=[aeio])")
_DOES = re.compile(
    rf"\b(he|she|(?:[Mm]y|[Oo]ur) (?:{_BEINGS})(?: [A-Z]\w+)?) ([a-z]+) (?=([a-z]+|[A-Z]))"
)
"""Somebody, the plain form of a verb, and the word behind it."""


_ALSO_OF_THE_PAST = listed("put let set cut hit cost quit shut read hurt bet split spread")
"""Verbs that are the same when they are over: "my son put it there"."""


def mended(sentence: str) -> str:
    """The sentence as it was meant.

    >>> mended("my wife she is teacher and she work in Bonn")
    'my wife is a teacher and she works in Bonn'
    >>> mended("got an exam on friday")
    'I got an exam on friday'
    """
    said = _BARE_NAME.sub(_with_its_capital, with_capitals(sentence))
    said = _LOW_NAME.sub(lambda found: found[1] + found[2].title(), said)
    said = _TIME_FIRST.sub(lambda found: f"{found[2]} {found[1].lower()}{found[3]}", said)
    for wrong, meant in _MENDS:
        said = wrong.sub(meant, said)
    return _DOES.sub(_third_person, _ARTICLE.sub(_an_before_a_trade, said))


def _with_its_capital(found: re.Match[str]) -> str:
    """ "my wife Ewa she works" for "my wife ewa she works"; "my wife says she works" is no name."""
    noun, name, after = found.groups()
    is_word = (
        finite(name, "wife")
        or name in JOINTS | ADVERBS | {"never", "even", "then"}
        or stem(name) in VERBS
    )
    ending = name.endswith(("ly", "s", "ed", "ing"))
    return found[0] if is_word or ending else f"{noun}{name.title()}{after}"


def _an_before_a_trade(found: re.Match[str]) -> str:
    word = re.match(r"\w+", found.string[found.end() :])
    return "an " if word is not None and word[0].lower() in TRADES else found[0]


def _third_person(found: re.Match[str]) -> str:
    """ "she work in Bonn"; "my family plan is" is no verb, and "my fish swim" no mistake."""
    who, verb, after = found.groups()
    last = who.split(" ")[-1].lower()
    plural = last.endswith("s") or last in ("fish", "sheep", "people", "mice", "family", "team")
    plain = stem(verb) in VERBS and not verb.endswith(("s", "ed", "ing")) and not finite(verb, "x")
    plain = plain and verb not in _ALSO_OF_THE_PAST
    if not plain or plural or _AUXILIARY.match(after):
        return found[0]
    ending = "es" if verb.endswith(("s", "sh", "ch", "x", "o")) else "s"
    verb = f"{verb[:-1]}ie" if re.search(r"[^aeiou]y$", verb) else verb
    return f"{who} {verb}{ending} "
