"""A user's conversations in a store in memory: exported from it, imported into it."""

from pathlib import Path

from l2c.chat.porting import Format, Importing, Line, export
from l2c.conversation import Origin, TurnStatus
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database
from l2c.store.folders import Folders
from l2c.store.learning import Learning
from l2c.store.models import Models
from l2c.store.trees import Trees


class Profile:
    """A user's conversations in a store in memory."""

    def __init__(self) -> None:
        self.database = Database.temporary()
        user = Accounts(self.database).local()
        self.conversations = Conversations(self.database, user)
        self.folders = Folders(self.database, user)
        self.learning = Learning(self.database, user)
        Models(self.database, user).ensure(
            "le", engine="lstm", starter="0" * 64, size_bytes=1, summary={}
        )
        self.trees = Trees(self.database, user)

    def say(self, conversation: str, text: str, answer: str) -> tuple[str, str]:
        begun = self.conversations.begin_exchange(conversation, text, model="le")
        self.finish(begun.answer.id, answer)
        return begun.user.id, begun.answer.id

    def finish(self, answer_id: str, text: str) -> None:
        self.conversations.finish(
            answer_id,
            status=TurnStatus.COMPLETE,
            text=text,
            origin=Origin.GENERATED,
            checkpoint="f" * 64,
            window={"tokens": 9, "budget": 20, "dropped_turns": 0, "dropped_tokens": 0},
        )

    def importing(self, *, learn: bool = False) -> Importing:
        return Importing(self.trees, model="le", learn=learn, now=lambda: "2026-11-21T12:00:00Z")

    def takes(self, path: Path, *, learn: bool = False) -> list[Line]:
        return list(self.importing(learn=learn).lines(path))

    def export(self, form: Format, **which: str) -> bytes:
        return "".join(export(self.trees, form, **which)).encode()

    def erase(self) -> None:
        for conversation in self.trees.ids():
            self.conversations.delete(conversation)
        self.conversations.purge_deleted()
