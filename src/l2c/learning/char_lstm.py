"""`CharLSTM`: a character LSTM in four calls, the one the application itself uses.

    model = CharLSTM(hidden_size=128, seed=0)
    model.fit(text)
    model.save("shakespeare.safetensors")
    model.generate(seed_text="Hello", length=100, temperature=0.8)

It is a `LanguageModel` of the engine `lstm` over characters, with a loop around it that feeds a
text. Nothing here is a second implementation.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np

from l2c import machine
from l2c.engines import checkpoint
from l2c.engines.lstm.parameters import SEQUENCE_LENGTH
from l2c.engines.model import LanguageModel
from l2c.errors import InvalidInput
from l2c.learning.texts import rounds
from l2c.learning.trainer import Progress, train
from l2c.text.characters import CharacterTokenizer

FAMILY = "lstm"


class CharLSTM:
    """A long short-term memory network over characters (Hochreiter and Schmidhuber 1997).

    `hidden_size` units in each of `layers` layers. The vocabulary is what the texts it is
    fitted to contain, and grows with each of them. The same seed and the same calls give the
    same weights, bit for bit.
    """

    def __init__(
        self,
        hidden_size: int = 128,
        seed: int = 0,
        *,
        layers: int = 1,
        learning_rate: float = 2e-3,
    ) -> None:
        config = {"hidden_size": hidden_size, "layers": layers, "learning_rate": learning_rate}
        self._model = LanguageModel.create(FAMILY, config, CharacterTokenizer(), seed=seed)
        self._seed = seed

    @property
    def vocabulary(self) -> str:
        """The characters it knows, in the order it met them."""
        tokenizer = self._model.tokenizer
        assert isinstance(tokenizer, CharacterTokenizer)
        return tokenizer.characters

    def fit(
        self,
        text: str,
        *,
        epochs: int = 1,
        steps: int | None = None,
        batch_size: int = 32,
        sequence_length: int = SEQUENCE_LENGTH,
        on_step: Callable[[Progress], None] | None = None,
    ) -> float:
        """Train on `text` and return the mean loss of the last tenth of the steps, in nats.

        The text is cut into `batch_size` rows that are read side by side, `sequence_length`
        characters a step, `epochs` times or for exactly `steps` steps. `on_step` sees every step.
        Raises `InvalidInput` for a text shorter than two characters or a size below 1.
        """
        if min(batch_size, sequence_length, epochs, 1 if steps is None else steps) < 1:
            raise InvalidInput("Epochs, steps, batch size and sequence length must be 1 or more.")
        if len(text) < 2:
            raise InvalidInput(f"A text to learn needs at least 2 characters; found {len(text)}.")
        self._model.grow(text)
        tokens = np.array(self._model.tokenizer.encode(text), np.int32)
        rows = min(batch_size, max(1, len(tokens) // (2 * sequence_length)))
        around = math.ceil((len(tokens) // rows - 1) / sequence_length)
        total = around * epochs if steps is None else steps
        losses = []
        for progress in train(self._model.engine, rounds(tokens, rows, sequence_length), total):
            losses.append(progress.loss)
            if on_step is not None:
                on_step(progress)
        return float(np.mean(losses[-max(1, total // 10) :]))

    def generate(
        self,
        seed_text: str = "Hello",
        length: int = 100,
        temperature: float = 0.8,
        seed: int | None = None,
    ) -> str:
        """`seed_text` and `length` new characters after it.

        Temperature 0 always takes the likeliest character. Without `seed` the seed of the model
        is used. Raises `InvalidInput` before anything was learned.
        """
        if not self.vocabulary:
            raise InvalidInput("This model has learned nothing yet; call fit or load first.")
        return self._model.complete(
            seed_text,
            length=length,
            temperature=temperature,
            seed=self._seed if seed is None else seed,
        )

    def save(self, path: str | Path) -> str:
        """Write one safetensors file, optimizer included; its digest. Never leaves half a file."""
        content = checkpoint.to_bytes(self._model)
        machine.write_durably(Path(path), content)
        return checkpoint.digest_of(content)

    def load(self, path: str | Path) -> Self:
        """Become the model in this file, and return itself: `CharLSTM().load(path)`.

        Raises `CheckpointError` when the file is not a character LSTM that `save` wrote.
        """
        model = checkpoint.load(Path(path))
        if model.engine.family != FAMILY or not isinstance(model.tokenizer, CharacterTokenizer):
            raise InvalidInput(f"{Path(path).name} is no character LSTM but {model.engine.family}.")
        self._model = model
        return self
