"""A conversation while it is being written.

The families in `talk`, `knowledge`, `replies` and `facts` all write through a `Script`: it owns
the chance and knows which wordings may be used.
"""

from __future__ import annotations

from l2c.conversation import Message, Role
from l2c.corpus.chance import Chance
from l2c.corpus.names import MAKERS
from l2c.corpus.wordings import Phrases, Slots, Split, Wordings, fill


class Script:
    """The messages written so far, and what is needed to write more."""

    def __init__(self, wordings: Wordings, split: Split, chance: Chance) -> None:
        self.wordings = wordings
        self.split = split
        self.chance = chance
        self.messages: list[Message] = []

    def exchange(self, you: str, le: str) -> None:
        """Append what the user says and what `le` answers."""
        self.messages += (Message(Role.USER, you), Message(Role.ASSISTANT, le))

    def question(self, name: str, slots: Slots) -> None:
        """Append one of the knowledge questions, filled and answered."""
        question = self.wordings.questions[name]
        self.exchange(fill(self.one_of(question.ask), slots), fill(question.answer, slots))

    def one_of(self, phrases: Phrases) -> str:
        """One of the wordings this script may use."""
        return self.chance.choice(phrases.of(self.split))

    def filler(self, source: str) -> str:
        """A word of the list, or made by the maker, of that name."""
        if maker := MAKERS.get(source):
            return maker(self.chance)
        return self.chance.choice(self.wordings.lists[source])

    @property
    def last_words(self) -> str:
        """What was said last, or nothing."""
        return self.messages[-1].text if self.messages else ""
