"""Whether a practised line fits a message, beyond being like it in its words.

Two texts may share most of their words and say different things: "life is hard" and "life is
good", "my cat Tom" and "my cat Pim", what `le` is asked and what somebody else is asked. What is
found here lowers a likeness, or rules a line out.
"""

from __future__ import annotations

import re

from l2c.text.lexicon import listed
from l2c.text.likeness import asks, meanings

OF_SOMEBODY_ELSE = 0.85
"""What is left of the likeness of a line about `le` for a message about oneself, or reversed."""

DENIED = 0.8
"""What is left of it where one says "not" and the other does not."""

MISSED = 0.2
BROUGHT = 0.15
"""How much of a likeness is lost where a line has none of the words that carry a message, and
where none of the words that carry the line are in the message."""

_PARTICULAR = re.compile(r"(?<=[^.!?\s] )[A-Z][\w']+|\d+")
_OWN = re.compile(r"\b(?:i|i'm|i've|im|ive|me|my|mine|we|we're|our|us)\b", re.IGNORECASE)
_ASKED_YOU = re.compile(r"\b(?:do|did|are|were|will|would|can|have|makes?) you\b", re.IGNORECASE)
_YOU = re.compile(r"\b(?:you|your|yours|u|ur)\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|never|no)\b|n't\b", re.IGNORECASE)


def left_of(text: str, line: str) -> float:
    """What is left of a likeness of 1 when it is looked at what the two say, in (0, 1]."""
    left = _covered(text, line)
    if not asks(text) and bool(_NOT.search(text)) is not bool(_NOT.search(line)):
        left *= DENIED
    return left * OF_SOMEBODY_ELSE if _of_another(text, line) else left


def fits(text: str, line: str) -> bool:
    """Whether no name and no number is lost or brought, not the opposite is said, and no hash
    table asked for where a table is known.
    """
    same = particulars(text) <= _plain_words(line) and particulars(line) <= _plain_words(text)
    other = _of_another_kind(text, line) or _of_other_things(text, line)
    return same and not _opposed(text, line) and not other


def particulars(text: str) -> set[str]:
    """The names and numbers in a text, which no other wording may lose or bring."""
    return {found.lower() for found in _PARTICULAR.findall(text)} - _NO_NAMES


def content(text: str) -> set[str]:
    """What the words that carry a text mean."""
    return meanings(text) - _LIGHT


def _of_another(text: str, line: str) -> bool:
    """Whether one is about oneself and the other is not, or one asks `le` and the other asks of
    somebody else."""
    if bool(_OWN.search(text)) is not bool(_OWN.search(line)):
        return True
    if _ASKED_YOU.search(line) is not None and _YOU.search(text) is None:
        return True
    return _ASKED_YOU.search(text) is not None and _YOU.search(line) is None


def _of_another_kind(text: str, line: str) -> bool:
    """Whether one asks what something is, and the other what that is the latter half or the first
    of: a river bank is no river.
    """
    asked, known = _WHAT_IS_A.match(text), _WHAT_IS_A.match(line)
    return bool(asked and known) and content(line) - _QUALITIES < content(text) - _QUALITIES


def _of_other_things(text: str, line: str) -> bool:
    """Whether one asks for the biggest of things, for a difference or the meaning of a word that
    the other does not name: no planet is a whale.
    """
    found = [one for shape in (_EXTREME, _COMPARED, _MEANT) if (one := shape.search(text))]
    asked = (word for one in found for word in one.groups() if word)
    return any(not meanings(word) <= meanings(line) for word in asked)


def _opposed(text: str, line: str) -> bool:
    """Whether one is glad and the other is not, and neither says the opposite of its words."""
    if _NOT.search(text) or _NOT.search(line):
        return False
    said, known = _plain_words(text), _plain_words(line)
    return _mood(said) * _mood(known) < 0


def _mood(words: set[str]) -> int:
    return bool(words & _GLAD) - bool(words & _SORRY)


def _covered(text: str, line: str) -> float:
    """What is left of a likeness where words that carry one side are missing on the other."""
    said, known = meanings(text), meanings(line)
    carried, brought = said - _LIGHT, known - _LIGHT
    missed = len(carried - known) / max(len(carried), 1)
    return (1 - MISSED * missed) * (1 - BROUGHT * len(brought - said) / max(len(brought), 1))


def _plain_words(text: str) -> set[str]:
    return {word.strip(".,!?;:'\"") for word in text.lower().split()}


_WHAT_IS_A = re.compile(
    r"^\W*(?:(?:so|and|ok|hey|please)\W+)?what(?:'?s| is| are)(?: an?)? \w", re.I
)
_EXTREME = re.compile(
    r"^\W*(?:(?:so|and|ok|hey|please)\W+)?(?:(?:what|which|who)(?:'?s| is| are| was) the "
    r"(?:(?!b|w)\w+est|most \w+|biggest|widest) (\w+)|which (\w+) (?:is|are) the \w+est)\b",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"\bdifference between (?:an? |the )?(\w+) and (?:an? |the )?(\w+)\W*$", re.IGNORECASE
)
_MEANT = re.compile(
    r"^\W*(?:what is meant by|what(?:'s| is) the meaning of|define|explain the (?:word|meaning of))"
    r" (?:an? |the |to )?(?:word )?(\w+)\W*$",
    re.IGNORECASE,
)
_QUALITIES = meanings("""
    small big little large tiny huge good bad real normal typical nice new old young simple proper
    true common exactly basically actually called
    """)
_NO_NAMES = listed("i i'm i've i'll i'd")
_GLAD = listed("good great happy lovely wonderful beautiful best easy fantastic glad")
_SORRY = listed("bad sad hard awful terrible worst horrible difficult ugly unhappy sorry")
_LIGHT = meanings("""
    a an the and or but so to of in on at for with from by it its this that these those i me my you
    your we our he she they them is are am was were be been being do does did have has had can
    could will would shall should may might must not no what who whom which when where why how if
    then than as too also now today here there very really just please some any all more much get
    got go going le hey hi oh ok yes about up out into little bit time something thing again ever
    mean means meaning word call called define explain tell say use used name kind colour colours
    know think people
    """)
