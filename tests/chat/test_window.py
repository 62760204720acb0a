"""The window holds the newest turns that fit, and says what it left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.chat.window import build
from l2c.conversation import Message, Role
from l2c.errors import InvalidInput
from l2c.text.bytes import ByteTokenizer
from l2c.text.template import encode_prompt

TOKENIZER = ByteTokenizer()


def said(*texts: str) -> list[Message]:
    roles = [Role.USER, Role.ASSISTANT]
    return [Message(roles[i % 2], text) for i, text in enumerate(texts)]


def test_everything_fits_a_large_window() -> None:
    window = build(said("Hi", "Hello", "How are you?"), TOKENIZER, size=512, answer=100)
    assert len(window.messages) == 3
    assert (window.dropped_turns, window.dropped_tokens) == (0, 0)


def test_the_oldest_turns_are_dropped_whole() -> None:
    window = build(said("a" * 20, "b" * 20, "c" * 20), TOKENIZER, size=100, answer=50)
    assert [message.text[0] for message in window.messages] == ["b", "c"]
    assert (window.dropped_turns, window.dropped_tokens) == (1, 22)


def test_a_turn_longer_than_the_window_keeps_its_end() -> None:
    window = build(said("x" * 1000 + "end"), TOKENIZER, size=100, answer=50)
    assert window.messages[0].text.endswith("end")
    assert window.tokens == window.budget == 50
    assert window.dropped_turns == 0
    assert window.dropped_tokens == 1003 + 4 - 50


@given(st.lists(st.text(max_size=80), min_size=1, max_size=8), st.integers(60, 300))
def test_the_count_is_exact_and_never_over_the_budget(texts: list[str], size: int) -> None:
    messages = said(*texts)
    window = build(messages, TOKENIZER, size=size, answer=40)
    assert window.tokens == len(encode_prompt(window.messages, TOKENIZER)) <= window.budget
    assert window.tokens + window.dropped_tokens == len(encode_prompt(messages, TOKENIZER))
    assert window.dropped_turns + len(window.messages) == len(messages)


def test_a_window_without_room_is_refused() -> None:
    with pytest.raises(InvalidInput, match="too small"):
        build(said("Hi"), TOKENIZER, size=50, answer=50)
    with pytest.raises(InvalidInput, match="at least one message"):
        build([], TOKENIZER, size=500, answer=50)
