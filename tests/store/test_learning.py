"""The ledger read back, and how learning is going."""

import pytest

from l2c.conversation import Origin, TurnStatus
from l2c.errors import Conflict, InvalidInput, NotFound
from l2c.store.conversations import Conversations
from l2c.store.curve import CURVE_POINTS
from l2c.store.learning import BitsPoint, Control, Learning
from l2c.store.lease import Doing, Lease, Remade
from l2c.store.ledger import NewCheckpoint
from l2c.store.lessons import COUNTED
from l2c.store.models import Models
from l2c.store.states import LessonKind
from tests.store.talk import (
    STARTER,
    Clock,
    Talk,
    begin_lesson,
    digest,
    keep,
)


def test_the_ledger_of_a_checkpoint_is_the_chain_of_lessons_that_made_it(
    models: Models, learning: Learning, lease: Lease, talk: Talk
) -> None:
    for number, text in enumerate(["One", "Two", "Three"]):
        talk.say(text)
        parent = models.live("le")
        keep(lease, begin_lesson(learning, lease, parent=parent), f"made {number}")
        if text == "Two":  # rolled back: what Two made is not in the past of what Three makes
            models.promote("le", digest("made 0"))
    chain = learning.ledger("le", models.live("le"))
    assert [entry.digest for entry in chain] == [digest("made 0"), digest("made 2")]
    assert [entry.lesson.number for entry in chain] == [1, 3]
    assert [source.user_text for entry in chain for source in entry.sources] == ["One", "Three"]
    assert learning.ledger("le", STARTER) == []
    with pytest.raises(NotFound):
        learning.ledger("le", digest("never"))


def test_what_was_taught_is_what_kept_lessons_read_without_declined_requests(
    conversations: Conversations, learning: Learning, lease: Lease, talk: Talk
) -> None:
    talk.say("My cat is called Pim")
    begun = conversations.begin_exchange(
        conversations.create(model="le").id, "Write me a poem", model="le", learn=True
    )
    conversations.finish(
        begun.answer.id, status=TurnStatus.COMPLETE, text="I cannot.", origin=Origin.DECLINED
    )
    assert learning.taught("le") == []
    keep(lease, begin_lesson(learning, lease), "first")
    assert learning.taught("le") == ["My cat is called Pim"]


def test_a_purged_conversation_leaves_its_digests_in_the_ledger_but_no_text(
    conversations: Conversations, models: Models, learning: Learning, lease: Lease, talk: Talk
) -> None:
    said = talk.say("My code is 1234")
    keep(lease, begin_lesson(learning, lease), "first")
    conversations.delete(said.conversation)
    conversations.purge_deleted()
    ((source,),) = [entry.sources for entry in learning.ledger("le", models.live("le"))]
    assert (source.user_text, source.answer_text) == (None, None)
    assert source.sha256 == digest("My code is 1234I see.")
    assert learning.conversations_learned("le") == 1


def test_lessons_that_came_out_otherwise_in_a_rebuild_take_the_place_of_the_live_chain(
    models: Models, learning: Learning, lease: Lease, talk: Talk
) -> None:
    for text in ("One", "Two"):
        talk.say(text)
        keep(lease, begin_lesson(learning, lease, parent=models.live("le")), text)
    remade = [
        Remade(1, NewCheckpoint(digest("One, again"), 30)),
        Remade(2, NewCheckpoint(digest("Two, again"), 30)),
    ]
    lease.replace_live(digest("Two"), remade)
    assert models.live("le") == digest("Two, again")
    chain = learning.ledger("le", digest("Two, again"))
    assert [(entry.lesson.number, entry.digest) for entry in chain] == [
        (1, digest("One, again")),
        (2, digest("Two, again")),
    ]
    with pytest.raises(Conflict, match="live checkpoint"):
        lease.replace_live(digest("Two"), remade)


def test_the_same_lesson_after_a_rollback_makes_the_same_checkpoint(
    models: Models, learning: Learning, lease: Lease, talk: Talk
) -> None:
    talk.say("One")
    keep(lease, begin_lesson(learning, lease), "first")
    models.promote("le", STARTER)
    practice = lease.start_lesson(kind=LessonKind.PRACTICE, parent=STARTER, recipe_version=1)
    assert keep(lease, practice, "first").checkpoint == digest("first")
    assert [row.digest for row in models.checkpoints("le")] == [digest("first"), STARTER]


def test_lessons_are_numbered_per_model_and_come_in_pages_newest_first(
    models: Models, learning: Learning, lease: Lease
) -> None:
    models.ensure("other", engine="ngram", starter=digest("n"), size_bytes=1, summary={})
    other = learning.acquire("other", holder="pid 1")
    for _ in range(5):
        practice = lease.start_lesson(kind=LessonKind.PRACTICE, parent=STARTER, recipe_version=1)
        lease.fail_lesson(practice, reason="Tried.")
    first = other.start_lesson(kind=LessonKind.PRACTICE, parent=digest("n"), recipe_version=1)
    assert first == 1
    rows, following = learning.lessons("le", limit=2)
    assert ([row.number for row in rows], following) == ([5, 4], 4)
    rows, following = learning.lessons("le", limit=3, before=following)
    assert ([row.number for row in rows], following) == ([3, 2, 1], None)


def test_what_the_learner_does_is_seen(
    learning: Learning, lease: Lease, talk: Talk, clock: Clock
) -> None:
    talk.say("Hello")
    number = begin_lesson(learning, lease)
    clock.forward(seconds=3)
    lease.report(
        Doing("training", lesson=number, step=40, steps=120, loss=float("inf"), seconds_left=4),
        iterations=1840,
    )
    clock.forward(seconds=2)
    status = learning.status("le")
    assert status is not None
    assert (status.epoch, status.holder, status.heartbeat_age_s) == (1, "pid 1", 2.0)
    assert (status.doing, status.lesson, status.kind, status.sources) == (
        "training",
        number,
        LessonKind.EXCHANGES,
        1,
    )
    assert (status.step, status.steps, status.loss, status.seconds_left) == (40, 120, None, 4)
    lease.report(None)
    lease.note_autosave()
    idle = learning.status("le")
    assert idle is not None
    assert (idle.doing, idle.lesson, idle.step, idle.iterations) == (None, None, None, 1840)
    assert idle.autosaved_at == idle.heartbeat_at


def test_a_model_that_never_had_a_learner_has_no_status(learning: Learning) -> None:
    assert learning.status("le") is None


def test_practice_is_counted_by_the_day(learning: Learning, lease: Lease, clock: Clock) -> None:
    assert [lease.count_practice(100), lease.count_practice(50)] == [100, 150]
    successor = learning.acquire("le", holder="pid 2")
    assert successor.count_practice(1) == 151
    clock.forward(days=1)
    status = learning.status("le")
    assert status is not None
    assert status.practice_tokens_today == 0
    assert successor.count_practice(7) == 7


def test_the_loss_curve_keeps_its_ends_and_stays_small(learning: Learning, lease: Lease) -> None:
    for start in range(0, 5000, 50):
        lease.add_to_loss_curve([(i, 5000.0 - i) for i in range(start, start + 50, 5)])
    curve = learning.loss_curve("le")
    assert CURVE_POINTS / 3 <= len(curve) <= CURVE_POINTS
    assert curve == sorted(curve)
    assert curve[-1] == (4995, 5.0)
    assert curve[0][0] < 100
    lease.add_to_loss_curve([(4995, 1.0)])
    assert learning.loss_curve("le")[-1] == (4995, 1.0)


def test_the_bits_curve_is_of_kept_lessons(learning: Learning, lease: Lease, talk: Talk) -> None:
    talk.say("Hello")
    lease.fail_lesson(begin_lesson(learning, lease), reason="Tried.")
    keep(lease, begin_lesson(learning, lease), "first")
    measured = {COUNTED: {"before": 2.5, "after": 1.0}}
    keep(lease, begin_lesson(learning, lease, parent=digest("first")), "second", metrics=measured)
    assert learning.bits_curve("le") == [
        BitsPoint(2, 2.0, 1.5, None, None),
        BitsPoint(3, 2.0, 1.5, 2.5, 1.0),
    ]


def test_the_user_says_how_much_the_learner_may_do(learning: Learning) -> None:
    assert learning.control() == Control(paused=False, cpu_share=1.0)
    assert learning.set_control(cpu_share=0.5) == Control(paused=False, cpu_share=0.5)
    assert learning.set_control(paused=True) == Control(paused=True, cpu_share=0.5)
    assert learning.control() == Control(paused=True, cpu_share=0.5)
    for nonsense in (0.0, 1.5, float("nan")):
        with pytest.raises(InvalidInput):
            learning.set_control(cpu_share=nonsense)


def test_an_unknown_model_is_not_found(learning: Learning) -> None:
    with pytest.raises(NotFound):
        learning.acquire("unknown", holder="pid 1")
    with pytest.raises(NotFound):
        learning.pending("unknown", limit=1)
