"""A checkpoint that turns out to be worse than the one before is gone back from, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from l2c.learning import gate, lesson
from l2c.learning.gate import Thresholds, Verdict
from l2c.learning.report import view
from tests.learning.school import School, shorten_lessons

SAYINGS = ("My boat is made of larch.", "My aunt lives in Brno.", "I paint on Sundays.")


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[School]:
    shorten_lessons(monkeypatch)
    kept = Verdict(True, "Kept. A test said so.")
    monkeypatch.setattr(gate, "judge", lambda *_: kept)
    school = School.open(tmp_path)
    yield school
    school.close()


def taught(school: School, text: str) -> str:
    """What answers after this was learned."""
    school.tell(text)
    school.learn()
    return school.live()


def rate(school: School, rating: int, answers: int) -> None:
    """Answers of what is live, none of which teaches, and what was said of each."""
    for turn in school.tell(*SAYINGS[2:] * answers, learn=False):
        conversation = school.conversations.turn(turn).conversation_id
        (answer,) = (
            one for one in school.conversations.turns(conversation) if one.parent_id == turn
        )
        school.conversations.change_turn(answer.id, rating=rating)


def looked_at(school: School, thresholds: Thresholds = gate.USUAL) -> str | None:
    """What a learner with nothing to learn says when it has looked at what is live."""
    learner = school.learner(thresholds=thresholds)
    try:
        return learner.run_once(practise=True)
    finally:
        learner.close()


def test_a_checkpoint_whose_answers_are_called_bad_is_gone_back_from(school: School) -> None:
    first = taught(school, SAYINGS[0])
    rate(school, 1, 3)
    taught(school, SAYINGS[1])
    rate(school, -1, 6)
    said = looked_at(school)
    assert said is not None
    assert said.startswith("Taken back. Of 6 rated answers 6 were called bad.")
    assert school.live() == first
    verdict = school.learning.lesson("le", 2).verdict or ""
    assert verdict.startswith("Kept. A test said so. Taken back since: Of 6 rated answers")
    model = school.models.get("le")
    shown = view(school.learning, model, school.folder.load(model.live), learner_is_alive=False)
    assert shown.taken_back == "lesson 2: Of 6 rated answers 6 were called bad."


def test_without_the_rule_the_bad_checkpoint_stays(school: School) -> None:
    taught(school, SAYINGS[0])
    bad = taught(school, SAYINGS[1])
    rate(school, -1, 6)
    assert looked_at(school, Thresholds(liked=0.0)) is None
    assert school.live() == bad


def test_a_few_bad_ratings_among_good_ones_change_nothing(school: School) -> None:
    taught(school, SAYINGS[0])
    live = taught(school, SAYINGS[1])
    rate(school, -1, 2)
    rate(school, 1, 2)
    assert looked_at(school) is None
    assert school.live() == live


def test_where_every_answer_before_was_bad_too_going_back_would_not_help(school: School) -> None:
    taught(school, SAYINGS[0])
    rate(school, -1, 6)
    live = taught(school, SAYINGS[1])
    rate(school, -1, 6)
    assert looked_at(school) is None
    assert school.live() == live


def test_what_a_person_promotes_again_is_left_alone(school: School) -> None:
    taught(school, SAYINGS[0])
    bad = taught(school, SAYINGS[1])
    rate(school, -1, 6)
    assert looked_at(school) is not None
    school.models.promote("le", bad)
    assert looked_at(school) is None
    assert school.live() == bad


def test_a_checkpoint_that_reads_general_text_too_badly_is_gone_back_from(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = taught(school, SAYINGS[0])
    with monkeypatch.context() as hard:
        hard.setattr(lesson.Training, "rate", 30.0)
        bad = taught(school, SAYINGS[1])
    lenient = Thresholds(general=100.0)
    assert looked_at(school, lenient) is None
    assert school.live() == bad
    said = looked_at(school, Thresholds(general=0.5))
    assert said is not None
    assert said.startswith("Taken back. General text is more than ")
    assert school.live() == sound


def test_after_it_lessons_go_on_from_the_checkpoint_before(school: School) -> None:
    first = taught(school, SAYINGS[0])
    taught(school, SAYINGS[1])
    rate(school, -1, 6)
    looked_at(school)
    taught(school, SAYINGS[2])
    chain = school.learning.ledger("le", school.live())
    assert [link.digest for link in chain] == [first, school.live()]
