"""What asks about the turn before is answered with the turn before."""

import pytest

from l2c.chat import following, sums, units
from l2c.conversation import Message, Role


def talk(*said: str) -> list[Message]:
    """Turns of the user and of `le`, in turn."""
    roles = (Role.USER, Role.ASSISTANT)
    return [Message(roles[at % 2], text) for at, text in enumerate(said)]


TALE = "A snail went to sea. It was slow. The sea waited. Then they were friends. Another?"


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("repeat that", TALE),
        ("Could you say that again, please?", TALE),
        ("What did you just say?", TALE),
        ("what did I just say?", 'You wrote: "Tell me a tale"'),
        ("can you repeat what I said", 'You wrote: "Tell me a tale"'),
        ("shorter please", "A snail went to sea. Then they were friends."),
        (
            "That was lovely. Could you make it shorter?",
            "A snail went to sea. Then they were friends.",
        ),
        ("What have we talked about?", 'You wrote, among other things: "Tell me a tale"'),
    ],
)
def test_the_turn_before_is_quoted_repeated_and_cut(asked: str, answered: str) -> None:
    assert following.answer(talk("Tell me a tale", TALE, asked)) == answered


@pytest.mark.parametrize(
    "asked", ["say something nice", "again", "what did I say about my cat?", "a shorter road", "Hi"]
)
def test_anything_else_is_left_to_others(asked: str) -> None:
    assert following.answer(talk("Tell me a tale", TALE, asked)) is None


def test_nothing_is_repeated_at_the_beginning() -> None:
    assert following.answer(talk("repeat that")) is None


@pytest.mark.parametrize(
    ("before", "asked", "answered"),
    [
        ("1 pound is 16 ounces.", "And how many grams is that?", "1 pound is about 453.59 grams."),
        ("10 miles is about 16.09 kilometres.", "and in metres?", "10 miles is 16093.44 metres."),
        ("15 percent of 80 is 12.", "times two?", "12 times 2 is 24."),
        ("15 percent of 80 is 12.", "and half of that", "Half of 12 is 6."),
        ("Good.", "It is cold. What is 5 degree celsius in fahrenheit?",
         "5 degrees Celsius is 41 degrees Fahrenheit."),
        ("Good.", "and how many grams is that?", None),
        ("That is fine.", "times change", None),
    ],
)  # fmt: skip
def test_a_result_goes_on(before: str, asked: str, answered: str | None) -> None:
    whole = following.in_full(talk("?", before, asked))
    found = [one for text in whole if (one := units.answer(text) or sums.answer(text))]
    assert found[:1] == ([answered] if answered else [])


def test_a_question_is_found_before_another_sentence() -> None:
    asked = "What's seven times eight? Theo is asking."
    assert "What's seven times eight?" in list(following.in_full(talk(asked)))


def test_that_day_is_the_one_just_named() -> None:
    whole = list(following.in_full(talk("I was born on 4 March 1945. What day was that?")))
    assert whole[-1] == "what day was 4 March 1945"


def test_the_days_until_then_are_those_until_the_day_just_named() -> None:
    whole = list(following.in_full(talk("It is on 4 December.", "How many days is it until then?")))
    assert whole[-1] == "how many days is it until 4 December"


@pytest.mark.parametrize(
    "doubted", ["are u sure?", "wrong, its 54", "That's not right", "no it's 54", "is that right?"]
)
def test_a_computed_result_is_stood_by(doubted: str) -> None:
    answered = following.answer(talk("what is 7 x 8", "7 times 8 is 56.", doubted))
    assert answered == following.COMPUTED.format(result="7 times 8 is 56.")
    assert following.answer(talk("where is she", "She is in room 4.", doubted)) is None


@pytest.mark.parametrize(
    "result",
    ["48 times 65 g is 3120 g.", "30 divided by 8 is 3.75, so 4 packs.", "For 5 pens it is 10."],
)
def test_what_a_word_problem_comes_to_is_stood_by(result: str) -> None:
    stood_by = following.COMPUTED.format(result=result)
    assert following.answer(talk("how much?", result, "are you sure?")) == stood_by
