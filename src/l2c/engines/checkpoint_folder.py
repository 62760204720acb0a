"""The checkpoint files of one data directory, and the starters that came with the program.

Files are named by their digest, written durably and read with the digest checked, so a name
either gives exactly the model it names or one clear error. Recently used models stay in memory;
they are shared between streams and must not be trained (`LanguageModel.copy` for that).

Where several servers share a store the files are there too (`Elsewhere`), and the folder is what
one machine has read of them so far: what is missing here, or damaged, is fetched.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from l2c import machine
from l2c.engines import checkpoint
from l2c.engines.model import LanguageModel
from l2c.errors import CheckpointError

KEPT_IN_MEMORY = 4
"""Loaded models kept: the live one, its starter, and one on its way in or out."""


GRACE_S = 3600.0
"""How old a file must be before it may be deleted."""

CACHE_GRACE_S = 60.0
"""How old one must be that is no longer elsewhere: a young one may be on its way there."""

_DIGEST = re.compile("[0-9a-f]{64}")

ADDING, ADDING_WAIT_S = "adding.lock", 60.0
"""Held by who brings in files from elsewhere, until they are in the store too."""


class Elsewhere(Protocol):
    """Where files are that several machines share, by their names."""

    def among(self, names: Iterable[str]) -> set[str]:
        """Those of the names that are there."""

    def get(self, name: str) -> bytes | None:
        """The content of a file; None when there is none."""

    def put(self, name: str, content: bytes) -> bytes:
        """Keep a file, unless it is there already; what is there now."""

    def remove(self, names: Iterable[str]) -> None:
        """Delete files; without effect for those that are not there."""

    def names(self, *, older_than: timedelta) -> set[str]:
        """The files that were added at least so long ago."""


class CheckpointFolder:
    """Checkpoints by digest: in `folder`, or read-only among `starters` (digest → file)."""

    def __init__(
        self,
        folder: Path,
        starters: dict[str, Path] | None = None,
        *,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._folder = folder
        self._starters = dict(starters or {})
        self._elsewhere = elsewhere
        self._loaded: OrderedDict[str, LanguageModel] = OrderedDict()
        self._lock = threading.Lock()

    def path(self, digest: str) -> Path:
        """Where the file of this digest is, or would be."""
        own = self._folder / f"{digest}{checkpoint.SUFFIX}"
        if own.exists():
            return own
        starter = self._starters.get(digest)
        if starter is None:
            self._fetch(digest)
        return own if starter is None else starter

    def has(self, digest: str) -> bool:
        """Whether the file is there. Whether it is sound, only loading it tells."""
        own = self._folder / f"{digest}{checkpoint.SUFFIX}"
        if own.is_file() or self._starters.get(digest, own).is_file():
            return True
        return self._elsewhere is not None and bool(self._elsewhere.among([digest]))

    def load(self, digest: str) -> LanguageModel:
        """The model of this digest, from memory when it was used lately.

        Raises `CheckpointError` when the file is missing or is not what its name says.
        """
        with self._lock:
            model = self._loaded.get(digest)
            if model is None:
                model = self._read(digest)
                self._loaded[digest] = model
            self._loaded.move_to_end(digest)
            while len(self._loaded) > KEPT_IN_MEMORY:
                self._loaded.popitem(last=False)
            return model

    def save(self, model: LanguageModel, *, optimizer: bool = True) -> tuple[str, int]:
        """Write the model durably; its digest and its size in bytes. Saving twice writes once."""
        return self.add(checkpoint.to_bytes(model, optimizer=optimizer))

    def add(self, content: bytes) -> tuple[str, int]:
        """Write a checkpoint's bytes durably; its digest and its size in bytes."""
        digest = checkpoint.digest_of(content)
        path = self._folder / f"{digest}{checkpoint.SUFFIX}"
        if not self._sound(path, digest):
            self._folder.mkdir(parents=True, exist_ok=True)
            machine.write_durably(path, content)
        if self._elsewhere is not None:
            self._elsewhere.put(digest, content)
        return digest, len(content)

    def take(self, file: Path, digest: str) -> None:
        """Keep a copy of a checkpoint's file, durably, unless it is here or among the starters.

        Raises `CheckpointError` when the file is not what its name says.
        """
        if digest in self._starters:
            return
        if not self._sound(file, digest):
            raise CheckpointError(f"{file.name} is missing or damaged.")
        if self._elsewhere is not None:
            self._elsewhere.put(digest, file.read_bytes())
            return
        own = self._folder / f"{digest}{checkpoint.SUFFIX}"
        if not self._sound(own, digest):
            self._folder.mkdir(parents=True, exist_ok=True)
            machine.write_durably(own, file.read_bytes())

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
        removed, digests = 0, list(digests)
        if self._elsewhere is not None:
            self._elsewhere.remove(digests)
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
        others = self.others(digests, grace_s=grace_s)
        for path, _ in others:
            path.unlink(missing_ok=True)
        if self._elsewhere is not None:
            old = self._elsewhere.names(older_than=timedelta(seconds=grace_s))
            self._elsewhere.remove(name for name in old - digests if _DIGEST.fullmatch(name))
        return len(others)

    def others(self, digests: set[str], *, grace_s: float = GRACE_S) -> list[tuple[Path, int]]:
        """Every other file in the folder that is older than `grace_s`, with its size in bytes."""
        found, now = [], time.time()
        for path in [*self._folder.glob(f"*{checkpoint.SUFFIX}"), *self._folder.glob(".*.tmp")]:
            with suppress(FileNotFoundError):  # another process may be tidying too
                status = path.stat()
                if path.stem not in digests and now - status.st_mtime >= grace_s:
                    found.append((path, status.st_size))
        return found

    def forget_removed(self, *, grace_s: float = CACHE_GRACE_S) -> int:
        """Delete what another machine has removed for all; how many files. Young ones stay."""
        if self._elsewhere is None:
            return 0
        now = time.time()
        old = {
            path.stem: path
            for path in self._folder.glob(f"*{checkpoint.SUFFIX}")
            if now - path.stat().st_mtime >= grace_s
        }
        gone = set(old) - self._elsewhere.among(old) if old else set()
        for digest in gone:
            with self._lock:
                self._loaded.pop(digest, None)
            old[digest].unlink(missing_ok=True)
        return len(gone)

    def _read(self, digest: str) -> LanguageModel:
        try:
            return checkpoint.load(self.path(digest), digest=digest)
        except CheckpointError:
            if not self._fetch(digest):
                raise
            return checkpoint.load(self.path(digest), digest=digest)

    def _fetch(self, digest: str) -> bool:
        """Bring a file here from elsewhere, if it is there and is what its name says."""
        content = None if self._elsewhere is None else self._elsewhere.get(digest)
        if content is None or checkpoint.digest_of(content) != digest:
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        machine.write_durably(self._folder / f"{digest}{checkpoint.SUFFIX}", content)
        return True

    @staticmethod
    def _sound(path: Path, digest: str) -> bool:
        try:
            return path.is_file() and checkpoint.digest_of(path.read_bytes()) == digest
        except OSError as error:
            raise CheckpointError(f"{path.name} cannot be read: {error.strerror}.") from error
