"""The learner learns every exchange once, keeps or refuses it, and can be killed at any time."""

import pytest

from l2c.engines import checkpoint
from l2c.errors import Busy, Conflict
from l2c.learning import gate, lesson
from l2c.learning.gate import Verdict
from l2c.learning.learner import MOST_SOURCES, REST, next_exchanges
from l2c.store.states import LessonState
from l2c.store.turns import LearningMark
from tests.learning.school import School, practised

pytestmark = pytest.mark.both_stores

REFUSED = Verdict(False, "Refused. A test said so.")
KEPT = Verdict(True, "Kept. A test said so.")


def mark(school: School, turn_id: str) -> tuple[LearningMark, int | None]:
    turn = school.conversations.turn(turn_id)
    return turn.learning, turn.lesson


def test_what_was_said_becomes_a_lesson_and_the_next_checkpoint_answers(school: School) -> None:
    starter = school.live()
    (said,) = school.tell("Boats are made of larch and oak.")
    assert mark(school, said) == (LearningMark.QUEUED, None)
    (verdict,) = school.learn()
    assert verdict.startswith("Kept. Your text got ")
    assert mark(school, said) == (LearningMark.LEARNED, 1)
    assert school.live() != starter
    assert school.models.checkpoint("le", school.live()).parent == starter
    row = school.learning.lesson("le", 1)
    assert row.state is LessonState.KEPT
    assert row.bits_after is not None
    assert row.bits_before is not None
    assert row.bits_after < row.bits_before


def test_nothing_is_learned_twice(school: School) -> None:
    school.tell("Boats are made of larch and oak.")
    assert len(school.learn()) == 1
    assert school.learn() == []


def test_several_exchanges_share_a_lesson(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "judge", lambda *args: KEPT)
    school.tell("We sailed at dawn.", "The wind was cold.")
    school.tell("Everybody slept well.")
    assert len(school.learn()) == 1
    assert [source.user_text for source in school.learning.sources("le", 1)] == [
        "We sailed at dawn.",
        "The wind was cold.",
        "Everybody slept well.",
    ]
    assert school.learning.conversations_learned("le") == 2


def test_a_few_exchanges_too_many_join_the_lesson_and_many_wait_for_the_next(
    school: School,
) -> None:
    most = MOST_SOURCES + REST
    school.tell(*(f"The wind was {number}." for number in range(most)))
    assert len(next_exchanges(school.learning, "le")) == most
    school.tell("Everybody slept well.")
    assert len(next_exchanges(school.learning, "le")) == MOST_SOURCES


def test_a_turn_marked_do_not_learn_teaches_nothing(school: School) -> None:
    school.tell("A secret.", learn=False)
    (said,) = school.tell("Another secret.")
    school.conversations.change_turn(said, learn=False)
    assert school.learn() == []
    assert mark(school, said) == (LearningMark.OFF, None)


def test_the_models_own_words_are_read_and_not_learned(school: School) -> None:
    school.tell("Boats are made of larch and oak.")
    school.learn()
    (source,) = school.learning.sources("le", 1)
    assert source.answer_text == "Good to know."
    assert source.answer_teaches is False


def test_new_letters_find_a_place_in_the_vocabulary(school: School) -> None:
    before = practised().tokenizer.vocab_size
    school.tell("Ich heiße Jörg und wohne in Köln.")
    school.learn()
    assert school.folder.load(school.live()).tokenizer.vocab_size == before + 2


def test_a_refused_lesson_changes_nothing_and_is_tried_three_times(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "judge", lambda *_: REFUSED)
    starter = school.live()
    (said,) = school.tell("Boats are made of larch and oak.")
    assert school.learn() == [REFUSED.reason] * lesson.ATTEMPTS
    assert school.live() == starter
    assert mark(school, said) == (LearningMark.REFUSED, None)
    attempts = [row.attempt for row in school.learning.lessons("le").lessons]
    assert attempts == [2, 1, 0]


def test_a_paused_learner_leaves_the_queue_alone(school: School) -> None:
    school.learning.set_control(paused=True)
    school.tell("Boats are made of larch and oak.")
    assert school.learn() == []
    assert school.learning.queue_size("le") == 1


def test_a_stopped_lesson_goes_on_and_ends_as_if_it_had_never_stopped(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    starter = school.live()
    school.tell("Boats are made of larch and oak.")
    school.learn()
    uninterrupted = school.live()

    school.models.promote("le", starter)
    (said,) = school.tell("Boats are made of larch and oak.")
    steps: list[int] = []

    def rest(_: object) -> None:
        steps.append(1)
        if len(steps) == 13:
            school.stop.set()

    with monkeypatch.context() as patched:
        patched.setattr("l2c.learning.pace.Pace.rest", rest)
        assert school.learn() == []
    assert mark(school, said)[0] is LearningMark.QUEUED
    assert school.live() == starter
    school.stop.clear()
    resumed: list[int] = []
    monkeypatch.setattr("l2c.learning.pace.Pace.rest", lambda _: resumed.append(1))
    school.learn()
    assert school.live() == uninterrupted
    assert len(resumed) == lesson.FEWEST_STEPS - 13


def test_a_lesson_whose_turn_was_taken_back_meanwhile_is_not_kept(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    starter = school.live()
    (said,) = school.tell("A slip of the tongue.")

    def withdraw(*_: object) -> Verdict:
        school.conversations.change_turn(said, learn=False)
        return KEPT

    monkeypatch.setattr(gate, "judge", withdraw)
    (reason,) = school.learn()
    assert reason.startswith("Not kept.")
    assert school.live() == starter
    assert school.learning.lesson("le", 1).state is LessonState.FAILED
    assert mark(school, said) == (LearningMark.OFF, None)


def test_a_rollback_during_a_lesson_wins(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    starter = school.live()
    school.tell("Boats are made of larch and oak.")
    school.learn()
    (said,) = school.tell("The mast is made of spruce.")

    def roll_back(*_: object) -> Verdict:
        school.models.promote("le", starter)
        monkeypatch.setattr(gate, "judge", lambda *_: KEPT)
        return KEPT

    monkeypatch.setattr(gate, "judge", roll_back)
    assert school.learn()[0].startswith("Not kept.")
    assert mark(school, said)[0] is LearningMark.LEARNED
    assert school.models.checkpoint("le", school.live()).parent == starter


def test_there_is_one_learner_at_a_time(school: School) -> None:
    first = school.learner()
    with pytest.raises(Busy, match=r"pid \d+"):
        school.learner()
    first.close()
    school.learner().close()


def test_a_learner_that_slept_through_a_change_of_hands_can_write_nothing(school: School) -> None:
    sleeper = school.learning.acquire("le", holder="the sleeper")
    school.learning.acquire("le", holder="the successor")
    with pytest.raises(Conflict):
        sleeper.report(None)


def test_deleted_model_files_are_made_again_bit_for_bit(school: School) -> None:
    for text in ("Boats are made of larch.", "The mast is made of spruce."):
        school.tell(text)
        school.learn()
    live = school.live()
    for row in school.models.checkpoints("le"):
        if row.lesson is not None:
            school.folder.path(row.digest).unlink()
    (outcome,) = school.learn()
    assert outcome == "Rebuilt. 2 lessons gave the same checkpoint again, bit for bit."
    assert school.live() == live
    assert checkpoint.load(school.folder.path(live), digest=live).engine.steps > 0


def test_a_rebuild_without_an_erased_source_says_so_and_goes_on(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "judge", lambda *_: KEPT)
    said = school.tell("Boats are made of larch.")
    school.learn()
    school.tell("The mast is made of spruce.")
    school.learn()
    live = school.live()
    conversation = school.conversations.turn(said[0]).conversation_id
    school.conversations.delete(conversation)
    school.conversations.purge_deleted()
    school.models.request_rebuild("le")
    (outcome,) = school.learn()
    assert "lesson 1 came out differently: 1 of its sources are gone" in outcome
    assert school.live() != live
    ledger = school.learning.ledger("le", school.live())
    assert [link.lesson.number for link in ledger] == [1, 2]


def test_practice_fills_the_quiet_and_stays_within_its_budget(school: School) -> None:
    learner = school.learner(practice_tokens=lesson.PRACTICE_TOKENS)
    try:
        assert learner.run_once(practise=True) is None, "a starter has practised enough"
        school.tell("Boats are made of larch and oak.")
        learner.run_until_idle()
        assert school.live() != school.models.get("le").starter
        assert learner.run_once() is None
        verdict = learner.run_once(practise=True)
        assert verdict is not None
        assert "ractice" in verdict
        assert learner.run_once(practise=True) is None
    finally:
        learner.close()
    status = school.learning.status("le")
    assert status is not None
    assert status.practice_tokens_today == lesson.PRACTICE_TOKENS


def test_a_broken_starter_file_fails_the_lesson_and_keeps_the_exchange(school: School) -> None:
    (said,) = school.tell("Boats are made of larch and oak.")
    path = school.folder.path(school.live())
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    learner = school.learner()
    try:
        reason = learner.run_once()
    finally:
        learner.close()
    assert reason is not None
    assert reason.startswith("Broke off.")
    assert mark(school, said)[0] is LearningMark.QUEUED
    path.write_bytes(whole)
    school.learn()
    assert mark(school, said)[0] is LearningMark.LEARNED
