"""Tiny stories about whatever somebody wishes: whom a wish is about, put into a tale that fits.

Where nobody is named, but a sort ("something spooky"), there are tales of that sort.

>>> wished("Could you tell me a story about a cat called Mimi, please?")
Hero(whole='a cat called Mimi', short='Mimi', many=False, walks=True)
>>> wished("a story about two brave friends").short
'the friends'
>>> wished("tell me a story about friendship").walks
False
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zlib import crc32

from l2c.text.lexicon import listed

CHOICE = 2
"""Tales for one wish, so that asking again brings another one."""

_ARTICLE = r"(?:an?|the|my|our|your|his|her|some|two|three|four|five)"
_THING = r"[\w'-]+(?: [\w'-]+){0,2}?"
_ENDS = (
    r"(?= (?:please|for (?:me|my|our|the|us)|in (?:it|which|three|a few|one)|to (?:me|my|us)|now|"
    r"with (?:a|an) (?:happy|sad|good|funny))\b|[,.!?;:]|$)"
)
_MORE = (
    r"(?P<more> (?:(?:called|named) [\w'-]+|(?:who|that|which) [\w' -]{3,48}?|"
    r"(?:of|in|on|from|without|under) (?:an?|the|my|our) [\w'-]+))?"
)
_ABOUT = re.compile(
    r"(?:\b(?:about|with|of|starring)|(?:story|tale|one):) "
    r"(?P<article>" + _ARTICLE + r"\b)? ?(?P<name>" + _THING + r")"
    r"(?P<second> and " + _ARTICLE + r" " + _THING + r")?" + _MORE + _ENDS,
    re.IGNORECASE,
)
_IN_WHICH = re.compile(
    r"\b(?:in which|where) (?P<article>an?|the|my|our|two|three) (?P<name>[\w'-]+)"
    r"(?P<second>)(?P<more>)(?= [\w'-]+)",
    re.IGNORECASE,
)
_OF_THEM = re.compile(
    r"\b(?P<article>an?) (?P<name>(?!(?:short|long|little|small|tiny|nice|good|new|bedtime|funny|"
    r"scary|spooky|sad|happy|silly|true|real|love|ghost|winter|summer|christmas|family|adventure|"
    r"horror|crime|detective|romantic|fairy|different|second|other|wise|moral|calm|quiet|gentle|"
    r"brave|exciting|surprising|very|quick|lovely|beautiful|great|strange|old|cheerful|merry|dark|"
    r"made-up|whole|success|life|news|cover)\b)[\w-]+)(?P<second>)(?P<more>) (?:story|tale)\b",
    re.IGNORECASE,
)
_SPEAKER = {"my": "your", "our": "your", "your": "my"}
_MANY = listed("two three four five some")
_NO_HEROES = listed("""
    ending end happy sad good moral twist it them something anything somebody someone anyone time
    morning evening night day life words sentences minutes me you us that this myself yourself
    surprise ending moral stories story ones it's
    """)
_ABSTRACT = re.compile(
    r"(?:ship|ness|ity|ment|tion|ing|hood|ance|ence)$|^(?:love|hope|courage|peace|trust|time|faith|"
    r"joy|luck|fear|truth|honour|freedom|home|music|art|food|school|work|sports?|christmas|easter|"
    r"halloween|autumn|winter|spring|summer)$",
    re.IGNORECASE,
)
_PAST = {
    "is": "was",
    "are": "were",
    "has": "had",
    "can": "could",
    "(?:does|do)(?: not|n't)": "did not",
    "can(?:no|')t": "could not",
}
_REGULAR = re.compile(
    r"^( (?:who|that|which) (?:want|learn|love|like|hate|live|dance|cook|bake|paint|play|dream|"
    r"fear|need|look|wait|walk|climb|laugh|whisper|jump|wander|work|talk|help|collect|sail|listen))s\b"
)
_IRREGULAR = {
    "loses": "lost", "goes": "went", "runs": "ran", "flies": "flew", "sings": "sang",
    "sleeps": "slept", "thinks": "thought", "finds": "found", "eats": "ate", "falls": "fell",
    "keeps": "kept", "sees": "saw", "knows": "knew", "comes": "came", "gets": "got",
    "tries": "tried", "carries": "carried", "swims": "swam", "writes": "wrote", "steals": "stole",
}  # fmt: skip
_OTHER_PAST = re.compile(rf"^( (?:who|that|which) )({'|'.join(_IRREGULAR)})\b")
_TAIL = re.compile(r" (?:on|in|at|of|from|under|with|without|by|for|to)\b")


@dataclass(frozen=True, slots=True)
class Hero:
    """Whom a story is about: as it is told of first, and from then on.

    `many`: it is more than one. `walks`: it can be somebody in a tale, which "friendship" cannot.
    """

    whole: str
    short: str
    many: bool
    walks: bool


@dataclass(frozen=True, slots=True)
class Tales:
    """Tales with places for a hero, and whole ones by the cues of their sort; see
    `corpus/tales.toml`.
    """

    of_heroes: Sequence[str] = ()
    of_matters: Sequence[str] = ()
    of_sorts: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of_sort(self, text: str) -> tuple[str, ...]:
        """The tales of the first sort with a cue in a wish; none where it names no sort."""
        plain = text.lower()
        found = (tales for cue, tales in self.of_sorts.items() if re.search(cue, plain))
        return tuple(next(found, ()))

    def told(self, text: str) -> tuple[str, ...]:
        """Tales about what a wish for one names; the same wish gets the same ones.

        There are none where nothing is named, or no tale is known.
        """
        hero = wished(text)
        if hero is None:
            return ()
        known = self.of_heroes if hero.walks else self.of_matters
        if hero.whole.startswith("the "):  # there is but one: "there once was the sea" says nothing
            known = [tale for tale in known if "there" not in tale.partition("{hero}")[0].lower()]
        at = crc32(text.lower().encode()) % max(len(known), 1)
        return tuple(
            tale.format(
                Hero=_begun(hero.whole),
                hero=hero.whole,
                Short=_begun(hero.short),
                short=hero.short,
                was="were" if hero.many else "was",
            )
            for tale in [*known[at:], *known[:at]][:CHOICE]
        )


def wished(text: str) -> Hero | None:
    """Whom or what a story is wished about; None where nothing is named."""
    for found in (*_ABOUT.finditer(text), *_IN_WHICH.finditer(text), *_OF_THEM.finditer(text)):
        hero = _hero(found)
        if hero is not None:
            return hero
    return None


def _hero(found: re.Match[str]) -> Hero | None:
    article, name = (found["article"] or "").lower(), found["name"].strip()
    head = _TAIL.split(name)[0]
    last = head.split()[-1].lower()
    if last in _NO_HEROES or (not article and name.lower() in _NO_HEROES):
        return None
    if not article and name[:1].isupper() and not found["second"]:
        return Hero(name, name, many=False, walks=True)
    if not article and _ABSTRACT.search(last):
        return Hero(name, name, many=False, walks=False)
    plural = last.endswith("s") and not last.endswith("ss")
    if not article:
        article = "some" if plural else "the"
    many = article in _MANY or plural
    article = _SPEAKER.get(article, article)
    more = _past(found["more"] or "")
    whole = f"{article} {name}{found['second'] or ''}{more}"
    called = re.fullmatch(r" (?:called|named) ([\w'-]+)", more)
    if found["second"]:
        return Hero(whole, "the two", many=True, walks=True)
    if called:
        shown = called[1][:1].upper() + called[1][1:]
        return Hero(whole.replace(called[1], shown), shown, many=False, walks=True)
    if not more and name.split()[-1][:1].isupper() and len(name.split()) > 1:
        return Hero(whole, name.split()[-1], many=False, walks=True)
    of_somebody = article in ("your", "my", "his", "her")
    short = f"{article if of_somebody else 'the'} {head.split()[-1]}"
    return Hero(whole, short, many=many, walks=True)


def _past(more: str) -> str:
    """A clause as a tale tells it: "who is afraid" becomes "who was afraid"."""
    for now, then in _PAST.items():
        more = re.sub(rf"^( (?:who|that|which)) {now}\b", rf"\1 {then}", more)
    more = _OTHER_PAST.sub(lambda verb: verb[1] + _IRREGULAR[verb[2]], more)
    return _REGULAR.sub(lambda verb: f"{verb[1]}{'d' if verb[1].endswith('e') else 'ed'}", more)


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
