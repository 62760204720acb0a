"""Tiny stories about whatever somebody wishes: whom a wish is about, put into a tale that fits.

>>> wished("Could you tell me a story about a cat called Mimi, please?")
Hero(whole='a cat called Mimi', short='Mimi', many=False, walks=True)
>>> wished("a story about two brave friends").short
'the friends'
>>> wished("tell me a story about friendship").walks
False
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from l2c.text.lexicon import listed

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
    r"\b(?:about|with|of|starring) (?P<article>" + _ARTICLE + r"\b)? ?(?P<name>" + _THING + r")"
    r"(?P<second> and " + _ARTICLE + r" " + _THING + r")?" + _MORE + _ENDS,
    re.IGNORECASE,
)
_SPEAKER = {"my": "your", "our": "your", "your": "my"}
_MANY = listed("two three four five some")
_NO_HEROES = listed("""
    ending end happy sad good moral twist it them something anything somebody someone anyone time
    morning evening night day life words sentences minutes me you us that this
    """)
_ABSTRACT = re.compile(
    r"(?:ship|ness|ity|ment|tion|ing|hood|ance|ence)$|^(?:love|hope|courage|peace|trust|time|faith|"
    r"joy|luck|fear|truth|honour|freedom|home|music|art|food|school|work|sports?|christmas|easter|"
    r"halloween|autumn|spring|summer)$",
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
    r"work|talk|jump|help|collect))s\b"
)


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
    """Tales with places for a hero; see `corpus/small_talk.toml`."""

    of_heroes: Sequence[str] = ()
    of_matters: Sequence[str] = ()

    def told(self, text: str) -> str | None:
        """A tale about what a wish for one names; the same wish gets the same tale.

        None where nothing is named, or no tale is known.
        """
        hero = wished(text)
        if hero is None:
            return None
        known = self.of_heroes if hero.walks else self.of_matters
        if hero.whole.startswith("the "):  # there is but one: "there once was the sea" says nothing
            known = [tale for tale in known if "there" not in tale.partition("{hero}")[0].lower()]
        if not known:
            return None
        return known[crc32(text.lower().encode()) % len(known)].format(
            Hero=_begun(hero.whole),
            hero=hero.whole,
            Short=_begun(hero.short),
            short=hero.short,
            was="were" if hero.many else "was",
        )


def wished(text: str) -> Hero | None:
    """Whom or what a story is wished about; None where nothing is named."""
    for found in _ABOUT.finditer(text):
        hero = _hero(found)
        if hero is not None:
            return hero
    return None


def _hero(found: re.Match[str]) -> Hero | None:
    article, name = (found["article"] or "").lower(), found["name"].strip()
    last = name.split()[-1].lower()
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
    of_somebody = article in ("your", "my", "his", "her")
    short = f"{article if of_somebody else 'the'} {name.split()[-1]}"
    return Hero(whole, short, many=many, walks=True)


def _past(more: str) -> str:
    """A clause as a tale tells it: "who is afraid" becomes "who was afraid"."""
    for now, then in _PAST.items():
        more = re.sub(rf"^( (?:who|that|which)) {now}\b", rf"\1 {then}", more)
    return _REGULAR.sub(lambda verb: f"{verb[1]}{'d' if verb[1].endswith('e') else 'ed'}", more)


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
