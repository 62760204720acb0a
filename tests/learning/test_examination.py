"""The examination: what answers is asked everything, judged by the file, and measured fairly."""

from collections.abc import Sequence
from datetime import date

import pytest

from l2c import corpus
from l2c.conversation import Message, Origin, Role
from l2c.learning.examination import (
    ChatExamination,
    LookUp,
    examine_chat,
    is_ordinary,
    word_list,
)
from l2c.learning.questions import chat_questions, uncovered

TODAY = date(2026, 11, 21)


def perfect(messages: Sequence[Message]) -> tuple[str, Origin]:
    """Answers every question as its file says is good, and declines everything else."""
    said = tuple(message.text for message in messages)
    for question in chat_questions(TODAY):
        if question.said == said:
            return question.good[0], Origin.GENERATED
    return "I do not know that.", Origin.DECLINED


def hopeless(messages: Sequence[Message]) -> tuple[str, Origin]:
    return "you: Flograst le: xqzv", Origin.GENERATED


@pytest.fixture(scope="module")
def best() -> ChatExamination:
    return examine_chat(perfect, today=TODAY)


@pytest.mark.slow
def test_good_answers_are_right_and_what_cannot_be_known_is_declined(best: ChatExamination) -> None:
    assert (best.right, best.questions) == (200, 200)
    assert (best.declined, best.declined_covered, best.role_markers) == (1.0, 0.0, 0)
    assert sum(of for _, of in best.kinds.values()) == 200
    assert [one.said for one in best.uncovered] == list(uncovered("exam"))


def test_bad_answers_are_wrong_and_role_markers_and_odd_words_are_seen() -> None:
    worst = examine_chat(hopeless, today=TODAY)
    assert worst.right < 10
    assert (worst.declined, worst.role_markers) == (0.0, 300)
    assert worst.ordinary is None or worst.ordinary < 0.9


@pytest.mark.slow
def test_a_look_up_in_the_corpus_is_the_control(best: ChatExamination) -> None:
    assert 0 < best.looked_up_right < 200
    assert 0 <= best.word_for_word < 200


def test_the_look_up_answers_what_stands_in_the_corpus_word_for_word() -> None:
    look_up = LookUp()
    first = corpus.handwritten()[0]
    assert first[0].role is Role.USER
    assert look_up.knows(first[0].text.upper())
    assert look_up.answer("xqzv flograst") == ""
    assert look_up.answer(first[0].text)


def test_british_spelling_and_numbers_are_ordinary() -> None:
    listed = frozenset({"color", "neighbor", "gray", "day"})
    assert all(is_ordinary(word, listed) for word in ("colour", "neighbour's", "grey", "12"))
    assert not is_ordinary("flograst", listed)


@pytest.mark.skipif(word_list() is None, reason="no English word list is installed")
@pytest.mark.slow
def test_le_answers_of_the_examination_are_ordinary(best: ChatExamination) -> None:
    assert best.ordinary is not None
    assert best.ordinary > 0.97
