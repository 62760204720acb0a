"""Text files taught to a model, from the files to a checkpoint that answers: `l2c train`.

What a model becomes this way is a new beginning for it: the checkpoint has no parent, and the
lessons of conversations start from there. Older checkpoints stay, so it can be taken back.
"""

from __future__ import annotations

import json
import logging
import math
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from l2c.engines.checkpoint_folder import CheckpointFolder
from l2c.engines.model import LanguageModel
from l2c.errors import Conflict, InvalidInput
from l2c.learning.resume import ResumePoint
from l2c.learning.teacher import OnProgress
from l2c.learning.texts import key_of, read_files, train_on
from l2c.learning.trainer import Progress
from l2c.store.models import Models
from l2c.text.characters import CharacterTokenizer
from l2c.text.tokenizer import Tokenizer

log = logging.getLogger(__name__)

LOG_S = 1.0
"""How often a training says in the log where it stands."""

NAME = re.compile(r"(?!\.)[\w.-]{1,64}")
"""What a model may be called."""


@dataclass(frozen=True, slots=True)
class TextOutcome:
    """What a training came to. `checkpoint` is empty until it is `finished`."""

    model: str
    finished: bool
    step: int
    steps: int
    characters: int
    loss: float
    checkpoint: str


class _Watch:
    """Says how a training goes: every step to the progress bar, now and then to the log."""

    def __init__(self, what: str, on_progress: OnProgress) -> None:
        self._what, self._on_progress = what, on_progress
        self._tokens, self._began = 0, time.monotonic()
        self._logged_at = float("-inf")

    def step(self, progress: Progress) -> None:
        """One step was taken."""
        now = time.monotonic()
        self._tokens += progress.tokens
        speed = self._tokens / max(now - self._began, 1e-9)
        bits = progress.loss / math.log(2)
        said = [f"loss {progress.loss:.3f}, {bits:.2f} bits/token", f"{speed:,.0f} tokens/s"]
        detail = ", ".join([*said, *([progress.note] if progress.note else [])])
        self._on_progress(self._what, progress.step, progress.steps, detail)
        if now - self._logged_at > LOG_S or progress.step == progress.steps:
            log.info("%s: step %d of %d, %s", self._what, progress.step, progress.steps, detail)
            self._logged_at = now


class TextSchool:
    """Trains models on text files, one training at a time for each text and model."""

    def __init__(self, models: Models, folder: CheckpointFolder, desk: Path) -> None:
        self._models = models
        self._folder = folder
        self._desk = desk

    def train(
        self,
        files: Sequence[Path],
        *,
        name: str,
        engine: str | None,
        seconds: float,
        seed: int,
        tokenizer: Tokenizer | None = None,
        autosave_s: float,
        stop: threading.Event,
        on_progress: OnProgress,
    ) -> TextOutcome:
        """Train, or go on with a training that was interrupted, and make the result live.

        With `engine` a new model called `name` begins, which writes characters or what `tokenizer`
        does; otherwise the model goes on. Raises
        `InvalidInput` for files without text or a name that is none, `Conflict` when a new
        model's name is taken, and `NotFound` for an unknown model.
        """
        text = read_files(files)
        base, came_from = self._base(name, engine, seed, tokenizer)
        key = key_of(text, came_from)
        resume = ResumePoint(self._desk / f"text-{key[:16]}")

        watch = _Watch(f"training {name}", on_progress)
        run = train_on(
            text,
            base,
            seconds=seconds,
            resume=resume,
            key=key,
            autosave_s=autosave_s,
            stop=stop,
            on_step=watch.step,
        )
        from_live = came_from if engine is None else None
        checkpoint = self._publish(name, run.model, from_live) if run.finished else ""
        if run.finished:
            resume.clear()
        return TextOutcome(name, run.finished, run.step, run.steps, len(text), run.loss, checkpoint)

    def _base(
        self, name: str, engine: str | None, seed: int, tokenizer: Tokenizer | None
    ) -> tuple[LanguageModel, str]:
        """The model to begin with, and a word for where it came from."""
        if engine is None:
            if tokenizer is not None:
                raise InvalidInput("Only a new model takes a tokenizer; a model keeps its own.")
            live = self._models.live(name)
            return self._folder.load(live).copy(), live
        if not NAME.fullmatch(name):
            raise InvalidInput(
                f"A model's name has 1 to 64 letters, digits, dots, dashes or underscores; "
                f"found {name!r}."
            )
        if any(row.name == name for row in self._models.list()):
            raise Conflict(f"There is a model {name!r} already; go on with it by --model {name}.")
        came_from = f"{engine} {seed}"
        if tokenizer is not None:
            came_from += f" {json.dumps(tokenizer.describe(), sort_keys=True)}"
        tokenizer = tokenizer or CharacterTokenizer()
        return LanguageModel.create(engine, {}, tokenizer, seed=seed), came_from

    def _publish(self, name: str, model: LanguageModel, came_from: str | None) -> str:
        with self._folder.adding():
            digest, size = self._folder.save(model)
            self._models.begin_from(
                name,
                engine=model.engine.family,
                checkpoint=digest,
                size_bytes=size,
                came_from=came_from,
            )
        return digest
