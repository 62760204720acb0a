"""The resume point: a lesson in progress, saved every few minutes and on exit.

It is not a checkpoint: it answers nothing, has no name, and is thrown away when its lesson ends.
It holds the candidate with its optimizer, how many steps it has taken, and the key of the lesson,
so it only ever continues exactly what it was. Going on from it gives the same bits as never
having stopped.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

from l2c import machine
from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError

MAGIC = b"L2Cresume1"
HEAD = struct.Struct("<10s64sQQ")


@dataclass(frozen=True, slots=True)
class Resumed:
    """Where a training stood: `step` of `steps` were done, and `model` is what it was then."""

    step: int
    steps: int
    model: LanguageModel


class ResumePoint:
    """One file that holds at most one unfinished training."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def save(self, key: str, done: Resumed) -> None:
        """Remember how far the training called `key` (64 hex digits) has come."""
        head = HEAD.pack(MAGIC, key.encode("ascii"), done.step, done.steps)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        machine.write_durably(self._path, head + checkpoint.to_bytes(done.model))

    def load(self, key: str) -> Resumed | None:
        """How far this very training had come when it was saved last; None when it was not.

        A damaged file counts as none: the training begins anew, which costs time and no result.
        """
        try:
            content = self._path.read_bytes()
            magic, saved_key, step, steps = HEAD.unpack_from(content)
            if magic != MAGIC or saved_key.decode("ascii", "replace") != key:
                return None
            model = checkpoint.from_bytes(content[HEAD.size :], name=self._path.name)
            return Resumed(step, steps, model)
        except (OSError, struct.error, CheckpointError):
            return None

    def clear(self) -> None:
        """Forget what was saved."""
        self._path.unlink(missing_ok=True)
