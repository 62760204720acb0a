"""What a model knows, asked from outside: `l2c eval`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from l2c import corpus
from l2c.conversation import Message, Role
from l2c.engines.engine import Sampler
from l2c.engines.model import LanguageModel
from l2c.learning.evaluation import score_general
from l2c.learning.texts import read_files
from l2c.store.models import ModelRow
from l2c.text.tokenizer import Control

QUESTIONS = (
    "Hello",
    "How are you?",
    "What are you?",
    "What is your name?",
    "How do you learn?",
    "What do you store?",
    "Thank you",
    "What is 2 + 3?",
    "What is the opposite of hot?",
    "What day comes after Monday?",
    "Tell me a short story.",
    "My cat is called Pim.",
    "What is my cat called?",
    "Good night",
)
"""Plain openings; none of them is a test of anything but reading the answers."""

ANSWER_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Examination:
    """Bits per byte of a text (`text` says which), and greedy answers to plain questions."""

    model: str
    checkpoint: str
    text: str
    bytes: int
    bits_per_byte: float
    answers: list[tuple[str, str]]


def examine(row: ModelRow, model: LanguageModel, file: Path | None, *, chat: bool) -> Examination:
    """Read `file`, or the held-out conversations, with the model; ask the questions if `chat`."""
    if file is None:
        documents = corpus.held_out()
        score = score_general(model, documents)
        name = f"{len(documents)} held-out conversations"
        size, bits_per_byte = int(score.sizes.sum()), score.bits_per_byte
    else:
        text = read_files([file])
        name, size = file.name, len(text.encode())
        bits_per_byte = model.bits([Control.START, *model.tokenizer.encode(text)]) / size
    answers = [(question, _ask(model, question)) for question in QUESTIONS] if chat else []
    assert not math.isnan(bits_per_byte)
    return Examination(row.name, row.live, name, size, bits_per_byte, answers)


def _ask(model: LanguageModel, question: str) -> str:
    said = [Message(Role.USER, question)]
    pieces = model.answer(said, Sampler(temperature=0.0), length=ANSWER_LENGTH, seed=0)
    return "".join(piece.text for piece in pieces)
