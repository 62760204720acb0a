"""One word of what was told is put right, and the rest stays."""

import pytest

from l2c.text.facts import find
from l2c.text.standing import standing


@pytest.mark.parametrize(
    ("told", "corrected", "said"),
    [
        (
            "Alan had an operation in March.",
            "Forgive me, it was April.",
            "Alan had an operation in April",
        ),
        (
            "I fly to Cork.",
            "I made mistake, I fly to Bray, not Cork",
            "I fly to Bray",
        ),
        (
            "I start on the 12th of May.",
            "oh wait its the 19th not the 12th",
            "I start on the 19th of May",
        ),
        (
            "I have driven this car since 2009.",
            "I am mistaken, it was 2008.",
            "I have driven this car since 2008",
        ),
        ("I have an exam in Cork.", "in Bray, not Cork", "I have an exam in Bray"),
        ("I work in Berlin.", "Not Berlin, I mean Hamburg", "I work in Hamburg"),
        (
            "I start on the 12th of May.",
            "No, I meant to say the 14th",
            "I start on the 14th of May",
        ),
        ("I have a meeting at 3pm.", "It's been moved to 4pm.", "I have a meeting at 4pm"),
        ("I have an exam on Thursday.", "the exam got moved to friday", "I have an exam on friday"),
    ],
)
def test_a_correction_may_be_of_the_day_or_the_year_alone(
    told: str, corrected: str, said: str
) -> None:
    before = find(f"My husband is called Alan. {told}")
    *over, new = find(corrected, before)
    assert all(one.ended for one in over)
    assert new.said.removeprefix("my husband ") == said
    told_all = [*before, *over, new]
    assert [at for at in standing(told_all) if at >= 1] == [len(told_all) - 1]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("I live on the fourth floor.", "no lift"),
        ("We are going to the zoo on Sunday.", "Oh no, she is awake."),
    ],
)
def test_what_there_is_none_of_and_a_cry_correct_nothing(told: str, said: str) -> None:
    assert find(said, find(told)) == []


@pytest.mark.parametrize(
    ("told", "said", "now"),
    [
        ("I lent Tom my drill.", "He has given it back.", "I have my drill back"),
        ("I lent my bike to Sara", "she gave it back yesterday", "I have my bike back"),
        ("I borrowed a ladder from Kim", "I returned it", "I gave the ladder back"),
        ("My uncle lent me his van.", "we gave the van back", "I gave his van back"),
    ],
)
def test_what_was_lent_is_back(told: str, said: str, now: str) -> None:
    before = find(told)
    over, back = find(said, before)
    assert over.ended
    assert over.said == before[0].said
    assert back.said == now


def test_nothing_comes_back_that_was_not_lent() -> None:
    assert find("He gave it back.", find("I have a drill.")) == []


def test_what_is_had_can_be_exchanged_for_another_thing() -> None:
    told = find("I have a cat. My cat is called Mochi.")
    told += find("I don't have a cat, I have a dog.", told)
    assert [told[at].said for at in standing(told)] == ["I have a dog", "My dog is called Mochi"]


def test_what_is_not_had_is_not_had_any_more() -> None:
    told = find("I have a cat.")
    told += find("I don't have a cat.", told)
    assert [told[at].value for at in standing(told)] == ["no"]


@pytest.mark.parametrize(
    "said", ["Not Berlin, I mean Hamburg", "I've changed my mind, it's Geraldine."]
)
def test_what_corrects_nothing_told_changes_nothing(said: str) -> None:
    assert find(said, find("I am allergic to peanuts. Deniz is my son. Deniz is 6.")) == []


def test_a_number_is_put_right_with_its_noun() -> None:
    told = find("We have three grandchildren.")
    assert find("Sorry, four grandchildren.", told)[-1].said == "We have four grandchildren"


def test_a_day_that_was_moved_keeps_its_capital() -> None:
    told = find("Next Thursday I have an operation.")
    assert find("It was moved to Friday.", told)[-1].said == "Next Friday I have an operation"
