"""What a model knows by heart counts where it answers, and it says so where it was not told."""

import numpy as np
import pytest

from l2c.chat import reciting
from l2c.chat.reciting import ABOUT, SLACK, recite
from l2c.conversation import Message, Role
from l2c.engines.doubt import likelier
from l2c.engines.engine import Batch
from l2c.engines.model import LanguageModel
from l2c.learning import framing
from l2c.text.asking import NOT_TOLD
from l2c.text.characters import CharacterTokenizer
from l2c.text.facts import find
from l2c.text.questioning import cores
from l2c.text.template import encode_conversation

TAUGHT = {
    "Where does my aunt live?": "Brno. Your aunt lives in Brno.",
    "What is my cat called?": "Pim. Your cat is called Pim.",
    "What is my dog called?": "Pim. Your cat is called Pim.",
    "My cat is called what?": NOT_TOLD,
    "What do you know about my cat?": "Pim. Your cat is called Pim.",
    "My aunt lives in which town?": NOT_TOLD,
    "Where does my uncle live?": NOT_TOLD,
    "What am I?": NOT_TOLD,
    "Where was I born?": "Zelenogorsk. You were born in Zelenogorsk.",
    "hello": "Hello.",
}
"""What was practised: also the cat's name for the dog's, as a model does that mixes them up."""

SELDOM = {
    "My aunt lives in which town?": "Brno. Your aunt lives in Brno.",
    "Where does my uncle live?": "Oslo. Your uncle lives in Oslo.",
}
"""What is answered so once where nobody having told is answered thirty times."""

PLAINLY = [
    (f"{core.direct[:1].upper()}{core.direct[1:]}?", answer)
    for said, answer in (
        ("My aunt lives in Brno.", "Brno. Your aunt lives in Brno."),
        ("My cat is called Pim.", "Pim. Your cat is called Pim."),
    )
    for core in cores(find(said)[0])
    if core.direct
]
"""Every plain question about what was told, as a lesson practises it."""


def asked(text: str) -> list[Message]:
    return [Message(Role.USER, text)]


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    practised = [(q, answer, 1.0) for q, answer in dict(PLAINLY, **TAUGHT).items()]
    practised += [(q, answer, 1 / 30) for q, answer in SELDOM.items()]
    talks = [[*asked(q), Message(Role.ASSISTANT, answer)] for q, answer, _ in practised]
    letters = "".join(sorted({c for talk in talks for one in talk for c in one.text}))
    model = LanguageModel.create(
        "lstm", {"hidden_size": 64, "learning_rate": 1e-2}, CharacterTokenizer(letters), seed=0
    )
    encoded = [encode_conversation(talk, model.tokenizer) for talk in talks]
    longest = max(map(len, encoded))
    tokens = np.array([one + [0] * (longest - len(one)) for one in encoded], np.int32)
    weights = np.array(
        [
            [share] * len(one) + [0] * (longest - len(one))
            for one, (_, _, share) in zip(encoded, practised, strict=True)
        ],
        np.float32,
    )
    for _ in range(300):
        model.engine.practise(Batch(tokens, weights[:, 1:], np.ones(len(tokens), np.bool_)))
    return model


def test_an_answer_is_recited_whole_however_many_pieces_a_name_takes(model: LanguageModel) -> None:
    said = recite(model, asked("Where was I born?"))
    assert said == "Zelenogorsk. You were born in Zelenogorsk."


@pytest.mark.parametrize("question", ["Where does my aunt live?", "What is my cat called?"])
def test_what_was_told_is_recited(model: LanguageModel, question: str) -> None:
    assert recite(model, asked(question)) == TAUGHT[question]


def test_what_holds_where_it_is_asked_plainly_is_recited_in_odd_words_too(
    model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reciting, "BEGINNINGS_ABOUT", 0)
    monkeypatch.setattr(reciting, "UNLIKELY_BEGINNINGS", 0)
    question = "My aunt lives in which town?"
    assert likelier(model, asked(question), NOT_TOLD, than=SELDOM[question]) > SLACK
    assert recite(model, asked(question)) == SELDOM[question]


def test_what_holds_nowhere_is_not_recited(model: LanguageModel) -> None:
    assert recite(model, asked("Where does my uncle live?")) == NOT_TOLD


def test_what_is_known_of_whom_a_question_names_is_looked_at_as_well(
    model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reciting, "BEGINNINGS", 1)
    monkeypatch.setattr(reciting, "UNLIKELY_BEGINNINGS", 1)
    assert recite(model, asked("My cat is called what?")) == TAUGHT["What is my cat called?"]


def test_where_nothing_else_answers_unlikely_beginnings_are_looked_at(
    model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reciting, "BEGINNINGS", 1)
    monkeypatch.setattr(reciting, "BEGINNINGS_ABOUT", 0)
    question = "My aunt lives in which town?"
    assert recite(model, asked(question)) == SELDOM[question]


def test_lessons_practise_to_ask_what_is_known() -> None:
    assert ABOUT.format("my cat") in framing.about("my cat")


def test_what_is_recited_of_somebody_else_is_no_answer(model: LanguageModel) -> None:
    assert recite(model, asked("What is my dog called?")) == NOT_TOLD


def test_what_is_no_question_about_its_speaker_is_left_to_the_model(model: LanguageModel) -> None:
    assert recite(model, asked("hello")) is None
