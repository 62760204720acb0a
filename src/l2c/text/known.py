"""What is known by heart, and whether a message asks for it: opposites, colours, meanings.

There are many ways to ask for an opposite ("the contrary of quick?", "wet is the opposite of
what"), and one word says which. So the asking is known by a word or two, the rest must be words
that only frame a question, and the word that is left is looked up.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from l2c.text.lexicon import listed
from l2c.text.likeness import spelt_out

MOST_UNKNOWN = 1
"""Words beside the thing and the frame that a question for a colour may have."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What somebody says, what is answered, and what was answered before: nothing in an opening."""

    said: str
    answer: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A word, or a thing without its article, to the wording it is asked for in and the answer."""

    opposites: Mapping[str, Exchange]
    colours: Mapping[str, Exchange]
    meanings: Mapping[str, Exchange]

    def asked(self, text: str) -> Exchange | None:
        """The question for an opposite, a colour or a meaning that a message is."""
        words = spelt_out(text)
        if named := self._named(text):
            return named
        if _OWNED & set(words):
            return None
        opposite = self._opposite(words) or self._contrast(words)
        return opposite or self._colour(words) or self._meaning(words)

    def is_of(self, text: str) -> bool:
        """Whether a message asks for an opposite, known or not: another word's is no answer."""
        return bool(_OPPOSITE & set(spelt_out(text)))

    def _contrast(self, words: list[str]) -> Exchange | None:
        """The opposite that is left to be said: "not hot but", "if it is not hot it is"."""
        for at, word in enumerate(words[:-2]):
            rest = words[at + 2 :]
            if word == "not" and rest[0] in _THEN and set(rest) <= _THEN:
                return self.opposites.get(words[at + 1])
        return None

    def _opposite(self, words: list[str]) -> Exchange | None:
        if not _OPPOSITE & set(words):
            return None
        asked = [word for word in words if word in self.opposites]
        after = [
            word
            for before, word in itertools.pairwise(words)
            if before in _LEADING and word in self.opposites
        ]
        chosen = after or [word for word in asked if word not in _FRAME]
        return self.opposites[chosen[-1]] if chosen else None

    def _colour(self, words: list[str]) -> Exchange | None:
        said = {_singular(word) for word in words}
        choice = _COLOURS & said and words[0] in ("is", "are")
        if not _COLOUR & said and not choice:
            return None
        asked = said - _FRAME - _COLOURS - _COLOUR
        fits = [
            thing
            for thing in self.colours
            if _thing(thing) <= said and len(asked - _thing(thing)) <= MOST_UNKNOWN
        ]
        return self.colours[max(fits, key=len)] if fits else None

    def _meaning(self, words: list[str]) -> Exchange | None:
        core = _AROUND.sub(" ", f" {' '.join(words)} ").split()
        asked = " ".join(word for word in core if word not in _FRAME)
        found = self._word(asked)
        defines = _DEFINES & set(words)
        if defines - {"what"} or set(words) >= _KNOWN_WORD:
            return found
        if found is None or not defines or set(words) >= _NAMES or _DEED.search(" ".join(core)):
            return None
        if found.answer.startswith("To ") and f" to {asked} " not in f" {' '.join(words)} ":
            return None  # "what do you chew?" asks for no meaning
        certain = f" the {asked} " in f" {' '.join(core)} "
        return None if certain and _ONE_OF_MANY.match(found.answer) else found

    def _named(self, text: str) -> Exchange | None:
        """The meaning of a thing alone ("A kite?"), or quoted before "what is it?"."""
        if alone := _ALONE.match(text):
            found = self._word(alone[1].lower())
            return found if found and _ONE_OF_MANY.match(found.answer) else None
        quoted = _QUOTED.search(text)
        return self._word(quoted[1].lower()) if quoted and _WHAT_IS_THAT.search(text) else None

    def _word(self, asked: str) -> Exchange | None:
        """The meaning of a word, also where it stands in the plural."""
        forms = (asked, _singular(asked), asked.removesuffix("es"), _PLURALS.get(asked, ""))
        return next((self.meanings[form] for form in forms if form in self.meanings), None)


def _thing(name: str) -> set[str]:
    return {_singular(word) for word in name.split()}


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


_OPPOSITE = listed("opposite opposites reverse contrary antonym")
_THEN = listed("but it is they are what then must be")
_LEADING = listed("of to word for")
_OWNED = listed("my your our favorite favourite")
_FRAME = listed("""
    a an the is are was what which who does do did of to for in on it its this that please tell me
    can could you would say call called word name named mean means meaning define definition
    explain describe used use people one with have has be and or know give us i there any
    thing something kind sort about not but by meant they them so ok
    okay then anyway well hey really just hi hello le
    """)
_ONE_OF_MANY = re.compile(r"An? ")
"""How the meaning of what there are many of begins: "what is the problem?" asks for no meaning."""
_DEFINES = listed("what define definition explain meaning means mean meant describe")
_KNOWN_WORD = listed("know word")
"""What a word is asked for with, beside those: "do you know the word kettle?"."""
_DEED = re.compile(
    r"\bwhat\b.* (?:do|did|would|will) (?:i|you|we|they)\b(?! (?:call|say|use|mean))"
)
"""What asks what somebody does: "what did you dream?"."""
_NAMES = listed("the called")
"""What asks for the name of some: "what are the twins called?"."""
_ALONE = re.compile(r"\W*(?:an? )?([A-Za-z]+) *\?+\s*$", re.IGNORECASE)
_QUOTED = re.compile(r"[\"\u201c\u201d\u2018']([A-Za-z]+)[\"\u201c\u201d\u2019',.?]+(?!\w)")
_WHAT_IS_THAT = re.compile(
    r"\bwhat(?:'s|\u2019s|s| is| does)? (?:that|it|this|the word)\b(?: mean)?\W*$", re.IGNORECASE
)
_PLURALS = {
    "mice": "mouse", "geese": "goose", "teeth": "tooth", "feet": "foot", "wolves": "wolf",
    "knives": "knife", "leaves": "leaf", "calves": "calf",
    "children": "child", "women": "woman", "men": "man", "shelves": "shelf",
}  # fmt: skip
_AROUND = re.compile(
    r" (?:on earth|i wonder|in the world|exactly|basically|how would|what kind of (?:a )?thing is|"
    r"in (?:simple|other|plain|short|easy|your own) words|"
    r"to an? (?:small |young |little )?(?:child|kid|beginner|\w+ year old)|"
    r"do you understand by|(?:the|a) (?:definition|meaning|sense) of|(?:i|we) (?:do|did) not know)"
    r"(?= )"
)
"""What only surrounds the question for a meaning."""
_COLOUR = listed("colour color coloured colored")
_COLOURS = listed("red blue green yellow white black grey brown orange purple pink gray")
