"""What a model knows by heart counts where it answers, and it says so where it was not told."""

import numpy as np
import pytest

from l2c.chat.reciting import recite
from l2c.conversation import Message, Role
from l2c.engines.engine import Batch
from l2c.engines.model import LanguageModel
from l2c.text.asking import NOT_TOLD
from l2c.text.characters import CharacterTokenizer
from l2c.text.template import encode_conversation

TAUGHT = {
    "Where does my aunt live?": "Brno. Your aunt lives in Brno.",
    "What is my cat called?": "Pim. Your cat is called Pim.",
    "What is my dog called?": "Pim. Your cat is called Pim.",
    "What am I?": NOT_TOLD,
    "hello": "Hello.",
}
"""What was practised: also the cat's name for the dog's, as a model does that mixes them up."""


def asked(text: str) -> list[Message]:
    return [Message(Role.USER, text)]


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    talks = [[*asked(q), Message(Role.ASSISTANT, answer)] for q, answer in TAUGHT.items()]
    letters = "".join(sorted({c for talk in talks for one in talk for c in one.text}))
    model = LanguageModel.create(
        "lstm", {"hidden_size": 48, "learning_rate": 1e-2}, CharacterTokenizer(letters), seed=0
    )
    encoded = [encode_conversation(talk, model.tokenizer) for talk in talks]
    longest = max(map(len, encoded))
    tokens = np.array([one + [0] * (longest - len(one)) for one in encoded], np.int32)
    weights = np.array([[1] * len(one) + [0] * (longest - len(one)) for one in encoded], np.float32)
    for _ in range(250):
        model.engine.practise(Batch(tokens, weights[:, 1:], np.ones(len(tokens), np.bool_)))
    return model


@pytest.mark.parametrize("question", ["Where does my aunt live?", "What is my cat called?"])
def test_what_was_told_is_recited(model: LanguageModel, question: str) -> None:
    assert recite(model, asked(question)) == TAUGHT[question]


def test_what_is_recited_of_somebody_else_is_no_answer(model: LanguageModel) -> None:
    assert recite(model, asked("What is my dog called?")) == NOT_TOLD


def test_what_is_no_question_about_its_speaker_is_left_to_the_model(model: LanguageModel) -> None:
    assert recite(model, asked("hello")) is None
