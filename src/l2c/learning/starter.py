"""The starter, made again from nothing: `python -m l2c.learning.starter`, or `make starter`.

The model everybody begins with is not downloaded and not opaque: it is this recipe, applied to
the corpus in this package. The recipe counts steps, never seconds, so it gives the same bytes on
every machine whose kernels compute (see `l2c.engines.lstm.engine`), and the digest in
`starter.json` can be checked by anybody who has half an hour.

Training reads the corpus in parts. Each part is a few thousand conversations that never come
again (the handwritten ones do), and every row of a batch reads them in an order of its own.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from l2c import corpus
from l2c.engines import checkpoint
from l2c.engines.engine import Batch
from l2c.engines.lstm.engine import LSTM
from l2c.engines.model import LanguageModel
from l2c.errors import KernelError
from l2c.learning.evaluation import score_general
from l2c.learning.examples import from_corpus
from l2c.learning.replay import batches
from l2c.learning.trainer import Progress, train
from l2c.starter import PATH
from l2c.text.characters import CharacterTokenizer
from l2c.text.tokenizer import Tokenizer

RECORD = PATH.with_name("starter.json")
"""What the shipped starter is: its digest, its recipe and what was measured."""

REPORT_STEPS = 200

ALPHABET = "".join(map(chr, range(32, 127)))
"""The characters the starter knows; others get their place when they are met."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the starter's bytes, beside the corpus itself."""

    seed: int = 1
    steps: int = 8_000
    rows: int = 32
    sequence: int = 192
    part_steps: int = 100
    part_conversations: int = 3_000
    engine: str = "lstm"
    config: dict[str, Any] = field(
        default_factory=lambda: {"hidden_size": 256, "layers": 1, "learning_rate": 4e-3}
    )

    @property
    def tokens(self) -> int:
        """Tokens read in all."""
        return self.steps * self.rows * self.sequence


RECIPE = Recipe()
"""The recipe of the shipped starter."""


class Making:
    """A starter on its way: `model` is what it has become so far."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.model = LanguageModel.create(
            recipe.engine, recipe.config, CharacterTokenizer(ALPHABET), seed=recipe.seed
        )

    def run(self) -> Iterator[Progress]:
        """Take all steps, one per item."""
        reading = _reading(self.recipe, self.model.tokenizer)
        return train(self.model.engine, reading, self.recipe.steps)

    def content(self) -> bytes:
        """The checkpoint as it is shipped: weights only."""
        return checkpoint.to_bytes(self.model, optimizer=False)


def bits_per_byte(model: LanguageModel) -> float:
    """How surprised a model is by the corpus's held-out text."""
    return score_general(model, corpus.held_out()).bits_per_byte


def main() -> int:
    """Make the shipped starter again; the exit code says whether it came out the same."""
    return 0 if make(RECIPE, PATH, RECORD, threads=os.cpu_count() or 1) else 1


def make(recipe: Recipe, path: Path, record: Path, *, threads: int) -> bool:
    """Follow the recipe and say whether its digest is the one in `record`.

    Where it is not, checkpoint and record are written anew. Threads change no bit. Raises
    `KernelError` without the compiled kernels: the twin would take days, and its bits are not
    comparable.
    """
    making = Making(recipe)
    engine = making.model.engine
    if isinstance(engine, LSTM) and engine.backend != "kernel":
        raise KernelError(
            "Making the starter needs the compiled kernels; found the NumPy twin. Install a C "
            "compiler (gcc or clang) and reinstall L2C."
        )
    engine.threads = threads
    started = time.monotonic()
    for progress in making.run():
        if progress.step % REPORT_STEPS == 0 or progress.step == progress.steps:
            _report(recipe, progress, time.monotonic() - started)
    seconds = round(time.monotonic() - started)
    content = making.content()
    digest = checkpoint.digest_of(content)
    shipped = json.loads(record.read_text())["digest"] if record.exists() else "none"
    if digest == shipped:
        print(f"The digest is the shipped one: {digest}")
        return True
    bits = round(bits_per_byte(making.model), 4)
    told = {
        "digest": digest,
        "recipe": asdict(recipe),
        "seconds": seconds,
        "held_out_bits_per_byte": bits,
    }
    path.write_bytes(content)
    record.write_text(json.dumps(told, indent=2) + "\n")
    print(f"The digest is NOT the shipped one.\n  shipped {shipped}\n  made    {digest}")
    print(f"Held-out text costs {bits} bits per byte. Written to {path} and {record.name}.")
    return False


def _reading(recipe: Recipe, tokenizer: Tokenizer) -> Iterator[Batch]:
    part = 0
    while True:
        seed = (recipe.seed << 32) + part
        conversations = corpus.training(seed, recipe.part_conversations)
        examples = [from_corpus(conversation, tokenizer) for conversation in conversations]
        yield from batches(
            [examples] * recipe.rows,
            steps=recipe.part_steps,
            sequence=recipe.sequence,
            seed=seed,
        )
        part += 1


def _report(recipe: Recipe, progress: Progress, seconds: float) -> None:
    per_step = seconds / progress.step
    left = per_step * (progress.steps - progress.step)
    print(
        f"step {progress.step} of {progress.steps}, loss {progress.loss:.3f} nats, "
        f"{recipe.rows * recipe.sequence / per_step:,.0f} characters/s, {left / 60:.1f} min left",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
