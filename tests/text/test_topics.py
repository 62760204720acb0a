"""What was told is asked about by its matter, and what is asked reads well."""

import pytest

from l2c.text.topics import follow_up, topics


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("we took in an old greyhound last month", "greyhound"),
        ("My daughter plays the drums", "daughter"),
        ("my landlord's name is Mr Okafor", "landlord"),
        ("I bought a blue kettle yesterday", "kettle"),
        ("I am reading a thick book about whales", "about"),
        ("I sowed beans behind the shed", "grow"),
        ("we are flying to Canada next month", "there"),
        ("I dreamed of a staircase", "dream"),
        ("I'm thinking about getting a dog", "against"),
        ("my car broke down on the motorway", "repaired"),
        ("my neighbour is so loud", "neighbour"),
        ("I have an interview tomorrow", "feel"),
        ("I'm making bread", "What goes into it"),
        ("my brother got a new puppy", "puppy"),
        ("I found something in the garden", "What was it"),
        ("we are painting the kitchen", "colour"),
        ("I'll see her tomorrow", "forward"),
    ],
)
def test_the_matter_is_asked_about(said: str, word: str) -> None:
    assert any(word in asked for asked in follow_up(said))


def test_what_is_named_already_is_not_asked_for() -> None:
    assert not any("called" in asked for asked in follow_up("our dog is called Waffle"))


def test_what_says_nothing_is_not_asked_about() -> None:
    assert follow_up("the moss hums") == ()


def test_what_is_denied_is_not_taken_for_what_is_told() -> None:
    assert follow_up("I don't have a dog") == follow_up("we never had a garden")


def test_every_follow_up_is_short_and_asks() -> None:
    for topic in topics():
        for asked in topic.asks:
            assert asked[-1] in "?."
            assert "?" in asked or "Tell me" in asked
            assert len(asked) < 80
