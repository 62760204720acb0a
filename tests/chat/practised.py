"""A small practice to route by."""

from collections.abc import Sequence
from typing import Any

from l2c.text.known import Exchange
from l2c.text.practice import AFTER_GREETING, AFTER_STORY, Practice
from l2c.text.repertoire import Repertoire, Sayings


def practised_of(exchanges: Sequence[Exchange], **more: Any) -> Practice:
    return Practice(Repertoire.of(exchanges, **more))


MORE = ["What else should I know?"]
PRACTISED = practised_of(
    [
        Exchange("Thank you very much", "You are welcome."),
        Exchange("I have to go", "Goodbye."),
        Exchange("I have to go", "See you."),
        Exchange("My cat is called Tom", "Tom is a nice name."),
        Exchange("We have 3 cats", "Three cats."),
    ],
    itself={"who can read my messages?": "Only you."},
    passing=[
        Exchange("I like your name", "Thank you."),
        Exchange("what happened next?", "Then it was evening.", AFTER_STORY),
        Exchange("tired", "Then rest.", AFTER_GREETING),
    ],
    sayings=Sayings(["Tell me more about it."], ["Now I can picture it."], MORE),
)
