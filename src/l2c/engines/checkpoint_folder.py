"""The checkpoint files of one data directory, and the starters that came with the program.

Files are named by their digest, written durably and read with the digest checked, so a name
either gives exactly the model it names or one clear error. Recently used models stay in memory;
they are shared between streams and must not be trained (`LanguageModel.copy` for that).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from l2c import machine
from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError

KEPT_IN_MEMORY = 4
"""Loaded models kept: the live one, its starter, and one on its way in or out."""


GRACE_S = 3600.0
"""How old a file must be before it may be deleted."""

ADDING, ADDING_WAIT_S = "adding.lock", 60.0
"""Held by who brings in files from elsewhere, until they are in the store too."""


class CheckpointFolder:
    """Checkpoints by digest: in `folder`, or read-only among `starters` (digest → file)."""

    def __init__(self, folder: Path, starters: dict[str, Path] | None = None) -> None:
        self._folder = folder
        self._starters = dict(starters or {})
        self._loaded: OrderedDict[str, LanguageModel] = OrderedDict()
        self._lock = threading.Lock()

    def path(self, digest: str) -> Path:
        """Where the file of this digest is, or would be."""
        own = self._folder / f"{digest}{checkpoint.SUFFIX}"
        starter = self._starters.get(digest)
        return starter if starter is not None and not own.exists() else own

    def has(self, digest: str) -> bool:
        """Whether the file is there. Whether it is sound, only loading it tells."""
        return self.path(digest).is_file()

    def load(self, digest: str) -> LanguageModel:
        """The model of this digest, from memory when it was used lately.

        Raises `CheckpointError` when the file is missing or is not what its name says.
        """
        with self._lock:
            model = self._loaded.get(digest)
            if model is None:
                model = checkpoint.load(self.path(digest), digest=digest)
                self._loaded[digest] = model
            self._loaded.move_to_end(digest)
            while len(self._loaded) > KEPT_IN_MEMORY:
                self._loaded.popitem(last=False)
            return model

    def save(self, model: LanguageModel, *, optimizer: bool = True) -> tuple[str, int]:
        """Write the model durably; its digest and its size in bytes. Saving twice writes once."""
        content = checkpoint.to_bytes(model, optimizer=optimizer)
        digest = checkpoint.digest_of(content)
        path = self._folder / f"{digest}{checkpoint.SUFFIX}"
        if not self._sound(path, digest):
            self._folder.mkdir(parents=True, exist_ok=True)
            machine.write_durably(path, content)
        return digest, len(content)

    @contextmanager
    def adding(self) -> Iterator[None]:
        """While this lasts nobody removes young files: they are about to be used."""
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = machine.RoleLock(self._folder / ADDING)
        lock.acquire(wait_s=ADDING_WAIT_S)
        try:
            yield
        finally:
            lock.release()

    def remove(self, digests: Iterable[str]) -> int:
        """Delete these files, starters excepted, and forget the models; how many files there were.

        Raises `CheckpointError` when one cannot be deleted.
        """
        removed = 0
        for digest in digests:
            with self._lock:
                self._loaded.pop(digest, None)
            path = self._folder / f"{digest}{checkpoint.SUFFIX}"
            try:
                path.unlink()
                removed += 1
            except FileNotFoundError:
                continue
            except OSError as error:
                raise CheckpointError(
                    f"{path.name} cannot be deleted: {error.strerror}."
                ) from error
        if removed:
            machine.fsync_directory(self._folder)
        return removed

    def keep_only(self, digests: set[str], *, grace_s: float = GRACE_S) -> int:
        """Delete every other file in the folder, half-written ones included; how many they were.

        A file younger than `grace_s` stays: somebody may be about to use it.
        """
        removed, now = 0, time.time()
        for path in [*self._folder.glob(f"*{checkpoint.SUFFIX}"), *self._folder.glob(".*.tmp")]:
            if path.stem not in digests and now - path.stat().st_mtime >= grace_s:
                path.unlink(missing_ok=True)
                removed += 1
        return removed

    @staticmethod
    def _sound(path: Path, digest: str) -> bool:
        try:
            return path.is_file() and checkpoint.digest_of(path.read_bytes()) == digest
        except OSError as error:
            raise CheckpointError(f"{path.name} cannot be read: {error.strerror}.") from error
