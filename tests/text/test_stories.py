"""A story is told from what somebody told being said back."""

from l2c.text.stories import reads_as_story

TALE = "A fox found a key. It opened no door. So the fox gave it back."


def test_a_tale_reads_as_a_story() -> None:
    assert reads_as_story(TALE)


def test_what_was_told_and_is_said_back_is_no_story() -> None:
    assert not reads_as_story("You sold your Rover. John moved to Cork. Helen was born in May.")
