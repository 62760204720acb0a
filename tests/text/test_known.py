"""What is known by heart is found in many ways of asking for it, and no other."""

import pytest

from l2c.text.known import Exchange, Knowledge
from l2c.text.practice import Practice
from l2c.text.repertoire import Repertoire

FORK = Exchange("What is a fork?", "A fork has points for eating.")
HOT = Exchange("What is the opposite of hot?", "The opposite of hot is cold.")
KNIT = Exchange("What is to knit?", "To knit is to make clothes from wool.")
LEAF = Exchange("What is a leaf?", "A leaf is a green part of a plant.")
KNOWN = Knowledge({"hot": HOT}, {}, {"fork": FORK, "knit": KNIT, "leaf": LEAF})


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
        "so what is a fork then",
        "tell me about forks, what are they",
        "do you know the word fork?",
        "fork?",
        "A fork?",
        "my aunt asked for a \u201cfork\u201d. What's that?",
    ],
)
def test_a_meaning_is_asked_for_in_many_ways(said: str) -> None:
    assert KNOWN.asked(said) == FORK


@pytest.mark.parametrize(
    "said",
    [
        "what is my fork",
        "a fork lies there",
        "what is a tuning fork",
        "what is the fork",
        "knit?",
        "what do you knit?",
        "what did you do with leaves?",
        "what fork do I have?",
        "my aunt has a \u201cfork\u201d. What is hers?",
    ],
)
def test_what_asks_for_something_else_is_not_answered(said: str) -> None:
    assert KNOWN.asked(said) is None


def test_a_verb_and_a_plural_are_asked_for_by_their_own_words() -> None:
    for said in ("what does knit mean", "what is to knit", 'define "knit"'):
        assert KNOWN.asked(said) == KNIT
    assert KNOWN.asked("what are leaves") == LEAF


def test_nothing_but_the_question_is_known_by_heart() -> None:
    practised = Practice(Repertoire.of(knowledge=KNOWN))
    whole, more = practised.meant("opposite of hot?"), practised.meant("soup: opposite of hot?")
    assert whole is not None
    assert whole.by_heart
    assert more is not None
    assert not more.by_heart
