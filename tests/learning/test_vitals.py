"""A model that writes language is well; one that collapsed, or lost its weights, is told apart."""

from collections.abc import Callable

import numpy as np
import pytest

from l2c import starter
from l2c.corpus.dialogues import handwritten
from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.errors import ProviderError
from l2c.learning.texts import rounds
from l2c.learning.trainer import train
from l2c.learning.vitals import examine
from l2c.text.characters import CharacterTokenizer
from l2c.text.tokenizer import Control

Change = Callable[[np.random.Generator, np.ndarray], np.ndarray]


@pytest.fixture(scope="module")
def le() -> LanguageModel:
    return checkpoint.load(starter.PATH)


def zeros(_: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    return np.zeros_like(weights)


def small(chance: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    return (0.02 * chance.standard_normal(weights.shape)).astype(weights.dtype)


def as_large(chance: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    return (float(weights.std()) * chance.standard_normal(weights.shape)).astype(weights.dtype)


def shuffled(chance: np.random.Generator, weights: np.ndarray) -> np.ndarray:
    mixed = weights.flatten()
    chance.shuffle(mixed)
    return mixed.reshape(weights.shape)


def changed(model: LanguageModel, change: Change) -> LanguageModel:
    chance = np.random.default_rng(7)
    tensors = {
        name: change(chance, tensor)
        for name, tensor in model.engine.tensors(optimizer=False).items()
    }
    engine = type(model.engine).from_tensors(model.engine.config, tensors)
    return LanguageModel(engine, model.tokenizer)


def test_the_model_that_comes_along_is_well(le: LanguageModel) -> None:
    vitals = examine(le, familiar=True)
    assert vitals.flaws() == []
    assert 3.5 < vitals.character_entropy < 5.0
    assert vitals.tokens_per_s > 0


@pytest.mark.parametrize("change", [zeros, small])
def test_weights_of_nothing_are_noise_without_knowing_the_language(
    le: LanguageModel, change: Change
) -> None:
    (flaw,) = examine(changed(le, change), familiar=False).flaws()
    assert flaw.startswith("It writes noise")


@pytest.mark.parametrize("change", [as_large, shuffled])
def test_large_random_weights_are_sure_of_themselves_and_do_not_know_their_own_language(
    le: LanguageModel, change: Change
) -> None:
    (flaw,) = examine(changed(le, change), familiar=True).flaws()
    assert flaw.startswith("It no longer knows its own language")


@pytest.mark.parametrize("family", ["lstm", "ngram", "mixture", "htm"])
def test_a_model_that_never_read_anything_is_noise(family: str) -> None:
    alphabet = CharacterTokenizer("".join(map(chr, range(32, 127))))
    flaws = examine(LanguageModel.create(family, {}, alphabet, seed=3), familiar=False).flaws()
    assert flaws
    assert "noise" in flaws[0]


def taught(text: str, steps: int) -> LanguageModel:
    model = LanguageModel.create("lstm", {"hidden_size": 64}, CharacterTokenizer(text), seed=0)
    tokens = np.array([Control.START, *model.tokenizer.encode(text)], np.int32)
    for _ in train(model.engine, rounds(tokens, 8, 32), steps):
        pass
    return model


def test_a_small_model_that_has_read_a_little_is_well() -> None:
    text = "\n".join(" ".join(m.text for m in talk) for talk in handwritten()[:400])
    assert examine(taught(text, 150), familiar=False).flaws() == []


def test_a_model_that_says_one_thing_for_ever_has_collapsed() -> None:
    (flaw,) = examine(taught("so " * 2000, 150), familiar=False).flaws()
    assert "over and over" in flaw


def test_weights_beyond_all_numbers_cannot_write(le: LanguageModel) -> None:
    broken = changed(le, lambda _, weights: np.full_like(weights, 3e38))
    with pytest.raises(ProviderError, match="cannot write"):
        examine(broken, familiar=True)
