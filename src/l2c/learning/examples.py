"""From what was said to what is learned: sources become examples with a loss weight per token.

A source is one finished exchange. What the user wrote teaches with full weight; the answer
teaches only when a person wrote it, because a small model trained on its own unrated words
turns into its own echo. Text that is only kept in practice (the starter corpus) teaches its
answers fully and its questions a little.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from l2c.conversation import Message, Role
from l2c.engines.engine import Batch
from l2c.text.template import ROLE_TOKENS, encode_message
from l2c.text.tokenizer import Control, Tokenizer

if TYPE_CHECKING:
    from jaxtyping import Float32, Int32

CORPUS_QUESTION_WEIGHT = 0.25
"""How much predicting the user's half of a corpus conversation counts, against 1 for answers."""

TOLD_QUESTION_WEIGHT = 0.1
"""The same of a question about something told: people word theirs themselves."""


@dataclass(frozen=True, slots=True)
class Source:
    """One exchange to learn from, in the form in which it is learned.

    `answer_teaches` is true when a person wrote, rated or corrected the answer. What refers to
    something told before ("No, it is Hanne.") refers to its own `conversation`.
    """

    user: str
    answer: str
    answer_teaches: bool = False
    conversation: str = ""

    @property
    def text(self) -> str:
        """The exact training text, as it is shown to its owner; a `·` marks what only frames."""
        mark = "" if self.answer_teaches else "· "
        return f"you: {self.user}\n{mark}le: {self.answer}"

    @property
    def sha256(self) -> str:
        """What the ledger knows it by: SHA-256 of what it teaches as canonical JSON."""
        fields = json.dumps([self.user, self.answer, self.answer_teaches], ensure_ascii=True)
        return hashlib.sha256(fields.encode()).hexdigest()

    @property
    def messages(self) -> tuple[Message, Message]:
        """The two messages of the exchange."""
        return Message(Role.USER, self.user), Message(Role.ASSISTANT, self.answer)


@dataclass(frozen=True, slots=True)
class Example:
    """Tokens and how much predicting each of them counts; `weights[t]` belongs to `tokens[t]`."""

    tokens: Int32[np.ndarray, " T"]
    weights: Float32[np.ndarray, " T"]

    @property
    def batch(self) -> Batch:
        """The whole of it as one row."""
        return Batch(self.tokens[None], self.weights[None, 1:], np.ones(1, bool))


def from_source(source: Source, tokenizer: Tokenizer) -> Example:
    """What an exchange teaches."""
    answer = 1.0 if source.answer_teaches else 0.0
    return _example(source.messages, (1.0, answer), tokenizer)


def from_corpus(messages: Sequence[Message], tokenizer: Tokenizer) -> Example:
    """What a conversation of the corpus teaches."""
    weights = [
        1.0 if message.role is Role.ASSISTANT else CORPUS_QUESTION_WEIGHT for message in messages
    ]
    return _example(messages, weights, tokenizer)


def from_question(
    messages: Sequence[Message], tokenizer: Tokenizer, *, begins: str = ""
) -> Example:
    """What a question about something told teaches: its answer, and of the question little.

    With `begins` only that beginning of the answer is read, and the answer stays open.
    """
    whole = _example(messages, (TOLD_QUESTION_WEIGHT, 1.0), tokenizer)
    answer, first = tokenizer.encode(messages[-1].text), tokenizer.encode(begins)
    if not begins or answer[: len(first)] != first:
        return whole
    length = len(whole.tokens) - len(tokenizer.mark(Control.END)) - len(answer) + len(first)
    return Example(whole.tokens[:length], whole.weights[:length])


def evenly(messages: Sequence[Message], tokenizer: Tokenizer) -> Example:
    """A conversation in which every letter counts the same: how general text is measured."""
    return _example(messages, [1.0] * len(messages), tokenizer)


def characters(sources: Iterable[Source]) -> str:
    """Everything these sources say, for the vocabulary to grow by."""
    return "".join(source.user + source.answer for source in sources)


def _example(
    messages: Sequence[Message], weights: Sequence[float], tokenizer: Tokenizer
) -> Example:
    """`START (ROLE text END)*`; who speaks is given, so a role mark never counts."""
    tokens: list[int] = [Control.START]
    weighted: list[float] = [0.0]
    for message, weight in zip(messages, weights, strict=True):
        encoded = encode_message(message, tokenizer)
        tokens += encoded
        mark = len(tokenizer.mark(ROLE_TOKENS[message.role]))
        weighted += [0.0] * mark + [weight] * (len(encoded) - mark)
    return Example(np.array(tokens, np.int32), np.array(weighted, np.float32))
