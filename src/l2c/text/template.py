"""The one place that turns a conversation into tokens: the chat template `turns-1`.

    START  (ROLE text END)*                       a conversation
    START  (ROLE text END)*  ASSISTANT            a prompt: the model goes on, until END
    START  (ROLE text END)*  ASSISTANT text       the same, with the beginning of the answer

Training examples and prompts come from the same two functions, so a model is always asked in
the form in which it was taught. Roles are control tokens, which no text can encode to. A model of
another program may not have them; its tokenizer then says what to write for each
(`Tokenizer.mark`, `l2c.text.vocabulary`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from l2c.conversation import Message, Role
from l2c.text.tokenizer import Control, Tokenizer

TEMPLATE = "turns-1"
"""The template's name, part of a checkpoint's identity."""

ROLE_TOKENS = {
    Role.SYSTEM: Control.SYSTEM,
    Role.USER: Control.USER,
    Role.ASSISTANT: Control.ASSISTANT,
}

UNWRITABLE = tuple(control for control in Control if control != Control.END)
"""Control tokens a model must never write in an answer; `END` closes it."""


def encode_message(message: Message, tokenizer: Tokenizer) -> list[int]:
    """`ROLE text END`."""
    role, end = tokenizer.mark(ROLE_TOKENS[message.role]), tokenizer.mark(Control.END)
    return [*role, *tokenizer.encode(message.text), *end]


def encode_conversation(messages: Iterable[Message], tokenizer: Tokenizer) -> list[int]:
    """`START (ROLE text END)*`."""
    tokens: list[int] = [Control.START]
    for message in messages:
        tokens += encode_message(message, tokenizer)
    return tokens


def encode_prompt(messages: Sequence[Message], tokenizer: Tokenizer) -> list[int]:
    """The conversation so far, then `ASSISTANT`: what a model reads before it answers.

    An answer that stands last is one to go on with: it is not closed.
    """
    tokens = encode_conversation(messages, tokenizer)
    if messages and messages[-1].role is Role.ASSISTANT:
        return tokens[: -len(tokenizer.mark(Control.END))]
    return [*tokens, *tokenizer.mark(Control.ASSISTANT)]
