"""A whole data directory in one file, and back: `l2c backup`, `l2c restore`.

The file is a plain tar, which any tool can open: `manifest.json` with the size and SHA-256 of
everything, the store as one moment of it, the servers of other models that were named, and the
checkpoints, each named by its own digest. The ledger is in the store. Both commands work while the
server runs.

A backup may come from anywhere, so it is read as if a stranger wrote it: the manifest says what
follows, in order, and anything else (another name, a link, another size or digest, more bytes) is
refused before the data directory is touched. The store in it must be one this version could have
made: sound, of a known schema, without a trigger, view or table of its own. Only then checkpoints
move in, and last the store, in one transaction. What was ended here stays ended: a lease of a
learner, a session, a key that was revoked after the backup was made.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, delete, func, select, update

from l2c import __version__, machine, starter
from l2c.engines.checkpoint import SUFFIX
from l2c.errors import (
    Busy,
    Conflict,
    InvalidConfig,
    InvalidInput,
    NotFound,
    StorageFull,
    StoreError,
)
from l2c.learning import first_model
from l2c.providers import servers
from l2c.settings import Settings
from l2c.store import sqlite
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.copies import Copies
from l2c.store.database import BALLAST_BYTES, FILE, Database
from l2c.store.learning import Learning
from l2c.store.models import Models
from l2c.store.schema import account, api_key, checkpoint, conversation, learner, session

FORMAT = 1
MANIFEST = "manifest.json"
MOST_MANIFEST_BYTES = 16 << 20
CHECKPOINTS = "checkpoints"
NAME = re.compile(
    rf"{re.escape(FILE)}|{re.escape(servers.FILE)}|{CHECKPOINTS}/[0-9a-f]{{64}}{re.escape(SUFFIX)}"
)
_CHUNK = 1 << 20
_SMALL_BALLAST = 4096
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Part:
    """A file in the archive; sizes are in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What an archive holds, or what was restored from one."""

    path: Path
    size_bytes: int
    conversations: int
    checkpoints: int


def back_up(settings: Settings, target: Path) -> Contents:
    """Write everything of the data directory to a new file, readable by its owner only.

    Raises `NotFound` when there is nothing yet, `Conflict` when the file exists, `StorageFull`.
    """
    if not (settings.data_dir / FILE).is_file():
        raise NotFound(f"There is nothing to back up in {settings.data_dir} yet.")
    if target.exists():
        raise Conflict(f"{target} exists already; give the name of a new file.")
    try:
        with ExitStack() as stack:
            beside = tempfile.TemporaryDirectory(
                prefix=".l2c-backup-", dir=target.absolute().parent
            )
            folder = Path(stack.enter_context(beside))
            database = stack.enter_context(Database.open(settings.data_dir))
            database.copy_to(folder / FILE)
            conversations = _count(database)
            files = {FILE: folder / FILE, **_checkpoints(settings, database)}
            checkpoints = len(files) - 1
            named = settings.data_dir / servers.FILE
            if named.is_file():
                files[servers.FILE] = named
            unfinished = folder / "unfinished"
            _write(unfinished, files)
            os.replace(unfinished, target)
        machine.fsync_directory(target.absolute().parent)
    except OSError as error:
        raise _refusal(error, target) from error
    return Contents(target, target.stat().st_size, conversations, checkpoints)


def restore(settings: Settings, source: Path) -> Contents:
    """Put back what a backup, or one of the store's own copies, holds; the rest is replaced.

    The present store is copied to `backups/` first. Raises `InvalidInput` for a file that is no
    sound backup, `Busy` when a damaged store is still open somewhere, `StorageFull`, `StoreError`;
    the data directory is then as it was.
    """
    home = settings.data_dir
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(prefix="restoring-", dir=home) as folder:
            staging = Path(folder)
            _read(source, staging, free=machine.free_bytes(home) - BALLAST_BYTES)
            conversations = _make_ready(staging, home)
            checkpoints = _move_checkpoints(staging / CHECKPOINTS, home / CHECKPOINTS)
            _install(staging, home)
            named = staging / servers.FILE
            if named.is_file():
                machine.write_durably(home / servers.FILE, named.read_bytes())
    except OSError as error:
        raise _refusal(error, source) from error
    return Contents(source, source.stat().st_size, conversations, checkpoints)


def _checkpoints(settings: Settings, database: Database) -> dict[str, Path]:
    """The checkpoint files there are, by their names in the archive."""
    starter_file = settings.starter or starter.PATH
    folder = first_model.open_folder(settings.data_dir / CHECKPOINTS, starter_file=starter_file)
    with database.read() as connection:
        digests = connection.execute(select(checkpoint.c.digest).distinct()).scalars().all()
    return {
        f"{CHECKPOINTS}/{digest}{SUFFIX}": folder.path(digest)
        for digest in sorted(digests)
        if folder.has(digest)
    }


def _write(path: Path, files: dict[str, Path]) -> None:
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


def _read(source: Path, staging: Path, *, free: int) -> None:
    """Unpack a backup into an empty folder, once everything about it is as it should be."""
    with open(source, "rb") as archive:
        if archive.read(len(_SQLITE)) == _SQLITE:
            size = source.stat().st_size
            _see_that_it_fits(size, free)
            archive.seek(0)
            _extract(archive, staging / FILE, size)
            return
        archive.seek(0)
        parts = _manifest(archive)
        _see_that_it_fits(sum(part.size for part in parts), free)
        for part in parts:
            _expect_header(archive, part.name, part.size)
            path = staging / part.name
            path.parent.mkdir(exist_ok=True)
            if _extract(archive, path, part.size) != part.sha256:
                raise _no_backup(source, f"{part.name} is not what it was")
            if archive.read(len(_padding(part.size))).strip(b"\0"):
                raise _no_backup(source, f"something hides behind {part.name}")
        for rest in iter(lambda: archive.read(_CHUNK), b""):
            if rest.strip(b"\0"):
                raise _no_backup(source, "there is more in it than it says")


def _manifest(archive: BinaryIO) -> list[Part]:
    """What the archive says it holds, the store first."""
    size = _expect_header(archive, MANIFEST, None)
    if size > MOST_MANIFEST_BYTES:
        raise _no_backup(archive, "its manifest is too long")
    said = archive.read(size)
    archive.read(len(_padding(size)))
    try:
        manifest = json.loads(said)
        made_by, parts = manifest["l2c"], [Part(**part) for part in manifest["files"]]
        valid = parts[0].name == FILE and all(_is_valid(part) for part in parts)
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise _no_backup(archive, "its manifest cannot be read") from error
    if made_by != FORMAT:
        raise _no_backup(archive, f"its format {made_by!r} is unknown; a newer L2C may know it")
    if not valid or len({part.name for part in parts}) != len(parts):
        raise _no_backup(archive, "its manifest names what no backup holds")
    return parts


def _is_valid(part: Part) -> bool:
    return (
        isinstance(part.name, str)
        and NAME.fullmatch(part.name) is not None
        and type(part.size) is int
        and part.size >= 0
        and isinstance(part.sha256, str)
        and (part.name in (FILE, servers.FILE) or Path(part.name).stem == part.sha256)
    )


def _expect_header(archive: BinaryIO, name: str, size: int | None) -> int:
    """The size of the next entry, which must be a plain file of this name."""
    try:
        entry = tarfile.TarInfo.frombuf(archive.read(tarfile.BLOCKSIZE), "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise _no_backup(archive, f"it ends or is damaged before {name}") from error
    if entry.type != tarfile.REGTYPE or entry.name != name or entry.size < 0:
        raise _no_backup(archive, f"{name} was expected, found {entry.name[:100]!r}")
    if size is not None and entry.size != size:
        raise _no_backup(archive, f"{name} has another size than it says")
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
            raise _no_backup(archive, "it ends too early")
        size -= len(chunk)
        yield chunk


def _make_ready(staging: Path, home: Path) -> int:
    """See that the unpacked store is sound and bring it up to date; its conversations."""
    try:
        if (staging / servers.FILE).is_file():
            servers.read_entries(staging / servers.FILE)
        with Database.open(staging, ballast_bytes=_SMALL_BALLAST) as database:
            with database.read() as connection:
                sqlite.examine(connection, database.path)
                found = sqlite.shape(connection)
            if found != _expected_shape(staging / "fresh"):
                raise InvalidInput("The store in it has parts that L2C did not make.")
            for user in Accounts(database).ids():
                Conversations(database, user).interrupt_orphans()
                for model in Models(database, user).list():
                    Learning(database, user).acquire(model.name, holder="a restored backup")
            _end_what_ended(database, home)
            return _count(database)
    except StorageFull:
        raise
    except (StoreError, InvalidConfig) as error:
        raise InvalidInput(f"This is no backup that can be restored: {error}") from error


def _expected_shape(folder: Path) -> set[tuple[str, str, str]]:
    with Database.open(folder, ballast_bytes=_SMALL_BALLAST) as fresh, fresh.read() as connection:
        return sqlite.shape(connection)


def _end_what_ended(database: Database, home: Path) -> None:
    """Let no lease, session or key of the unpacked store live that has ended in the present one.

    Every lease's epoch rises over the present ones: whoever learns now may write no more. Keys of
    an account that lives here are taken back unless they are good here too.
    """
    epoch, here, good = 0, set[str](), set[str]()
    with (
        contextlib.suppress(StoreError),  # a damaged store has no learner and no keys
        Database.open(home) as present,
        present.read() as connection,
    ):
        epoch = int(connection.scalar(select(func.coalesce(func.max(learner.c.epoch), 0))) or 0)
        here = set(connection.scalars(select(account.c.id)))
        good = set(connection.scalars(select(api_key.c.id).where(api_key.c.revoked_at.is_(None))))

    def work(connection: Connection) -> None:
        connection.execute(update(learner).values(epoch=learner.c.epoch + epoch + 1))
        connection.execute(delete(session))
        ended = api_key.c.user_id.in_(here) & api_key.c.id.not_in(good)
        taken_back = update(api_key).where(ended & api_key.c.revoked_at.is_(None))
        connection.execute(taken_back.values(revoked_at=database.now()))

    database.write(work)


def _move_checkpoints(staged: Path, folder: Path) -> int:
    """Move checkpoint files in; they are named by their digests, so none replaces another."""
    files = sorted(staged.glob(f"*{SUFFIX}")) if staged.is_dir() else []
    folder.mkdir(mode=0o700, exist_ok=True)
    for file in files:
        os.replace(file, folder / file.name)
    machine.fsync_directory(folder)
    return len(files)


def _install(staging: Path, home: Path) -> None:
    """Let the unpacked store take the place of the present one."""
    path = home / FILE
    try:
        with Database.open(home) as present:
            Copies(present).take("replaced")
            sqlite.replace_content(path, staging / FILE)
            return
    except (Busy, StorageFull):
        raise
    except StoreError:
        pass  # the present store is beyond opening, which is what restoring is for
    lock = machine.RoleLock(home / "server.lock")
    with lock:
        damaged = tempfile.mkdtemp(prefix="damaged-", dir=home)
        for old in home.glob(f"{FILE}*"):
            os.replace(old, Path(damaged) / old.name)
        os.replace(staging / FILE, path)
        machine.fsync_directory(home)


def _count(database: Database) -> int:
    query = select(func.count()).where(conversation.c.deleted_at.is_(None))
    with database.read() as connection:
        return int(connection.execute(query).scalar_one())


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _see_that_it_fits(size: int, free: int) -> None:
    if size > free:
        raise StorageFull(
            f"The backup holds {size >> 20} MB, and only {max(0, free) >> 20} MB may be used."
        )


def _no_backup(source: Any, why: str) -> InvalidInput:
    name = getattr(source, "name", source)
    return InvalidInput(f"{name} is no backup that can be restored: {why}.")


def _refusal(error: OSError, path: Path) -> StoreError | InvalidInput:
    if error.errno in machine.NO_SPACE:
        return StorageFull(f"No space is left for {path}; free some and try again.")
    return InvalidInput(f"{error.filename or path} cannot be used: {error.strerror}.")
