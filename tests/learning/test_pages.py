"""Pages of the notebook are forgotten as turns are; verdicts are given again as they were."""

from pathlib import Path

import pytest

from l2c.engines.model import LanguageModel
from l2c.learning import lesson
from l2c.learning.gate import USUAL, Thresholds, Verdict
from l2c.store.consent import Threshold
from l2c.store.forgetting import Forgettable, ForgettingState
from l2c.store.notes import NoteRow, Notes
from tests.learning.school import School, practised
from tests.learning.test_unlearning import (
    CANARY,
    SAYINGS,
    beginner,
    files_with,
    live_after,
    opened,
    short_lessons,
    taught,
    the_user,
)

__all__ = ["beginner", "short_lessons"]


def page(school: School, *paragraphs: str) -> NoteRow:
    """A page of the notebook that was learned in a lesson of its own."""
    notes = Notes(school.database, the_user(school))
    written = notes.add("\n\n".join(paragraphs))
    notes.learn(written.id, paragraphs, revision=1, title="Diary", model="le")
    school.learn()
    return notes.get(written.id)


def test_a_forgotten_page_leaves_the_world_in_which_it_was_never_written(
    beginner: LanguageModel, tmp_path: Path
) -> None:
    home = tmp_path / "ours"
    with opened(home, beginner) as school:
        taught(school, SAYINGS[0])
        written = page(school, f"{CANARY} is in the shed.", SAYINGS[1])
        assert written.waiting == 0
        taught(school, SAYINGS[2])
        knew = school.live()
        school.attic.copies.take_daily()
        done = school.forget(Forgettable.NOTE, written.id)
        assert (done.state, done.report["notes"], done.steps) == (ForgettingState.DONE, 1, 2)
        forgotten = school.live()
    assert forgotten == live_after(tmp_path / "never", beginner, [SAYINGS[:1], SAYINGS[2:3]])
    assert files_with(home, CANARY) == []
    assert not (home / "checkpoints" / f"{knew}.safetensors").exists()


def test_a_page_stays_when_only_what_it_taught_is_forgotten(school: School) -> None:
    written = page(school, SAYINGS[0])
    school.attic.copies.take_daily()
    school.forget(Forgettable.CONVERSATION, str(written.learned_in))
    notes = Notes(school.database, the_user(school))
    kept = notes.get(written.id)
    assert (kept.text, kept.learned_at, kept.learned_in) == (SAYINGS[0], None, None)
    assert notes.learned() == set()
    assert school.models.get("le").live == school.models.get("le").starter


def test_a_lesson_is_carried_out_again_under_the_thresholds_of_its_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strict(_: lesson.Training, *models: LanguageModel | Thresholds) -> Verdict:
        asked = models[-1]
        assert isinstance(asked, Thresholds)
        return Verdict(asked.general > 0.02, f"Judged under {asked.general:g}.")

    monkeypatch.setattr(lesson.Training, "judge", strict)
    never = live_after(tmp_path / "never", practised(), [[SAYINGS[0]]])
    with opened(tmp_path / "ours", practised()) as school:
        said = taught(school, CANARY, SAYINGS[0])
        consent = school.learning.consent
        consent.set_thresholds({Threshold.GENERAL: 0.01})
        done = school.forget(Forgettable.TURN, said[0])
        assert (school.live(), done.report["lessons_lost"]) == (never, 0)
        row = school.learning.lesson("le", 2)
        assert Thresholds.recorded(row.thresholds or {}) == USUAL
        taught(school, SAYINGS[1])
        refused = school.learning.lessons("le").lessons[0]
        assert refused.verdict == "Judged under 0.01."
        assert (refused.thresholds or {})["general"] == 0.01
        consent.set_thresholds({Threshold.GENERAL: None})
        taught(school, SAYINGS[2])
        assert school.learning.lessons("le").lessons[0].verdict == "Judged under 0.03."
