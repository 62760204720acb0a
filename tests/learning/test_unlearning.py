"""What is forgotten is gone from every file, and no weight is left that knew of it."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from l2c.conversation import TurnStatus
from l2c.engines.model import LanguageModel
from l2c.engines.registry import families
from l2c.errors import Busy, Conflict, NotFound
from l2c.learning import lesson
from l2c.learning.gate import Verdict
from l2c.store.accounts import Accounts
from l2c.store.dreams import Dreams
from l2c.store.forgetting import Forgettable, ForgettingState
from l2c.store.lease import Lease
from l2c.store.schema import recollection
from l2c.store.states import LessonKind
from l2c.store.turns import LearningMark
from l2c.text.characters import CharacterTokenizer
from tests.learning.school import ALPHABET, School, practised, shorten_lessons

CANARY = "Quintessenz-7391-Zwieback"

SMALL: dict[str, dict[str, object]] = {
    "lstm": {"hidden_size": 16, "learning_rate": 8e-3},
    "mixture": {
        "members": [{"family": "lstm", "config": {"hidden_size": 16}}, {"family": "ngram"}]
    },
    "llama": {"dim": 16, "layers": 1, "heads": 2, "kv_heads": 1, "hidden": 32, "context": 64},
    "htm": {"columns": 128, "cells_per_column": 4},
}
"""Configurations that are quick; a family that is not named here has its own default."""

HISTORIES = 2

SAYINGS = (
    "My boat is made of larch and oak.",
    "The mast is made of spruce.",
    "My sister lives in Bergen.",
    "Der Hafen heißt Sønderby.",
    "I paint on Sundays.",
    "The sail is red.",
)


@pytest.fixture(autouse=True)
def short_lessons(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lessons of a few steps, and a gate whose verdict follows from the lesson alone."""
    shorten_lessons(monkeypatch)
    monkeypatch.setattr(lesson.Training, "judge", by_its_seed)


def by_its_seed(training: lesson.Training, *_: Any) -> Verdict:
    """Refuses one lesson of eight, and none for the third time, which would set its text aside."""
    judged = training.lesson
    kept = judged.attempt == lesson.ATTEMPTS - 1 or judged.seed % 8 != 0
    return Verdict(kept, "Kept. A test said so." if kept else "Refused. A test said so.")


@pytest.fixture(scope="module", params=sorted(families()))
def beginner(request: pytest.FixtureRequest) -> LanguageModel:
    """A model of every family there is."""
    config = SMALL.get(request.param, {})
    return LanguageModel.create(request.param, config, CharacterTokenizer(ALPHABET), seed=0)


@contextmanager
def opened(home: Path, model: LanguageModel | None = None) -> Iterator[School]:
    school = School.open(home, model)
    try:
        yield school
    finally:
        school.close()


def conversation_of(school: School, turn_id: str) -> str:
    return school.conversations.turn(turn_id).conversation_id


def live_after(home: Path, model: LanguageModel, history: Sequence[Sequence[str]]) -> str:
    """The live checkpoint of a world in which this was said and learned, a lesson each."""
    with opened(home, model) as school:
        for together in history:
            school.tell(*together)
            school.learn()
        return school.live()


def files_with(home: Path, text: str) -> list[str]:
    needles = [text.encode(), text.lower().encode(), text.encode("utf-16-le")]
    return [
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file() and any(needle in path.read_bytes() for needle in needles)
    ]


def test_a_forgotten_world_is_bit_for_bit_the_one_in_which_it_was_never_said(
    beginner: LanguageModel, tmp_path: Path
) -> None:
    for seed in range(HISTORIES):
        chance = random.Random(seed)
        history = [
            chance.sample(SAYINGS, chance.choice([1, 2])) for _ in range(chance.choice([2, 3, 4]))
        ]
        at = chance.randrange(len(history))
        home = tmp_path / f"{seed}"
        with opened(home, beginner) as school:
            said = []
            for number, together in enumerate(history):
                said.append(school.tell(*([CANARY] if number == at else []), *together))
                school.learn()
            knew = school.live()
            done = school.forget(Forgettable.TURN, said[at][0])
            assert done.state is ForgettingState.DONE
            forgotten = school.live()
            assert forgotten != knew
        assert forgotten == live_after(tmp_path / f"{seed}-never", beginner, history)
        assert files_with(home, CANARY) == []
        assert not (home / "checkpoints" / f"{knew}.safetensors").exists()


def taught(school: School, *texts: str) -> list[str]:
    """Exchanges, each learned in a lesson of its own; the ids of the user's turns."""
    turns = []
    for text in texts:
        turns += school.tell(text)
        school.learn()
    return turns


def test_no_byte_of_a_forgotten_conversation_is_left_in_any_file(tmp_path: Path) -> None:
    with opened(tmp_path, practised()) as school:
        said = taught(school, SAYINGS[0], CANARY, SAYINGS[1])
        conversation = conversation_of(school, said[1])
        Dreams(school.database, the_user(school)).add(
            "le",
            checkpoint=school.live(),
            said=((None, f"I dreamt of {CANARY}."),),
            seed=1,
            temperature=1.0,
            tokens=9,
            entropy=1.0,
            repetition=0.0,
        )
        school.attic.copies.take_daily()
        school.attic.copies.take("replaced")
        (tmp_path / "exports").mkdir()
        (tmp_path / "exports" / "left.tar").write_text(CANARY)
        assert files_with(tmp_path, CANARY)
        done = school.forget(Forgettable.CONVERSATION, conversation)
        assert (done.state, done.done, done.steps) == (ForgettingState.DONE, 2, 2)
        assert done.report["exchanges"] == 1
        assert files_with(tmp_path, CANARY) == []
        with pytest.raises(NotFound):
            school.conversations.turn(said[1])
        ledger = school.learning.ledger("le", school.live())
        assert [link.sources[0].user_text for link in ledger] == [SAYINGS[0], SAYINGS[1]]
        assert school.learning.conversations_learned("le") == 2
        assert len(school.attic.copies.daily()) == 1


def test_a_checkpoint_that_never_read_it_answers_meanwhile(tmp_path: Path) -> None:
    with opened(tmp_path, practised()) as school:
        clean = (taught(school, SAYINGS[0]), school.live())[1]
        said = taught(school, CANARY, SAYINGS[1])
        knew = school.live()
        begun = school.attic.forgetting.begin(Forgettable.TURN, said[0], has=school.folder.has)
        assert school.live() == clean
        with pytest.raises(Conflict, match="being forgotten"):
            school.models.promote("le", knew)
        assert school.attic.forgetting.begin(Forgettable.TURN, said[0], has=bool) == begun
        school.learn()
        assert school.live() not in (clean, knew)
        assert school.attic.forgetting.under_way() is None


def test_a_learner_that_is_stopped_at_any_lesson_goes_on_and_ends_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = (CANARY, *SAYINGS[:3])
    never = live_after(tmp_path / "never", practised(), [[text] for text in SAYINGS[:3]])
    with opened(tmp_path / "ours", practised()) as school:
        said = taught(school, *texts)
        attic = school.attic
        begun = attic.forgetting.begin(Forgettable.TURN, said[0], has=school.folder.has)
        put_in_place = Lease.put_in_place
        for _ in texts:

            def die_afterwards(lease: Lease, *what: Any, **how: Any) -> None:
                put_in_place(lease, *what, **how)
                raise KeyboardInterrupt

            with monkeypatch.context() as dying:
                dying.setattr(Lease, "put_in_place", die_afterwards)
                with pytest.raises(KeyboardInterrupt):
                    school.learn()
        assert attic.forgetting.get(begun.id).done == len(texts)
        school.learn()
        assert attic.forgetting.get(begun.id).state is ForgettingState.DONE
        assert school.live() == never


def test_a_second_wish_takes_over_what_is_left_of_the_first(tmp_path: Path) -> None:
    never = live_after(tmp_path / "never", practised(), [[SAYINGS[0]], [SAYINGS[1]]])
    with opened(tmp_path / "ours", practised()) as school:
        said = taught(school, SAYINGS[0], CANARY, SAYINGS[1], CANARY.upper())
        attic, has = school.attic, school.folder.has
        first = attic.forgetting.begin(Forgettable.TURN, said[3], has=has)
        second = attic.forgetting.begin(Forgettable.TURN, said[1], has=has)
        assert attic.forgetting.get(first.id).report == {"goes_on_in": second.id}
        school.learn()
        assert school.live() == never
        assert files_with(school.home, CANARY) + files_with(school.home, CANARY.upper()) == []


def test_a_forgotten_turn_leaves_its_place_empty_and_the_others_as_they_were(
    school: School,
) -> None:
    said = school.tell(CANARY, "And what comes next?")
    conversation = conversation_of(school, said[0])
    school.forget(Forgettable.TURN, said[0])
    turns = school.conversations.turns(conversation)
    assert [turn.text for turn in turns] == ["", "", "And what comes next?", "Good to know."]
    assert school.conversations.get(conversation).title == "And what comes next?"
    assert school.conversations.search("Quintessenz") == []
    assert [source.user_text for source in school.learning.sources("le", 1)] == [
        "And what comes next?"
    ]


def test_versions_of_a_forgotten_turn_go_with_it(school: School) -> None:
    (said,) = school.tell(CANARY)
    conversation = conversation_of(school, said)
    edited = school.conversations.begin_edit(said, f"{CANARY}!", model="le")
    school.conversations.finish(edited.answer.id, text="Yes.", status=TurnStatus.COMPLETE)
    school.forget(Forgettable.TURN, edited.user.id)
    assert files_with(school.home, CANARY) == []
    assert [turn.text for turn in school.conversations.turns(conversation)] == ["", ""]


def test_what_was_learned_from_a_conversation_erased_before_can_still_be_forgotten(
    tmp_path: Path,
) -> None:
    never = live_after(tmp_path / "never", practised(), [[SAYINGS[0]]])
    with opened(tmp_path / "ours", practised()) as school:
        said = taught(school, CANARY, SAYINGS[0])
        conversation = conversation_of(school, said[0])
        school.conversations.delete(conversation)
        school.conversations.purge_deleted()
        school.forget(Forgettable.CONVERSATION, conversation)
        assert school.live() == never


def test_branches_nobody_answers_from_are_removed_and_their_text_waits_no_more(
    school: School,
) -> None:
    starter = school.live()
    said = taught(school, CANARY, SAYINGS[0])
    school.models.promote("le", starter)
    (other,) = taught(school, SAYINGS[1])
    live = school.live()
    done = school.forget(Forgettable.TURN, said[0])
    assert school.live() == live
    assert done.steps == 0
    assert {row.digest for row in school.models.checkpoints("le")} == {starter, live}
    (left,) = school.learning.lessons("le").lessons
    assert left.checkpoint == live
    assert school.conversations.turn(other).learning is LearningMark.LEARNED
    assert school.conversations.turn(said[1]).learning is LearningMark.NONE


def test_what_was_trained_on_files_after_it_is_forgotten_too(school: School) -> None:
    starter = school.live()
    said = taught(school, CANARY)
    knew = school.live()
    digest, size = school.folder.save(grown(school.folder.load(knew)))
    school.models.begin_from(
        "le", engine="lstm", checkpoint=digest, size_bytes=size, came_from=knew
    )
    school.forget(Forgettable.TURN, said[0])
    assert (school.live(), school.models.get("le").starter) == (starter, starter)
    assert not school.folder.has(digest)


def grown(model: LanguageModel) -> LanguageModel:
    other = model.copy()
    other.grow("Ω")
    return other


def test_practice_after_it_is_carried_out_again(school: School) -> None:
    said = taught(school, SAYINGS[0], CANARY)
    learner = school.learner(practice_tokens=lesson.PRACTICE_TOKENS)
    try:
        assert "Kept" in (learner.run_once(practise=True) or "")
    finally:
        learner.close()
    school.forget(Forgettable.TURN, said[1])
    kinds = [link.lesson.kind for link in school.learning.ledger("le", school.live())]
    assert kinds == [LessonKind.EXCHANGES, LessonKind.PRACTICE]


def test_files_missing_above_what_is_forgotten_are_made_again(tmp_path: Path) -> None:
    never = live_after(tmp_path / "never", practised(), [[SAYINGS[0]], [SAYINGS[1]]])
    with opened(tmp_path / "ours", practised()) as school:
        said = taught(school, SAYINGS[0], CANARY, SAYINGS[1])
        for row in school.models.checkpoints("le")[:-1]:
            school.folder.path(row.digest).unlink()
        school.forget(Forgettable.TURN, said[1])
        assert school.live() == never


def test_a_paused_learner_forgets_all_the_same(school: School) -> None:
    said = taught(school, CANARY)
    school.learning.set_control(paused=True)
    assert school.forget(Forgettable.TURN, said[0]).state is ForgettingState.DONE


def test_nothing_is_forgotten_while_an_answer_is_being_written(school: School) -> None:
    begun = school.conversations.begin_exchange(
        school.conversations.create(model="le").id, CANARY, model="le"
    )
    with pytest.raises(Busy):
        school.attic.forgetting.begin(Forgettable.TURN, begun.user.id, has=bool)


def test_only_ones_own_things_can_be_forgotten(school: School) -> None:
    for kind in Forgettable:
        with pytest.raises(NotFound):
            school.attic.forgetting.begin(kind, "0" * 32, has=bool)


def test_an_answer_elsewhere_that_remembers_it_is_emptied_too(school: School) -> None:
    said = taught(school, SAYINGS[0], CANARY)
    for forgetting in (Forgettable.TURN, Forgettable.CONVERSATION):
        (asked,) = school.tell("What did I say?")
        conversation = conversation_of(school, asked)
        answer = school.conversations.turns(conversation)[1]
        source = said[forgetting is Forgettable.TURN]
        row = {"user_id": the_user(school), "answer_id": answer.id, "turn_id": source}
        school.database.write(partial(add_recollection, row))
        whole = forgetting is Forgettable.CONVERSATION
        school.forget(forgetting, conversation_of(school, source) if whole else source)
        assert [turn.text for turn in school.conversations.turns(conversation)] == [
            "What did I say?",
            "",
        ]


def the_user(school: School) -> str:
    return Accounts(school.database).local()


def add_recollection(row: dict[str, str], connection: Connection) -> None:
    connection.execute(insert(recollection).values(**row))
