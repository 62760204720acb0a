"""What an LSTM consists of: its configuration, the names and shapes of its tensors, its numbers.

Tensors lie in memory in the order of `tensor_shapes`; `lstm.h` computes the same offsets in C.

Letters in shapes: V vocabulary, H hidden, L layers, B batch. The four gates i, f, g, o stand side
by side in blocks of H columns.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from l2c.engines.number_types import BLOCK
from l2c.engines.sampling import GROWTH_STREAM, WEIGHTS_STREAM, random_words
from l2c.engines.weights import Weights, unit
from l2c.errors import InvalidConfig

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt64

READINGS = ("f32", "q8_0")
"""What the matrices may be read in; which numbers those are: `l2c.engines.number_types`."""

SEQUENCE_LENGTH = 25
"""How many characters trainers unroll through time unless they say otherwise."""

MAX_VOCAB_SIZE = 65_536

_FORGET_BIAS = 1.0
"""A new cell remembers (Jozefowicz et al. 2015)."""

_NEW_TOKEN_MARGIN = 4.0
"""How far, in nats, a new token's logit begins below the smallest output bias."""


@dataclass(frozen=True, slots=True)
class Config:
    """What an LSTM is and how it learns. The defaults are measured ones (4e-3 with LayerNorm).

    It learns in float32 whatever `reading` says: `q8_0` reads and writes in whole numbers of 8
    bits, in blocks of 32 weights that share a scale, several times as fast when H is large.
    """

    hidden_size: int = 128
    layers: int = 1
    layer_norm: bool = True
    learning_rate: float = 4e-3
    clip_norm: float = 1.0
    beta1: float = 0.9
    beta2: float = 0.999
    weight_decay: float = 0.0
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    reading: str = "f32"

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        """The configuration with these values; raises `InvalidConfig` for a bad or unknown one."""
        known = {field.name for field in fields(cls)}
        for key in values:
            if key not in known:
                raise InvalidConfig(f"An LSTM is configured by {sorted(known)}; found {key!r}.")
        config = cls(**values)
        for name, expected, fits in config._checks():
            if not fits:
                raise InvalidConfig(f"`{name}` must be {expected}; found {values[name]!r}.")
        return config

    def _checks(self) -> Iterator[tuple[str, str, bool]]:
        for name, lowest, highest in (("hidden_size", 1, 4096), ("layers", 1, 16)):
            value = getattr(self, name)
            fits = type(value) is int and lowest <= value <= highest
            yield name, f"an integer in [{lowest}, {highest}]", fits
        yield "layer_norm", "true or false", type(self.layer_norm) is bool
        yield "reading", f"one of {', '.join(READINGS)}", self.reading in READINGS
        whole = self.reading == "f32" or self.hidden_size % BLOCK == 0
        yield "reading", f"f32 where `hidden_size` is no multiple of {BLOCK}", whole
        for name, text, low, high in (
            ("learning_rate", "in (0, 1]", math.ulp(0), 1.0),
            ("clip_norm", "in (0, 1e6]", math.ulp(0), 1e6),
            ("beta1", "in [0, 1)", 0.0, math.nextafter(1, 0)),
            ("beta2", "in [0, 1)", 0.0, math.nextafter(1, 0)),
            ("weight_decay", "in [0, 1]", 0.0, 1.0),
            ("dropout", "in [0, 0.95]", 0.0, 0.95),
            ("recurrent_dropout", "in [0, 0.95]", 0.0, 0.95),
        ):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            yield name, f"a number {text}", number and low <= value <= high

    def to_dict(self) -> dict[str, Any]:
        """Every value as a JSON-ready plain type; `from_mapping` accepts it.

        Dropout that is off, and reading in f32, are left out: checkpoints from before they were
        there keep their names.
        """
        plain = {"dropout": 0, "recurrent_dropout": 0, "reading": "f32"}
        return {
            name: value
            for name, value in asdict(self).items()
            if name not in plain or value != plain[name]
        }


def tensor_shapes(config: Config, vocab_size: int) -> dict[str, tuple[int, ...]]:
    """The shape of every weight tensor by name, in the order in which they lie in memory.

    LayerNorm has a gain and no bias: the output layer is linear, so `output.b` can say the same.
    """
    H, V = config.hidden_size, vocab_size
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in range(config.layers):
        shapes[f"layers.{layer}.Wx"] = (V if layer == 0 else H, 4 * H)
        shapes[f"layers.{layer}.Wh"] = (H, 4 * H)
        shapes[f"layers.{layer}.b"] = (4 * H,)
    if config.layer_norm:
        shapes["norm.gain"] = (H,)
    shapes["output.W"] = (V, H)
    shapes["output.b"] = (V,)
    return shapes


class Parameters(Weights[Config]):
    """The weights of an LSTM."""

    @classmethod
    def random(cls, config: Config, vocab_size: int, *, seed: int) -> Self:
        """Weights uniform in ±1/√H, biases 0 except the forget gates' and the norm's gain at 1.

        Every tensor draws from its own part of the random stream; the bits are those of IEEE
        arithmetic on whole numbers, the same everywhere.
        """
        made = cls(config, vocab_size)
        for number, tensor in enumerate(made.tensors.values()):
            if tensor.ndim == 2:
                words = random_words(
                    seed, tensor.size, stream=WEIGHTS_STREAM, position=number << 64
                )
                tensor[:] = _uniform(words, config).reshape(tensor.shape)
        made._set_biases()
        return made

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor by name, in the order in which they lie in memory."""
        return tensor_shapes(self.config, self.vocab_size)

    def _set_biases(self) -> None:
        H = self.config.hidden_size
        for layer in range(self.config.layers):
            self.tensors[f"layers.{layer}.b"][H : 2 * H] = _FORGET_BIAS
        if self.config.layer_norm:
            self.tensors["norm.gain"][:] = 1.0

    def introduce(self, old_vocab_size: int) -> None:
        """Give the tokens from `old_vocab_size` on the weights a new token begins with.

        As an input it is a random row that only depends on the token's id. As an output it has no
        weights yet and a bias below every other, so it is improbable whatever was read; its first
        gradients are as large as anybody's, so it is learned within a few steps.
        """
        embedding = self.tensors["layers.0.Wx"]
        for token in range(old_vocab_size, self.vocab_size):
            words = random_words(token, embedding.shape[1], stream=GROWTH_STREAM)
            embedding[token] = _uniform(words, self.config)
        bias = self.tensors["output.b"]
        bias[old_vocab_size:] = bias[:old_vocab_size].min() - _NEW_TOKEN_MARGIN


def _uniform(words: UInt64[np.ndarray, " N"], config: Config) -> Float32[np.ndarray, " N"]:
    scaled: Float32[np.ndarray, " N"] = unit(words) / np.sqrt(np.float32(config.hidden_size))
    return scaled
