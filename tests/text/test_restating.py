"""What was told is said back in the second person."""

import pytest

from l2c.text.restating import said_back


@pytest.mark.parametrize(
    ("said", "back"),
    [
        ("I'm back from the dentist!", "So you are back from the dentist. "),
        ("we\u2019ve found my old bike", "So you have found your old bike. "),
        ("the train was late", ""),
        ("I told you", ""),
        ("I left. She stayed.", ""),
        ("I " + "very " * 12 + "much", ""),
    ],
)
def test_few_words_about_oneself_are_said_back(said: str, back: str) -> None:
    assert said_back(said) == back
