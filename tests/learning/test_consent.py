"""Nothing teaches that its owner keeps out, and the learner rests when it is told to."""

import time
from pathlib import Path

import pytest

from l2c.conversation import TurnStatus
from l2c.errors import InvalidInput
from l2c.learning import gate
from l2c.learning import learner as the_learner
from l2c.learning.hours import on_battery, why_rest
from l2c.store.accounts import Accounts
from l2c.store.consent import Hours, Redacted
from l2c.store.folders import Folders
from tests.learning.school import School

pytestmark = pytest.mark.both_stores

SECRET = "Write to ada@example.org about the boat."


def sources(school: School) -> list[str | None]:
    return [source.user_text for source in school.learning.sources("le", 1)]


def test_what_is_redacted_is_never_read_by_a_lesson(school: School) -> None:
    school.tell(SECRET)
    school.learn()
    assert sources(school) == ["Write to (e-mail) about the boat."]


def test_what_its_owner_lets_through_teaches_as_it_is(school: School) -> None:
    school.learning.consent.redact(Redacted.EMAIL, False)
    school.tell(SECRET)
    school.learn()
    assert sources(school) == [SECRET]
    school.learning.consent.redact(Redacted.EMAIL, True)
    assert school.learning.consent.redacted() == frozenset(Redacted)


def folders(school: School) -> Folders:
    return Folders(school.database, Accounts(school.database).local())


def test_a_folder_can_be_kept_out(school: School) -> None:
    folder = folders(school).create("Private")
    assert folder.learn
    (said,) = school.tell("A secret.")
    conversation = school.conversations.turn(said).conversation_id
    folders(school).set_learn(folder.id, False)
    school.conversations.update(conversation, folder_id=folder.id)
    assert school.learning.queue_size("le") == 0
    assert school.conversations.turn(said).learning == "off"
    assert not folders(school).set_learn(folder.id, False).learn
    folders(school).set_learn(folder.id, True)
    assert school.learning.queue_size("le") == 1
    folders(school).set_learn(folder.id, False)
    school.conversations.update(conversation, folder_id=None)
    assert school.learning.queue_size("le") == 1


def test_what_is_said_in_a_folder_kept_out_is_not_queued(school: School) -> None:
    folder = folders(school).create("Private")
    folders(school).set_learn(folder.id, False)
    (said,) = school.tell("Something.")
    conversation = school.conversations.turn(said).conversation_id
    school.conversations.update(conversation, folder_id=folder.id)
    begun = school.conversations.begin_exchange(conversation, "A secret.", model="le")
    school.conversations.finish(begun.answer.id, text="Yes.", status=TurnStatus.COMPLETE)
    assert school.learning.queue_size("le") == 0


NIGHT = Hours(quiet_from=22 * 60, quiet_until=7 * 60)


@pytest.mark.parametrize(
    ("hours", "minute", "quiet_for_s", "battery", "words"),
    [
        (Hours(), 0, 0.0, True, None),
        (NIGHT, 21 * 60 + 59, 0.0, False, None),
        (NIGHT, 22 * 60, 0.0, False, "until 07:00"),
        (NIGHT, 6 * 60 + 59, 0.0, False, "until 07:00"),
        (NIGHT, 7 * 60, 0.0, False, None),
        (Hours(quiet_from=60, quiet_until=120), 90, 0.0, False, "until 02:00"),
        (Hours(quiet_from=60, quiet_until=60), 60, 0.0, False, None),
        (Hours(on_battery=False), 0, 0.0, True, "battery"),
        (Hours(on_battery=False), 0, 0.0, False, None),
        (Hours(only_when_idle=True), 0, 299.0, False, "talking"),
        (Hours(only_when_idle=True), 0, 301.0, False, None),
    ],
)
def test_it_rests_when_it_is_told_to(
    hours: Hours, minute: int, quiet_for_s: float, battery: bool, words: str | None
) -> None:
    why = why_rest(hours, minute=minute, quiet_for_s=quiet_for_s, on_battery=battery)
    assert (why is None) if words is None else (why is not None and words in why)


def test_a_resting_learner_leaves_the_queue_alone(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.tell("My boat is made of larch and oak.")
    school.learning.consent.change_hours(only_when_idle=True)
    assert school.learn() == []
    school.learning.consent.change_hours(only_when_idle=False, on_battery=False)
    monkeypatch.setattr(the_learner, "on_battery", lambda: True)
    assert school.learn() == []
    now = time.localtime()
    minute = 60 * now.tm_hour + now.tm_min
    school.learning.consent.change_hours(
        on_battery=True, quiet_from=(minute - 60) % 1440, quiet_until=(minute + 60) % 1440
    )
    assert school.learn() == []
    school.learning.consent.change_hours(quiet_from=None, quiet_until=None)
    assert school.learn() != []


def test_hours_that_are_none_are_refused(school: School) -> None:
    for quiet_until in (None, 1440):
        with pytest.raises(InvalidInput):
            school.learning.consent.change_hours(quiet_from=5, quiet_until=quiet_until)
    assert school.learning.consent.hours() == Hours()


def test_a_battery_that_discharges_is_seen_and_a_mouse_is_not(tmp_path: Path) -> None:
    def supply(name: str, **says: str) -> None:
        (tmp_path / name).mkdir()
        for key, value in says.items():
            (tmp_path / name / key).write_text(f"{value}\n")

    assert not on_battery(tmp_path / "nothing")
    supply("AC", type="Mains", online="1")
    supply("mouse", type="Battery", status="Discharging", scope="Device")
    supply("BAT0", type="Battery", status="Charging")
    assert not on_battery(tmp_path)
    supply("BAT1", type="Battery", status="Discharging")
    assert on_battery(tmp_path)


def test_pinned_checkpoints_and_those_within_the_budget_keep_their_files(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = gate.Verdict(True, "Kept. A test said so.")
    monkeypatch.setattr(gate, "judge", lambda *_: kept)
    for text in ("My boat is made of larch.", "The mast is made of spruce.", "The sail is red."):
        school.tell(text)
        school.learn()
    live, second, first, starter = (row.digest for row in school.models.checkpoints("le"))
    assert school.models.pin("le", first, True).pinned
    removed: list[set[str]] = []
    monkeypatch.setattr(type(school.folder), "keep_only", lambda _, wanted: removed.append(wanted))
    school.tell("The oars are short.")
    learner = school.learner()
    try:
        learner._limits = the_learner.Limits(0, 300.0, checkpoint_bytes=0)
        learner.run_once()
    finally:
        learner.close()
    assert removed[-1] == {school.live(), first, starter}
    assert second not in removed[-1]
    assert live not in removed[-1]
