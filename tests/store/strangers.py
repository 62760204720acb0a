"""Two users who have nothing to do with each other: Ada has everything, Eve knows its ids."""

from dataclasses import dataclass
from typing import Any

from l2c.conversation import Role
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.copies import Copies
from l2c.store.database import Database
from l2c.store.dreams import Dreams
from l2c.store.folders import Folders
from l2c.store.forgetting import Forgetting
from l2c.store.learning import Learning
from l2c.store.lease import Lease
from l2c.store.memory import Found, Memories, Unread
from l2c.store.models import Models
from l2c.store.notes import Learned, Notes
from l2c.store.schema.forgetting import Forgettable
from l2c.store.states import LessonKind
from l2c.store.trees import Intake, Tree, Trees, TreeTurn
from tests.store.talk import STARTER, Talk, digest, keep

DREAMT: dict[str, Any] = {
    "seed": 1, "temperature": 0.7, "tokens": 1, "entropy": 1.0, "repetition": 0.0,
}  # fmt: skip


@dataclass(frozen=True)
class Ada:
    """Ids of everything another user has."""

    conversation: str
    deleted: str
    user: str
    answer: str
    streaming: str
    checkpoint: str
    lesson: int
    exchange: str
    folder: str
    forgetting: str
    dream: str
    memory: str
    note: Learned
    taught_in: str


@dataclass(frozen=True)
class Eve:
    """A user who knows all of Ada's ids, and has a model of a name Ada has not."""

    conversations: Conversations
    folders: Folders
    trees: Trees
    models: Models
    learning: Learning
    lease: Lease
    forgetting: Forgetting
    dreams: Dreams
    memories: Memories
    notes: Notes
    copies: Copies

    def passes_over(self, ada: Ada) -> None:
        """Note that a turn of Ada's tells nothing; a write after it waits until that is noted."""
        self.memories.pass_over(Unread(9**9, ada.user, ada.conversation, 0, "x"))
        self.notes.add("Eves diary")

    def takes_in(self, ada: Ada) -> Intake:
        """Import what has the ids of Ada's conversation."""
        return self.trees.add(self._tree(ada), learn=True)

    def takes_all_in(self, ada: Ada) -> Intake:
        """The same, among others."""
        (intake,) = self.trees.add_all([self._tree(ada)], learn=True)
        return intake.result()

    def _tree(self, ada: Ada) -> Tree:
        turn = TreeTurn(ada.user, None, Role.USER, "x", "2026", "2026")
        return Tree(ada.conversation, "x", True, "eves", True, "2026", "2026", ada.user, (turn,))


def adas(database: Database) -> Ada:
    """Give her one of everything; its ids."""
    user = Accounts(database).named("ada")
    conversations, models = Conversations(database, user), Models(database, user)
    learning, talk = Learning(database, user), Talk(conversations)
    models.ensure("adas", engine="lstm", starter=STARTER, size_bytes=1, summary={})
    said = talk.say("Adas secret", "I keep it")
    lease = learning.acquire("adas", holder="ada")
    (exchange,) = learning.pending("adas", limit=9)
    number = lease.start_lesson(kind=LessonKind.PRACTICE, parent=STARTER, recipe_version=1)
    keep(lease, number, "adas")
    open_one = conversations.create(model="adas").id
    streaming = conversations.begin_exchange(open_one, "Adas other", model="adas").answer.id
    deleted = talk.say("Adas past").conversation
    conversations.delete(deleted)
    folder = Folders(database, user).create("Adas folder")
    memories = Memories(database, user)
    (told, *_) = memories.unread(limit=9)
    memories.keep(told, [Found(told, "key", "place", "Adas shed", "It is there", False, False)])
    dream = Dreams(database, user).add("adas", checkpoint=STARTER, said=((None, "Adas"),), **DREAMT)
    notes = Notes(database, user)
    note = notes.learn(
        notes.add("Adas diary").id, ["Adas diary"], revision=1, title="Diary", model="adas"
    )
    gone = talk.say("Adas to forget").conversation
    wish = Forgetting(database, user).begin(Forgettable.CONVERSATION, gone, has=lambda digest: True)
    conversations.update(said.conversation, folder_id=folder.id, tags=["adas"])
    return Ada(
        said.conversation, deleted, said.user.id, said.answer.id, streaming, digest("adas"),
        number, exchange.id, folder.id, wish.id, dream.id, memories.told()[0].id,
        Learned(note.id, 1),
        note.learned_in or "",
    )  # fmt: skip


def eves(database: Database) -> Eve:
    """What she works with."""
    user = Accounts(database).named("eve")
    models, learning = Models(database, user), Learning(database, user)
    models.ensure("eves", engine="lstm", starter=STARTER, size_bytes=1, summary={})
    return Eve(
        Conversations(database, user),
        Folders(database, user),
        Trees(database, user),
        models,
        learning,
        learning.acquire("eves", holder="eve"),
        Forgetting(database, user),
        Dreams(database, user),
        Memories(database, user),
        Notes(database, user),
        Copies(database),
    )
