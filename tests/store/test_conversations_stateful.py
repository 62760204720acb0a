"""The store against a model of it in plain lists: any sequence of actions, the same outcome.

The model knows nothing of SQL, queues or journals. What waits to be learned, for instance, is
simply every exchange that may teach and was not learned. Closing and opening the store, and
losing the server in mid-answer, are actions like any other.
"""

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from l2c.conversation import Role, TurnStatus
from l2c.errors import Busy, Conflict, NotFound
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.learning import Learning
from l2c.store.models import Models
from l2c.store.places import AT_THE_END
from l2c.store.turns import LearningMark
from tests.store.talk import STARTER, Clock, begin_lesson, keep, open_store

TEXTS = st.sampled_from(["Hello", "Where is Pim?", "猫が好き", "", " ", "a\0b", "é", "𝄞"])
ENDS = [TurnStatus.COMPLETE, TurnStatus.STOPPED, TurnStatus.ERROR]
PICK = st.integers(0, 1000)


@dataclass
class Turn:
    id: str
    role: Role
    text: str
    status: TurnStatus = TurnStatus.COMPLETE
    learn: bool = True


@dataclass
class Conversation:
    id: str
    learn: bool
    turns: list[Turn] = field(default_factory=list)
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    deleted: bool = False

    @property
    def busy(self) -> bool:
        return any(turn.status is TurnStatus.STREAMING for turn in self.turns)

    def exchanges(self) -> list[tuple[Turn, Turn]]:
        return list(zip(self.turns[::2], self.turns[1::2], strict=True))

    def may_teach(self, said: Turn, answer: Turn) -> bool:
        came = answer.status in (TurnStatus.COMPLETE, TurnStatus.STOPPED) and answer.text != ""
        return came and self.learn and said.learn and answer.learn and not self.deleted


class Store(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.known: list[Conversation] = []  # in the order of the list, newest first
        self.learned: dict[str, int] = {}  # id of the user's turn -> lesson
        self.lessons = 0

    @initialize()
    def open(self) -> None:
        self.database = open_store(self.directory, self.clock)
        user = Accounts(self.database).local()
        self.conversations = Conversations(self.database, user)
        self.models = Models(self.database, user)
        self.learning = Learning(self.database, user)
        self.models.ensure("le", engine="lstm", starter=STARTER, size_bytes=1, summary={})

    @rule()
    def open_again(self) -> None:
        self.database.close()
        self.open()

    @rule(learn=st.booleans())
    def create(self, learn: bool) -> None:
        row = self.conversations.create(model="le", learn=learn)
        self.known.insert(0, Conversation(row.id, learn))

    @precondition(lambda self: self.known)
    @rule(pick=PICK, text=TEXTS.filter(bool), learn=st.booleans(), stale=st.booleans(), key=PICK)
    def begin(self, pick: int, text: str, learn: bool, stale: bool, key: int) -> None:
        at = self.known[pick % len(self.known)]
        name = f"{at.id} {key % 3}" if key % 2 else None
        parent = "stale" if stale else AT_THE_END

        def ask() -> tuple[str, str]:
            user, answer, repeated = self.conversations.begin_exchange(
                at.id, text, model="le", learn=learn, parent_id=parent, key=name, request_digest="d"
            )
            assert repeated == (name in at.keys)
            return user.id, answer.id

        if at.deleted and name not in at.keys:
            with pytest.raises(NotFound):
                ask()
        elif name in at.keys:
            if not at.deleted:
                assert ask() == at.keys[name]
        elif at.busy:
            with pytest.raises(Busy):
                ask()
        elif stale:
            with pytest.raises(Conflict):
                ask()
        else:
            said, answer = ask()
            at.turns.append(Turn(said, Role.USER, text, learn=learn))
            at.turns.append(Turn(answer, Role.ASSISTANT, "", TurnStatus.STREAMING))
            if name is not None:
                at.keys[name] = said, answer
            self.known.remove(at)
            self.known.insert(0, at)

    def answers(self) -> list[Turn]:
        return [turn for at in self.known for turn in at.turns if turn.role is Role.ASSISTANT]

    @precondition(lambda self: self.answers())
    @rule(pick=PICK, text=TEXTS, back=st.integers(0, 3))
    def journal(self, pick: int, text: str, back: int) -> None:
        answer = self.answers()[pick % len(self.answers())]
        offset = max(0, len(answer.text) - back)
        piece = answer.text[offset:] + text
        future = self.conversations.journal(answer.id, offset, piece)
        if answer.status is TurnStatus.STREAMING:
            future.result()
            answer.text += text
        else:
            assert isinstance(future.exception(), Conflict)

    @precondition(lambda self: self.answers())
    @rule(pick=PICK, text=TEXTS, status=st.sampled_from(ENDS))
    def finish(self, pick: int, text: str, status: TurnStatus) -> None:
        answer = self.answers()[pick % len(self.answers())]
        row = self.conversations.finish(answer.id, status=status, text=text)
        if answer.status is TurnStatus.STREAMING:
            answer.text, answer.status = text, status
        assert (row.text, row.status) == (answer.text, answer.status)

    @rule()
    def lose_the_server(self) -> None:
        orphans = [turn for turn in self.answers() if turn.status is TurnStatus.STREAMING]
        self.open_again()
        assert set(self.conversations.interrupt_orphans()) == {turn.id for turn in orphans}
        for turn in orphans:
            turn.status = TurnStatus.INTERRUPTED

    @precondition(lambda self: self.known)
    @rule(pick=PICK, learn=st.booleans())
    def set_conversation_learn(self, pick: int, learn: bool) -> None:
        at = self.known[pick % len(self.known)]
        if at.deleted:
            with pytest.raises(NotFound):
                self.conversations.update(at.id, learn=learn)
        else:
            self.conversations.update(at.id, learn=learn)
            at.learn = learn

    @precondition(lambda self: any(at.turns for at in self.known))
    @rule(pick=PICK, learn=st.booleans())
    def set_turn_learn(self, pick: int, learn: bool) -> None:
        turns = [(at, turn) for at in self.known for turn in at.turns]
        at, turn = turns[pick % len(turns)]
        if at.deleted:
            with pytest.raises(NotFound):
                self.conversations.change_turn(turn.id, learn=learn)
        else:
            self.conversations.change_turn(turn.id, learn=learn)
            turn.learn = learn

    @precondition(lambda self: self.known)
    @rule(pick=PICK)
    def delete(self, pick: int) -> None:
        at = self.known[pick % len(self.known)]
        if not at.deleted:
            self.conversations.delete(at.id)
            at.deleted = True

    @precondition(lambda self: self.known)
    @rule(pick=PICK)
    def restore(self, pick: int) -> None:
        at = self.known[pick % len(self.known)]
        self.conversations.restore(at.id)
        at.deleted = False

    @rule()
    def purge(self) -> None:
        gone = [at for at in self.known if at.deleted and not at.busy]
        assert self.conversations.purge_deleted() == len(gone)
        for at in gone:
            self.known.remove(at)
            with pytest.raises(NotFound):
                self.conversations.restore(at.id)

    @rule(kept=st.booleans())
    def learn(self, kept: bool) -> None:
        lease = self.learning.acquire("le", holder="pid 1")
        waiting = [exchange.user_turn_id for exchange in self.learning.pending("le", limit=1000)]
        number = begin_lesson(self.learning, lease, parent=self.models.live("le"))
        self.lessons += 1
        assert number == self.lessons
        if kept:
            keep(lease, number, f"made {number}")
            self.learned |= dict.fromkeys(waiting, number)
        else:
            lease.fail_lesson(number, reason="Tried.")

    @invariant()
    def lists_are_equal(self) -> None:
        expected = [(at.id, at.learn, len(at.turns)) for at in self.known if not at.deleted]
        rows = self.conversations.list(limit=1000).conversations
        assert [(row.id, row.learn, row.turn_count) for row in rows] == expected

    @invariant()
    def turns_are_equal(self) -> None:
        for at in self.known:
            if at.deleted:
                continue
            rows = self.conversations.turns(at.id)
            assert [
                Turn(row.id, row.role, row.text, row.status, row.learn) for row in rows
            ] == at.turns
            for (said, answer), row in zip(at.exchanges(), rows[::2], strict=True):
                assert row.lesson == self.learned.get(said.id)
                assert row.learning is self.mark(at, said, answer)

    def mark(self, at: Conversation, said: Turn, answer: Turn) -> LearningMark:
        if said.id in self.learned:
            return LearningMark.LEARNED
        if not (at.learn and said.learn):
            return LearningMark.OFF
        return LearningMark.QUEUED if at.may_teach(said, answer) else LearningMark.NONE

    @invariant()
    def what_waits_is_what_may_teach(self) -> None:
        expected = {
            (said.text, answer.text, answer.id)
            for at in self.known
            for said, answer in at.exchanges()
            if at.may_teach(said, answer) and said.id not in self.learned
        }
        pending = self.learning.pending("le", limit=1000)
        assert {(row.user_text, row.answer_text, row.answer_turn_id) for row in pending} == expected
        assert len(pending) == self.learning.queue_size("le") == len(expected)

    @invariant()
    def search_finds_what_is_there(self) -> None:
        said = [turn for at in self.known if not at.deleted for turn in at.turns]
        said = [turn for turn in said if turn.status is not TurnStatus.STREAMING]
        for word, written in (("pim", "Pim"), ("猫が", "猫が")):
            found = {hit.turn_id for hit in self.conversations.search(word, 1000)}
            assert found == {turn.id for turn in said if written in turn.text}

    def teardown(self) -> None:
        with self.database.read() as connection:
            for check, sound in (("integrity_check", ["ok"]), ("foreign_key_check", [])):
                assert connection.exec_driver_sql(f"PRAGMA {check}").scalars().all() == sound
        self.database.close()
        shutil.rmtree(self.directory)


Store.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestStore = pytest.mark.slow(Store.TestCase)
