"""A model in fewer bits is the same model rounded, in a smaller file, and nothing else comes in."""

import json
import struct
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from l2c.engines import checkpoint
from l2c.engines.fewer_bits import in_fewer_bits
from l2c.engines.llama.engine import Llama
from l2c.engines.llama.rounding import stored
from l2c.engines.lstm.backend import as_read
from l2c.engines.lstm.engine import LSTM
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError, InvalidInput
from l2c.text.characters import CharacterTokenizer
from tests.engines.test_checkpoint import with_identity

ALPHABET = "".join(map(chr, range(32, 127)))
SMALL: dict[str, dict[str, Any]] = {
    "lstm": {"hidden_size": 32, "layers": 2},
    "llama": {"dim": 32, "layers": 2, "heads": 2, "kv_heads": 1, "hidden": 64, "context": 32},
}
NETWORKS = [("lstm", "q8_0"), ("llama", "q8_0"), ("llama", "q4_0")]


def small(family: str) -> LanguageModel:
    return LanguageModel.create(family, SMALL[family], CharacterTokenizer(ALPHABET), seed=3)


def said(model: LanguageModel) -> np.ndarray:
    return model.engine.logits(np.array(model.tokenizer.encode("A pipe, warm."), np.int32))


@pytest.mark.parametrize(("family", "kind"), NETWORKS)
def test_reading_rounds_what_the_file_holds_no_further(family: str, kind: str) -> None:
    """Blocks lie in the file along the inputs of an output, where reading has them."""
    engine = checkpoint.from_bytes(in_fewer_bits(small(family), kind)).engine
    held = engine.tensors(optimizer=False)
    assert isinstance(engine, LSTM | Llama)
    read = as_read(engine._parameters) if isinstance(engine, LSTM) else stored(held, kind)
    for name, tensor in held.items():
        np.testing.assert_array_equal(read[name], tensor, err_msg=name)


@pytest.mark.parametrize(("family", "kind"), NETWORKS)
def test_its_file_holds_what_is_read_in_so_many_bits(family: str, kind: str) -> None:
    """Packed and read back it says what the same weights say when they are read so."""
    model = small(family)
    content = in_fewer_bits(model, kind)
    back = checkpoint.from_bytes(content)
    assert len(content) < len(checkpoint.to_half_bytes(model))
    assert back.engine.config["reading"] == kind
    assert checkpoint.to_packed_bytes(back) == content, "packing twice is packing once"
    near = 0.2 if kind == "q8_0" else 1.0
    np.testing.assert_allclose(said(back), said(model), rtol=0, atol=near)


def test_sixteen_bits_are_the_weights_as_halves() -> None:
    model = small("lstm")
    back = checkpoint.from_bytes(in_fewer_bits(model, "f16"))
    for name, tensor in model.engine.tensors(optimizer=False).items():
        halves = tensor.astype(np.float16).astype(np.float32)
        np.testing.assert_array_equal(back.engine.tensors()[name], halves)


@pytest.mark.parametrize(("family", "kind"), [("lstm", "q4_0"), ("lstm", "f8"), ("ngram", "f16")])
def test_an_engine_that_does_not_read_so_says_so(family: str, kind: str) -> None:
    config = SMALL.get(family, {})
    model = LanguageModel.create(family, config, CharacterTokenizer("abc"), seed=1)
    with pytest.raises(InvalidInput, match=f"{kind}|ngram"):
        in_fewer_bits(model, kind)


PACKED = ["q8_0", 1, [3, 32]]


@pytest.mark.parametrize(
    "described",
    [
        None,
        [],
        {"output.W": None},
        {"output.W": ["q8_0", 1]},
        {"output.W": ["f16", 1, [3, 32]]},
        {"output.W": ["q8_0", 2, [3, 32]]},
        {"output.W": ["q8_0", 1, [3, -32]]},
        {"output.W": ["q8_0", 1, [3, 32]]},
        {"output.W": ["q8_0", 1, [1 << 40, 1 << 40]]},
        {"nothing": PACKED},
    ],
)
def test_what_does_not_fit_together_is_one_clear_error(described: object) -> None:
    with pytest.raises(CheckpointError):
        checkpoint.from_bytes(with_identity(format=checkpoint.PACKED, packed=described))


def test_a_packed_matrix_that_was_cut_short_is_refused() -> None:
    content = in_fewer_bits(small("lstm"), "q8_0")
    tensors = safetensors.numpy.load(content)
    tensors["output.W"] = tensors["output.W"][:-34]
    (size,) = struct.unpack("<Q", content[:8])
    identity = json.loads(content[8 : 8 + size])["__metadata__"]["l2c"]
    with pytest.raises(CheckpointError, match="packed matrix"):
        checkpoint.from_bytes(safetensors.numpy.save(tensors, metadata={"l2c": identity}))
