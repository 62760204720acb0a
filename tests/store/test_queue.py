"""What waits to be learned: everything that may teach, and nothing else."""

import pytest

from l2c.conversation import Message, Role, TurnStatus
from l2c.store.conversations import Conversations
from l2c.store.learning import HISTORY_TURNS, Learning
from l2c.store.models import Models
from l2c.store.turns import LearningMark
from tests.store.talk import Talk, digest, mark, waiting


def test_a_finished_exchange_waits_with_what_was_said_before(
    learning: Learning, talk: Talk
) -> None:
    first = talk.say("Hello", "Good morning")
    second = talk.say("Where is Pim?", "With the cat.", conversation=first.conversation)
    one, two = learning.pending("le", limit=10)
    assert (one.user_text, one.answer_text, one.history) == ("Hello", "Good morning", ())
    assert (two.user_turn_id, two.answer_turn_id) == (second.user.id, second.answer.id)
    assert two.history == (Message(Role.USER, "Hello"), Message(Role.ASSISTANT, "Good morning"))
    assert (two.attempts, two.conversation_id) == (0, first.conversation)
    assert learning.queue_size("le") == 2
    assert learning.pending("le", limit=1) == [one]
    assert second.user.learning is LearningMark.QUEUED
    assert second.answer.learning is LearningMark.NONE


def test_history_has_an_end(learning: Learning, talk: Talk) -> None:
    conversation = talk.say("0").conversation
    for number in range(1, HISTORY_TURNS):
        talk.say(str(number), conversation=conversation)
    *_, last = learning.pending("le", limit=100)
    assert len(last.history) == HISTORY_TURNS
    assert last.history[-2:] == (
        Message(Role.USER, str(HISTORY_TURNS - 2)),
        Message(Role.ASSISTANT, "I see."),
    )


@pytest.mark.parametrize(
    ("answer", "status", "teaches"),
    [
        ("Good morning", TurnStatus.COMPLETE, True),
        ("Good mor", TurnStatus.STOPPED, True),
        ("", TurnStatus.STOPPED, False),
        ("", TurnStatus.COMPLETE, False),
        ("Good mor", TurnStatus.INTERRUPTED, False),
        ("Good mor", TurnStatus.ERROR, False),
    ],
)
def test_only_an_answer_that_came_teaches(
    learning: Learning, talk: Talk, answer: str, status: TurnStatus, teaches: bool
) -> None:
    said = talk.say("Hello", answer, status=status)
    assert learning.queue_size("le") == teaches
    assert said.user.learning is (LearningMark.QUEUED if teaches else LearningMark.NONE)


def test_an_orphan_teaches_nothing(
    conversations: Conversations, learning: Learning, talk: Talk
) -> None:
    conversation = conversations.create(model="le").id
    answer = conversations.begin_exchange(conversation, "Hello", model="le").answer.id
    conversations.journal(answer, 0, "Good").result()
    conversations.interrupt_orphans()
    assert learning.queue_size("le") == 0


def test_an_exchange_waits_for_every_model_that_learns(
    models: Models, learning: Learning, talk: Talk
) -> None:
    models.ensure("counts", engine="ngram", starter=digest("n"), size_bytes=1, summary={})
    models.begin_from("fixed", engine="llama", checkpoint=digest("l"), size_bytes=1)
    talk.say("Hello")
    assert [learning.queue_size(name) for name in ("le", "counts", "fixed")] == [1, 1, 0]


def test_a_turn_that_may_not_teach_is_never_queued(
    conversations: Conversations, learning: Learning, talk: Talk
) -> None:
    said = talk.say("My code is 1234", learn=False)
    assert (waiting(learning), said.user.learning) == ([], LearningMark.OFF)
    assert conversations.change_turn(said.user.id, learn=True).learning is LearningMark.QUEUED
    assert waiting(learning) == ["My code is 1234"]


@pytest.mark.parametrize("side", ["user", "answer"])
def test_a_turn_can_be_withdrawn_and_given_back(
    conversations: Conversations, learning: Learning, talk: Talk, side: str
) -> None:
    said, other = talk.say("Hello"), talk.say("Other")
    turn: str = getattr(said, side).id
    assert not conversations.change_turn(turn, learn=False).learn
    assert waiting(learning) == ["Other"]
    conversations.change_turn(turn, learn=False)
    conversations.change_turn(turn, learn=True)
    assert sorted(waiting(learning)) == ["Hello", "Other"]
    assert mark(conversations, other) == (LearningMark.QUEUED, None)


def test_a_conversation_that_may_not_teach_gives_its_exchanges_up(
    conversations: Conversations, learning: Learning, talk: Talk
) -> None:
    said = talk.say("One")
    talk.say("Two", conversation=said.conversation)
    secret = talk.say("Secret", conversation=said.conversation, learn=False)
    talk.say("Other")
    conversations.update(said.conversation, learn=False)
    assert waiting(learning) == ["Other"]
    assert mark(conversations, said) == (LearningMark.OFF, None)
    talk.say("Three", conversation=said.conversation)
    assert waiting(learning) == ["Other"]
    conversations.update(said.conversation, learn=True)
    assert sorted(waiting(learning)) == ["One", "Other", "Three", "Two"]
    assert mark(conversations, secret) == (LearningMark.OFF, None)


def test_a_deleted_conversation_teaches_nothing_until_it_is_restored(
    conversations: Conversations, learning: Learning, talk: Talk
) -> None:
    said = talk.say("Hello")
    conversations.delete(said.conversation)
    assert (waiting(learning), learning.queue_size("le")) == ([], 0)
    conversations.restore(said.conversation)
    assert (waiting(learning), learning.queue_size("le")) == (["Hello"], 1)
