"""When to decline is fitted on the calibration halves alone, and always comes out the same."""

import numpy as np
import pytest

from l2c.conversation import Message, Role
from l2c.engines.doubt import Doubt
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError
from l2c.learning import calibration
from l2c.learning.calibration import calibrate, declining_answers, fit
from l2c.learning.practice import practice
from l2c.learning.questions import covered_calibration
from l2c.text.characters import CharacterTokenizer

LETTERS = CharacterTokenizer("".join(map(chr, range(32, 127))))


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return LanguageModel.create("lstm", {"hidden_size": 8}, LETTERS, seed=1)


@pytest.fixture(scope="module")
def doubt(model: LanguageModel) -> Doubt:
    return calibrate(model, "d" * 64)


def test_the_same_model_gives_the_same_judgement(model: LanguageModel, doubt: Doubt) -> None:
    assert calibrate(model, "d" * 64) == doubt
    assert Doubt.from_json(doubt.to_json()) == doubt


def test_hardly_any_covered_opener_is_declined(model: LanguageModel, doubt: Doubt) -> None:
    declined = 0
    for text in covered_calibration():
        near = practice().nearest(text)
        asked = [Message(Role.USER, text)]
        declined += doubt.doubts(doubt.evidence(model, asked, similarity=near.similarity))
    assert declined <= 100 * calibration.MOST_DECLINED


def test_it_knows_the_words_of_the_corpus_and_no_made_up_name(doubt: Doubt) -> None:
    assert {"hello", "opposite", "umbrella", "thank"} <= doubt.words
    assert "flograst" not in doubt.words


def test_how_le_declines_stands_in_the_corpus() -> None:
    assert any(answer.startswith("I do not know") for answer in declining_answers())
    assert "" not in declining_answers()
    assert not "You have not told me.".startswith(declining_answers())


def test_the_fit_finds_what_decides() -> None:
    rng = np.random.default_rng(1)
    seen = rng.normal(size=(400, 3))
    right = (seen[:, 1] > 0.3).astype(np.float64)
    weights, bias = fit(seen, right)
    assert abs(weights[1]) > 5 * max(abs(weights[0]), abs(weights[2]))
    assert bias < 0


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"weights": 1}'])
def test_a_damaged_record_is_one_clear_error(text: str) -> None:
    with pytest.raises(CheckpointError):
        Doubt.from_json(text)


def test_a_record_of_another_version_says_what_to_do(doubt: Doubt) -> None:
    other = doubt.to_json().replace('"weights": [', '"weights": [0.0, ')
    with pytest.raises(CheckpointError, match="make starter"):
        Doubt.from_json(other)
