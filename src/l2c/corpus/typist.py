"""How people really type: without capitals, without the last mark, in a hurry.

A model that has only read tidy questions is lost when somebody forgets the apostrophe. What
`le` answers stays tidy, and a word that any of its answers needs is never hurt: a name that was
told is repeated as it was told.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from l2c.conversation import Message, Role
from l2c.corpus.chance import Chance
from l2c.corpus.dialogues import words

_BEFORE = ("so, ", "well, ", "oh, ", "hey, ", "ok, ", "le, ", "and ", "hm, ")
_BEFORE_QUESTION = (
    *("Tell me, ", "Please tell me, ", "Quick question: ", "One more question: ", "Can you say, "),
    *("I have a question: ", "I want to know, ", "Do you know, ", "I would like to know: "),
)
_QUESTION_WORDS = ("What", "Which", "Who", "Where", "When", "How", "Why", "Do", "Can", "Is", "Are")
_AFTER = (", le", " please", " then", "...", "!")
_SHORTEST_MISTYPED = 4


def typed(conversation: Sequence[Message], chance: Chance) -> list[Message]:
    """The conversation with the user's half as somebody in a hurry types it."""
    needed = {
        word
        for message in conversation
        if message.role is Role.ASSISTANT
        for word in words(message.text)
    }
    return [
        Message(m.role, _typed(m.text, needed, chance)) if m.role is Role.USER else m
        for m in conversation
    ]


def _typed(text: str, needed: Collection[str], chance: Chance) -> str:
    """Half of all lines stay as they are."""
    if chance.one_in(2):
        return text
    if chance.one_in(16):
        text = chance.choice(_BEFORE) + text
    elif chance.one_in(6) and text.startswith(_QUESTION_WORDS) and text.endswith("?"):
        text = chance.choice(_BEFORE_QUESTION) + text[0].lower() + text[1:]
    if chance.one_in(2):
        text = text.lower()
    if chance.one_in(2):
        text = text.rstrip(".?!") or text
    if chance.one_in(24):
        text = text.rstrip(".?!") + chance.choice(_AFTER)
    if chance.one_in(4):
        text = text.replace("'", "")
    if chance.one_in(12):
        text = _mistyped(text, needed, chance)
    if chance.one_in(24):
        text = text.upper()
    return text


def _mistyped(text: str, needed: Collection[str], chance: Chance) -> str:
    """One word with two letters swapped, or one lost or doubled; none that `needed` holds."""
    pieces = text.split(" ")
    at = chance.below(len(pieces))
    word = pieces[at]
    if len(word) < _SHORTEST_MISTYPED or not word.isalpha() or word.lower() in needed:
        return text
    i = 1 + chance.below(len(word) - 2)
    slips = (
        word[:i] + word[i + 1] + word[i] + word[i + 2 :],
        word[:i] + word[i + 1 :],
        word[: i + 1] + word[i:],
    )
    pieces[at] = chance.choice(slips)
    return " ".join(pieces)
