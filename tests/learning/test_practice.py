"""What the starters practised finds what other words mean, and promises about the program hold."""

import pytest

from l2c.corpus import practice as written
from l2c.learning.practice import practice
from l2c.learning.questions import LONGEST_ANSWER
from l2c.text.kinds import JOKE, STORY, kinds
from l2c.text.practice import ABOUT_STORY, REMARK, UNCLEAR


def meant(said: str, before: str = "") -> tuple[str, str]:
    found = practice().meant(said, before)
    assert found is not None
    return found.line, found.answers[0]


def test_every_kind_stands_for_something_that_was_practised() -> None:
    for kind in kinds():
        assert practice().nearest(kind.line).similarity > 0.99
        assert meant(kind.line)[1]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("wet is the opposite of what?", "The opposite of wet is dry."),
        ("the contrary of quick?", "The opposite of quick is slow."),
        ("milk is what colour?", "Milk is white."),
        ("is a banana yellow or blue?", "Bananas are yellow."),
        ("what does one do with a hammer", "A hammer is a tool for hitting nails."),
        ("what is an armchair", "An armchair is a soft chair with rests for the arms."),
        ("the opposite of selfish?", "The opposite of selfish is generous."),
        ("not hot but ...?", "The opposite of hot is cold."),
        ("If something isn't hot, it is...", "The opposite of hot is cold."),
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
    story = "A crab found a hat. It was too big. So it called it a house."
    assert "pirate" in meant("now one with a pirate", story)[1]
    assert len(meant("a longer one", story)[1]) > 300


def test_what_a_story_leaves_open_is_left_open() -> None:
    story = "A crab found a hat. It was too big. So it called it a house."
    assert meant("what colour was the hat?", story)[0] == ABOUT_STORY
    assert meant("is that true?", story)[1].startswith("It is made up")
    assert meant("is that true?")[1] != meant("is that true?", story)[1]


def test_who_says_too_little_is_asked_what_is_meant() -> None:
    for said in ("change it please", "what about them?", "is it near", "which one is nicer"):
        assert meant(said)[0] == UNCLEAR
    assert "?" in meant("should I take the job or stay?")[1]


def test_what_is_offered_is_given_to_who_says_yes() -> None:
    offer = meant("tell me a fun fact")[1]
    line, _ = meant(
        "yes please",
        "Snails have thousands of tiny teeth. They sit on the tongue. Would you like another one?",
    )
    assert "octopus" in offer
    assert "I don't know" in line
    assert meant("sure", "I am glad you liked it. Would you like another one?")[0] == STORY
    assert meant("yes", "I know a few small ones. Shall I tell you one?")[0] == JOKE


def test_yes_and_no_are_heard_after_a_question() -> None:
    assert meant("no, not really", "Do you like your garden?")[1].endswith("?")
    assert practice().meant("not yet", "Does it fly?") is not None


def test_every_tale_and_every_answer_in_passing_is_finished_and_short() -> None:
    heroes, matters, sorts = written.tales()
    tales = [*heroes, *matters, *(tale for tales in sorts.values() for tale in tales)]
    for text in (*tales, *(answer for _, answer, _ in written.passing())):
        assert text[-1] in ".?!"
        assert len(text) <= LONGEST_ANSWER
        assert text.isascii()


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
        ("could somebody at your company read along while we talk", "Nobody else"),
        ("what happens to our chat when I shut down my laptop", "stays on this computer"),
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


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("so nothing gets sent to google or so?", "sends nothing anywhere"),
        ("does your program talk to any server out there?", "sends nothing anywhere"),
        ("could you be tricked into believing lies?", "Nobody checks that for truth"),
        ("who judges whether a lesson was any good", "gate"),
        ("in which directory are the chats saved", "l2c.db"),
        ("why would I use you instead of a large model", "A large model knows far more"),
        ("what becomes of the corrections I make", "takes the place of the old one"),
    ],
)
def test_what_the_program_does_is_told_in_other_words_too(asked: str, word: str) -> None:
    found = practice().meant(asked)
    assert found is not None
    assert found.itself
    assert word in found.answers[0]


def test_whoever_asks_who_was_in_a_story_hears_of_no_other_story() -> None:
    story = "A red bird sat on a roof. It sang until the sun came up. Then it flew home."
    assert meant("I like it. Who was in the story?", story)[0] == ABOUT_STORY
