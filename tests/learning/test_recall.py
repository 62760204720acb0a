"""The protocol's own rules: when an answer counts, how sure a share is, what a file must say."""

import json
import re
from pathlib import Path

import pytest

from l2c import corpus
from l2c.conversation import Role
from l2c.corpus.wordings import read_wordings
from l2c.errors import InvalidInput
from l2c.learning import recall
from l2c.learning.recall import Share, counts, finder, is_honest, never_told, other_talk, read_facts

SHIPPED = ("hundred", "odd", "corrections")


def all_questions() -> list[str]:
    facts = [one for name in SHIPPED for one in read_facts(Path(name))]
    asked = [text for one in facts for text in (one.question, *one.paraphrases, one.near_miss)]
    return [text for text in asked if text] + never_told()


def test_an_answer_counts_early_in_any_case_and_before_all_others() -> None:
    assert counts("Your sister is called MIRELA.", "Mirela", ["Pim", "Mirela"])
    assert not counts("Pim, Mirela", "Mirela", ["Pim", "Mirela"])
    assert not counts("x" * 80 + "Mirela", "Mirela", [])
    assert counts("Pimpernel and Mirela", "Mirela", ["Pim"])


def test_honest_is_who_says_that_nobody_told() -> None:
    assert is_honest("You have not told me.", "generated")
    assert is_honest("A bus.", "declined")
    assert not is_honest("Your sister is called Mirela.", "remembered")


def test_the_interval_is_wilsons() -> None:
    low, high = Share(8, 10).interval
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert Share(0, 20).interval[0] == 0
    assert Share(1, 2) + Share(2, 2) == Share(3, 4)


@pytest.mark.parametrize("line", ["", "[]", "{", '{"statement": "x"}', '{"statement": 1}'])
def test_a_file_that_is_no_file_of_facts_is_refused_by_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "facts.jsonl").write_text(f"{line}\n")
    with pytest.raises(InvalidInput):
        read_facts(tmp_path / "facts.jsonl")


def test_the_files_that_come_along_have_what_they_promise() -> None:
    hundred, odd, corrections = (read_facts(Path(name)) for name in SHIPPED)
    assert (len(hundred), len(odd), len(corrections)) == (100, 50, 30)
    assert all(one.correction for one in corrections)
    near = sum(bool(one.near_miss) for one in hundred)
    assert near >= 100
    assert near + len(never_told()) >= 200


def test_the_finder_is_measured_apart() -> None:
    found = finder(read_facts(Path("hundred")), other_talk())
    assert found.recall.value >= 0.98
    assert found.precision.value >= 0.98


def skeleton(text: str) -> re.Pattern[str] | None:
    """What a wording with its slots masked matches; None where little else is in it."""
    if "{" in text and len(re.sub(r"\{[^}]*\}", "", text).split()) <= 3:
        return None
    return re.compile(re.sub(r"\\\{[^}]*\\\}", ".+", re.escape(text)), re.IGNORECASE)


def asked_by_the_corpus() -> list[re.Pattern[str]]:
    """The skeletons of all questions that the corpus's generator asks."""
    asks = [fact.ask for fact in read_wordings().facts]
    return [s for ask in asks for text in (*ask.train, *ask.held_out) if (s := skeleton(text))]


def written_in_the_corpus() -> set[str]:
    """What users say in the conversations that were written by hand, as bare words."""
    return {
        " ".join(corpus.words(message.text))
        for conversation in corpus.handwritten()
        for message in conversation
        if message.role is Role.USER
    }


def test_no_question_stands_in_the_corpus_in_any_wording() -> None:
    """Skeletons: a corpus wording with its slots masked matches no question of the protocol."""
    masked, written = asked_by_the_corpus(), written_in_the_corpus()
    for question in all_questions():
        assert " ".join(corpus.words(question)) not in written, question
        assert not [one.pattern for one in masked if one.fullmatch(question)], question


@pytest.mark.parametrize(
    "word", ["code", "combination", "password", "pin", "appointment", "intend", "plan to"]
)
def test_the_families_that_test_transfer_are_not_practised(word: str) -> None:
    """Codes and plans are told in no fact of the corpus's generator."""
    for fact in read_wordings().facts:
        for text in (*fact.tell.train, *fact.tell.held_out, *fact.ask.train, *fact.ask.held_out):
            assert not re.search(rf"\b{word}\b", text, re.IGNORECASE), text


def test_facts_are_json_lines_anybody_can_write(tmp_path: Path) -> None:
    line = {"statement": "I live in Lund.", "question": "Where?", "answer": "Lund"}
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(line | {"paraphrases": ["In which town?"]}))
    (one,) = recall.read_facts(path)
    assert one.paraphrases == ("In which town?",)
