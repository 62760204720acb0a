"""Whom a wished story is about is found, and told of in words that fit."""

import pytest

from l2c.text.tales import Tales, wished


@pytest.mark.parametrize(
    ("said", "whole", "short"),
    [
        ("tell me a story about a hedgehog", "a hedgehog", "the hedgehog"),
        ("a tale with an old lighthouse in it please", "an old lighthouse", "the lighthouse"),
        ("a story about a cat called mimi", "a cat called Mimi", "Mimi"),
        (
            "one about a dragon who is afraid of fire",
            "a dragon who was afraid of fire",
            "the dragon",
        ),
        ("a story about my sister", "your sister", "your sister"),
        ("a bedtime story for my son about trains", "some trains", "the trains"),
        ("a story about a fox and a hen", "a fox and a hen", "the two"),
        ("a story about Pim", "Pim", "Pim"),
        ("a story about rain", "the rain", "the rain"),
        ("a story: a goose and a drum", "a goose and a drum", "the two"),
        ("invent a story in which a bicycle runs away", "a bicycle", "the bicycle"),
    ],
)
def test_the_hero_is_who_was_named(said: str, whole: str, short: str) -> None:
    hero = wished(said)
    assert hero is not None
    assert (hero.whole, hero.short, hero.walks) == (whole, short, True)


def test_an_ending_is_no_hero_and_friendship_does_not_walk() -> None:
    assert wished("I want a story with a happy ending") is None
    assert wished("tell me a story") is None
    hero = wished("a story about friendship")
    assert hero is not None
    assert not hero.walks


def test_a_tale_is_told_of_the_hero_in_one_or_in_many() -> None:
    tales = Tales(["There once {was} {hero}. {Short} left."], ["This is about {short}."])
    assert tales.told("about a mouse") == ("There once was a mouse. The mouse left.",)
    assert tales.told("about two mice") == ("There once were two mice. The mice left.",)
    assert tales.told("about friendship") == ("This is about friendship.",)
    assert tales.told("a short one") == ()
    assert Tales().told("about a mouse") == ()


def test_what_there_is_but_one_of_was_not_there_once() -> None:
    tales = Tales(["There once {was} {hero}.", "{Hero} slept."])
    assert tales.told("about the moon") == ("The moon slept.",)


def test_a_sort_is_told_where_nobody_is_named() -> None:
    tales = Tales(of_sorts={"spooky|ghost": ("It was dark.",), "funny": ("It laughed.",)})
    assert tales.of_sort("something SPOOKY please") == ("It was dark.",)
    assert tales.of_sort("a funny one") == ("It laughed.",)
    assert tales.of_sort("a story") == ()
