"""What was told says more than its words: ages, birthdays and years are reckoned from it."""

from datetime import date

import pytest

from l2c.chat.recalled import current
from l2c.chat.reckoning import reckoned, years_since
from l2c.conversation import Message, Origin, Role
from l2c.text.facts import Fact, find

TODAY = date(2026, 11, 22)
TOLD = (
    "My name is Robert and I was born on 3 February 1968.",
    "My sister Joan is 72.",
    "We have two children, Nele (12) and Ole (9).",
    "My wife is called Helen.",
    "Helen was born in 1970.",
    "My twins Sem and Tess were born on 2 June 2019.",
    "My grandson Toby's birthday is on 4 December.",
    "I have lived in Bonn since 2001.",
    "My exam is on december 9.",
)


def facts() -> list[Fact]:
    known: list[Fact] = []
    for said in TOLD:
        known += find(said, known)
    return known


def answered(*asked: str) -> str:
    messages = [Message(Role.USER, one) for one in asked]
    route = reckoned(messages, current((fact, None) for fact in facts()), TODAY)
    assert route is None or route.origin is Origin.REMEMBERED
    return "" if route is None else route.text or ""


@pytest.mark.parametrize(
    ("asked", "begins"),
    [
        ("How old am I?", "You are 58. You were born on 3 February 1968."),
        ("how old will I be in 2030", "You will be 62."),
        ("How old will Joan be next year?", "Joan will be 73."),
        ("How old will my sister be in five years?", "Your sister will be 77."),
        ("how old was Nele two years ago?", "Nele was 10."),
        ("How old is Helen?", "Helen is 55 or 56."),
        ("what year was my wife born in", "In 1970."),
        ("In which year was Ole born?", "In 2016 or 2017."),
        ("On which day of the week was I born?", "On a Saturday."),
        ("When is my birthday?", "On 3 February."),
        ("How many days until Toby's birthday?", "It is 12 days until Friday, 4 December."),
        ("how many weeks is it until my twins' birthday", "It is about 27 weeks until Wednesday"),
        ("how long till my exam", "It is 17 days until Wednesday, 9 December."),
        ("Who is older, Nele or Ole?", "Nele. Nele is 12. Ole is 9."),
        ("who is younger, Helen or Joan", "Helen."),
        ("Is Ole older than Nele?", "No."),
        ("How much older is Joan than me?", "14 years."),
    ],
)
def test_what_follows_from_an_age_or_a_birth_is_reckoned(asked: str, begins: str) -> None:
    assert answered(asked).startswith(begins)


def test_a_pronoun_is_whom_the_turn_before_named() -> None:
    twins = "My twins Sem and Tess were born on 2 June 2019."
    assert answered(twins, "On what day of the week were they born?").startswith("On a Sunday.")
    assert answered(twins, "How many days is it until their birthday?").startswith("It is 192 days")
    assert answered("How old is Joan?", "How old will she be next year?").startswith("Your sister")


@pytest.mark.parametrize(
    "asked",
    [
        "How old is Joan?",  # answered as it was told
        "How old will Toby be next year?",  # only his birthday is known
        "In which year was Toby born?",
        "How old will Zoe be next year?",
        "Who is older, Ole or Zoe?",
        "When is Toby's birthday?",
        "How old is the universe?",
        "How old are you?",
    ],
)
def test_nothing_is_reckoned_from_what_was_not_told(asked: str) -> None:
    assert answered(asked) == ""


def test_years_since_are_said_where_it_is_asked_how_long() -> None:
    told = [one for one in current((fact, None) for fact in facts()) if "Bonn" in one.fact.said]
    assert years_since("How long have I lived in Bonn?", told, TODAY) == " That is about 25 years."
    assert years_since("Where do I live?", told, TODAY) == ""
