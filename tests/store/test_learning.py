"""The queue, lessons, the ledger, and the lease under which all of it is written."""

from typing import Any

import pytest

from l2c.conversation import Message, Role, TurnStatus
from l2c.errors import Conflict, InvalidInput, NotFound
from l2c.store.conversations import Conversations
from l2c.store.learning import HISTORY_TURNS, Control, Learning
from l2c.store.lease import CURVE_POINTS, Doing, Lease, Remade
from l2c.store.ledger import MOST_ATTEMPTS, Figures, NewCheckpoint, NewSource
from l2c.store.models import Models
from l2c.store.states import LessonKind, LessonState
from l2c.store.turns import LearningMark
from tests.store.talk import STARTER, Clock, Said, Talk, begin_lesson, digest, keep, source_of


@pytest.fixture
def lease(learning: Learning) -> Lease:
    return learning.acquire("le", holder="pid 1")


def waiting(learning: Learning) -> list[str]:
    return [exchange.user_text for exchange in learning.pending("le", limit=100)]


def mark(conversations: Conversations, said: Said) -> tuple[LearningMark, int | None]:
    turn = conversations.turn(said.user.id)
    return turn.learning, turn.lesson


# What waits to be learned


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
    models.ensure("fixed", engine="llama", starter=digest("l"), size_bytes=1, summary={})
    models.set_learns("fixed", False)
    talk.say("Hello")
    assert [learning.queue_size(name) for name in ("le", "counts", "fixed")] == [1, 1, 0]


def test_a_turn_that_may_not_teach_is_never_queued(
    conversations: Conversations, learning: Learning, talk: Talk
) -> None:
    said = talk.say("My code is 1234", learn=False)
    assert (waiting(learning), said.user.learning) == ([], LearningMark.OFF)
    assert conversations.set_turn_learn(said.user.id, True).learning is LearningMark.QUEUED
    assert waiting(learning) == ["My code is 1234"]


@pytest.mark.parametrize("side", ["user", "answer"])
def test_a_turn_can_be_withdrawn_and_given_back(
    conversations: Conversations, learning: Learning, talk: Talk, side: str
) -> None:
    said, other = talk.say("Hello"), talk.say("Other")
    turn: str = getattr(said, side).id
    assert not conversations.set_turn_learn(turn, False).learn
    assert waiting(learning) == ["Other"]
    conversations.set_turn_learn(turn, False)
    conversations.set_turn_learn(turn, True)
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


# Lessons


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
    conversations.set_turn_learn(said.user.id, False)
    conversations.set_turn_learn(said.user.id, True)
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
        conversations.set_turn_learn(said.user.id, False)
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
    conversations.set_turn_learn(said.user.id, False)
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
    conversations.set_turn_learn(said.user.id, False)
    assert mark(conversations, said) == (LearningMark.LEARNED, 1)
    conversations.set_turn_learn(said.user.id, True)
    assert waiting(learning) == []


# The lease


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


# The ledger


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


# How it is going


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
    assert learning.bits_curve("le") == [(2, 2.0, 1.5)]


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
