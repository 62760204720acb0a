"""A language model in fewer bits: the same weights rounded, in a smaller file.

Sixteen bits hold every weight of a network as a half. Eight and four hold its matrices in blocks
that share a scale, and the model is read in them too, several times as fast when it is large.
Which engines read so is theirs to say (`reading` in their configuration). What it costs in
prediction depends on the model and is measured (`l2c.runtime.smaller`), never assumed.
"""

from __future__ import annotations

from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.engines.network import Network
from l2c.errors import InvalidConfig, InvalidInput

KINDS = ("f16", "q8_0", "q4_0")


def in_fewer_bits(model: LanguageModel, kind: str) -> bytes:
    """A checkpoint of the model with its numbers in `kind`, one of `KINDS`; it learned nothing.

    Raises `InvalidInput` for an engine that does not read such numbers.
    """
    if kind not in KINDS:
        raise InvalidInput(f"Fewer bits are {', '.join(KINDS)}; found {kind!r}.")
    engine = model.engine
    if not isinstance(engine, Network):
        raise InvalidInput(
            f"The engine {engine.family} has no weights that could be rounded; networks have."
        )
    if kind == "f16":
        return checkpoint.to_half_bytes(model)
    try:
        smaller = type(engine).from_tensors(
            {**engine.config, "reading": kind}, engine.tensors(optimizer=False)
        )
    except InvalidConfig as error:
        raise InvalidInput(f"This model cannot be read in {kind}: {error}") from error
    return checkpoint.to_packed_bytes(LanguageModel(smaller, model.tokenizer))
