"""The tutorial's class: fit, save, load, generate."""

from pathlib import Path
from typing import Any

import pytest

from l2c import CharLSTM
from l2c.errors import CheckpointError, InvalidInput
from l2c.learning.trainer import Progress

TEXT = "The cat sat on the mat and the dog sat on the log. " * 40


@pytest.fixture(scope="module")
def fitted() -> CharLSTM:
    model = CharLSTM(hidden_size=48, seed=0, learning_rate=8e-3)
    model.fit(TEXT, epochs=25, batch_size=8)
    return model


def test_it_learns_a_text_well_enough_to_write_it(fitted: CharLSTM) -> None:
    assert fitted.generate("The cat", length=17, temperature=0) == "The cat sat on the mat a"


def test_what_it_writes_at_random_is_repeated_by_its_seed(fitted: CharLSTM) -> None:
    texts = [fitted.generate("The", length=60, temperature=1.5, seed=seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert len(texts[0]) == 63


def test_a_loaded_model_writes_and_learns_as_the_saved_one(
    fitted: CharLSTM, tmp_path: Path
) -> None:
    fitted.save(tmp_path / "cat.safetensors")
    again, third = (CharLSTM().load(tmp_path / "cat.safetensors") for _ in range(2))
    assert again.generate("The", seed=3) == fitted.generate("The", seed=3)
    assert again.fit(TEXT, steps=3) == third.fit(TEXT, steps=3)
    assert again.save(tmp_path / "a") == third.save(tmp_path / "b")


def test_the_vocabulary_grows_with_every_text() -> None:
    model = CharLSTM(hidden_size=8)
    model.fit("abcabc", steps=1)
    model.fit("abcdé", steps=1)
    assert model.vocabulary == "abcdé"


def test_progress_is_told_step_by_step() -> None:
    seen: list[Progress] = []
    CharLSTM(hidden_size=8).fit("abcabcabc", steps=4, on_step=seen.append)
    assert [(p.step, p.steps) for p in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_text_shorter_than_a_sequence_is_enough() -> None:
    CharLSTM(hidden_size=8).fit("ab", epochs=2)


@pytest.mark.parametrize("arguments", [{"text": ""}, {"text": "a"}, {"text": "abc", "steps": 0}])
def test_nothing_to_learn_is_said_so(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        CharLSTM(hidden_size=8).fit(**arguments)


def test_a_model_that_learned_nothing_says_so() -> None:
    with pytest.raises(InvalidInput, match="learned nothing yet"):
        CharLSTM().generate()


def test_a_foreign_file_is_refused_and_the_model_stays(fitted: CharLSTM, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"not a model")
    before = fitted.generate("The", seed=1)
    with pytest.raises(CheckpointError):
        fitted.load(tmp_path / "x")
    assert fitted.generate("The", seed=1) == before
