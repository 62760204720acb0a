"""What is known by heart is found in many ways of asking for it, and no other."""

import pytest

from l2c.text.known import Exchange, Knowledge
from l2c.text.practice import Practice

FORK = Exchange("What is a fork?", "A fork has points for eating.")
HOT = Exchange("What is the opposite of hot?", "The opposite of hot is cold.")
KNOWN = Knowledge({"hot": HOT}, {}, {"fork": FORK})


@pytest.mark.parametrize(
    "said",
    [
        "what on earth is a fork",
        "in simple words, what is a fork?",
        "how would you explain a fork to a child",
        "give me the definition of fork",
        "what kind of thing is a fork",
        "what is meant by fork",
        "I don't know what a fork is",
        "wat is a fork",
    ],
)
def test_a_meaning_is_asked_for_in_many_ways(said: str) -> None:
    assert KNOWN.asked(said) == FORK


@pytest.mark.parametrize(
    "said", ["what is my fork", "a fork lies there", "what is a tuning fork", "what is the fork"]
)
def test_what_asks_for_something_else_is_not_answered(said: str) -> None:
    assert KNOWN.asked(said) is None


def test_nothing_but_the_question_is_known_by_heart() -> None:
    practised = Practice(knowledge=KNOWN)
    whole, more = practised.meant("opposite of hot?"), practised.meant("soup: opposite of hot?")
    assert whole is not None
    assert whole.by_heart
    assert more is not None
    assert not more.by_heart
