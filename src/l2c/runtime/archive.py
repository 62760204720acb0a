"""A whole installation in one file, and back: `l2c backup`, `l2c restore`.

The file holds the store as one moment of it, the servers of other models that were named, the
checkpoints, and the folders of the data directory: logs, dreams, datasets, the core prompt. The
ledger is in the store. Both commands work while the server runs, on a store in PostgreSQL too: a
backup holds the store as a SQLite file wherever it was, so one made here can be restored there.

How a file that may come from anywhere is read, `l2c.runtime.packing` says. The store in it must be
one this version could have made: sound, of a known schema, without a trigger, view or table of its
own. Only then checkpoints move in, and the store, in one transaction, and last the folders. What
was ended here stays ended: a lease of a learner, a session, a key that was revoked after the backup
was made.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, func, select, update

from l2c import machine, starter
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
from l2c.runtime import packing
from l2c.runtime.house import open_database
from l2c.settings import Settings
from l2c.store import sqlite, transfer
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.copies import Copies
from l2c.store.database import BALLAST_BYTES, FILE, Database
from l2c.store.files import SharedFiles
from l2c.store.learning import Learning
from l2c.store.models import Models
from l2c.store.schema import account, api_key, checkpoint, conversation, learner, session

CHECKPOINTS = packing.CHECKPOINTS
_SMALL_BALLAST = 4096


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
    if settings.database_url is None and not (settings.data_dir / FILE).is_file():
        raise NotFound(f"There is nothing to back up in {settings.data_dir} yet.")
    if target.exists():
        raise Conflict(f"{target} exists already; give the name of a new file.")
    try:
        with ExitStack() as stack:
            beside = tempfile.TemporaryDirectory(
                prefix=".l2c-backup-", dir=target.absolute().parent
            )
            folder = Path(stack.enter_context(beside))
            database = stack.enter_context(open_database(settings))
            database.copy_to(folder / FILE)
            conversations = _count(database)
            files = {FILE: folder / FILE, **_checkpoints(settings, database)}
            checkpoints = len(files) - 1
            files |= _as_of_now(settings.data_dir, folder)
            unfinished = folder / "unfinished"
            packing.write(unfinished, files)
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
            free = machine.free_bytes(home) - BALLAST_BYTES
            with_folders = packing.read(source, staging, free=free)
            conversations = _make_ready(staging, settings)
            checkpoints = _move_checkpoints(staging / CHECKPOINTS, settings)
            _install(staging, settings)
            if with_folders:
                _replace_folders(staging, home)
            named = staging / servers.FILE
            if named.is_file():
                machine.write_durably(home / servers.FILE, named.read_bytes())
    except OSError as error:
        raise _refusal(error, source) from error
    return Contents(source, source.stat().st_size, conversations, checkpoints)


def _checkpoints(settings: Settings, database: Database) -> dict[str, Path]:
    """The checkpoint files there are, by their names in the archive."""
    starter_file = settings.starter or starter.PATH
    folder = first_model.open_folder(
        settings.data_dir / CHECKPOINTS,
        starter_file=starter_file,
        elsewhere=SharedFiles(database) if database.shared else None,
    )
    with database.read() as connection:
        digests = connection.execute(select(checkpoint.c.digest).distinct()).scalars().all()
    return {
        f"{CHECKPOINTS}/{digest}{SUFFIX}": folder.path(digest)
        for digest in sorted(digests)
        if folder.has(digest)
    }


def _as_of_now(home: Path, folder: Path) -> dict[str, Path]:
    """Copies of the files that may change while they are packed, by their names in the archive."""
    files = packing.folder_files(home)
    if (home / servers.FILE).is_file():
        files[servers.FILE] = home / servers.FILE
    copies: dict[str, Path] = {}
    for name, path in files.items():
        copy = folder / "files" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # it was forgotten meanwhile
            shutil.copyfile(path, copy)
            copies[name] = copy
    return copies


def _make_ready(staging: Path, settings: Settings) -> int:
    """See that the unpacked store is sound and bring it up to date; its conversations."""
    try:
        if (staging / servers.FILE).is_file():
            servers.read_entries(staging / servers.FILE)
        with Database.open(staging, ballast_bytes=_SMALL_BALLAST) as database:
            with database.read() as connection:
                sqlite.examine(connection, staging / FILE)
                found = sqlite.shape(connection)
            if found != _expected_shape(staging / "fresh"):
                raise InvalidInput("The store in it has parts that L2C did not make.")
            for user in Accounts(database).ids():
                Conversations(database, user).interrupt_orphans()
                for model in Models(database, user).list():
                    Learning(database, user).acquire(model.name, holder="a restored backup")
            _end_what_ended(database, settings)
            return _count(database)
    except StorageFull:
        raise
    except (StoreError, InvalidConfig) as error:
        raise InvalidInput(f"This is no backup that can be restored: {error}") from error


def _expected_shape(folder: Path) -> set[tuple[str, str, str]]:
    with Database.open(folder, ballast_bytes=_SMALL_BALLAST) as fresh, fresh.read() as connection:
        return sqlite.shape(connection)


def _end_what_ended(database: Database, settings: Settings) -> None:
    """Let no lease, session or key of the unpacked store live that has ended in the present one.

    Every lease's epoch rises over the present ones: whoever learns now may write no more. Keys of
    an account that lives here are taken back unless they are good here too.
    """
    epoch, here, good = 0, set[str](), set[str]()
    with (
        contextlib.suppress(StoreError),  # a damaged store has no learner and no keys
        open_database(settings) as present,
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


def _move_checkpoints(staged: Path, settings: Settings) -> int:
    """Move checkpoint files in; they are named by their digests, so none replaces another."""
    files = sorted(staged.glob(f"*{SUFFIX}")) if staged.is_dir() else []
    if settings.database_url is not None:
        with open_database(settings) as present:
            for file in files:
                SharedFiles(present).put(file.stem, file.read_bytes())
    folder = settings.data_dir / CHECKPOINTS
    folder.mkdir(mode=0o700, exist_ok=True)
    for file in files:
        os.replace(file, folder / file.name)
    machine.fsync_directory(folder)
    return len(files)


def _install(staging: Path, settings: Settings) -> None:
    """Let the unpacked store take the place of the present one."""
    home = settings.data_dir
    path = home / FILE
    try:
        with open_database(settings) as present:
            Copies(present).take("replaced")
            if present.shared:
                _replace_rows(staging, present)
            else:
                sqlite.replace_content(path, staging / FILE)
            return
    except (Busy, StorageFull):
        raise
    except StoreError:
        if settings.database_url is not None:
            raise
    # The present store is beyond opening, which is what restoring is for.
    lock = machine.RoleLock(home / "server.lock")
    with lock:
        damaged = tempfile.mkdtemp(prefix="damaged-", dir=home)
        for old in home.glob(f"{FILE}*"):
            os.replace(old, Path(damaged) / old.name)
        os.replace(staging / FILE, path)
        machine.fsync_directory(home)


def _replace_rows(staging: Path, present: Database) -> None:
    with (
        Database.open(staging, ballast_bytes=_SMALL_BALLAST) as restored,
        restored.read() as reading,
    ):
        present.write(lambda connection: transfer.replace(reading, connection))


def _replace_folders(staging: Path, home: Path) -> None:
    """Let each folder of the backup take the place of the one there is."""
    for name in packing.FOLDERS:
        if (home / name).is_dir():
            os.replace(home / name, staging / f"was-{name}")
        if (staging / name).is_dir():
            os.replace(staging / name, home / name)
    machine.fsync_directory(home)


def _count(database: Database) -> int:
    query = select(func.count()).where(conversation.c.deleted_at.is_(None))
    with database.read() as connection:
        return int(connection.execute(query).scalar_one())


def _refusal(error: OSError, path: Path) -> StoreError | InvalidInput:
    if error.errno in machine.NO_SPACE:
        return StorageFull(f"No space is left for {path}; free some and try again.")
    return InvalidInput(f"{error.filename or path} cannot be used: {error.strerror}.")
