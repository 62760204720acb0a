"""A real store with one tiny model that can answer: what the tests of the main job stand in."""

from dataclasses import dataclass
from typing import Any

from l2c.chat.live import LiveModels
from l2c.chat.reply import Replies, Request
from l2c.chat.tails import Tails
from l2c.chat.talks import Talks
from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.model import LanguageModel
from l2c.store.conversations import Conversations
from l2c.store.models import Models
from l2c.store.speakers import Speakers
from l2c.text.bytes import ByteTokenizer


@dataclass
class Room:
    """The parts of the main job, and shortcuts to talk."""

    conversations: Conversations
    talks: Talks
    models: Models
    folder: CheckpointFolder
    live: LiveModels
    tails: Tails
    speakers: Speakers
    replies: Replies

    def new(self) -> str:
        return self.conversations.create(model="le").id

    def request(self, conversation_id: str, text: str = "Hello", **changes: Any) -> Request:
        defaults: dict[str, Any] = {"model": "le", "temperature": 1.0, "length": 40, "seed": 1}
        return Request(conversation_id, text, **{**defaults, **changes})


def add_model(models: Models, folder: CheckpointFolder, *, seed: int = 0) -> str:
    model = LanguageModel.create("lstm", {"hidden_size": 8}, ByteTokenizer(), seed=seed)
    digest, size = folder.save(model)
    models.ensure("le", engine="lstm", starter=digest, size_bytes=size, summary={})
    return digest
