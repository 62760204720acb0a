"""Verbs that say something lasting, the forms a clause turns on, and words of the moment."""

from __future__ import annotations

import re

from l2c.text.lexicon import PLAIN_PAST, listed, stem

BE = listed("is are was were am")
HAVE = listed("has have had got owns own")
_AUXILIARY = BE | HAVE | listed("will can cannot does do did shall went")

VERBS = frozenset(
    map(
        stem,
        listed("""
    live reside work play study speak drive take love like enjoy adore hate prefer eat drink come
    originate move buy pay cost weigh keep park store leave put lend give meet marry visit start
    finish fly travel wear collect own sing paint write read teach learn inherit borrow run swim
    ride cook bake grow wake get turn share support follow volunteer train practise attend belong
    use watch sleep spend earn save build make lay die expire end begin last open close fear
    avoid go call name know hide steal sit stand stay dance sponsor subscribe smoke brew knit sew
    hunt raise adopt celebrate graduate retire quit sell rent lease plan intend detest dislike
    baptise christen steal swear consist serve run join found break hurt sprain twist bring
    fix repair
    """),
    )
)
"""Stems of verbs whose facts last: what somebody does, likes, has done or is going to do."""

LASTING = listed("""
    vegetarian vegan left-handed right-handed colour-blind diabetic divorced widowed retired single
    married pregnant deaf blind muslim catholic jewish protestant buddhist hindu bilingual adopted
    dyslexic autistic lactose coeliac
    """)

TRIFLES = listed("""
    question problem idea cold headache fun luck time minute moment doubt feeling day week thanks
    look lot try bit bored tired hungry sad happy ill sick angry fine well good bad okay sorry glad
    sure great terrible awful nice here there back ready late early busy done lost it them him her
    you something nothing anything everything rest break chat talk home mad worried
    nervous excited fed
    """)
"""What passes: a clause about these is small talk, not a fact."""

ADVERBS = listed("also still always usually often now really just only mostly both all")

JOINTS = listed(
    """
    at in on for of with from to by that which who and or called named painted so when because until
    on behind under near since as into than now today but if not
    """
)

_PLURALS = listed("goldfish fish sheep people children twins mice parents police")


def finite(word: str, before: str) -> bool:
    """Whether a word after a noun is the verb its clause turns on.

    A singular noun wants a form in -s or of the past; after a plural the plain form will do.
    """
    low = word.lower()
    if low in _AUXILIARY or low in ("wants", "hopes"):
        return True
    if not word.islower() or stem(low) not in VERBS:
        return False
    plural = before.lower() in _PLURALS or (
        before.lower().endswith("s") and not before.lower().endswith(("ss", "'s"))
    )
    inflected = low.endswith(("s", "ed")) or low in PLAIN_PAST
    return (inflected and not before.lower().endswith("'s")) or plural


_PAST = dict(
    pair.split(":")
    for pair in listed("""
    gave:give took:take bought:buy taught:teach met:meet kept:keep left:leave lent:lend sold:sell
    wore:wear ran:run grew:grow came:come ate:eat drank:drink drove:drive spoke:speak wrote:write
    rode:ride flew:fly slept:sleep woke:wake rose:rise paid:pay made:make lost:lose found:find
    built:build hid:hide stole:steal began:begin chose:choose sang:sing swam:swim knew:know
    said:say told:tell went:go got:get had:have spent:spend stood:stand cost:cost put:put saw:see
    died:die named:name used:use broke:break hurt:hurt
    """)
)


def plain_form(verb: str, who: str) -> tuple[str, str]:
    """The form of "do" and the plain form of a verb after `who`.

    >>> plain_form("lives", "my brother"), plain_form("bought", "I")
    (('does', 'live'), ('did', 'buy'))
    """
    if verb in _PAST:
        return ("do" if verb in ("cost", "put") and who == "I" else "did"), _PAST[verb]
    if verb.endswith("ed") and len(verb) > 4:
        bare = verb[:-2]
        if verb.endswith("ied"):
            return "did", f"{verb[:-3]}y"
        if len(bare) > 3 and bare[-1] == bare[-2] and bare[-1] not in "sl":
            return "did", bare[:-1]
        soft = re.search(r"(?:[vcgzu]|[^s]s|[aeiou]r|[^aeiou]l|[^e]at|ot|id)$", bare)
        return "did", f"{bare}e" if soft and not re.search(r"(?:er|or)$", bare) else bare
    if who in ("I", "we") or not verb.endswith("s") or verb.endswith("ss"):
        return "do", verb
    if verb == "has":
        return "does", "have"
    if verb.endswith("ies"):
        return "does", f"{verb[:-3]}y"
    if re.search(r"(?:sh|ch|ss|x|go|do)es$", verb):
        return "does", verb[:-2]
    return "does", verb[:-1]
