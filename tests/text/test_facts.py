"""What people tell of themselves is found, and what only looks like it is not."""

import json
from importlib import resources

import pytest

from l2c.text.asking import ask
from l2c.text.facts import find
from tests.text.telling import best, triples

TOLD = resources.files("l2c.learning").joinpath("told")


def lines(name: str) -> list[dict[str, str]]:
    text = TOLD.joinpath(name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("My sister's name is Mirela.", ("sister", "name", "Mirela")),
        ("the name of my sister is Mirela", ("sister", "name", "Mirela")),
        ("Mirela is my sister", ("sister", "person", "Mirela")),
        ("I have a sister called Mirela.", ("sister", "name", "Mirela")),
        ("my sister's dog is called Rex", ("sister's dog", "name", "Rex")),
        ("By the way, I live in Bergen now.", ("", "live", "Bergen")),
        ("I'm 34 years old", ("", "age", "34 years old")),
        ("I'm a nurse.", ("", "job", "a nurse")),
        ("My bike is lime green!", ("bike", "colour", "lime green")),
        ("I have three cats", ("", "count cat", "three")),
        ("On Saturday I am going to the planetarium.", ("", "plan", "the planetarium")),
        ("The code for the shed is 7731.", ("code for the shed", "number", "7731")),
        ("I don't like onions", ("", "dislike", "onions")),
        ("Zbigniew borrowed my drill.", ("drill", "borrow by", "Zbigniew")),
        ("People should know: my name is Ana.", ()),
        ("my friends call me Bob", ("", "nickname", "Bob")),
        ("Everyone says Bob", ("", "nickname", "Bob")),
        ("You can call me Bob.", ("", "name", "Bob")),
        ("My teacher says Bob", ()),
        ("They call me names.", ()),
        ("I used to live in Paris.", ("", "used live", "Paris")),
        ("I used to be a baker before we moved", ("", "used job", "a baker")),
        ("You used to live in Paris.", ()),
        ("My daughter is turning seven on Friday", ("daughter", "age", "turning seven on Friday")),
    ],
)
def test_what_is_told_is_found_whatever_its_form(said: str, fact: tuple[str, ...]) -> None:
    assert triples(said) == ([fact] if fact else [])


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (
            "my name is Robert, but most people say Bob",
            [("", "name", "Robert"), ("", "nickname", "Bob")],
        ),
        (
            "My name is Robert but everyone calls me Bob.",
            [("", "name", "Robert"), ("", "nickname", "Bob")],
        ),
        (
            "I used to live in Paris, but now I live in Rome.",
            [("", "used live", "Paris"), ("", "live", "Rome")],
        ),
        (
            "i live with my mates dan and theo in a tiny flat",
            [("", "live with", "my mates Dan and Theo"), ("", "live", "a tiny flat")],
        ),
        ("I hate mushrooms but love pizza", [("", "dislike", "mushrooms"), ("", "like", "pizza")]),
    ],
)
def test_two_things_told_at_once_are_two_facts(said: str, found: list[tuple[str, ...]]) -> None:
    assert triples(said) == found


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("I live with my partner Marc and our baby Luna", ("baby", "name", "Luna")),
        ("I had lunch with my brother Paul", ("brother", "name", "Paul")),
        ("I met my sister Monday", ("", "meet", "my sister Monday")),
        ("Mum's birthday is 4 July", ("mum", "birthday", "4 July")),
        ("My car's a blue Skoda", ("car", "kind", "a blue Skoda")),
        ("I've got two older sisters, Nina and Jo", ("", "count sister", "two")),
        ("I broke my leg last week", ("", "break", "my leg")),
        ("i play bass in a band called the muddy boots", ("band", "name", "the muddy boots")),
        ("I read a book called The Hobbit", ("", "read", "a book called The Hobbit")),
        ("my wifes name is Priya", ("wife", "name", "Priya")),
        ("im Tom", ("", "name", "Tom")),
        ("my names leah", ("", "name", "Leah")),
        ("I met my neighbour Mrs Orr", ("neighbour", "name", "Mrs Orr")),
        ("my kids are leo (6) and mia (9)", ("Mia", "age", "9")),
    ],
)
def test_people_say_it_in_passing_and_in_short(said: str, fact: tuple[str, ...]) -> None:
    assert triples(said)[-1] == fact


def test_somebody_whose_name_was_told_is_known_by_it() -> None:
    before = ("My daughter is called Ellie.",)
    assert triples("Ellie is seven", before) == [("daughter", "age", "seven")]
    assert triples("Ellie is seven") == []


def test_a_pronoun_stands_for_what_was_named_before() -> None:
    told = find("I have a dog. He is called Rex and he is four years old.")
    assert ("dog", "name", "Rex") in [(f.subject, f.relation, f.value) for f in told]
    assert ("dog", "age", "four years old") in [(f.subject, f.relation, f.value) for f in told]
    assert all("he is" not in fact.said for fact in told)


@pytest.mark.parametrize(
    ("said", "fact"),
    [
        ("My daughter put you on my laptop, her name is Klara", ("daughter", "name", "Klara")),
        ("My cat sleeps on my bed. Her name is Mitzi.", ("cat", "name", "Mitzi")),
        ("I sold my car to my neighbour. She lives in Lodz.", ("neighbour", "live", "Lodz")),
        ("My sister gave me my bicycle. It is red.", ("bicycle", "colour", "red")),
    ],
)
def test_her_is_a_person_and_it_is_a_thing(said: str, fact: tuple[str, ...]) -> None:
    assert triples(said)[-1] == fact


def test_the_weather_is_nobody() -> None:
    told = find("My husband is called Edwin.")
    assert find("it's raining here", before=told) == []
    assert find("it is late", before=told) == []


@pytest.mark.parametrize("said", TOLD.joinpath("talk.txt").read_text(encoding="utf-8").splitlines())
def test_jokes_guesses_questions_quotations_and_other_people_are_no_facts(said: str) -> None:
    assert find(said) == []


@pytest.mark.parametrize(
    "said",
    [
        "I had a long day at work.",
        "My head hurts.",
        "My boss is angry",
        "I went to the shop",
        "I am so tired",
        "What is my sister called?",
        "Tell me a story about my cat.",
        "haha my cat is the king of Spain",
    ],
)
def test_small_talk_is_no_fact(said: str) -> None:
    assert find(said) == []


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("got an exam on thursday lol", "an exam"),
        ("My partner Owen is a firefighter haha", "a firefighter"),
        ("my cat is called Mochi 😂", "Mochi"),
        ("I'm allergic to peanuts, so what could I cook tonight?", "peanuts"),
        ("my brother Sean says I should get a dog", "Sean"),
        ("with my dog, a Labrador called Captain", "Captain"),
    ],
)
def test_what_is_told_laughing_or_beside_something_else_is_a_fact(said: str, value: str) -> None:
    assert find(f"I walked {said}" if said.startswith("with") else said)[-1].value == value


@pytest.mark.parametrize("said", ["I'm 500 years old lol", "my dad is the king of France haha"])
def test_what_is_only_laughed_about_is_no_fact(said: str) -> None:
    assert find(said) == []


@pytest.mark.parametrize("told", lines("corrections.jsonl"), ids=lambda told: str(told["answer"]))
def test_a_correction_is_about_what_it_corrects_and_replaces_it(told: dict[str, str]) -> None:
    old = find(told["statement"])
    new = find(told["correction"], old)
    assert any(
        told["answer"] in fact.value and fact.single and fact.topic in [one.topic for one in old]
        for fact in new
        if not fact.ended
    )


@pytest.mark.parametrize(
    "said",
    ["No, it was 2008.", "oh no, it really hurts", "No, she has left.", "no, it is too late"],
)
def test_a_sigh_is_no_correction(said: str) -> None:
    assert find(said, find("I broke my leg last week.")) == []


def test_a_correction_may_name_whom_it_is_about() -> None:
    before = ("My baby is called Luna.", "Luna was born in March.", "Mum's birthday is 4 July.")
    assert triples("No, Luna was born in April", before) == [("baby", "time", "born in April")]


def test_taking_it_back_ends_the_last_fact() -> None:
    told = find("My cat is called Pim.")
    assert [(fact.value, fact.ended) for fact in find("Just kidding.", told)] == [("Pim", True)]


def test_almost_every_hand_written_fact_is_found() -> None:
    """Recall of the finder on statements written before it; `l2c recall` reports it apart."""
    told = lines("hundred.jsonl") + lines("odd.jsonl")
    found = [
        one
        for one in told
        if any(
            one["answer"].lower() in f"{f.value} {f.said}".lower() for f in find(one["statement"])
        )
    ]
    assert len(found) >= 0.98 * len(told)


@pytest.mark.parametrize("name", ["hundred.jsonl", "odd.jsonl"])
def test_questions_find_their_fact_and_near_misses_find_none(name: str) -> None:
    world = lines(name)
    told = [fact for one in world for fact in find(one["statement"])]
    taught = sum(one["answer"].lower() in best(one["question"], told).lower() for one in world)
    others = [(p, one["answer"]) for one in world for p in one["paraphrases"]]
    paraphrased = sum(answer.lower() in best(p, told).lower() for p, answer in others)
    honest = sum(best(one["near_miss"], told) == "" for one in world)
    assert taught >= 0.99 * len(world)
    assert paraphrased >= 0.95 * len(others)
    assert honest >= 0.95 * len(world)


@pytest.mark.parametrize(
    "said",
    [
        "How do I fix a leaking tap?",
        "How do I get rid of greenfly?",
        "How do I open a jar of olives?",
        "How do I know if milk is bad?",
        "how do I get rust off a wheel?",
        "What should I eat today?",
        "Why am I sad?",
        "Write a letter to my landlord.",
        "What is the capital of France?",
        "I have a dog called Rex.",
        "Can I ask you something?",
    ],
)
def test_advice_and_general_questions_ask_for_nothing_told(said: str) -> None:
    asked = ask(said)
    assert asked is None or not asked.own


def test_the_sister_was_told_and_the_brother_is_asked() -> None:
    told = find("My sister lives in Rome. My sister's dog is called Rex.")
    assert best("Where does my sister live?", told) == "My sister lives in Rome"
    assert best("Where does my brother live?", told) == ""
    assert best("What is my sister called?", told) == ""
    assert best("What is my dog called?", told) == ""
    assert best("How old is my sister?", told) == ""


def test_hostile_text_is_read_quickly_and_without_a_word() -> None:
    for text in ("my " * 10_000, "I have a " + "a" * 30_000, "not " * 9_000, "my a's " * 5_000):
        assert find(text) == []
        assert ask(text) is None


@pytest.mark.parametrize(
    "said",
    [
        "Please don't tell anyone I'm pregnant.",
        "I'm nervous about that to be honest.",
        "do you remember that I hate coriander?",
    ],
)
def test_a_wish_and_what_only_points_are_no_facts(said: str) -> None:
    assert find(said) == []


def test_not_bad_corrects_nothing() -> None:
    told = find("My colleague is called Nadia.")
    assert find("Not bad. Bye.", told) == []
