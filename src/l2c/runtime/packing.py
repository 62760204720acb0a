"""The file of a backup: a plain tar whose first entry says what follows, in order.

`manifest.json` names every file with its size and SHA-256. A backup may come from anywhere, so it
is read as if a stranger wrote it: anything that the manifest does not say (another name, a link,
another size or digest, more bytes) is refused, and so is a manifest that names what no backup
holds. Files are written below an empty folder only.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from l2c import __version__, machine
from l2c.engines.checkpoint import SUFFIX
from l2c.errors import InvalidInput, StorageFull
from l2c.providers import servers
from l2c.store.database import FILE

FORMAT, WITHOUT_FOLDERS = 2, 1

MANIFEST = "manifest.json"
MOST_MANIFEST_BYTES = 64 << 20
CHECKPOINTS = "checkpoints"
FOLDERS = ("logs", "dreams", "datasets", "prompt", "log")
"""The folders of the data directory that a backup holds beside store and checkpoints."""

_PLAIN = r"(?!\.{1,2}/)(?!\.{1,2}$)[^/\\:\x00-\x1f\x7f]{1,200}"
NAME = re.compile(
    rf"{re.escape(FILE)}|{re.escape(servers.FILE)}|{CHECKPOINTS}/[0-9a-f]{{64}}{re.escape(SUFFIX)}"
    rf"|(?:{'|'.join(FOLDERS)})(?:/{_PLAIN}){{1,6}}"
)
_CHUNK = 1 << 20
_SQLITE = b"SQLite format 3\0"
_NAME_BYTES = 100


@dataclass(frozen=True, slots=True)
class Part:
    """A file in the archive; sizes are in bytes."""

    name: str
    size: int
    sha256: str


def folder_files(home: Path) -> dict[str, Path]:
    """The files of the folders a backup holds, by their names in it; links are left out."""
    return {
        name: path
        for folder in FOLDERS
        for path in sorted((home / folder).rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and NAME.fullmatch(name := path.relative_to(home).as_posix()) is not None
    }


def write(path: Path, files: dict[str, Path]) -> None:
    """An archive of these files, by their names in it."""
    parts = [Part(name, file.stat().st_size, _sha256(file)) for name, file in files.items()]
    manifest = {"l2c": FORMAT, "version": __version__, "files": [asdict(part) for part in parts]}
    said = json.dumps(manifest, indent=1).encode()
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as archive:
        archive.write(_header(MANIFEST, len(said)) + said + _padding(len(said)))
        for part in parts:
            archive.write(_header(part.name, part.size))
            with open(files[part.name], "rb") as file:
                shutil.copyfileobj(file, archive, _CHUNK)
            archive.write(_padding(part.size))
        archive.write(bytes(2 * tarfile.BLOCKSIZE))
        archive.flush()
        machine.flush_file(archive.fileno())


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry.tobuf(tarfile.GNU_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)


def read(source: Path, staging: Path, *, free: int) -> bool:
    """Unpack a backup into an empty folder, if everything about it is as it should be.

    Whether it is one that holds the folders too. Raises `InvalidInput` and `StorageFull`.
    """
    with open(source, "rb") as archive:
        if archive.read(len(_SQLITE)) == _SQLITE:
            size = source.stat().st_size
            _see_that_it_fits(size, free)
            archive.seek(0)
            _extract(archive, staging / FILE, size)
            return False
        archive.seek(0)
        made_by, parts = _manifest(archive)
        _see_that_it_fits(sum(part.size for part in parts), free)
        for part in parts:
            _expect_header(archive, part.name, part.size)
            try:
                path = staging / part.name
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                digest = _extract(archive, path, part.size)
            except (FileExistsError, NotADirectoryError) as error:
                raise no_backup(source, f"{part.name} is in the way of another file") from error
            if digest != part.sha256:
                raise no_backup(source, f"{part.name} is not what it was")
            if archive.read(len(_padding(part.size))).strip(b"\0"):
                raise no_backup(source, f"something hides behind {part.name}")
        for rest in iter(lambda: archive.read(_CHUNK), b""):
            if rest.strip(b"\0"):
                raise no_backup(source, "there is more in it than it says")
        return made_by != WITHOUT_FOLDERS


def _manifest(archive: BinaryIO) -> tuple[int, list[Part]]:
    """The archive's format, and what it says it holds, the store first."""
    size = _expect_header(archive, MANIFEST, None)
    if size > MOST_MANIFEST_BYTES:
        raise no_backup(archive, "its manifest is too long")
    said = archive.read(size)
    archive.read(len(_padding(size)))
    try:
        manifest = json.loads(said)
        made_by, parts = manifest["l2c"], [Part(**part) for part in manifest["files"]]
        valid = parts[0].name == FILE and all(_is_valid(part) for part in parts)
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise no_backup(archive, "its manifest cannot be read") from error
    if made_by not in (WITHOUT_FOLDERS, FORMAT):
        raise no_backup(archive, f"its format {made_by!r} is unknown; a newer L2C may know it")
    if not valid or len({part.name for part in parts}) != len(parts):
        raise no_backup(archive, "its manifest names what no backup holds")
    return made_by, parts


def _is_valid(part: Part) -> bool:
    return (
        isinstance(part.name, str)
        and NAME.fullmatch(part.name) is not None
        and type(part.size) is int
        and part.size >= 0
        and isinstance(part.sha256, str)
        and (not part.name.startswith(CHECKPOINTS) or Path(part.name).stem == part.sha256)
    )


def _expect_header(archive: BinaryIO, name: str, size: int | None) -> int:
    """The size of the next entry, which must be a plain file of this name."""
    if size is not None and len(name.encode()) > _NAME_BYTES:  # tar has a way of its own for them
        expected = _header(name, size)
        if archive.read(len(expected)) != expected:
            raise no_backup(archive, f"{name[:100]!r} was expected, found something else")
        return size
    try:
        entry = tarfile.TarInfo.frombuf(archive.read(tarfile.BLOCKSIZE), "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise no_backup(archive, f"it ends or is damaged before {name}") from error
    if entry.type != tarfile.REGTYPE or entry.name != name or entry.size < 0:
        raise no_backup(archive, f"{name} was expected, found {entry.name[:100]!r}")
    if size is not None and entry.size != size:
        raise no_backup(archive, f"{name} has another size than it says")
    return entry.size


def _extract(archive: BinaryIO, path: Path, size: int) -> str:
    """Copy the next bytes to a new file; their SHA-256."""
    digest = hashlib.sha256()
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        for chunk in _chunks(archive, size):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        machine.flush_file(file.fileno())
    return digest.hexdigest()


def _chunks(archive: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0:
        chunk = archive.read(min(size, _CHUNK))
        if not chunk:
            raise no_backup(archive, "it ends too early")
        size -= len(chunk)
        yield chunk


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _see_that_it_fits(size: int, free: int) -> None:
    if size > free:
        raise StorageFull(
            f"The backup holds {size >> 20} MB, and only {max(0, free) >> 20} MB may be used."
        )


def no_backup(source: Any, why: str) -> InvalidInput:
    """The error for a file that is no sound backup."""
    name = getattr(source, "name", source)
    return InvalidInput(f"{name} is no backup that can be restored: {why}.")
