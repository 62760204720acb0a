"""What every format tells of a Llama, and the way from there to a language model and back.

Tensors have L2C's names and layout (`l2c.engines.llama.config`) and are float32; only the rows of
`embedding` and `output` are in the file's order of tokens. On the way in they are moved to L2C's
ids. A control token the file does not have gets the mean of all rows: its logit is the mean of all
logits, so that it is never more probable than a token is on average.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from l2c.engines.engine import Tensors
from l2c.engines.llama.config import LlamaConfig, shapes
from l2c.engines.model import LanguageModel
from l2c.engines.registry import families
from l2c.errors import CheckpointError, InvalidInput
from l2c.text.filed import FileTokenizer

FAMILY = "llama"
MAX_WEIGHTS = 2 << 30
"""Float32 weights of 8 GB: more is never a small model."""

_BY_TOKEN = "embedding", "output"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A Llama as a file has it."""

    config: LlamaConfig
    tensors: Tensors
    tokenizer: FileTokenizer


def expected_shapes(config: LlamaConfig, tokens: int) -> dict[str, tuple[int, ...]]:
    """The shapes of a file's tensors. Raises `CheckpointError` for a model beyond all bounds."""
    expected = shapes(config, tokens)
    weights = sum(int(np.prod(shape, dtype=object)) for shape in expected.values())
    if weights > MAX_WEIGHTS:
        raise CheckpointError(f"its model has {weights} weights; at most {MAX_WEIGHTS} are read")
    return expected


def expect_shapes(
    found: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]]
) -> None:
    """Raise `CheckpointError` unless exactly the expected tensors are there in their shapes."""
    for name in sorted(found.keys() ^ expected.keys()):
        word = "has no" if name in expected else "has an unknown"
        raise CheckpointError(f"it {word} tensor {name!r:.80}")
    for name, shape in expected.items():
        if found[name] != shape:
            raise CheckpointError(
                f"its tensor {name!r} must have the shape {shape}; found {found[name]}"
            )


def expect_finite(tensors: Mapping[str, np.ndarray]) -> None:
    """Raise `CheckpointError` for a number that is none."""
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise CheckpointError(f"its tensor {name!r} holds values that are not finite")


def language_model(file: ModelFile) -> LanguageModel:
    """The model of a file, ready to talk. Raises `CheckpointError` when that makes no sense."""
    rows = np.array(file.tokenizer.rows())
    tensors = dict(file.tensors)
    for name in _BY_TOKEN:
        if name in tensors:
            here = tensors[name][rows]
            here[rows < 0] = tensors[name].mean(axis=0, dtype=np.float64)
            tensors[name] = here
    engine = families()[FAMILY].from_tensors(file.config.to_dict(), tensors)
    return LanguageModel(engine, file.tokenizer)


def model_file(model: LanguageModel) -> ModelFile:
    """A language model as files have it.

    Raises `InvalidInput`, saying why, for one that other programs could not run.
    """
    if model.engine.family != FAMILY:
        raise InvalidInput(f"Only llama models can be exported; this one is {model.engine.family}.")
    config = LlamaConfig.from_mapping(model.engine.config)
    if config.extras():
        raise InvalidInput(
            f"Other programs do not know {', '.join(config.extras())}; a model with it can not be "
            "exported."
        )
    tokenizer = model.tokenizer
    if not isinstance(tokenizer, FileTokenizer):
        raise InvalidInput(
            f"Other programs cannot cut a text into {tokenizer.kind}; only models with a "
            "vocabulary of SentencePiece or byte-level pieces can be exported. Train one over a "
            "vocabulary of `l2c tokenizer train` (`l2c train --tokenizer`), or begin with the one "
            "that comes along (`l2c models begin llama`)."
        )
    rows = tokenizer.rows()
    tensors = dict(model.engine.tensors(optimizer=False))
    # A token of the file that is several of ours (begin and end) is the first of them.
    first = {row: token for token, row in reversed(list(enumerate(rows))) if row >= 0}
    order = np.array([first[row] for row in range(len(tokenizer.vocabulary.pieces))])
    for name in _BY_TOKEN:
        if name in tensors:
            tensors[name] = tensors[name][order]
    return ModelFile(config, tensors, tokenizer)
