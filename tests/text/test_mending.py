"""Hurried typing and beginners' English mean what they were meant to."""

import pytest

from l2c.text.mending import mended
from tests.text.telling import triples


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("im josh", ("", "name", "Josh")),
        ("my sister ella is 16", ("sister", "age", "16")),
        ("got a dog called rex", ("dog", "name", "rex")),
        ("My wife she is teacher", ("wife", "job", "a teacher")),
        ("My brother work in Bonn", ("brother", "work", "Bonn")),
        ("I work like cook in a hotel", ("", "job", "a cook in a hotel")),
        ("We have one son, he have 4 years", ("son", "age", "4 years old")),
        ("I have birthday at 3 of May", ("", "birthday", "on 3 May")),
        ("mother is 72 now", ("mother", "age", "72")),
        ("got a cat his name is mochi", ("cat", "name", "Mochi")),
        ("my best friend is zoe she plays the drums", ("best friend", "play", "the drums")),
        ("My wife is name Elif", ("wife", "name", "Elif")),
        ("I am work as driver of bus", ("", "job", "a driver of bus")),
        ("no wait im 16, had my birthday last week", ("", "age", "16")),
        ("my name's jaydn", ("", "name", "Jaydn")),
        ("im jayden", ("", "name", "Jayden")),
        ("We have twins, Ada and Max.", ("twins", "name", "Ada and Max")),
        ("Last week I bought a bike", ("", "buy", "a bike")),
        ("I'd love to visit Peru", ("", "plan", "Peru")),
        ("We are going to my mum's on Sunday", ("", "plan", "my mum's")),
        ("name of dog is Murphy", ("dog", "name", "Murphy")),
    ],
)
def test_hurried_typing_and_beginners_english_are_read(said: str, fact: tuple[str, ...]) -> None:
    assert triples(said)[-1] == fact


@pytest.mark.parametrize(
    "said",
    [
        "my family plan is too dear",
        "My fish swim all day",
        "the cook is at the back",
        "my brother works in Bonn",
        "I have two years of French",
        "she is an actress, they say",
        "I will see the rose in may",
    ],
)
def test_what_is_right_is_not_mended(said: str) -> None:
    assert mended(said) == said


def test_what_is_the_same_when_it_is_over_stays() -> None:
    assert mended("My daughter put it there") == "My daughter put it there"
