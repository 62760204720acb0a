"""The night's lesson begins again at the starter, and leaves one lesson where there were many."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from l2c.learning import gate, lesson, night
from l2c.learning import learner as learner_module
from l2c.learning.gate import Thresholds, Verdict
from l2c.learning.ledger import entries, verify
from l2c.store.forgetting import Forgettable
from l2c.store.lessons import JOINT, LedgerEntry
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


def by_night(school: School, most: int = 1_000) -> str | None:
    learner = school.learner(night_exchanges=most)
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


def taught(school: School) -> list[list[str | None]]:
    """What the live checkpoint was taught, lesson by lesson."""
    chain = school.learning.ledger("le", school.live())
    return [[source.user_text for source in link.sources] for link in chain]


def test_nothing_new_makes_no_other_night(school: School) -> None:
    dusk(school, "My boat is made of larch.", "My aunt lives in Brno.")
    by_night(school)
    assert by_night(school) is None


def test_at_night_the_ledger_is_read_once_where_there_is_nothing_to_do(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    dusk(school, "My boat is made of larch.")
    learner, read, waits = school.learner(), [], []
    ledger = school.learning.ledger

    def reading(name: str, live: str) -> list[LedgerEntry]:
        read.append(live)
        return ledger(name, live)

    def waiting(seconds: float) -> bool:
        waits.append(seconds)
        if len(waits) == 3:
            school.stop.set()
        return school.stop.is_set()

    monkeypatch.setattr(learner_module, "is_night", lambda hour, quiet_for_s: True)
    monkeypatch.setattr(school.learning, "ledger", reading)
    monkeypatch.setattr(school.stop, "wait", waiting)
    try:
        assert learner.run() == []
    finally:
        learner.close()
    assert (len(read), len(waits)) == (1, 3)


def test_where_history_is_longer_than_a_night_the_one_before_takes_the_starters_place(
    school: School,
) -> None:
    starter = school.live()
    dusk(school, "My boat is made of larch.", "My aunt lives in Brno.")
    by_night(school, most=2)
    dusk(school, "I paint on Sundays.", "My son is called Tom.")
    said = by_night(school, most=2)
    assert said is not None
    assert said.startswith(
        "Rebuilt from lesson 3, which takes the place of the start, over 2 exchanges. Kept."
    )
    assert [len(texts) for texts in taught(school)] == [2, 2]
    chain = entries(school.learning.ledger("le", school.live()))
    first = school.folder.load(starter)
    assert verify("le", first, starter, chain, on_step=lambda *_: None).exact
    assert by_night(school, most=2) is None
    dusk(school, "My car is red.")
    said = by_night(school, most=2)
    assert said is not None
    assert "from lesson 6," in said  # the first leaves three
    dusk(school, "My hat is blue.")
    said = by_night(school, most=6)
    assert said is not None
    assert "from the start over 6" in said  # whoever allows more time gets all of it


def test_what_was_taught_before_an_anchor_is_forgotten_exactly(
    school: School, tmp_path: Path
) -> None:
    before, after = ("My boat is made of larch.", "My aunt lives in Brno."), "I paint on Sundays."
    secret = "My code is 4711."
    other = School.open(tmp_path / "other")
    try:
        for one, texts in ((school, (secret, *before)), (other, before)):
            said = dusk(one, *texts)
            by_night(one, most=3)
            dusk(one, after, "My son is called Tom.")
            assert "takes the place" in (by_night(one, most=3) or "")
            if one is school:
                one.forget(Forgettable.TURN, said[0])
        assert taught(school) == taught(other)
        assert school.live() == other.live()
    finally:
        other.close()


def test_the_file_a_night_may_stand_on_is_kept(school: School) -> None:
    dusk(school, "My boat is made of larch.", "My aunt lives in Brno.")
    by_night(school)
    anchor = school.live()
    for text in ("I paint on Sundays.", "My son is called Tom."):
        school.tell(text)
        for file in (school.home / "checkpoints").iterdir():
            os.utime(file, (0, 0))  # old enough to be removed
        learner = school.learner(checkpoint_bytes=0)
        try:
            learner.run_until_idle()
        finally:
            learner.close()
    day = school.learning.ledger("le", school.live())[1].digest
    assert school.folder.has(anchor)
    assert not school.folder.has(day)


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
        night.judge(made, practised(), practised(), practised(), night.at_night(day))
    assert limits == [0.01, 0.005]
    untouched = practised().engine.tensors()
    for name, tensor in made.candidate.engine.tensors().items():
        np.testing.assert_array_equal(tensor, untouched[name])
