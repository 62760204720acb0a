"""A Llama's numbers and how they begin; `llama.h` computes the same offsets in C."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from l2c.engines.llama.config import LlamaConfig, shapes
from l2c.engines.sampling import GROWTH_STREAM, WEIGHTS_STREAM, random_words
from l2c.engines.weights import Weights, unit

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt64


class Parameters(Weights[LlamaConfig]):
    """The weights of a Llama."""

    @classmethod
    def random(cls, config: LlamaConfig, vocab_size: int, *, seed: int) -> Self:
        """Matrices uniform with deviation 1/(2 √dim), norms 1.

        What a layer adds to the stream is made smaller by √(2 layers), so that the stream keeps its
        size (Radford et al. 2019). Every tensor draws from its own part of the random stream; the
        bits are those of IEEE arithmetic on whole numbers, the same everywhere.
        """
        made = cls(config, vocab_size)
        for number, (name, tensor) in enumerate(made.tensors.items()):
            if tensor.ndim == 1:
                tensor[:] = 1
                continue
            words = random_words(seed, tensor.size, stream=WEIGHTS_STREAM, position=number << 64)
            tensor[:] = _uniform(words, config).reshape(tensor.shape)
            if name.endswith((".wo", ".w2")):
                tensor /= np.sqrt(np.float32(2 * config.layers))
        return made

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor by name, in the order in which they lie in memory."""
        return shapes(self.config, self.vocab_size)

    def introduce(self, old_vocab_size: int) -> None:
        """Give the tokens from `old_vocab_size` on the weights a new token begins with.

        The output's row is the mean of all others, so that whatever was read a new token is at most
        as probable as the old ones on average, and far less wherever the model has an opinion
        (Hewitt 2021, "Initializing new word embeddings"). A little noise, which depends on the
        token's id alone, tells new tokens apart. An input of its own is a random row.
        """
        noise = np.empty((self.vocab_size - old_vocab_size, self.config.dim), np.float32)
        for row, token in enumerate(range(old_vocab_size, self.vocab_size)):
            words = random_words(token, self.config.dim, stream=GROWTH_STREAM)
            noise[row] = _uniform(words, self.config)
        output = self.tensors.get("output", self.tensors["embedding"])
        self.tensors["embedding"][old_vocab_size:] = noise
        mean = output[:old_vocab_size].mean(axis=0, dtype=np.float64).astype(np.float32)
        output[old_vocab_size:] = mean + np.float32(0.125) * noise


def _uniform(words: UInt64[np.ndarray, " N"], config: LlamaConfig) -> Float32[np.ndarray, " N"]:
    # A uniform number in ±√3 has deviation 1.
    size = np.sqrt(np.float32(0.75) / np.float32(config.dim))
    scaled: Float32[np.ndarray, " N"] = unit(words) * size
    return scaled
