"""A language model: text in, text out, and one vocabulary on both sides."""

from typing import Any

import numpy as np
import pytest

from l2c.conversation import Message, Role
from l2c.engines.engine import Sampler
from l2c.engines.model import LanguageModel
from l2c.errors import InvalidConfig, InvalidInput
from l2c.text.bytes import ByteTokenizer
from l2c.text.characters import CharacterTokenizer
from l2c.text.template import encode_prompt
from l2c.text.tokenizer import Control, Tokenizer

SAID = [Message(Role.USER, "abba")]


def tiny(tokenizer: Tokenizer | None = None) -> LanguageModel:
    return LanguageModel.create(
        "lstm", {"hidden_size": 8}, tokenizer or CharacterTokenizer("ab"), seed=1
    )


def test_an_answer_never_holds_a_control_token() -> None:
    for seed in range(20):
        pieces = tiny().answer(SAID, Sampler(temperature=2.0), length=50, seed=seed)
        assert set("".join(piece.text for piece in pieces)) <= set("ab")


def test_an_answer_is_repeated_by_its_seed_alone() -> None:
    def answer(seed: int) -> str:
        pieces = tiny(ByteTokenizer()).answer(SAID, Sampler(), length=60, seed=seed)
        return "".join(piece.text for piece in pieces)

    assert answer(3) == answer(3) != answer(4)


def test_growing_changes_nothing_that_was_said_before() -> None:
    model = tiny()
    prompt = np.array(encode_prompt(SAID, model.tokenizer), np.int32)
    before, _ = model.engine.advance(prompt)
    model.grow("xyz")
    after, _ = model.engine.advance(prompt)
    assert np.array_equal(after[: len(before)], before)
    assert Control.UNKNOWN not in model.tokenizer.encode("xyz")


def test_a_copy_is_independent() -> None:
    model = tiny()
    copy = model.copy()
    copy.grow("xyz")
    assert model.tokenizer.vocab_size == model.engine.vocab_size == 10


def test_log_probabilities_belong_to_a_distribution() -> None:
    model = tiny()
    every = range(model.engine.vocab_size)
    chances = [
        np.exp(model.log_probabilities(np.array([8, token], np.int32))[0]) for token in every
    ]
    assert sum(chances) == pytest.approx(1.0)


def test_a_completion_begins_with_its_seed_text() -> None:
    text = tiny().complete("abc?", length=10, seed=2)
    assert text.startswith("abc?")
    assert len(text) == 14


@pytest.mark.parametrize("arguments", [{"length": -1}, {"length": 5, "temperature": float("nan")}])
def test_a_senseless_completion_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        tiny().complete("a", **arguments)


def test_engine_and_tokenizer_must_agree() -> None:
    with pytest.raises(InvalidInput, match="agree"):
        LanguageModel(tiny().engine, ByteTokenizer())


def test_an_unknown_family_is_named_with_the_known_ones() -> None:
    with pytest.raises(InvalidConfig, match="lstm"):
        LanguageModel.create("gpt", {}, ByteTokenizer(), seed=0)
