"""Sentences without a stop between them are read as the sentences they are."""

import pytest

from l2c.text.run_on import apart
from tests.text.telling import triples


@pytest.mark.parametrize(
    ("said", "sentences"),
    [
        ("my name is Ewa I am a baker", ["my name is Ewa", "I am a baker"]),
        ("I do not eat meat I eat fish", ["I do not eat meat", "I eat fish"]),
        (
            "I sold the boat in May now I have a canoe",
            ["I sold the boat in May", "now I have a canoe"],
        ),
        ("my cousin Paul is tall he is 30", ["my cousin Paul is tall", "he is 30"]),
        (
            "I got 20 pounds and I spent 6 how much do I have left",
            ["I got 20 pounds and I spent 6", "how much do I have left?"],
        ),
        (
            "Mark lives in Oslo, Luke in Bath, and my aunt in York",
            ["Mark lives in Oslo", "Luke lives in Bath", "my aunt lives in York"],
        ),
        (
            "Ida works at a bank and Jan at a school",
            ["Ida works at a bank", "Jan works at a school"],
        ),
    ],
)
def test_what_is_said_without_a_stop_is_taken_apart(said: str, sentences: list[str]) -> None:
    assert apart(said) == sentences


@pytest.mark.parametrize(
    "said",
    [
        "the flower I like best is the rose",
        "I think she is a nurse",
        "I was so tired I went to bed",
        "I met a man I like",
        "I love the car my dad has bought",
        "everyone I know has a car",
        "my boss says he is ill",
        "I live in a house in Bonn and in a tent in May",
    ],
)
def test_a_clause_that_hangs_on_another_stays_there(said: str) -> None:
    assert apart(said) == [said]


@pytest.mark.parametrize(
    ("said", "before", "fact"),
    [
        ("my wife ewa she work in a bakery", (), ("wife", "name", "Ewa")),
        ("zosia is seven", ("my daughter zosia go to school",), ("daughter", "age", "seven")),
        ("Toby's birthday is on 4 May", ("My son Toby helps me",), ("son", "birthday", "on 4 May")),
        ("We have three nephews: Mark, Luke and John", (), ("nephew", "person", "Luke")),
        ("Esi is a vet", ("I have two nieces, Esi and Ada",), ("Esi", "job", "a vet")),
        ("I swapped my bike for a scooter", (), ("", "has", "a scooter")),
        ("I have been married to Helen since 1994", (), ("", "marry", "Helen")),
        ("Ole is 10 already, since yesterday", ("My son is called Ole",), ("son", "age", "10")),
        ("Remember: the printer is called Gutenberg", (), ("printer", "name", "Gutenberg")),
        ("We have two kids, Ana who is six and Rui who is two", (), ("Rui", "age", "two")),
        ("My sister Ann, who is a nurse, lives in York", (), ("sister", "live", "York")),
        ("My sister Ann, who is a nurse, lives in York", (), ("sister", "job", "a nurse")),
        ("I weigh 71 kilos, what is that in pounds", (), ("", "weight", "71 kilos")),
        ("I come from Ghana, please excuse my English", (), ("", "com", "Ghana")),
        ("I do have a cat. His name is Biscuit.", (), ("cat", "name", "Biscuit")),
        ("My wife is called Eva, but it is spelt Ewa", (), ("wife", "name", "Ewa")),
        ("Hi, I'm Bea, I live in Porto", (), ("", "live", "Porto")),
        ("I'm expecting my first child in April", (), ("baby", "time", "due in April")),
        ("My husband's name is Bo. He works from home as an architect", (),
         ("husband", "job", "an architect from home")),
        ("dogs name is Waylon hes a bloodhound", (), ("dog", "kind", "a bloodhound")),
        ("my boy Travis is in the navy", (), ("son", "name", "Travis")),
        ("Actually my name is written Yuuki", (), ("", "name", "Yuuki")),
        ("Can you remember that I hate coriander?", (), ("", "dislike", "coriander")),
        ("My bus leaves at 5, so convince me.", (), ("bus", "leav", "5")),
    ],
)  # fmt: skip
def test_facts_told_in_many_ways_are_read(
    said: str, before: tuple[str, ...], fact: tuple[str, str, str]
) -> None:
    assert fact in triples(said, before)


def test_what_was_swapped_is_over() -> None:
    assert ("", "has", "a bike") not in triples(
        "I swapped my bike for a scooter", ("I have a bike",)
    )
