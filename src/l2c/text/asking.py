"""What a question wants to know of its speaker: its ideas, and the forms an answer may have.

A question is read as a set of ideas (`l2c.text.lexicon.concepts`), without what only frames it,
and with what its question word says of the answer: a place for "where", a time for "when". What
asks for advice, or about anybody at all, is no question about its speaker. Whether something told
answers it is `l2c.text.answering`'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from l2c.text.facts import find, without_laughter
from l2c.text.lexicon import PRIVATE, concepts, listed, plain, stem, tokens
from l2c.text.verbs import VERBS

NOT_TOLD = "You have not told me."
"""The answer to a question about its speaker that nothing told answers."""

LONGEST_QUESTION = 300

LIGHT = frozenset(
    map(
        stem,
        listed("""
    hide store leave lie stand look serve sit show spend buy switch check hold bring lead fall
    celebrate reach give visit attend happen take get have wear count large big kind fill
    weekday old line spell consist there type house high monthly weekly daily first still
    former formerly previous previously earlier past catch become
    metre meter centimetre centimeter kilo kilogram degree
    """),
    )
)
"""Words a question may use of a thing without their having been said of it."""

TROUBLE = frozenset(map(stem, listed("wrong matter")))
"""What a thing has when something is wrong with it."""

_QUESTION = re.compile(
    r"^(?:(?:and|so|but|ok|okay|well|hey|hi|hello|please|now|then|le|oh|sorry)[, ]+)*(?:(?:can|"
    r"could|would|will|do|did) you (?:please |still |perhaps |maybe )?(?:tell|remind|say|name|give|"
    r"know|remember|recall|read|help)|(?:tell|remind|give|read|show) me|say|name|recall|"
    r"i (?:forgot|forget|need)|who|whom|whose|what|which|when|where|how|(?:since|until) when|by|in|"
    r"at|on|to|from|with|of|under|against|do|does|did|is|are|was|were|am|have|has|had|my|our|the|"
    r"count)\b",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"\b(?:know|remember|recall|forgot|(?:tell|remind) me) (?:what|where|who|when|which \w+|"
    r"how (?:old|many \w+)) (?:i|we)\b|\b(?:my|mine|our|ours)\b|\b(?:do|did|am|are|was|were|have|"
    r"had|will) (?:i|we)\b|"
    r"^\W*(?:(?:from|in|to|with|at|since|on) )?(?:where|when|what|whom?|(?:which|what) \w+|"
    r"how(?: \w+)?) (?:i|we) (?!should|could|would|can|must|may|might)(?=[^?]*\?)|"
    r"\b(?:i|we) (?:\w+ )?(?:told|said|mentioned)\b|\bwho \w+ (?:\w+ )?(?:me|us)\b|"
    rf"\bcall (?:me|us)\b|\bthe (?:[\w'-]+ ){{0,2}}(?:{'|'.join(sorted(PRIVATE))})\b",
    re.IGNORECASE,
)
_ANYBODY = re.compile(r"\b(?:if|when|whenever) (?:i|we|you)\b", re.IGNORECASE)
_HOW_TO = r"\bhow (?:do|can|could|should|would|to)\b"
_ADVICE = re.compile(
    rf"\bwhy\b|{_HOW_TO}(?! I (?:open|call|drink|like|travel|get|go|come|take|"
    r"spell|prefer|spend|know)| (?:we|people|they|you) (?:call|open))|\bwhat (?:should|could|"
    r"would(?! be (?:my|our)\b)|can|shall|if|about|does it mean)\b|"
    r"\b(?:should|shall|would|could|may|might) (?:i|we)\b(?! (?:look|find))|\bcan (?:i|"
    r"we)\b(?! (?:not|find))|"
    r"\bhow do I (?:get (?:rid|my [\w ]+ed\b)|know (?:if|whether|that)|\w+ (?:an?|some|any)\b)|"
    r"(?<!when )(?<!where )(?<!time )(?<!day )\bdo i (?:need|have) to\b|"
    r"^(?:so |and )?what is an? [\w-]+\W*$|"
    r"\bof (?:this|these)\b|\bwrite\b|\btranslate\b",
    re.IGNORECASE,
)
_PERHAPS_ADVICE = re.compile(rf"{_HOW_TO} (?:I|we)\b(?! (?:like|spell|know))", re.IGNORECASE)
"""What may have been told, "how do I open the shed", and is advice where it was not."""

_FORMS = (
    ("kind", r"\b(?:what|which) (?:sort|kind|type|make|brand|breed|model|material)\b(?! of work)"),
    ("about", r"\b(?:tell me|know|remember)(?: \w+)? about\b"),
    ("place", r"\bbirthplace\b|\bplace of birth\b|"
              r"\b(?:what|which) (?:hospital|church|university|library|airport|shop|building)\b|"
              r"\bwhere(?:abouts)?\b|\b(?:in|at|to|from|on)? ?(?:what|which) (?:place|spot|town|"
              r"city|village|country|street|region|county|bank|room|location|caf[eé])\b|\bplace\b|"
              r"\bhome ?town\b"),
    ("time", r"\b(?:since |until )?when\b|\b(?:what|which) (?:date|day|time|year|month|weekday|"
             r"evening|hour)\b|\b(?:date|day|time|year) (?:of|is|was)\b|\bdate\b|\btime\b"),
    ("number", r"\bhow (?:many|much|large|far|tall|high|big|often|expensive|heavy)\b|\bnumbers?\b|"
               r"\bcount\b|\b(?:what|which) (?:size|price|distance)\b|\b(?:digits|figures)\b"),
    ("age", r"\bhow old\b|\bage\b|\bhow many years\b|\bwhich years\b"),
    ("job", r"\bprofession\b|\bjob\b|\boccupation\b|\bfor a living\b|\bearn\b|"
            r"\b(?:line|kind|sort) of work\b|"
            r"\bmake (?:his|her|their) money\b|\bwork as\b"),
    ("name", r"\bwho(?:m|se)?\b|\bname\b|\bcalled\b|\bcall\b"),
)  # fmt: skip
_FORM_PATTERNS = tuple((form, re.compile(shape, re.IGNORECASE)) for form, shape in _FORMS)
_SORT = re.compile(
    r"\b(?:what|which)(?: (?:sort|kind|type|breed|make|brand) of)? (?!(?:do|does|did|have|has|"
    r"had|will|can) )((?:[\w'-]+ ){0,2}?)([\w'-]+)"
    r"(?= (?:do|does|did|is|are|was|were|have|has|had|will|can|cannot|must|am|of|with|"
    r"it|i|we|my|our)\b| \w+ (?:me|us|my|our)\b|\?|$)|"
    r"\b(?:the|what is the|name the) ([\w'-]+) (?:that )?(?:i|we|my)\b|"
    r"\b(?:to|in|on|at) (?:what|which) ([\w'-]+)\b",
    re.IGNORECASE,
)
_SORT_WORDS = frozenset(map(stem, listed("breed brand make kind sort type")))


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks about themselves: its ideas, and the forms an answer may have.

    `sort` are ideas that say only what sort of thing is asked for: "which *herb* do I hate".
    `checks` is true of a question for yes or no, `own` when it is plainly about the speaker;
    `deed` asks what somebody does or did, `verb` is the last one named, `called` asks what others
    call the speaker, `did` speaks of what has been, and `past` of how it was before it changed;
    `doer` asks who does something.
    """

    ideas: frozenset[str]
    forms: frozenset[str]
    sort: frozenset[str]
    checks: bool
    own: bool
    deed: bool = False
    called: bool = False
    did: bool = False
    past: bool = False
    verb: str = ""
    doer: bool = False


def ask(text: str) -> Question | None:
    """The question of a turn about its speaker, or None for anything else.

    >>> sorted(ask("Where does my brother live?").ideas)
    ['brother', 'live']
    >>> ask("How do I fix a tap?") is None
    True
    """
    if len(text) > LONGEST_QUESTION:
        return None
    said = _DEAR.sub("", plain(without_laughter(text))).strip()
    said = _AT_HOME.sub("with us", re.sub(r",? and why(?=\W*$)", "", said))
    said = _IS_THERE.sub(r"what do \1 ", _NOT_I.sub(r"\1 \2 not", said))
    said = _TO_ASK.sub("", said)
    said = _NOT_TO_EAT.sub(r"what cannot I \1", said)
    sentences = [part for part in re.split(r"(?<=[.!?])\s+", said) if part.strip()]
    asking = [s for s in sentences if s.endswith("?") or _QUESTION.match(s)]
    if not asking or len(sentences) > 3:
        return None
    last = " ".join(s for s in sentences if s in asking or _FORGOT.search(s))
    last = re.sub(
        r"^(?:please )?(?:name|read me|say) (?=\w)", "which is ", last, flags=re.IGNORECASE
    )
    names_oneself = _WHO_AM_I.search(last) is not None
    own = (bool(_OWN.search(last)) or names_oneself) and not _ANYBODY.search(last)
    own = own and not _PERHAPS_ADVICE.search(last)
    if not said.endswith("?") and (not _REQUEST.search(last) or find(text)):
        return None
    if _WISH_OF_LE.match(last) or (_ADVICE.search(last) and not _OPENS.search(last)):
        return None
    forms = frozenset(form for form, shape in _FORM_PATTERNS if shape.search(last))
    ideas = frozenset(["name"] if names_oneself else concepts(last))
    sort = {idea for found in _SORT.findall(last) for w in found[1:] for idea in concepts(w)}
    checks = bool(
        re.match(
            r"^(?:(?:so|and|but|ok|okay|well),? )*"
            r"(?:do|does|did|is|are|was|were|am|have|has|had)\b(?! you)",
            last,
            re.I,
        )
    )
    if _SINCE_WHEN.search(last):
        ideas, forms = ideas - {"long"}, forms | {"number"}
    if not ideas:
        return None
    deed = bool(re.search(r"\bwhat (?:do|does|did)\b", last, re.IGNORECASE))
    sort |= _SORT_WORDS & ideas
    called = bool(_CALLED.search(last))
    did, past = bool(_DID.search(last)), bool(_PAST.search(last))
    doer = bool(_DOER.match(last))
    verb = next((stem(word) for word in reversed(tokens(last)) if stem(word) in VERBS), "")
    if _HAS.search(last):
        verb = "own"
    return Question(ideas, forms, frozenset(sort), checks, own, deed, called, did, past, verb, doer)


_SINCE_WHEN = re.compile(r"\bhow long (?:have|has|did) (?:I|we|my|our)\b", re.IGNORECASE)
"""What asks for how long something has been so: since when, or for how many years."""
_DEAR = re.compile(r"\bmy (?:dear|love|darling|friend)(?=[,.!?]|$)", re.IGNORECASE)
"""How `le` is spoken to, which says nothing of its speaker."""
_HAS = re.compile(
    r"\b(?:what|which)(?: \w+)? (?:do|does|did) .+ (?:have|own|possess)\W*$", re.IGNORECASE
)
_DOER = re.compile(
    r"^\W*(?:and |so )?who (?!am|is|are|was|were|do|does|did|has|have|had|can|will|else)\w+ ",
    re.IGNORECASE,
)
_DID = re.compile(r"\b(?:did|was|were|had)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\bused? to\b|\b(?:did|was|were|had)\b.*\b(?:before|previously|formerly|earlier|"
    r"in the past)\b|"
    r"\b(?:former|previous|old) (?:job|home|town|city|car|address|profession|work)\b",
    re.IGNORECASE,
)
_CALLED = re.compile(r"\bcall (?:me|us)\b|\bnicknames?\b", re.IGNORECASE)
_NOT_I = re.compile(r"\b(do|does|did) not (I|we|my \w+|(?-i:[A-Z])\w+)\b", re.IGNORECASE)
_IS_THERE = re.compile(
    r"\bis there (?:some|any)(?:thing|body|one|where)(?: that| who)? (I|we) ", re.IGNORECASE
)
_WISH_OF_LE = re.compile(
    r"^(?:(?:and|so|but|ok|please)[, ]+)*(?:can|could|would|will) you (?:please |also )?(?:correct|"
    r"check|fix|improve|teach|write|explain|translate|learn|play|sing|make|do|send|call|book)\b|"
    r"^(?:(?:and|so|but)[, ]+)*who \w+ you\W*$",
    re.IGNORECASE,
)
_TO_ASK = re.compile(
    r"^(?:(?:oh|so|and|sorry|well)[, ]+)*I (?:just )?(?:meant|wanted|forgot) to ask(?: you)?[,:]? ",
    re.IGNORECASE,
)
_NOT_TO_EAT = re.compile(
    r"\bwhat (?:should|must|may) (?:(?:I|we) not|not (?:I|we)) (eat|drink)(?=\W*$)", re.IGNORECASE
)
_AT_HOME = re.compile(r"(?<=ing )(?:at|in) (?:my|our) (?:place|house|home|flat)\b", re.IGNORECASE)
"""With whom somebody stays or lives, who does so at the speaker's."""
_WHO_AM_I = re.compile(r"\bwho (?:am i|i am)\W*$", re.IGNORECASE)
_FORGOT = re.compile(r"\b(?:forgot|forget|slipped|escapes?)\b", re.IGNORECASE)
_OPENS = re.compile(r"\b(?:open|unlock|get into|log in)\b(?! an? )", re.IGNORECASE)
_REQUEST = re.compile(
    r"\b(?:tell|remind|give|say|name|read|show|recall|forgot|forget|need|please|called|which|what|"
    r"who|where|when|how)\b|^(?:do|does|did|have|has|am) (?:i|we|my)\b",
    re.IGNORECASE,
)
