"""Lessons are kept whole or not at all, and only by who holds the lease."""

from typing import Any

import pytest

from l2c.errors import Conflict, NotFound
from l2c.store.conversations import Conversations
from l2c.store.learning import Learning
from l2c.store.lease import Doing, Lease, Remade
from l2c.store.ledger import MOST_ATTEMPTS, Figures, NewCheckpoint, NewSource
from l2c.store.models import Models
from l2c.store.states import LessonKind, LessonState
from l2c.store.turns import LearningMark
from tests.store.talk import (
    STARTER,
    Talk,
    begin_lesson,
    digest,
    keep,
    mark,
    source_of,
    waiting,
)


def test_a_kept_lesson_changes_everything_at_once(
    conversations: Conversations, models: Models, learning: Learning, lease: Lease, talk: Talk
) -> None:
    said = talk.say("Hello", "Good morning")
    number = begin_lesson(learning, lease)
    assert learning.lesson("le", number).state is LessonState.TRAINING
    late = talk.say("Said while it trained")

    row = lease.keep_lesson(
        number,
        NewCheckpoint(digest("first"), size_bytes=20),
        verdict="Kept.",
        figures=Figures(steps=120, tokens=61440, cpu_seconds=3.1, bits_before=2.31, bits_after=1.9),
        metrics={"norm": 1.5, "old_percent": float("nan"), "seen": [1.0, float("inf")]},
        spans=[(0, 119)],
    )

    assert row == learning.lesson("le", 1)
    assert (row.kind, row.state, row.verdict) == (LessonKind.EXCHANGES, LessonState.KEPT, "Kept.")
    assert (row.parent, row.checkpoint, row.sources) == (STARTER, digest("first"), 1)
    assert (row.steps, row.bits_after, row.loss_before) == (120, 1.9, None)
    assert row.metrics == {"norm": 1.5, "old_percent": None, "seen": [1.0, None]}
    assert models.live("le") == digest("first")
    assert waiting(learning) == ["Said while it trained"]
    assert mark(conversations, said) == (LearningMark.LEARNED, 1)
    assert mark(conversations, late) == (LearningMark.QUEUED, None)
    (source,) = learning.sources("le", 1)
    assert (source.user_text, source.answer_text) == ("Hello", "Good morning")
    assert (source.user_turn_id, source.conversation_id) == (said.user.id, said.conversation)
    assert (source.sha256, source.first_step, source.last_step) == (
        digest("HelloGood morning"),
        0,
        119,
    )
    assert learning.conversations_learned("le") == 1


def test_a_refused_lesson_is_tried_again_until_its_exchanges_are_set_aside(
    conversations: Conversations, models: Models, learning: Learning, lease: Lease, talk: Talk
) -> None:
    said = talk.say("asdf asdf")
    for attempt in range(MOST_ATTEMPTS):
        (exchange,) = learning.pending("le", limit=10)
        assert exchange.attempts == attempt
        number = begin_lesson(learning, lease)
        row = lease.refuse_lesson(
            number, verdict="Worse.", figures=Figures(bits_after=float("nan"))
        )
        assert (row.state, row.checkpoint, row.bits_after) == (LessonState.REFUSED, None, None)
    assert waiting(learning) == []
    assert mark(conversations, said) == (LearningMark.REFUSED, None)
    assert models.live("le") == STARTER
    assert len(learning.sources("le", 1)) == 1
    conversations.change_turn(said.user.id, learn=False)
    conversations.change_turn(said.user.id, learn=True)
    assert [exchange.attempts for exchange in learning.pending("le", limit=10)] == [0]


def test_a_failed_lesson_leaves_its_exchanges_waiting(
    learning: Learning, lease: Lease, talk: Talk
) -> None:
    talk.say("Hello")
    row = lease.fail_lesson(begin_lesson(learning, lease), reason="The loss was not finite.")
    assert (row.state, row.verdict) == (LessonState.FAILED, "The loss was not finite.")
    assert [exchange.attempts for exchange in learning.pending("le", limit=10)] == [0]


def test_lessons_left_in_training_are_closed_by_the_next_learner(
    learning: Learning, lease: Lease, talk: Talk
) -> None:
    talk.say("Hello")
    number = begin_lesson(learning, lease)
    successor = learning.acquire("le", holder="pid 2")
    assert successor.abandon_unfinished(reason="The learner died.") == [number]
    assert successor.abandon_unfinished(reason="The learner died.") == []
    assert learning.lesson("le", number).state is LessonState.FAILED
    keep(successor, begin_lesson(learning, successor), "first")
    assert waiting(learning) == []


def test_a_closed_lesson_stays_as_it_is(learning: Learning, lease: Lease, talk: Talk) -> None:
    talk.say("Hello")
    number = begin_lesson(learning, lease)
    before = keep(lease, number, "first")
    with pytest.raises(Conflict, match="closed"):
        keep(lease, number, "second")
    with pytest.raises(Conflict, match="closed"):
        lease.refuse_lesson(number, verdict="No.", figures=Figures())
    with pytest.raises(Conflict, match="closed"):
        lease.fail_lesson(number, reason="No.")
    with pytest.raises(NotFound):
        keep(lease, 99, "third")
    assert learning.lesson("le", number) == before


def test_a_lesson_is_not_kept_when_another_checkpoint_has_become_live(
    conversations: Conversations, models: Models, learning: Learning, lease: Lease, talk: Talk
) -> None:
    talk.say("One")
    keep(lease, begin_lesson(learning, lease), "first")
    said = talk.say("Two")
    number = begin_lesson(learning, lease, parent=digest("first"))
    models.promote("le", STARTER)
    with pytest.raises(Conflict, match="live checkpoint"):
        keep(lease, number, "second")
    assert models.live("le") == STARTER
    assert [row.digest for row in models.checkpoints("le")] == [digest("first"), STARTER]
    assert mark(conversations, said) == (LearningMark.QUEUED, None)
    with pytest.raises(Conflict, match="live checkpoint"):
        begin_lesson(learning, lease, parent=digest("first"))


@pytest.mark.parametrize("how", ["turn", "conversation", "deleted", "purged"])
def test_a_lesson_is_not_kept_when_a_source_was_taken_back(
    conversations: Conversations,
    models: Models,
    learning: Learning,
    lease: Lease,
    talk: Talk,
    how: str,
) -> None:
    said = talk.say("My code is 1234")
    talk.say("Hello")
    number = begin_lesson(learning, lease)
    if how == "turn":
        conversations.change_turn(said.user.id, learn=False)
    elif how == "conversation":
        conversations.update(said.conversation, learn=False)
    else:
        conversations.delete(said.conversation)
        if how == "purged":
            conversations.purge_deleted()
    with pytest.raises(Conflict, match="may not teach"):
        keep(lease, number, "first")
    assert models.live("le") == STARTER
    lease.fail_lesson(number, reason="A source was taken back.")
    assert waiting(learning) == ["Hello"]


def test_a_lesson_does_not_begin_with_what_may_not_teach(
    conversations: Conversations, learning: Learning, lease: Lease, talk: Talk
) -> None:
    said = talk.say("Hello")
    (exchange,) = learning.pending("le", limit=1)
    begin: dict[str, Any] = {
        "kind": LessonKind.EXCHANGES,
        "parent": STARTER,
        "recipe_version": 1,
    }
    conversations.change_turn(said.user.id, learn=False)
    with pytest.raises(Conflict, match="may not teach"):
        lease.start_lesson(**begin, sources=[source_of(exchange)])
    with pytest.raises(NotFound):
        lease.start_lesson(**begin, sources=[NewSource("unknown", "a", "b", False, "0" * 64)])
    assert learning.lessons("le").lessons == []


def test_what_was_learned_is_not_learned_again(
    learning: Learning, lease: Lease, talk: Talk, conversations: Conversations
) -> None:
    said = talk.say("Hello")
    (exchange,) = learning.pending("le", limit=1)
    keep(lease, begin_lesson(learning, lease), "first")
    with pytest.raises(Conflict, match="may not teach"):
        lease.start_lesson(
            kind=LessonKind.EXCHANGES,
            parent=digest("first"),
            recipe_version=1,
            sources=[source_of(exchange)],
        )
    conversations.change_turn(said.user.id, learn=False)
    assert mark(conversations, said) == (LearningMark.LEARNED, 1)
    conversations.change_turn(said.user.id, learn=True)
    assert waiting(learning) == []


def test_each_lease_has_a_higher_epoch_even_for_the_same_holder(learning: Learning) -> None:
    epochs = [learning.acquire("le", holder="pid 1").epoch for _ in range(3)]
    assert epochs == [1, 2, 3]


def test_a_learner_that_was_replaced_can_write_nothing(
    models: Models, learning: Learning, lease: Lease, talk: Talk
) -> None:
    talk.say("Hello")
    number = begin_lesson(learning, lease)
    successor = learning.acquire("le", holder="pid 2")
    late = NewCheckpoint(digest("late"), 1)
    for write in (
        lambda: begin_lesson(learning, lease),
        lambda: keep(lease, number, "late"),
        lambda: lease.refuse_lesson(number, verdict="No.", figures=Figures()),
        lambda: lease.fail_lesson(number, reason="No."),
        lambda: lease.abandon_unfinished(reason="No."),
        lambda: lease.replace_live(STARTER, [Remade(number, late)]),
        lambda: lease.finish_rebuild(),
        lambda: lease.report(Doing("training")),
        lambda: lease.note_autosave(),
        lambda: lease.count_practice(10),
        lambda: lease.add_to_loss_curve([(1, 2.0)]),
    ):
        with pytest.raises(Conflict, match="pid 2 teaches 'le' now"):
            write()
    assert models.live("le") == STARTER
    assert learning.lesson("le", number).state is LessonState.TRAINING
    assert successor.abandon_unfinished(reason="It was replaced.") == [number]
