"""The life of many lessons: what is asked after each, and the picture of it."""

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from benchmarks.rounds import CURVES, Asking
from benchmarks.rounds_picture import drawn
from l2c.corpus.chance import Chance
from l2c.learning.recall import Told

PIM = Told("My cat is called Pim.", "What is my cat called?", "Pim", ("My cat's name?",))
REX = Told("My dog is called Rex.", "What is my dog called?", "Rex", ("My dog's name?",))


class Answering:
    """Knows the cat in the question's own words, and nothing else."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def ask(self, question: str, **_: Any) -> tuple[str, str | None]:
        self.asked.append(question)
        return ("Pim." if question == PIM.question else "You have not told me."), "generated"


def test_each_share_is_of_what_it_says() -> None:
    speaker: Any = Answering()
    asking = Asking([PIM, REX], 2, Chance(0))
    found = asking.ask(speaker, [REX], [PIM], [PIM, REX])
    assert {name: (found[name]["right"], found[name]["of"]) for name in CURVES} == {
        "newest": (0, 1),
        "first": (1, 1),
        "all": (1, 2),
        "in_other_words": (0, 2),
        "never_told": (1, 1),
    }
    assert {*PIM.paraphrases, *REX.paraphrases} <= {*speaker.asked}


def test_what_the_facts_tell_is_not_asked_as_never_told() -> None:
    missed = "What is my goat called?"
    told = [replace(PIM, near_miss=REX.question), replace(REX, near_miss=missed)]
    speaker: Any = Answering()
    found = Asking(told, 4, Chance(0)).of_sample(speaker, [], anyway=True)
    assert missed in speaker.asked
    assert REX.question not in speaker.asked
    assert found["never_told"]["of"] == len(speaker.asked) == 3


def test_the_picture_has_a_point_for_every_round_of_every_curve() -> None:
    row = {name: {"value": 0.5} for name in CURVES}
    rounds = [{"told": told, "bits_per_byte": 1.3, **row} for told in (50, 100, 150)]
    figures = {
        "facts": 150,
        "finder_recall": {"value": 0.8},
        "bits_per_byte_before": 1.3,
        "rounds": rounds,
    }
    picture = drawn(figures)
    ElementTree.fromstring(picture)
    assert len(re.findall("<circle", picture)) == 3 * (len(CURVES) + 1)
