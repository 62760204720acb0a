"""Sums are understood whole and computed exactly, or left to the model."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.chat.phrasing import in_words, plain, whole
from l2c.chat.sums import answer, said
from l2c.corpus.names import in_words as spoken

RIGHT = {
    "What is 2 + 3?": "2 plus 3 is 5.",
    "what is seven times 8": "7 times 8 is 56.",
    "2+2": "2 plus 2 is 4.",
    "What's 6x7?": "6 times 7 is 42.",
    "5 - 9": "5 minus 9 is -4.",
    "minus 3 plus 2": "Minus 3 plus 2 is -1.",
    "2 + 3 * 4": "2 plus 3 times 4 is 14.",
    "(2+3)*4": "(2 plus 3) times 4 is 20.",
    "100 divided by 8": "100 divided by 8 is 12.5.",
    "what is 10 divided by 3": "10 divided by 3 is about 3.33333.",
    "what is 0.1 + 0.2": "0.1 plus 0.2 is 0.3.",
    "12/0": "Nothing can be divided by zero.",
    "15% of 200": "15 percent of 200 is 30.",
    "20% tip on 64.50": "20 percent of 64.50 is 12.9.",
    "20% off 80 euros": "80 minus 20 percent of 80 is 64.",
    "How much is 37 euro and 48 euro together?": "37 plus 48 is 85.",
    "what is 15 percent of 80?": "15 percent of 80 is 12.",
    "What is 1,250 plus 8 percent?": "1250 plus 8 percent of 1250 is 1350.",
    "how much is 20 pounds and 35 pounds": "20 plus 35 is 55.",
    "half of 50": "Half of 50 is 25.",
    "what is a third of 90": "A third of 90 is 30.",
    "what is twice 7": "Twice 7 is 14.",
    "add 3 and 4": "3 plus 4 is 7.",
    "subtract 3 from ten": "10 minus 3 is 7.",
    "take 5 away from 12": "12 minus 5 is 7.",
    "what is the difference between 10 and 4?": "10 minus 4 is 6.",
    "twenty-one plus three hundred and five": "21 plus 305 is 326.",
    "Hey le, can you tell me what 2 + 3 is, please?": "2 plus 3 is 5.",
    "how much is 1,000 + 1": "1000 plus 1 is 1001.",
    "what is 2 to the power of 10": "2 to the power of 10 is 1024.",
    "9 squared": "9 squared is 81.",
    "square root of 16": "The square root of 16 is 4.",
    "what is sqrt(16)?": "The square root of 16 is 4.",
    "is 7 even?": "7 is odd.",
    "add up 1, 2 and 3 for me": "1 plus 2 plus 3 is 6.",
    "7 - 2 is what?": "7 minus 2 is 5.",
    "count to five": "1, 2, 3, 4, 5.",
    "count down from 5 to 1": "5, 4, 3, 2, 1.",
    "what number comes after 9": "10 comes after 9.",
}
NOT_SUMS = (
    "Hello", "what is 3", "my sister is 21", "I have 3 cats and 2 dogs", "2026-11-21", "555-1234",
    "twenty people came", "What is love?", "one and one", "a dozen", "I was born in 1987.",
    "__import__('os')", "9 ** 9", "2 ^ 9999", "10:30", "1 2 3", "+", "", "((((", "how many",
    "half", "count to a million", "My number is 12 / 7 or so",
)  # fmt: skip


@pytest.mark.parametrize("question", RIGHT)
def test_a_sum_is_computed_in_one_plain_sentence(question: str) -> None:
    assert answer(question) == RIGHT[question]


@pytest.mark.parametrize("text", NOT_SUMS)
def test_what_is_no_sum_is_left_to_the_model(text: str) -> None:
    assert answer(text) is None


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from("+-*"))
def test_sums_of_whole_numbers_are_exact(a: int, b: int, operator: str) -> None:
    result = {"+": a + b, "-": a - b, "*": a * b}[operator]
    found = answer(f"What is {a} {operator} {b}?")
    assert found is not None
    assert found.endswith(f" is {result}.")


@given(st.text(max_size=60))
def test_nothing_people_write_breaks_it(text: str) -> None:
    found = answer(text)
    assert found is None or found.endswith(".")


@given(st.integers(0, 999))
def test_numbers_in_words_are_read(number: int) -> None:
    assert whole(spoken(number)) == number


@pytest.mark.parametrize("text", ["(" * 150 + "1", "9" * 300, "minus " * 50, "half " * 60])
def test_hostile_sums_are_left_alone_at_once(text: str) -> None:
    assert answer(text) is None


@pytest.mark.parametrize(
    ("number", "written"),
    [(Fraction(5), "5"), (Fraction(-1, 4), "-0.25"), (Fraction(1, 3), "about 0.333333")],
)
def test_a_number_is_written_as_people_write_it(number: Fraction, written: str) -> None:
    assert said(number) == written


def test_a_number_in_words_ends_where_it_ends() -> None:
    assert in_words(["three", "hundred", "and", "five", "apples"]) == (Fraction(305), 4)
    assert in_words(["apples"]) is None


def test_politeness_is_no_part_of_the_question() -> None:
    assert plain("Hello le, could you please tell me what day it is?") == "what day it is"
