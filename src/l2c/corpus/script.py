"""A conversation while it is being written, and how people really type.

The families in `talk`, `knowledge` and `facts` all write through a `Script`: it owns the chance,
knows which wordings may be used, and passes what the user says through hasty fingers.
"""

from __future__ import annotations

from l2c.conversation import Message, Role
from l2c.corpus.chance import Chance
from l2c.corpus.wordings import Phrases, Question, Slots, Split, Wordings, fill


class Script:
    """The messages written so far, and what is needed to write more."""

    def __init__(self, wordings: Wordings, split: Split, chance: Chance) -> None:
        self.wordings = wordings
        self.split = split
        self.chance = chance
        self.messages: list[Message] = []

    def exchange(self, you: str, le: str) -> None:
        """Append what the user types and what `le` answers."""
        self.messages.append(Message(Role.USER, typed(you, self.chance)))
        self.messages.append(Message(Role.ASSISTANT, le))

    def question(self, name: str, slots: Slots) -> None:
        """Append one of the knowledge questions, filled and answered."""
        question: Question = self.wordings.questions[name]
        self.exchange(fill(self.one_of(question.ask), slots), fill(question.answer, slots))

    def one_of(self, phrases: Phrases) -> str:
        """One of the wordings this script may use."""
        return self.chance.choice(phrases.of(self.split))

    @property
    def last_words(self) -> str:
        """What was said last, or nothing."""
        return self.messages[-1].text if self.messages else ""


def typed(text: str, chance: Chance) -> str:
    """The text as somebody in a hurry types it: half the time unchanged.

    Otherwise capitals, the last mark or the apostrophes may be missing. Words stay whole, and
    an answer never depends on what was lost.
    """
    if chance.one_in(2):
        return text
    if chance.one_in(2):
        text = text.lower()
    if chance.one_in(2):
        text = text.rstrip(".?!") or text
    if chance.one_in(4):
        text = text.replace("'", "")
    if chance.one_in(16):
        text = text.upper()
    return text
