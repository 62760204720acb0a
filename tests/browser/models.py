"""A model that is slow and never comes to an end, so that there is a middle to do something in."""

from __future__ import annotations

from pathlib import Path

from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.text.characters import CharacterTokenizer
from l2c.text.tokenizer import Control

HIDDEN_SIZE = 2048
"""Large enough that a letter takes milliseconds, and an answer seconds."""


def write_endless(path: Path) -> Path:
    """An untrained model whose bias forbids the end of an answer."""
    model = LanguageModel.create(
        "lstm",
        {"hidden_size": HIDDEN_SIZE},
        CharacterTokenizer("abcdefgh "),
        seed=1,
    )
    tensors = dict(model.engine.tensors())
    tensors["output.b"][Control.END] = -1e4
    engine = type(model.engine).from_tensors(model.engine.config, tensors)
    path.write_bytes(checkpoint.to_bytes(LanguageModel(engine, model.tokenizer), optimizer=False))
    return path
