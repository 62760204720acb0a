"""An introduction in one breath tells as much as one in sentences."""

import pytest

from l2c.text.facts import find
from l2c.text.introducing import introduced


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Hi. I'm Katrin, a translator from Graz, 43",
            {"name": "Katrin", "job": "a translator", "origin": "Graz", "age": "43"},
        ),
        ("im dana 15 from ohio", {"name": "Dana", "age": "15", "origin": "ohio"}),
        (
            "I am Rosa, seventy-three years old, an engineer, living in Porto",
            {
                "name": "Rosa",
                "age": "seventy-three years old",
                "job": "an engineer",
                "live": "Porto",
            },
        ),
        (
            "im Noor, moved to Galway in march for a job at the aquarium",
            {"name": "Noor", "live": "Galway"},
        ),
        ("I'm Tom and just moved to Berlin for work", {"name": "Tom", "live": "Berlin"}),
        (
            "i'm lisa, live in leeds and work as a nurse",
            {"name": "Lisa", "live": "leeds", "job": "a nurse"},
        ),
        ("Hi, I'm Paul, new here.", {"name": "Paul"}),
        ("I'm Mireille, a baker in Lyon", {"name": "Mireille", "job": "a baker", "live": "Lyon"}),
        (
            "im ben, 24, studying physics in Leeds",
            {"name": "Ben", "age": "24", "learn": "physics in Leeds"},
        ),
        ("My name is Tariq, 29, nurse", {"name": "Tariq", "age": "29", "job": "a nurse"}),
    ],
)
def test_every_part_of_an_introduction_is_a_fact(said: str, told: dict[str, str]) -> None:
    assert {fact.relation: fact.value for fact in find(said) if not fact.subject} == told


@pytest.mark.parametrize(
    "said",
    [
        "I am tired and a bit hungry",
        "I am late, so late",
        "It is cold, 4 degrees",
        "I am sick, lost my voice",
        "I am Ada, so there",
        "I am sad and just lost my job",
    ],
)
def test_a_list_of_anything_else_stays_as_it_was(said: str) -> None:
    assert introduced(said) == [said]
