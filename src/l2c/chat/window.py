"""What of a conversation fits the model, in exact tokens, and what was left out.

The newest turns stay, whole turns at a time, oldest dropped first. Only when the newest turn
alone is longer than the budget is it cut, at its beginning. What was dropped is part of the
answer's record, so the page can draw the line where the model's view begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from l2c.conversation import Message
from l2c.errors import InvalidInput
from l2c.text.template import encode_message
from l2c.text.tokenizer import Tokenizer

FRAME = 2
"""Tokens of every prompt that belong to no message: the start, and the word given to le."""


@dataclass(frozen=True, slots=True)
class Window:
    """The messages a model reads, and what they cost. Tokens include role and end marks."""

    messages: tuple[Message, ...]
    tokens: int
    budget: int
    dropped_turns: int
    dropped_tokens: int

    def report(self) -> dict[str, int]:
        """The part of an answer's record that says what the model saw."""
        return {
            "tokens": self.tokens,
            "budget": self.budget,
            "dropped_turns": self.dropped_turns,
            "dropped_tokens": self.dropped_tokens,
        }


def build(messages: Sequence[Message], tokenizer: Tokenizer, *, size: int, answer: int) -> Window:
    """The newest messages that fit `size` tokens when `answer` tokens stay free for the reply.

    Raises `InvalidInput` when nothing is left for the conversation, or there is none.
    """
    budget = size - answer
    if budget <= FRAME + 2:
        raise InvalidInput(f"A window of {size} tokens is too small for answers of {answer}.")
    if not messages:
        raise InvalidInput("A prompt needs at least one message; found none.")
    costs = [len(encode_message(message, tokenizer)) for message in messages]
    tokens, first = FRAME, len(messages)
    while first > 0 and tokens + costs[first - 1] <= budget:
        first -= 1
        tokens += costs[first]
    kept = tuple(messages[first:])
    if not kept:
        kept = (_cut(messages[-1], tokenizer, budget - FRAME),)
        tokens = FRAME + len(encode_message(kept[0], tokenizer))
        first -= 1
    dropped_tokens = FRAME + sum(costs) - tokens
    return Window(kept, tokens, budget, first, dropped_tokens)


def _cut(message: Message, tokenizer: Tokenizer, room: int) -> Message:
    """The longest end of a message that costs at most `room` tokens."""
    low, high = 0, len(message.text)
    while low < high:
        middle = (low + high) // 2
        shorter = Message(message.role, message.text[middle:])
        if len(encode_message(shorter, tokenizer)) <= room:
            high = middle
        else:
            low = middle + 1
    return Message(message.role, message.text[low:])
