"""What was told, in other words that mean the same."""

import pytest

from l2c.text.facts import find
from l2c.text.questioning import cores
from l2c.text.rewording import reworded
from l2c.text.sorts import names, sorts_of

ASKED = {
    "My bicycle is orange.": "what colour is my bike",
    "My lease ends in August.": "when does my lease run out",
    "I store my skis in the attic.": "where are my skis",
    "My dog is afraid of umbrellas.": "what is my dog scared of",
    "I grew up in Aarhus.": "where did I spend my childhood",
    "I plan to learn Welsh.": "which language do I want to learn",
    "I hate coriander.": "which herb do I dislike",
    "I play chess with Benedikt.": "with whom do I play chess",
    "The code of the garage door is 5528.": "what is the code for the garage door",
    "I own eleven umbrellas.": "how many umbrellas have I got",
    "I park my scooter next to the bakery.": "where do I park my scooter",
    "We are going to visit Solveig at Easter.": "whom will we visit at Easter",
}


@pytest.mark.parametrize(("told", "asked"), ASKED.items())
def test_a_fact_is_asked_for_in_words_it_was_not_told_in(told: str, asked: str) -> None:
    (fact,) = find(told)
    assert asked in [core.direct for core in cores(fact)]


def test_forms_of_a_verb_stand_for_one_another() -> None:
    (fact,) = find("I kept my chalk in a tin.")
    assert {"I stored my chalk in a tin", "I put my chalk in a tin"} <= {
        one.said for one in reworded(fact)
    }


@pytest.mark.parametrize("told", ["My aunt is called Ottilie.", "My mother-in-law is called Ida."])
def test_what_stands_in_no_list_is_said_in_one_way(told: str) -> None:
    (fact,) = find(told)
    assert reworded(fact) == []


def test_a_value_is_of_the_sorts_its_last_listed_word_is() -> None:
    assert sorts_of("a pot of fresh coriander") == ("herb", "spice")
    assert sorts_of("Ottilie") == ()
    assert "herb" in names()
    assert len(set(names())) == len(names())
