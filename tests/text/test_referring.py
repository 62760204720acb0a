"""A pronoun stands for what was spoken of last that it may stand for."""

import pytest

from l2c.text.facts import find
from l2c.text.referring import in_nouns
from tests.text.telling import triples


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("whats it called", "what is my cat called"),
        ("and how old is she?", "and how old is my sister"),
        ("What is her job?", "What is my sister's job"),
        ("where does he sleep", "where does my cat sleep"),
    ],
)
def test_a_question_is_asked_with_the_noun(asked: str, meant: str) -> None:
    before = ["I have a cat.", "My sister is called Ella."]
    told = [fact for said in before for fact in find(said)]
    assert meant in in_nouns(asked, before[::-1], told)


@pytest.mark.parametrize("asked", ["what time is it", "How is it?", "it is fine", "is it raining?"])
def test_what_asks_for_no_noun_is_left(asked: str) -> None:
    assert list(in_nouns(asked, ["I have a cat."], find("I have a cat."))) == []


def test_a_noun_nobody_spoke_of_is_not_meant() -> None:
    assert list(in_nouns("whats it called", ["Good morning"], find("I have a cat."))) == []


def test_what_was_sold_is_what_was_had_last() -> None:
    before = ("I have a bike.", "I bought an old car.")
    assert triples("sold it yesterday tho", before)[-1][:2] == ("", "sell")
    assert "my old car" in triples("sold it yesterday tho", before)[-1][2]


def test_one_of_several_is_told_of_by_its_place() -> None:
    before = ("I have five grandchildren.",)
    told = triples("The oldest is Ines, she studies medicine.", before)
    assert told[0] == ("oldest grandchild", "name", "Ines")
    assert told[1][0] == "oldest grandchild"


def test_he_is_no_daughter_and_she_no_uncle() -> None:
    before = ("I have a cat.", "My daughter rings on Sundays.")
    assert not [one for one in triples("He sits on my lap.", before[1:]) if "daughter" in one[0]]
    assert list(in_nouns("How old is she?", ["My uncle Bo is ill"], find("My uncle is ill."))) == []
