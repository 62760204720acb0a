"""What kind of thing a message is, told by cues: thanks, a farewell, a sorrow, a wish for a story.

A person can say in a thousand ways that the day was bad. Where no practised wording is near, the
kind of message is still plain from a few words, and an answer to "I am sad" is a good answer to
"everything went wrong today". `kind_of` names the plain wording a message of that kind stands
for, or nothing. The cues (`kinds.toml`) are ordinary English, as a dictionary groups it; nothing in
them was taken from the examination of `le`. Questions for knowledge and things to be made are no
kind: whether the model can meet those is the router's question.

>>> kind_of("everything went wrong today").line
'I feel so sad today.'
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from l2c.text.cues import cue_text
from l2c.text.given_names import with_capitals
from l2c.text.lexicon import listed
from l2c.text.likeness import asks

MOST_WORDS = 24
"""A longer message says more than its kind."""

MOST_IN_A_REPLY = 14

ALONE = 3
"""So few words that ask for nothing are said of oneself: "worst day ever"."""

STORY = "Tell me a story"
JOKE = "tell me a joke"
"""What wishes for a story and for a joke stand for."""

WEATHER = "what a downpour"
"""What small talk of rain and mud stands for; whoever tells of a muddy dog wants something else."""

_OWN = re.compile(
    r"\b(?:i|i'm|i've|i'd|im|ive|me|my|mine|we|we're|we've|our|us)\b|^(?:feeling|so|such|what a|"
    r"nobody|everybody|everything|everyone|nothing|people|life|work|school|christmas|sundays?|mondays?|weekends?|evenings?|nights?|mornings?|today|not|"
    r"really|very|too|had|got|lost|failed|finally|can't|that|he|she|they|somebody|someone|two|three|"
    r"four|five|all|just|still|another|again|kind of|sort of|totally|completely|pretty|a bit|proud|"
    r"tears|grumpy|on|mixed|tired|sad|angry|what if|is it|how do)\b"
)
_WONDERS = re.compile(
    r"(?:why (?:am i|do i|can't i|can i not|does (?:nobody|no one|everybody|everyone|nothing|it)|"
    r"is (?:everything|nobody|nothing))|what if|is it (?:normal|ok|okay|wrong|bad|silly|strange)|"
    r"how (?:do|can|could|should) (?:i|we|people|you) (?:ever )?"
    r"(?:stop|get over|deal|live|cope|forget|handle))\b"
)
_OF_ANOTHER = re.compile(
    r"(?:my|our) (?:[\w'-]+ ){1,3}?(?:is|gets|was) (?:\w+ ){0,2}"
    r"(?:afraid|scared|frightened|terrified) of\b"
)
"""What somebody else fears."""
_TOLD = re.compile(
    r"(?:(?:and|but|so|well|oh|also|yes|no|hm+|you know),? )*(?:"
    r"(?:\w+days|sometimes|usually|often|lately|recently|honestly|once),? (?:i|we|he|she)\b|"
    r"her|his|i|i'm|i've|i'd|i'll|im|ive|my|we|"
    r"we're|we've|our|he|she|they|it|it's|there|there's|this|that|the|a|an|some|somebody|someone|"
    r"everybody|everyone|nobody|no one|people|what a|such a|so|every|everything|nothing|life|work|"
    r"school|being|having|feeling|still|another|grief|love|today|yesterday|tomorrow|tonight|"
    r"remember|correction|note|fyi|last|next|on|in|at|after|before|when|since|had|got|just|went|made|bought|saw|met|finally)\b"
)
_SOMEBODY = re.compile(
    r"^(?:(?:and|but|so|well|oh|also|yes|no|actually|sorry)\W+)*"
    r"([A-Z][\w-]+)(?:'s [\w-]+)? (?:\w+ly |also |always |never )?"
    r"(?:is|isn't|was|wasn't|has|hasn't|had|lives|works|plays|likes|loves|goes|got|lost|moved|wants|needs|does|doesn't|comes|studies)\b",
)
_NO_NAMES = listed("what who whose where when why how which nothing that this there here it is")
_OF_ONESELF = re.compile(
    r"^(?!.*\b(?:what|which|who|whose|when|whom|where|how|why|name|recall|tell)\b)"
    r"(?!.*\b(?:do|did|am|are|was|have|is) (?:i|we|my)\b)[\w']+ (?:[\w']+ ){0,3}"
    r"(?:is|are|was|were|has|have|had|keeps?|makes?|made|gets?|got|will|won't|does|did) "
    r"(?:[\w']+ ){0,4}(?:me|my|us|our)\b"
)
"""What is told of oneself though it begins with something else: "work is eating me"."""
_MAKE = re.compile(
    r"\b(?:write|translate|summari[sz]e|explain|draft|compose|code|essay|poem|letter|e-?mail|"
    r"recipe|recommend|calculate|list|plan my|design|script|lyrics|speech)\b"
)
_DENIED = re.compile(
    r"(?:\b(?:not|never|no longer|without)|n't)"
    r"(?: (?:so|very|really|at all|too|that|being|feeling))* $"
)
_MAKE_THIS = re.compile(
    r"(?:please |can you |could you |would you |will you )*(?:translate|write|summari[sz]e|draft|"
    r"compose|rewrite|spell|correct|proofread)\b"
)
_SMALL_STORY = re.compile(
    r"(?:please |can you |could you |would you |will you )*write (?:me |us |my \w+ )?"
    r"an? (?:\w+ )?(?:short|tiny|little|small) (?:\w+ )?(?:story|tale)\b"
    r"(?!.*\b(?:words|pages?|chapters?|paragraphs?|homework|style of)\b)"
)
_WISH = re.compile(
    r"\b(?:i need|i want|i(?: would|'d) like(?! to (?:see|visit|travel|live)\b)|need you|want you|"
    r"help me|tell me|show me|give me|"
    r"looking for|could you|can you|advice|recommend|should i|error|how (?:to|do|can)|let us|"
    r"let's)\b"
)
_SENTENCES = re.compile(r"[.!?;]+\s+")


@dataclass(frozen=True, slots=True)
class Tone:
    """A sentence of sympathy or of joy, and the words that show the same."""

    says: str
    words: re.Pattern[str]

    def of(self, answer: str) -> str:
        """The answer in this tone."""
        return answer if self.words.search(answer.lower()) else f"{self.says} {answer}"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of message: the plain wording it stands for, and what tells it; see `kinds.toml`.

    `tone` is how an answer begins that does not show it yet.
    """

    line: str
    cues: re.Pattern[str]
    own: bool
    remark: bool
    words: int
    always: bool
    tone: Tone | None


def kind_of(text: str, *, replying: bool = False) -> Kind | None:
    """The first kind whose cues a message has; what is replied to `le` is said of oneself.

    Of a long message that asks for nothing a feeling in one of its sentences counts.
    """
    kind = _kind_of(text, replying=replying)
    plain = cue_text(text)
    if kind is not None or len(plain.split()) <= MOST_WORDS:
        return kind
    if asks(text) or _WISH.search(plain) or _MAKE.search(plain) or _MAKE_THIS.match(plain):
        return None
    parts = (_kind_of(part, replying=replying) for part in _SENTENCES.split(text))
    return next((part for part in parts if part is not None and part.tone is not None), None)


def _kind_of(text: str, *, replying: bool) -> Kind | None:
    plain = cue_text(text)
    wonders = not asks(text) or _WONDERS.match(plain) is not None
    words = len(plain.split())
    own = replying or (wonders and (words <= ALONE or _OWN.search(plain) is not None))
    fits = (
        kind
        for kind in kinds()
        if words <= kind.words
        and (own or not kind.own)
        and not (kind.remark and asks(text))
        and _has_cue(kind, plain)
    )
    kind = next(fits, None)
    if kind is not None and kind.line == STORY and _SMALL_STORY.match(plain):
        return kind
    if (
        kind is None
        or _OF_ANOTHER.match(plain)
        or _MAKE_THIS.match(plain)
        or (_MAKE.search(plain) and not kind.always)
    ):
        return None
    return kind


def is_remark(text: str) -> bool:
    """Whether somebody tells something and asks for nothing."""
    plain = cue_text(text)
    wants = asks(text) or asks(_SENTENCES.split(plain)[-1]) or _WISH.search(plain)
    tells = any(
        (
            _TOLD.match(plain),
            _OF_ONESELF.search(plain),
            _of_somebody(text),
        )
    )
    makes = _MAKE.search(plain) is not None or _MAKE_THIS.match(plain) is not None
    return (
        tells and not wants and not (makes and not _TOLD.match(plain)) and len(plain.split()) >= 3
    )


def _of_somebody(text: str) -> bool:
    """Whether a text says something of somebody by a name: "Toby's birthday is in May"."""
    found = _SOMEBODY.match(with_capitals(text))
    return found is not None and found[1].lower() not in _NO_NAMES


def is_reply(text: str) -> bool:
    """Whether somebody may be answering a question with this: few words that ask for nothing."""
    plain = cue_text(text)
    short = 0 < len(plain.split()) <= MOST_IN_A_REPLY
    return short and not asks(text) and not _WISH.search(plain) and not _MAKE_THIS.match(plain)


def _has_cue(kind: Kind, plain: str) -> bool:
    """Whether a cue is there; "I am not tired" says nothing of being tired."""
    return any(
        not (kind.own and _DENIED.search(plain[: found.start()]))
        for found in kind.cues.finditer(plain)
    )


@cache
def kinds() -> tuple[Kind, ...]:
    """Every kind in its order; read once."""
    table = _table()
    tones = {
        name: Tone(tone["says"], re.compile(tone["words"])) for name, tone in table["tone"].items()
    }
    return tuple(
        Kind(
            entry["stands_for"],
            _cues(entry),
            entry.get("own", False),
            entry.get("remark", False),
            entry.get("words", MOST_WORDS),
            entry.get("always", False),
            tones.get(entry.get("tone", "")),
        )
        for entry in table["kind"]
    )


def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("kinds.toml").read_text("utf-8"))


def _cues(entry: dict[str, Any]) -> re.Pattern[str]:
    return re.compile("|".join(entry["cues"]))
