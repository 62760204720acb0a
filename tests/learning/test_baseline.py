"""Counting alone reads what a lesson teaches: predicted first, counted afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from l2c.engines.model import LanguageModel
from l2c.errors import L2CError
from l2c.learning import baseline, gate
from l2c.learning.baseline import counting_alone
from l2c.learning.evaluation import score_sources
from l2c.learning.examples import Source
from l2c.learning.gate import Verdict
from l2c.store.forgetting import Forgettable
from l2c.text.bytes import ByteTokenizer
from tests.learning.school import School, shorten_lessons

ODD = Source("Xylobrix quavers with zwieback.", "Good to know.")
PLAIN = Source("My sister lives in Bergen.", "Good to know.")


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[School]:
    shorten_lessons(monkeypatch)
    monkeypatch.setattr(gate, "judge", lambda *_: Verdict(True, "Kept. A test said so."))
    school = School.open(tmp_path)
    yield school
    school.close()


def figures(*sources: Source, earlier: tuple[Source, ...] = ()) -> tuple[float, float]:
    counted = counting_alone(sources, earlier)
    assert counted is not None
    return counted.before, counted.after


def test_the_figure_before_has_read_nothing_of_the_lesson() -> None:
    before, after = figures(ODD)
    unread = score_sources(baseline._starter_counts().model, [ODD]).bits_per_byte
    assert before == unread
    assert after < before / 2


def test_each_source_is_predicted_before_it_is_counted_and_the_ones_before_it_after() -> None:
    once, _ = figures(ODD)
    twice, _ = figures(ODD, ODD)
    again, _ = figures(ODD, earlier=(ODD,))
    assert twice == pytest.approx((once + again) / 2)
    assert again < once / 2


def test_what_one_lesson_counted_the_next_has_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    first = figures(ODD, earlier=(PLAIN,))
    with monkeypatch.context() as broken:
        broken.setattr(baseline, "score_sources", breaks)
        with pytest.raises(L2CError):
            counting_alone([PLAIN], [ODD])
    assert figures(ODD, earlier=(PLAIN,)) == first


def breaks(*_: object) -> None:
    raise L2CError("A test said so.")


def test_an_answer_is_counted_only_where_it_teaches() -> None:
    echo = Source("Hello", ODD.user)
    assert figures(ODD, earlier=(echo,))[0] > figures(ODD)[0] * 0.9
    said = Source("Hello", ODD.user, answer_teaches=True)
    assert figures(ODD, earlier=(said,))[0] < figures(ODD)[0] / 2


def test_every_lesson_that_teaches_has_both_figures_and_practice_has_none(kept: School) -> None:
    kept.tell(PLAIN.user)
    learner = kept.learner(practice_tokens=10**9)
    try:
        learner.run_until_idle()
        assert learner.run_once(practise=True) is not None
    finally:
        learner.close()
    taught, practised = (kept.learning.lesson("le", number) for number in (1, 2))
    assert (taught.counted_before, taught.counted_after) == figures(PLAIN)
    assert (practised.counted_before, practised.counted_after) == (None, None)


def test_a_night_is_counted_from_the_starter_on(kept: School) -> None:
    for source in (ODD, PLAIN):
        kept.tell(source.user)
        kept.learn()
    learner = kept.learner()
    try:
        assert learner.night() is not None
    finally:
        learner.close()
    night = kept.learning.lesson("le", 3)
    assert (night.counted_before, night.counted_after) == figures(ODD, PLAIN)


def test_what_was_forgotten_is_not_counted_before_the_lessons_after_it(kept: School) -> None:
    (said,) = kept.tell(ODD.user)
    kept.learn()
    kept.tell(ODD.user)
    kept.learn()
    assert kept.learning.lesson("le", 2).counted_before == figures(ODD, earlier=(ODD,))[0]
    kept.forget(Forgettable.TURN, said)
    assert kept.learning.lesson("le", 2).counted_before == figures(ODD)[0]


def test_a_model_of_another_tokenizer_has_the_same_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_lessons(monkeypatch)
    monkeypatch.setattr(gate, "judge", lambda *_: Verdict(True, "Kept. A test said so."))
    config = {"dim": 16, "layers": 1, "heads": 2, "kv_heads": 1, "hidden": 32, "context": 64}
    model = LanguageModel.create("llama", config, ByteTokenizer(), seed=0)
    school = School.open(tmp_path, model)
    school.tell(ODD.user)
    school.learn()
    assert school.learning.lesson("le", 1).counted_before == figures(ODD)[0]
    school.close()
