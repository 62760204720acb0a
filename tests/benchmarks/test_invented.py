"""The invented facts: as many as they promise, and in no words that were practised or published."""

from collections import Counter
from pathlib import Path

from benchmarks.invented import OF_EACH, facts, wordings
from l2c import corpus
from l2c.learning.recall import counts, read_facts
from tests.learning.test_recall import (
    SHIPPED,
    all_questions,
    asked_by_the_corpus,
    skeleton,
    written_in_the_corpus,
)

DEVELOPMENT = read_facts(Path(__file__).parents[2] / "benchmarks" / "facts.jsonl")


def test_there_are_fifty_of_each_of_ten_families_and_no_two_are_one() -> None:
    families = Counter(wording.family for wording in wordings())
    assert set(families.values()) == {5}
    invented = facts()
    assert len(invented) == len(families) * 5 * OF_EACH == 500
    assert len({one.statement for one in invented}) == 500
    assert len({one.question for one in invented}) == 500


def test_an_answer_stands_in_its_statement_and_counts() -> None:
    for one in facts():
        assert counts(one.statement[-80:], one.answer, []), one
        assert one.answer not in one.question, one


def test_a_near_miss_asks_what_no_fact_tells() -> None:
    invented = facts()
    near = [one.near_miss for one in invented if one.near_miss]
    assert len(near) >= 100
    assert not {*near} & {one.question for one in invented}


def test_the_same_seed_invents_the_same_and_another_seed_others() -> None:
    assert facts(3) == facts(3)
    assert facts(3) != facts(4)


def test_no_question_stands_in_the_corpus_in_any_wording() -> None:
    masked, written = asked_by_the_corpus(), written_in_the_corpus()
    for one in facts():
        for question in (one.question, *one.paraphrases):
            assert " ".join(corpus.words(question)) not in written, question
            assert not [m.pattern for m in masked if m.fullmatch(question)], question


def test_no_skeleton_is_that_of_a_file_that_came_along() -> None:
    files = [*(one for name in SHIPPED for one in read_facts(Path(name))), *DEVELOPMENT]
    published = {one.statement for one in files} | {*all_questions()}
    published |= {text for one in DEVELOPMENT for text in (one.question, *one.paraphrases)}
    for wording in wordings():
        for text in (wording.tell, *wording.ask):
            masked = skeleton(text)
            assert not masked or not [said for said in published if masked.fullmatch(said)], text
