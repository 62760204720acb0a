"""What the gate set aside because of a forgotten text is tried again, in its place."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from l2c.engines.model import LanguageModel
from l2c.learning import lesson
from l2c.learning.gate import Verdict
from l2c.store.forgetting import Forgettable, ForgettingState
from l2c.store.lease import Lease
from l2c.store.schema import exchange, turn
from l2c.store.states import ExchangeState
from tests.learning.school import School, practised, shorten_lessons
from tests.learning.test_unlearning import CANARY, SAYINGS, beginner, files_with, opened

__all__ = ["beginner"]

OTHER = "Marzipan-5520-Zeppelin"

History = Sequence[Sequence[str]]
Learned = tuple[str, dict[str, str]]
"""The live checkpoint, and the state in which every turn stands on its way into the model."""


@pytest.fixture(autouse=True)
def short_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lessons of a few steps, and a gate that sets half of all texts aside."""
    shorten_lessons(monkeypatch)
    monkeypatch.setattr(lesson.Training, "judge", harshly)


def harshly(training: lesson.Training, *_: Any) -> Verdict:
    """Refuses four lessons of five, by their seed, and so by everything that decides them."""
    kept = training.lesson.seed % 5 == 0
    return Verdict(kept, "Kept. A test said so." if kept else "Refused. A test said so.")


@contextmanager
def refusing(monkeypatch: pytest.MonkeyPatch, *texts: str) -> Iterator[None]:
    """A gate that refuses every lesson with one of these texts, and keeps the others."""

    def judge(training: lesson.Training, *_: Any) -> Verdict:
        heard = [source.user for source in training.lesson.sources]
        kept = not any(text in heard for text in texts)
        return Verdict(kept, "Kept." if kept else "Refused.")

    with monkeypatch.context() as for_now:
        for_now.setattr(lesson.Training, "judge", judge)
        yield


def learned(school: School) -> Learned:
    with school.database.read() as connection:
        rows = connection.execute(
            select(turn.c.text, exchange.c.state, exchange.c.attempts)
            .join(exchange, exchange.c.user_turn_id == turn.c.id)
            .order_by(turn.c.seq)
        ).all()
    learned = ExchangeState.LEARNED
    states = {r.text: r.state if r.state == learned else f"{r.state} {r.attempts}" for r in rows}
    return school.live(), states


def lived(home: Path, model: LanguageModel, history: History) -> Learned:
    """The world in which this was said and learned, a lesson each."""
    with opened(home, model) as school:
        for together in history:
            school.tell(*together)
            school.learn()
        return learned(school)


def a_history(chance: random.Random) -> History:
    return [chance.sample(SAYINGS, chance.choice([1, 2])) for _ in range(3)]


def without(said: Sequence[str], *secrets: str) -> list[str]:
    return [text for text in said if text not in secrets]


@pytest.mark.slow
def test_what_was_set_aside_with_a_forgotten_text_or_after_it_is_as_if_it_was_never_said(
    beginner: LanguageModel, tmp_path: Path
) -> None:
    set_aside = 0
    for seed in range(2):
        chance = random.Random(seed)
        never = a_history(chance)
        at = chance.randrange(len(never))
        with opened(tmp_path / f"{seed}", beginner) as school:
            secret = ""
            for number, together in enumerate(never):
                said = school.tell(*([CANARY] if number == at else []), *together)
                secret = said[0] if number == at else secret
                school.learn()
            set_aside += any("refused" in state for state in learned(school)[1].values())
            done = school.forget(Forgettable.TURN, secret)
            assert done.state is ForgettingState.DONE
            forgotten = learned(school)
        assert forgotten == lived(tmp_path / f"{seed}-never", beginner, never)
        assert files_with(tmp_path / f"{seed}", CANARY) == []
    assert set_aside > 0


@pytest.mark.slow
def test_two_texts_forgotten_one_after_the_other_are_as_if_neither_was_ever_said(
    tmp_path: Path,
) -> None:
    for seed in range(4):
        chance = random.Random(seed)
        never = a_history(chance)
        with opened(tmp_path / f"{seed}", practised()) as school:
            secrets = []
            for number, together in enumerate(never):
                secret = [CANARY] if number == 0 else [OTHER] if number == 1 else []
                said = school.tell(*secret, *together)
                secrets += said[: len(secret)]
                school.learn()
            for secret_turn in chance.sample(secrets, 2):
                school.forget(Forgettable.TURN, secret_turn)
            forgotten = learned(school)
        assert forgotten == lived(tmp_path / f"{seed}-never", practised(), never)


@pytest.mark.slow
def test_a_second_wish_in_the_middle_of_the_first_ends_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_place = Lease.put_in_place

    def die_afterwards(lease: Lease, *what: Any) -> None:
        put_in_place(lease, *what)
        raise KeyboardInterrupt

    died = 0
    for seed in range(4):
        never = a_history(random.Random(seed))
        with opened(tmp_path / f"{seed}", practised()) as school:
            said = [school.tell(CANARY, *never[0])[0]]
            school.learn()
            said.append(school.tell(OTHER, *never[1])[0])
            school.learn()
            school.tell(*never[2])
            school.learn()
            wishes, has = school.attic.forgetting, school.folder.has
            wishes.erase(wishes.begin(Forgettable.TURN, said[0], has=has).id, school.attic.copies)
            with monkeypatch.context() as dying:
                dying.setattr(Lease, "put_in_place", die_afterwards)
                try:
                    school.learn()
                except KeyboardInterrupt:
                    died += 1
            school.forget(Forgettable.TURN, said[1])
            forgotten = learned(school)
        assert forgotten == lived(tmp_path / f"{seed}-never", practised(), never)
    assert died > 0


def test_a_text_set_aside_with_the_secret_is_learned_before_what_came_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = SAYINGS[:3]
    with refusing(monkeypatch, CANARY), opened(tmp_path / "ours", practised()) as school:
        school.tell(first)
        school.learn()
        said = school.tell(CANARY, second)
        school.learn()
        school.tell(third)
        school.learn()
        assert learned(school)[1][second] == "refused 3"
        school.forget(Forgettable.TURN, said[0])
        ledger = school.learning.ledger("le", school.live())
        assert [link.sources[0].user_text for link in ledger] == [first, second, third]
        never = lived(tmp_path / "never", practised(), [[first], [second], [third]])
        assert learned(school) == never


def test_what_is_not_kept_without_the_secret_is_set_aside_and_tried_again_after_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = SAYINGS[:2]

    def needs_company(training: lesson.Training, *_: Any) -> Verdict:
        taught = training.lesson
        kept = second not in [s.user for s in taught.sources] or CANARY in [
            s.user for s in taught.earlier
        ]
        return Verdict(kept or not taught.earlier, "A test said so.")

    monkeypatch.setattr(lesson.Training, "judge", needs_company)
    with opened(tmp_path / "ours", practised()) as school:
        one = school.tell(first)
        school.learn()
        secret = school.tell(CANARY)
        school.learn()
        school.tell(second)
        school.learn()
        done = school.forget(Forgettable.TURN, secret[0])
        assert done.report["lessons_lost"] == 1
        assert learned(school) == lived(tmp_path / "once", practised(), [[first], [second]])
        assert learned(school)[1][second] == "refused 3"
        school.forget(Forgettable.TURN, one[0])
        assert learned(school) == lived(tmp_path / "twice", practised(), [[second]])
        assert learned(school)[1][second] == "learned"


def test_attempts_with_a_forgotten_text_do_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = lived(tmp_path / "never", practised(), [[SAYINGS[0]]])
    with opened(tmp_path / "ours", practised()) as school:
        said = school.tell(CANARY, SAYINGS[0])
        with refusing(monkeypatch, CANARY):
            learner = school.learner()
            assert "Refused" in (learner.run_once() or "")
            learner.close()
        school.forget(Forgettable.TURN, said[0])
        assert learned(school) == never


def test_what_was_withdrawn_meanwhile_is_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refusing(monkeypatch, CANARY), opened(tmp_path / "ours", practised()) as school:
        said = school.tell(CANARY, SAYINGS[0], SAYINGS[1])
        school.learn()
        school.conversations.change_turn(said[1], learn=False)
        school.forget(Forgettable.TURN, said[0])
        (link,) = school.learning.ledger("le", school.live())
        assert [source.user_text for source in link.sources] == [SAYINGS[1]]


def test_a_lesson_that_ended_after_the_wish_stands_behind_what_was_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = SAYINGS[:2]
    with refusing(monkeypatch, CANARY), opened(tmp_path / "ours", practised()) as school:
        said = school.tell(CANARY, first)
        school.learn()
        school.tell(second)
        wishes, has = school.attic.forgetting, school.folder.has
        train = lesson.Training.run

        def wish_meanwhile(training: lesson.Training, **how: Any) -> Any:
            monkeypatch.setattr(lesson.Training, "run", train)
            wishes.begin(Forgettable.TURN, said[0], has=has)
            return train(training, **how)

        monkeypatch.setattr(lesson.Training, "run", wish_meanwhile)
        school.learn()
        assert learned(school)[1][first] == "learned"
        assert school.live() == lived(tmp_path / "never", practised(), [[first], [second]])[0]


def night(school: School) -> None:
    learner = school.learner()
    try:
        assert "Kept" in (learner.night() or "")
    finally:
        learner.close()


def test_what_was_set_aside_before_a_night_waits_to_be_learned_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = SAYINGS[:3]
    with refusing(monkeypatch, CANARY), opened(tmp_path, practised()) as school:
        said = school.tell(CANARY, first)
        school.learn()
        for text in (second, third):
            school.tell(text)
            school.learn()
        night(school)
        school.forget(Forgettable.TURN, said[0])
        ledger = school.learning.ledger("le", school.live())
        taught = [[source.user_text for source in link.sources] for link in ledger]
        assert taught == [[second, third], [first]]


def test_what_a_night_taught_is_learned_anew_when_the_night_is_not_kept_without_the_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = SAYINGS[:2]

    def no_night_without_it(training: lesson.Training, *judged: Any) -> Verdict:
        with_it = CANARY in [source.user for source in training.lesson.sources]
        by_day = judged[2].general > judged[2].general_night
        return Verdict(with_it or by_day, "Kept." if with_it or by_day else "Refused.")

    monkeypatch.setattr(lesson.Training, "judge", no_night_without_it)
    with opened(tmp_path, practised()) as school:
        said = [school.tell(text)[0] for text in (CANARY, first)]
        school.learn()
        school.tell(second)
        school.learn()
        night(school)
        done = school.forget(Forgettable.TURN, said[0])
        assert done.report["lessons_lost"] == 1
        states = learned(school)[1]
        assert (states[first], states[second]) == ("learned", "learned")
