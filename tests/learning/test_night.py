"""The night's lesson begins again at the starter, and leaves one lesson where there were many."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from l2c.learning import gate, lesson, night
from l2c.learning.gate import Thresholds, Verdict
from l2c.learning.ledger import entries, verify
from l2c.store.forgetting import Forgettable
from l2c.store.lessons import JOINT
from l2c.store.states import LessonKind, LessonState
from tests.learning.school import School, practised, shorten_lessons

KEPT = Verdict(True, "Kept. A test said so.")


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[School]:
    shorten_lessons(monkeypatch)
    monkeypatch.setattr(gate, "judge", lambda *_: KEPT)
    school = School.open(tmp_path)
    yield school
    school.close()


def dusk(school: School, *texts: str) -> list[str]:
    """A lesson for each of these; the user turns' ids."""
    said = []
    for text in texts:
        said += school.tell(text)
        school.learn()
    return said


def by_night(school: School) -> str | None:
    learner = school.learner()
    try:
        return learner.night()
    finally:
        learner.close()


def test_many_lessons_become_one_of_the_starter_and_it_can_be_verified(school: School) -> None:
    starter = school.live()
    dusk(school, "My boat is made of larch.", "My aunt lives in Brno.", "Hello again.")
    day = school.live()
    verdict = by_night(school)
    assert verdict is not None
    assert verdict.startswith("Rebuilt from the start over 3 exchanges. Kept.")
    assert school.live() not in (day, starter)
    chain = school.learning.ledger("le", school.live())
    assert [(link.lesson.number, len(link.sources)) for link in chain] == [(4, 3)]
    assert chain[0].lesson.metrics[JOINT] is True
    first = school.folder.load(starter)
    proof = verify("le", first, starter, entries(chain), on_step=lambda *_: None)
    assert proof.exact


def test_the_day_before_it_can_be_gone_back_to_and_learns_on(school: School) -> None:
    dusk(school, "My boat is made of larch.", "My aunt lives in Brno.")
    day = school.live()
    by_night(school)
    school.models.promote("le", day)
    dusk(school, "I paint on Sundays.")
    assert len(school.learning.ledger("le", school.live())) == 3


def test_a_forgotten_turn_is_left_out_of_the_night(school: School) -> None:
    said = dusk(school, "My boat is made of larch.", "My aunt lives in Brno.")
    by_night(school)
    school.forget(Forgettable.TURN, said[0])
    texts = [
        s.user_text for link in school.learning.ledger("le", school.live()) for s in link.sources
    ]
    assert texts == ["My aunt lives in Brno."]


def test_too_little_makes_no_night(school: School) -> None:
    dusk(school, "My boat is made of larch.")
    assert by_night(school) is None


def test_a_refused_night_leaves_the_day_as_it_was(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    dusk(school, "My boat is made of larch.", "My aunt lives in Brno.")
    day = school.live()
    monkeypatch.setattr(gate, "judge", lambda *_: Verdict(False, "Refused. A test said so."))
    by_night(school)
    assert school.live() == day
    refused = school.learning.lesson("le", 3)
    assert refused.state is LessonState.REFUSED
    assert (refused.thresholds or {})["general"] == 0.01
    assert school.learning.queue_size("le") == 0


def test_the_night_may_lose_less_of_general_text_than_the_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits: list[float] = []

    def judge(*judged: object) -> Verdict:
        thresholds = judged[4]
        assert isinstance(thresholds, Thresholds)
        limits.append(thresholds.general)
        return KEPT

    monkeypatch.setattr(gate, "judge", judge)
    made = lesson.Training(lesson.Lesson(LessonKind.PRACTICE, "f" * 64, (), ()), practised())
    for day in (Thresholds(general=0.03), Thresholds(general=0.005)):
        night.judge(made, practised(), practised(), night.at_night(day))
    assert limits == [0.01, 0.005]
    untouched = practised().engine.tensors()
    for name, tensor in made.candidate.engine.tensors().items():
        np.testing.assert_array_equal(tensor, untouched[name])
