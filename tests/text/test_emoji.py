"""A message of pictures alone is read in words, and no other is."""

import pytest

from l2c.text.emoji import in_words


@pytest.mark.parametrize(
    ("said", "words"),
    [("👍", "ok"), ("❤️", "I'm so happy today"), ("😂😂", "haha"), ("🙏🏽 !", "thank you")],
)
def test_pictures_say_something(said: str, words: str) -> None:
    assert in_words(said) == words


@pytest.mark.parametrize("said", ["", "nice 👍", "🦑", "?!"])
def test_any_other_message_stays_as_it_is(said: str) -> None:
    assert in_words(said) == said
