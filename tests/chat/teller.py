"""One user who talks, and what is remembered of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l2c.chat.live import LiveModels
from l2c.chat.memory import Memory
from l2c.chat.reply import Replies, Request
from l2c.chat.router import Router
from l2c.chat.tails import Tails
from l2c.chat.talks import Talks
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.memory import Memories
from l2c.store.models import Models
from l2c.store.speakers import Speakers
from l2c.store.trees import Trees
from l2c.store.turns import TurnRow
from tests.chat.room import add_model


@dataclass
class Teller:
    """One user who talks, and what is remembered of it."""

    database: Database
    conversations: Conversations
    talks: Talks
    replies: Replies
    memory: Memory
    speakers: Speakers

    def say(self, text: str, conversation: str | None = None, **changes: Any) -> TurnRow:
        where = conversation or self.conversations.create(model="le").id
        how: dict[str, Any] = {"model": "le", "temperature": 1.0, "length": 8, "seed": 1}
        request = Request(where, text, **{**how, **changes})
        return self.replies.wait(self.replies.begin(request).answer.id)

    def facts(self) -> list[tuple[str, str, str]]:
        told = (one.fact for one in self.memory.all())
        return [(fact.subject, fact.relation, fact.value) for fact in told]


def teller(database: Database, user: str, folder: Path) -> Teller:
    conversations, models = Conversations(database, user), Models(database, user)
    checkpoints = CheckpointFolder(folder)
    add_model(models, checkpoints)
    live, speakers = LiveModels(models, checkpoints, {}), Speakers(database, user)
    talks = Talks(conversations, Trees(database, user))
    remembering = Memory(Memories(database, user), conversations, speakers)
    replies = Replies(talks, live, Tails(), Router(), speakers, memory=remembering)
    return Teller(database, conversations, talks, replies, remembering, speakers)
