"""What the starters practised finds what other words mean, and promises about the program hold."""

import pytest

from l2c.learning.practice import practice
from l2c.text.kinds import follow_ups, kinds
from l2c.text.practice import REMARK


def meant(said: str, before: str = "") -> tuple[str, str]:
    found = practice().meant(said, before)
    assert found is not None
    return found.line, found.answers[0]


def test_every_kind_stands_for_something_that_was_practised() -> None:
    for kind in kinds():
        assert practice().nearest(kind.line).similarity > 0.99
        assert meant(kind.line)[1]


def test_every_follow_up_is_one_short_sentence() -> None:
    for one in follow_ups():
        assert one.question[-1] in "?."
        assert sum(one.question.count(end) for end in "?.!") == 1
        assert len(one.question) < 60


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("wet is the opposite of what?", "The opposite of wet is dry."),
        ("the contrary of quick?", "The opposite of quick is slow."),
        ("milk is what colour?", "Milk is white."),
        ("is a banana yellow or blue?", "Bananas are yellow."),
        ("what does one do with a hammer", "A hammer is a tool for hitting nails."),
    ],
)
def test_what_is_known_by_heart_is_asked_for_in_many_ways(said: str, answer: str) -> None:
    assert meant(said)[1] == answer


def test_what_is_ones_own_is_not_known_by_heart() -> None:
    found = practice().meant("what colour is my bike?")
    assert found is None or "bike" not in found.line or "have not told" in found.answers[0]


def test_a_story_is_about_what_was_wished() -> None:
    assert "dog" in meant("I would love a story about a dog")[1].lower()
    assert meant("tell me a story about a walrus, please")[1].startswith("A walrus ")


def test_another_one_is_of_the_same_sort() -> None:
    joke = meant("tell me a joke")[1]
    assert meant("another one please", joke)[0] == "tell me a joke"


def test_a_greeting_is_passed_over_when_more_is_said() -> None:
    found = practice().meant("Hi le, who can read my messages?")
    assert found is not None
    assert found.itself


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("is our talk private here?", "stays on the computer"),
        ("do you send my words anywhere?", "unless you pick a model on another server"),
        ("are you a human being or a program", "program"),
        ("how can I delete what I said", "Forget this"),
    ],
)
def test_questions_about_le_have_true_answers(asked: str, word: str) -> None:
    found = practice().meant(asked)
    assert found is not None
    assert found.itself
    assert word in found.answers[0]


def test_what_somebody_tells_is_at_least_a_remark() -> None:
    found = practice().remark("my uncle paints old boats in the winter")
    assert found is not None
    assert found.line == REMARK


@pytest.mark.parametrize("said", ["Hello", "How are you?", "how are you", "Thank you!"])
def test_ordinary_words_are_read_as_they_are(said: str) -> None:
    found = practice().meant(said)
    assert found is not None
    assert found.line == said
