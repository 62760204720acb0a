"""A question in other words finds what was told, how it was and what is over, and nothing else."""

import pytest

from l2c.text.answering import answers, denies
from l2c.text.asking import ask
from l2c.text.facts import find
from tests.text.telling import best


@pytest.mark.parametrize(
    ("told", "asked", "said"),
    [
        ("I sold my bike btw", "Do I still have a bike?", "I sold my bike"),
        (
            "I no longer take sugar in my tea.",
            "Do I take sugar?",
            "I no longer take sugar in my tea",
        ),
        ("I gave up driving at night.", "Do I drive at night?", "I gave up driving at night"),
        (
            "I used to live in Ulm. I live in Bonn.",
            "Where did I live before?",
            "I used to live in Ulm",
        ),
        ("I used to live in Ulm. I live in Bonn.", "Where do I live?", "I live in Bonn"),
        ("I live in Bonn.", "Where did I live before?", ""),
        ("I used to be a baker. I am a nurse.", "What was my old job?", "I used to be a baker"),
        (
            "I taught Latin before I retired",
            "What was my profession?",
            "I taught Latin before I retired",
        ),
        ("Our spaniel Bram is asleep", "What is our dog called?", "my spaniel is called Bram"),
        ("Our spaniel Bram is asleep", "What is our cat called?", ""),
        ("I live with two friends in Ulm", "Who do I live with?", "I live with two friends in Ulm"),
        ("I have two boys, Ole and Sam. Ole is nine.", "How old is Ole?", "Ole is nine"),
        ("I live in Bonn", "Where I am living?", "I live in Bonn"),
        ("I'm from Swansea originally", "where am i from", "I am from Swansea originally"),
        ("My dad drives a lorry", "What does my dad do?", "My dad drives a lorry"),
        ("My aunt is from Brazil", "From which country comes my aunt?", "My aunt is from Brazil"),
        ("My dad drives a Skoda", "What does my dad do?", ""),
        ("My neighbour brings me soup", "Who brings me soup?", "My neighbour brings me soup"),
        ("I hate coriander", "Which herb do I hate?", "I hate coriander"),
        ("I hate coriander", "Which food do I hate?", "I hate coriander"),
        ("I hate coriander", "Which fruit do I hate?", ""),
        ("I play the bassoon", "Which instrument do I practise?", "I play the bassoon"),
        ("My boss is Ingrid Salo", "Who do I report to?", "My boss is Ingrid Salo"),
        ("My sister is allergic to nuts", "How does my sister earn her money?", ""),
        (
            "My car is a green Fiat. I park my car behind the bakery",
            "Where did I leave the car?",
            "I park my car behind the bakery",
        ),
        ("My car is a green Fiat", "Where did I leave the car?", ""),
        ("My neighbour keeps bees", "What does my neighbour keep?", "My neighbour keeps bees"),
        ("My neighbour keeps bees", "What does my neighbour drink?", ""),
        ("I am afraid of moths", "Which insects scare me?", "I am afraid of moths"),
        ("My car is a grey Volvo", "What colour is my car?", "My car is a grey Volvo"),
        ("I have two hens, Ada and Bea, and Bea is lazy", "Which one is lazy?", "Bea is lazy"),
        ("My hamster is called Waffles", "What pet do I have?", "My hamster is called Waffles"),
        ("My sister teaches algebra", "What car does my sister have?", ""),
        ("My sister is allergic to nuts", "Which collection does my sister have?", ""),
        ("My sister drives a Skoda", "Which car does my sister have?", "My sister drives a Skoda"),
        ("I have a scar from a kite", "What do I fear?", ""),
        ("I was born in Tampere", "What is my birthplace?", "I was born in Tampere"),
        (
            "My daughter wants to be a pilot",
            "What does my daughter want to become?",
            "My daughter wants to be a pilot",
        ),
        (
            "My flat costs 1120 francs a month.",
            "How much does my flat cost?",
            "My flat costs 1120 francs a month",
        ),
    ],
)
def test_how_it_was_and_what_is_over_are_facts_of_their_own(
    told: str, asked: str, said: str
) -> None:
    assert best(asked, find(told)) == said


def test_what_is_over_is_denied_and_that_it_ended_is_not() -> None:
    (sold,) = [fact for fact in find("I sold my bike.") if not fact.ended]
    for asked, denied in (("Do I have a bike?", True), ("Did I sell my bike?", False)):
        question = ask(asked)
        assert question is not None
        assert answers(question, sold) > 0
        assert denies(question, sold) is denied


@pytest.mark.parametrize(
    ("told", "asked", "also"),
    [
        (
            "I play the accordion on Thursdays.",
            "What instrument do I play?",
            "Which drink do I like?",
        ),
        (
            "My uncle owns a vineyard in Alsace.",
            "What does my uncle own?",
            "What does my aunt own?",
        ),
        ("My bike has a flat tyre.", "What is wrong with my bike?", "What is wrong with my car?"),
        ("My bike is a red Gazelle.", "What bike do I have?", "What is wrong with my bike?"),
        ("My piano teacher is Mrs. Lind.", "Who teaches me the piano?", "Who teaches me French?"),
        ("I ride my bike to work.", "How do I go to work?", "What is my job?"),
        (
            "My mother grew up in Izmir.",
            "Where was my mother raised?",
            "Where was my father raised?",
        ),
        ("My brother repairs clocks.", "What does my brother do?", "What does my sister do?"),
        (
            "My boss is called Ada.",
            "What's my manager called?",
            "What's my manager's phone number?",
        ),
        (
            "My favourite dish is risotto.",
            "Which meal is my favourite?",
            "What is my favourite drink?",
        ),
        (
            "My parents met in Lviv.",
            "Where did my mum and dad meet?",
            "Where did my grandparents meet?",
        ),
        (
            "I have an appointment with Dr. Hahn on Monday.",
            "Who do I have an appointment with?",
            "Who does my wife have an appointment with?",
        ),
        ("My niece turned seven last Saturday.", "How old is my niece?", "How old is my aunt?"),
        ("I'm from Valparaiso.", "What is my home town?", "What is my wife's home town?"),
        ("We have two goats and a donkey.", "What animals do we have?", "What tools do we have?"),
        (
            "My son wants to be a pilot.",
            "What does my son want to be?",
            "Where does my son go to school?",
        ),
    ],
)
def test_one_thing_is_asked_for_in_several_ways_and_another_is_not(
    told: str, asked: str, also: str
) -> None:
    facts = find(told)
    assert best(asked, facts) != ""
    assert best(also, facts) == ""


@pytest.mark.parametrize(
    "told", ["My dad fixed the sink.", "My dad sold his car.", "My dad is baking a cake."]
)
def test_what_was_done_once_is_no_craft(told: str) -> None:
    assert best("What does my dad do?", find(told)) == ""
    assert best("What is my dad's job?", find(told)) == ""


@pytest.mark.parametrize(
    ("told", "asked", "also"),
    [
        (
            "My brother Tom has a nut allergy.",
            "Who is allergic to nuts?",
            "Who is allergic to cats?",
        ),
        ("I work in marketing.", "What is my job?", "What is my sister's job?"),
        (
            "My friend Ana is staying with us.",
            "Who is staying at our place?",
            "Who is staying in Rome?",
        ),
        (
            "We fly to Crete in May.",
            "Where are we going in May and why?",
            "Where do we go in June?",
        ),
        ("I married Ove.", "What is my husband's name?", "What is my uncle's name?"),
    ],
)
def test_whom_and_what_is_asked_for_is_found(told: str, asked: str, also: str) -> None:
    assert best(asked, find(told)) != ""
    assert best(also, find(told)) == ""


def test_wedding_dresses_name_no_husband() -> None:
    assert best("What was my husband's name?", find("I made wedding dresses.")) == ""
