"""From what was told to the questions that ask for it."""

import pytest

from l2c.text.facts import find
from l2c.text.questioning import cores, topic
from l2c.text.standing import standing

ASKED = {
    "My pen friend lives in Brno.": "where does my pen friend live",
    "I keep my ladder behind the shed.": "where do I keep my ladder",
    "We bought our sofa in Malmö.": "where did we buy my sofa",
    "My aunt is called Ottilie.": "what is my aunt called",
    "My gloves are in the hall.": "where are my gloves",
    "My course starts on 4 May.": "when does my course start",
    "I have seven goats.": "how many goats do I have",
    "I take tram 12 to work.": "which tram do I take to work",
    "My harp was made by Lindqvist.": "who was my harp made by",
    "Ottokar taught me to ski.": "who taught me to ski",
    "I lent my saw to Benedikt.": "who did I lend my saw to",
    "My favourite soup is borscht.": "which soup do I like most",
    "There are 14 windows in our house.": "how many windows are there in our house",
    "I love plum jam.": "which jam do I love",
    "My uncle hates turnips.": "what does my uncle hate",
    "Konstanze is my neighbour.": "who is my neighbour",
    "I have read Emma three times.": "how often have I read Emma",
}


@pytest.mark.parametrize(("told", "asked"), ASKED.items())
def test_a_fact_is_asked_for_as_people_ask(told: str, asked: str) -> None:
    (fact,) = find(told)
    assert asked in [core.direct for core in cores(fact)]


@pytest.mark.parametrize("told", ASKED)
def test_no_question_holds_its_answer(told: str) -> None:
    (fact,) = find(told)
    if fact.relation == "person":
        return  # "Who is Konstanze?" is asked as well
    for core in cores(fact):
        value = fact.value.lower()
        shapes = (core.direct, core.embedded, core.noun, core.in_place)
        assert not any(shape.lower().endswith(f" {value}") for shape in shapes)


def test_what_only_ends_a_fact_is_not_asked_for() -> None:
    ended = find("My brother no longer works as a cook.")
    assert [cores(fact) for fact in ended if fact.ended] == [[]]
    assert "what does my brother no longer work as" in [
        core.direct for fact in ended for core in cores(fact)
    ]


def test_what_a_fact_is_about_is_named_as_its_speaker_names_it() -> None:
    assert topic(find("My sister's dog is called Waldo.")[0]) == "my sister's dog"
    assert topic(find("I keep my ladder behind the shed.")[0]) == "my ladder"
    assert topic(find("I live in Brno.")[0]) == ""


def test_of_two_values_the_newer_one_stands_and_what_ended_is_gone() -> None:
    told = [
        *find("My cat is called Pim."),
        *find("I play the oboe."),
        *find("My cat is now called Tom."),
        *find("I gave up the oboe."),
    ]
    left = {
        told[at].value: [told[old].value for old in past] for at, past in standing(told).items()
    }
    assert left == {"Tom": ["Pim"], "the oboe": []}
    assert [one.relation for one in told if one.value == "the oboe"] == ["play", "", "stop"]
