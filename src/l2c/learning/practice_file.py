"""What the starters practised, out of a file.

Making it takes half a second and leaves holes of many megabytes in a process's memory, so it is
kept in a file for the next start; a program that had better stay small lets another process make
it (`python -m l2c.learning.practice`). The file begins with two SHA-256: of what it was made of,
corpus and code, so that it follows both, and of the rest, so that a broken one is noticed; either
way it is made anew. The rest are arrays, as safetensors. Nothing in it is run, and it is read
rather than mapped, for whoever cuts a mapped file short ends the process that looks into it. Where
it cannot be kept, because the disk is full or not to be written to, this is said, and the practice
is used all the same.
"""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy

import l2c
from l2c import machine
from l2c.errors import L2CError
from l2c.text.practice import Practice
from l2c.text.repertoire import Repertoire, Sayings
from l2c.text.tales import Tales

NAME = "practice.bin"
MAX_BYTES = 64 << 20
DIGEST_BYTES = 32

MAKE = ("-P", "-X", "utf8", "-m", "l2c.learning.practice")
"""What Python is told to write the file's content to its output."""

HOUSE = Path(l2c.__file__).parent
SOURCES = (HOUSE / "corpus", HOUSE / "text", HOUSE / "learning" / "practice.py", Path(__file__))

log = logging.getLogger(__name__)


def kept_practice(folder: Path, *, make: Callable[[], bytes]) -> Practice:
    """The practice that is kept in a folder; where it is not, `make` gives what to keep there."""
    found = _found(folder / NAME, make)
    machine.release_memory()
    return Practice(found)


def sources_digest() -> bytes:
    """The SHA-256 of all that a practice is made of and by, in this installation of Python."""
    digest = hashlib.sha256(f"{l2c.__version__} {np.__version__} {sys.version}".encode())
    for source in SOURCES:
        for path in sorted(source.rglob("*")) if source.is_dir() else [source]:
            if path.is_file() and "__pycache__" not in path.parts:
                content = path.read_bytes()
                digest.update(f"\0{path.relative_to(HOUSE)}\0{len(content)}\0".encode())
                digest.update(content)
    return digest.digest()


def to_bytes(repertoire: Repertoire, made_of: bytes) -> bytes:
    """The content of a file."""
    sayings = json.dumps(asdict(repertoire.sayings)).encode()
    arrays = repertoire.arrays() | {"sayings": np.frombuffer(sayings, np.uint8)}
    rest = safetensors.numpy.save({name: np.ascontiguousarray(a) for name, a in arrays.items()})
    return made_of + hashlib.sha256(rest).digest() + rest


def from_bytes(content: bytes, made_of: bytes) -> Repertoire | None:
    """What such a file holds; None where it is broken, or was made of something else."""
    rest = content[2 * DIGEST_BYTES :]
    if content[: 2 * DIGEST_BYTES] != made_of + hashlib.sha256(rest).digest():
        return None
    try:
        arrays = safetensors.numpy.load(rest)
        sayings = json.loads(arrays.pop("sayings").tobytes())
        tales = Tales(**sayings.pop("tales"))
        return Repertoire(arrays, Sayings(tales=tales, **sayings))
    except (safetensors.SafetensorError, KeyError, TypeError, ValueError, AttributeError):
        return None


def made_elsewhere() -> bytes:
    """The content of a file, by another process. Raises `L2CError` when that fails."""
    try:
        made = subprocess.run(
            [sys.executable, *MAKE], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError as error:
        raise L2CError(f"{sys.executable} cannot be started: {error.strerror}.") from error
    if made.returncode:
        said = made.stderr.decode("utf-8", "replace").strip()[-300:]
        raise L2CError(f"What was practised could not be made ready: {said}")
    return made.stdout


def _found(path: Path, make: Callable[[], bytes]) -> Repertoire:
    made_of = sources_digest()
    found = _read(path, made_of)
    if found is not None:
        return found
    content = make()
    found = from_bytes(content, made_of)
    if found is None:
        raise L2CError("What was practised was made by another version of L2C; start again.")
    _keep(path, content)
    return found


def _read(path: Path, made_of: bytes) -> Repertoire | None:
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        return from_bytes(path.read_bytes(), made_of)
    except OSError:
        return None


def _keep(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        machine.write_durably(path, content)
    except (OSError, L2CError) as error:
        log.warning("What was practised is made anew at every start: %s", error)
