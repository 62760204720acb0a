"""The starter, made again from nothing: `python -m l2c.learning.starter`, or `make starter`.

The model everybody begins with is not downloaded and not opaque: it is this recipe, applied to
the corpus in this package. The recipe counts steps, never seconds, so it gives the same bytes on
every machine whose kernels compute (see `l2c.engines.lstm.engine`), and the digest in
`starter.json` can be checked by anybody who has half an hour.

Training reads the corpus in parts. Each part is a few thousand conversations that never come
again (the handwritten ones do), and every row of a batch reads them in an order of its own.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from l2c import corpus
from l2c.engines import checkpoint
from l2c.engines.engine import Batch
from l2c.engines.lstm.engine import LSTM
from l2c.engines.model import LanguageModel
from l2c.errors import KernelError
from l2c.learning.calibration import calibrate
from l2c.learning.evaluation import score_general
from l2c.learning.examples import Example, from_corpus
from l2c.learning.replay import batches
from l2c.learning.resume import Resumed, ResumePoint
from l2c.learning.trainer import Progress, train
from l2c.starter import DOUBT, PATH
from l2c.text.characters import CharacterTokenizer
from l2c.text.pieces import PieceTokenizer, learn_pieces
from l2c.text.tokenizer import Tokenizer

RECORD = PATH.with_name("starter.json")
"""What the shipped starter is: its digest, its recipe and what was measured."""

REPORT_STEPS = 200

ALPHABET = "".join(map(chr, range(32, 127)))
"""The characters the starter knows; others get their place when they are met."""

PIECE_CONVERSATIONS = 20_000
"""Conversations from which the pieces of words are learned."""

LAST_HANDWRITTEN_PERCENT = 60
"""Of the text read last, so many of a hundred conversations are handwritten ones."""

POLISH_RATE = 0.2
"""The learning rate of the polish, as a fraction of the recipe's."""

REGULARIZATION = ("dropout", "recurrent_dropout", "weight_decay")
"""What keeps the starter from learning a small corpus by heart; lessons do without it."""

PASSED_OVER = Batch(np.zeros((1, 2), np.int32), np.zeros((1, 1), np.float32), np.ones(1, np.bool_))
"""What stands for a batch that was learned before a making was broken off."""

RESUME_S = 60.0
"""How often a resume point is written."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the starter's bytes, beside the corpus itself.

    The first `practice_steps` read facts told and asked for at once, the last `last_steps` more of
    the handwritten talks, and after all `steps` come `polish_steps` more like them at a low rate.
    `pieces` 0 makes a model of single characters.
    """

    seed: int = 1
    steps: int = 20_000
    practice_steps: int = 4_000
    last_steps: int = 6_500
    polish_steps: int = 3_000
    rows: int = 16
    sequence: int = 128
    part_steps: int = 100
    part_conversations: int = 3_000
    pieces: int = 600
    engine: str = "lstm"
    config: dict[str, Any] = field(
        default_factory=lambda: {
            "hidden_size": 384,
            "layers": 1,
            "learning_rate": 4e-3,
            "dropout": 0.1,
            "weight_decay": 0.05,
        }
    )

    def part_seed(self, number: int) -> int:
        """What decides part `number` of the text."""
        return (self.seed << 32) + number

    @property
    def tokens(self) -> int:
        """Tokens read in all."""
        return self.all_steps * self.rows * self.sequence

    @property
    def all_steps(self) -> int:
        """Steps, those of the polish included."""
        return self.steps + self.polish_steps


RECIPE = Recipe()
"""The recipe of the shipped starter."""


class Making:
    """A starter on its way: `model` is what it has become so far.

    Its tokenizer is the one given, or the characters and pieces the recipe asks for.
    """

    def __init__(self, recipe: Recipe, tokenizer: Tokenizer | None = None) -> None:
        self.recipe = recipe
        self.model = LanguageModel.create(
            recipe.engine, recipe.config, tokenizer or _tokenizer(recipe), seed=recipe.seed
        )

    def run(self, *, done: int = 0) -> Iterator[Progress]:
        """Take the steps after the first `done`, one per item."""
        engine, recipe = self.model.engine, self.recipe
        reading = _reading(recipe, self.model.tokenizer, done=done)
        for progress in train(engine, reading, recipe.steps, done=done):
            yield replace(progress, steps=recipe.all_steps)
        more, skipped = recipe.polish_steps, max(done - recipe.steps, 0)
        for progress in train(engine, reading, more, rate=POLISH_RATE, done=skipped):
            yield Progress(recipe.steps + progress.step, recipe.all_steps, progress.loss)

    def key(self) -> str:
        """A name for this very making: recipe and corpus."""
        read = [message.text for talk in corpus.training(0, 1000) for message in talk]
        return hashlib.sha256(json.dumps([asdict(self.recipe), read]).encode()).hexdigest()

    def content(self) -> bytes:
        """The checkpoint as it is shipped: weights only, without what only the making needs."""
        engine = self.model.engine
        config = engine.config | {name: 0.0 for name in REGULARIZATION if name in engine.config}
        plain = type(engine).from_tensors(config, engine.tensors(optimizer=False))
        return checkpoint.to_bytes(LanguageModel(plain, self.model.tokenizer), optimizer=False)


def bits_per_byte(model: LanguageModel) -> float:
    """How surprised a model is by the corpus's held-out text."""
    return score_general(model, corpus.held_out()).bits_per_byte


def main() -> int:
    """Make the shipped starter again; the exit code says whether it came out the same."""
    resume = ResumePoint(Path("build") / "starter")
    return 0 if make(RECIPE, PATH, RECORD, threads=os.cpu_count() or 1, resume=resume) else 1


def make(recipe: Recipe, path: Path, record: Path, *, threads: int, resume: ResumePoint) -> bool:
    """Follow the recipe and say whether its digest is the one in `record`.

    Where it is not, checkpoint, record and the record of doubt beside them are written anew.
    Threads change no bit. A making that was broken off goes on from `resume`. Raises `KernelError`
    without the compiled kernels: the twin would take days, and its bits are not comparable.
    """
    making = Making(recipe)
    engine = making.model.engine
    if isinstance(engine, LSTM) and engine.backend != "kernel":
        raise KernelError(
            "Making the starter needs the compiled kernels; found the NumPy twin. Install a C "
            "compiler (gcc or clang) and reinstall L2C."
        )
    started = time.monotonic()
    finish(making, threads, resume)
    seconds = round(time.monotonic() - started)
    content = making.content()
    digest = checkpoint.digest_of(content)
    shipped = json.loads(record.read_text())["digest"] if record.exists() else "none"
    if digest == shipped:
        print(f"The digest is the shipped one: {digest}")
        return True
    model = checkpoint.from_bytes(content)
    bits = round(bits_per_byte(model), 4)
    told = {
        "digest": digest,
        "recipe": asdict(recipe),
        "seconds": seconds,
        "held_out_bits_per_byte": bits,
    }
    path.write_bytes(content)
    path.with_name(DOUBT.name).write_text(calibrate(model, digest).to_json(), encoding="utf-8")
    record.write_text(json.dumps(told, indent=2) + "\n")
    print(f"The digest is NOT the shipped one.\n  shipped {shipped}\n  made    {digest}")
    print(f"Held-out text costs {bits} bits per byte. Written to {path} and {record.name}.")
    return False


def finish(making: Making, threads: int, resume: ResumePoint) -> None:
    """Take every step, from the resume point where there is one of this recipe and corpus."""
    recipe, key = making.recipe, making.key()
    saved, done = resume.load(key), 0
    if saved is not None:
        making.model, done = saved.model, saved.step
        print(f"Going on after step {done}.", flush=True)
    making.model.engine.threads = threads
    started = saved_at = time.monotonic()
    for progress in making.run(done=done):
        now = time.monotonic()
        if progress.step % REPORT_STEPS == 0 or progress.step == progress.steps:
            _report(recipe, progress, done, now - started)
        if now - saved_at > RESUME_S:
            resume.save(key, Resumed(progress.step, progress.steps, making.model))
            saved_at = now
    resume.clear()


def _tokenizer(recipe: Recipe) -> Tokenizer:
    characters = CharacterTokenizer(ALPHABET)
    if recipe.pieces == 0:
        return characters
    read = corpus.training(recipe.seed, PIECE_CONVERSATIONS)
    texts = (message.text for conversation in read for message in conversation)
    return PieceTokenizer(learn_pieces(texts, recipe.pieces), characters)


def _reading(recipe: Recipe, tokenizer: Tokenizer, *, done: int) -> Iterator[Batch]:
    """Part after part; the next one is written while the kernels learn from this one.

    Whole parts among the first `done` steps are passed over without being written.
    """
    first = done // recipe.part_steps
    yield from itertools.repeat(PASSED_OVER, first * recipe.part_steps)
    with ThreadPoolExecutor(1) as writer:
        coming = writer.submit(_part, recipe, tokenizer, first)
        for number in itertools.count(first):
            examples = coming.result()
            coming = writer.submit(_part, recipe, tokenizer, number + 1)
            yield from batches(
                [examples] * recipe.rows,
                steps=recipe.part_steps,
                sequence=recipe.sequence,
                seed=recipe.part_seed(number),
            )


def _part(recipe: Recipe, tokenizer: Tokenizer, number: int) -> list[Example]:
    """Part `number` of the text: practice first, the handwritten talks above all at the end."""
    seed, step = recipe.part_seed(number), number * recipe.part_steps
    if step < recipe.practice_steps:
        conversations = corpus.practised(seed, recipe.part_conversations)
    elif step < recipe.steps - recipe.last_steps:
        conversations = corpus.training(seed, recipe.part_conversations)
    else:
        conversations = corpus.training(
            seed, recipe.part_conversations, handwritten_percent=LAST_HANDWRITTEN_PERCENT
        )
    return [from_corpus(conversation, tokenizer) for conversation in conversations]


def _report(recipe: Recipe, progress: Progress, done: int, seconds: float) -> None:
    per_step = seconds / (progress.step - done)
    left = per_step * (progress.steps - progress.step)
    print(
        f"step {progress.step} of {progress.steps}, loss {progress.loss:.3f} nats, "
        f"{recipe.rows * recipe.sequence / per_step:,.0f} tokens/s, {left / 60:.1f} min left",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
