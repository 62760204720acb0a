"""The application's learner in a thread of one's own program."""

from pathlib import Path

import pytest

from l2c import ContinuousTrainer
from l2c.errors import Busy, InvalidInput


def test_a_conversation_is_learned_in_the_background(tmp_path: Path) -> None:
    with ContinuousTrainer(tmp_path) as trainer:
        before = trainer.stats()["checkpoint"]
        trainer.add_conversation("What is my cat called?", "Your cat is called Pim.")
        assert trainer.wait_until_idle()
        stats = trainer.stats()
    assert stats["conversations_learned"] == 1
    assert stats["checkpoint"] != before
    assert stats["lessons"][0]["verdict"].startswith("Kept.")


def test_what_was_learned_is_there_again_later(tmp_path: Path) -> None:
    with ContinuousTrainer(tmp_path) as trainer:
        trainer.add_conversation("What is my cat called?", "Your cat is called Pim.")
        assert trainer.wait_until_idle()
        learned = trainer.stats()["checkpoint"]
    with ContinuousTrainer(tmp_path) as trainer:
        assert trainer.stats()["checkpoint"] == learned


def test_both_sides_of_a_given_conversation_teach(tmp_path: Path) -> None:
    with ContinuousTrainer(tmp_path) as trainer:
        trainer.add_conversation("What is my cat called?", "Your cat is called Pim.")
        assert trainer.wait_until_idle()
        (source,) = trainer.sources(1)
    assert source == "you: What is my cat called?\nle: Your cat is called Pim."


def test_a_directory_has_one_learner(tmp_path: Path) -> None:
    with ContinuousTrainer(tmp_path), pytest.raises(Busy):
        ContinuousTrainer(tmp_path)


@pytest.mark.parametrize("sides", [("", "Yes."), ("Hello", "  ")])
def test_an_empty_side_is_refused(sides: tuple[str, str]) -> None:
    with ContinuousTrainer() as trainer, pytest.raises(InvalidInput):
        trainer.add_conversation(*sides)


def test_without_a_directory_nothing_is_left_behind() -> None:
    with ContinuousTrainer() as trainer:
        home = trainer.directory
        assert home.is_dir()
    assert not home.exists()
