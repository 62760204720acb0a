"""The machine underneath: the one module that knows which operating system it runs on.

Everything here is a small promise about processes, disks and priorities, kept in the way each
system can keep it. Two of the promises carry the rest of the application:

- **One process per role.** `RoleLock` is an exclusive lock the kernel releases when its holder
  dies, however it dies, so a lock can be busy but never stale.
- **A file is there whole or not at all.** `write_durably` writes beside the target, flushes,
  reads back, renames and flushes the directory; a crash at any point leaves the old file or the
  new one.

Linux is tested; macOS and Windows have their own branches where the calls differ.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import Self

from l2c.errors import Busy, StorageFull, StoreError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl
    import resource

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the operating system answers when a file cannot grow."""

_NETWORK = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "coda", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs"}
    | {"nfs4", "ocfs2", "prl_fs", "smb2", "smb3", "smbfs", "vboxsf", "virtiofs"}
)
_LOCAL_FUSE = frozenset(
    {"fuse.cryfs", "fuse.encfs", "fuse.fuse-overlayfs", "fuse.gocryptfs", "fuse.mergerfs"}
)
_LOCK_OFFSET = 1 << 30
"""Windows locks bytes against reading too; a byte far behind the pid leaves the pid readable."""

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
"""From glibc's `malloc.h`."""

_LARGE_BYTES = 256 << 10
"""What has so many is given back to the system when it is freed, if memory is to be spared."""


class RoleLock:
    """An exclusive lock on a file, held by one process for one role (`server`, `learner`).

    Use it as a context manager, or call `acquire` and `release`. The file holds the pid of its
    holder and is never removed, since removing a lock file is a race.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def acquire(self, *, wait_s: float = 0.0) -> None:
        """Take the lock, trying for `wait_s` seconds. Raises `Busy` naming the holder's pid."""
        assert self._file is None, "a RoleLock is taken once"
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + wait_s
        while not _try_lock(file):
            if time.monotonic() >= deadline:
                os.close(file)
                raise Busy(
                    f"Another process (pid {self.holder() or 'unknown'}) holds {self.path}; "
                    "stop it or wait for it to end."
                )
            time.sleep(0.01)
        os.ftruncate(file, 0)
        os.write(file, str(os.getpid()).encode())
        self._file = file

    def release(self) -> None:
        """Give the lock back; without effect when it is not held."""
        if self._file is None:
            return
        os.ftruncate(self._file, 0)
        _unlock(self._file)
        os.close(self._file)
        self._file = None

    def holder(self) -> int | None:
        """The pid written in the lock file, or None when nobody wrote one."""
        try:
            text = self.path.read_text("ascii", errors="replace")
        except FileNotFoundError:
            return None
        return int(text) if text.isdigit() else None

    def held(self) -> bool:
        """Whether anybody holds the lock now. Looking takes it for a moment, and writes nothing."""
        try:
            file = os.open(self.path, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            if not _try_lock(file):
                return True
            _unlock(file)
            return False
        finally:
            os.close(file)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


if sys.platform == "win32":

    def _try_lock(file: int) -> bool:
        os.lseek(file, _LOCK_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(file, 0, os.SEEK_SET)
        return True

    def _unlock(file: int) -> None:
        os.lseek(file, _LOCK_OFFSET, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:

    def _try_lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)


if sys.platform == "win32":

    def lower_priority() -> None:
        """Let every other process of this machine go first."""
        below_normal = 0x00004000
        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.SetPriorityClass.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), below_normal)

    def flush_file(file: int) -> None:
        """Return once what was written to the open file is on the disk."""
        os.fsync(file)

    def fsync_directory(path: Path) -> None:
        """Nothing: NTFS keeps renames in its own journal and cannot flush a directory."""

    def is_network_filesystem(path: Path) -> bool:
        """Whether `path` lies on another machine's disk, where file locks cannot be trusted."""
        root = os.path.splitdrive(_existing(path).resolve())[0] + "\\"
        remote = 4
        return root.startswith("\\\\") or bool(
            ctypes.WinDLL("kernel32").GetDriveTypeW(ctypes.c_wchar_p(root)) == remote
        )

    def confine(*, memory_bytes: int, cpu_s: int) -> str:
        """As on other systems, but without limits of memory and time: only Python refuses."""
        sys.addaudithook(_refuse)
        return "interpreter"

else:

    def confine(*, memory_bytes: int, cpu_s: int) -> str:
        """Keep this process, for good, within limits and away from network, files and programs.

        `namespace` when the kernel takes the network away (Linux, where it lets a process have a
        network of its own, which is empty); else `interpreter`: only Python refuses sockets.
        """
        for limit, most in (
            (resource.RLIMIT_AS, memory_bytes),
            (resource.RLIMIT_CPU, cpu_s),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
        ):
            with contextlib.suppress(ValueError, OSError):  # not every system has every limit
                resource.setrlimit(limit, (most, most))
        new_user, new_network = 0x10000000, 0x40000000
        unshare = getattr(ctypes.CDLL(None), "unshare", None)
        alone = unshare is not None and (
            unshare(new_user | new_network) == 0 or unshare(new_network) == 0
        )
        sys.addaudithook(_refuse)
        return "namespace" if alone else "interpreter"

    def lower_priority() -> None:
        """Let every other process of this machine go first.

        Nice 10 and neither 19 nor an idle class: a learner that hardly ever ran on a busy machine
        could be put to sleep while it holds the store's write lock, and all would wait for it.
        """
        nice = 10
        if os.getpriority(os.PRIO_PROCESS, 0) < nice:
            os.setpriority(os.PRIO_PROCESS, 0, nice)

    def flush_file(file: int) -> None:
        """Return once what was written to the open file is on the disk."""
        if sys.platform == "darwin":
            fcntl.fcntl(file, fcntl.F_FULLFSYNC)
        else:
            os.fsync(file)

    def fsync_directory(path: Path) -> None:
        """Return once the names in the directory (created, renamed, removed) are on the disk."""
        directory = os.open(path, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def is_network_filesystem(path: Path) -> bool:
        """Whether `path` lies on another machine's disk, where file locks cannot be trusted.

        A path that does not exist yet is judged by its nearest existing parent.
        """
        place = _existing(path).resolve()
        if sys.platform == "darwin":
            return _remote_in_mount_list(place, _mount_list())
        return _remote_in_mountinfo(place, _mountinfo())


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Python's last word in a confined process (https://docs.python.org/3/library/audit_events)."""
    refused = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork")
    if event.startswith(refused):
        raise PermissionError(f"This process may not call {event}.")


def free_bytes(path: Path) -> int:
    """The space an ordinary user may still fill on the disk that holds `path`."""
    return shutil.disk_usage(_existing(path)).free


def write_durably(path: Path, content: bytes) -> str:
    """Put `content` at `path` whole or not at all; its SHA-256 in hexadecimal.

    The file is readable by its owner only. When this returns, the file survives a power loss.
    Raises `StorageFull` when the disk is full and `StoreError` when the disk does not give back
    what was written; the old file, if any, is then untouched.
    """
    digest = hashlib.sha256(content).hexdigest()
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        _write_and_flush(temporary, content)
        if hashlib.sha256(temporary.read_bytes()).hexdigest() != digest:
            raise StoreError(f"{path} reads back other bytes than were written; check the disk.")
        os.replace(temporary, path)
    except OSError as error:
        if error.errno in NO_SPACE:
            raise StorageFull(
                f"No space is left for the {len(content)} bytes of {path}; free some and try again."
            ) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)
    fsync_directory(path.parent)
    return digest


def release_memory() -> None:
    """Give memory that was freed back to the system, where the C library can (glibc)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform != "win32" else None
    if trim is not None:
        trim(0)


def spare_memory() -> None:
    """Let all threads share one heap, and large blocks go back when they are freed (glibc).

    Else each thread gets a heap of its own, and what counts as large grows with what was freed.
    For a program that rather stays small; to be called while it has one thread.
    """
    option = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if option is not None:
        option(_M_ARENA_MAX, 1)
        option(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def occupy(path: Path, size_bytes: int) -> None:
    """Create `path` with `size_bytes` that are really taken from the disk, not a hole.

    Raises `StorageFull` when they are not there; nothing is left behind then.
    """
    try:
        with open(path, "xb", opener=_owner_only) as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size_bytes)
            else:
                # Random, so that no file system compresses the reserve away.
                file.write(os.urandom(size_bytes))
    except OSError as error:
        if not isinstance(error, FileExistsError):
            path.unlink(missing_ok=True)
        if error.errno in NO_SPACE:
            raise StorageFull(f"No space is left for {size_bytes} bytes at {path}.") from error
        raise


def create_private(path: Path) -> None:
    """Create an empty file only its owner may read; an existing one is left as it is."""
    with contextlib.suppress(FileExistsError):
        os.close(_owner_only(str(path), os.O_RDWR | os.O_CREAT | os.O_EXCL))


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write_and_flush(path: Path, content: bytes) -> None:
    with open(path, "xb", opener=_owner_only) as file:
        file.write(content)
        file.flush()
        flush_file(file.fileno())


def _existing(path: Path) -> Path:
    path = path.absolute()
    while not path.exists():
        path = path.parent
    return path


def _mountinfo() -> str:
    try:
        return Path("/proc/self/mountinfo").read_text("utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return ""


def _remote_in_mountinfo(place: Path, mountinfo: str) -> bool:
    """Whether the last mount over `place` is remote. Format: proc(5), /proc/pid/mountinfo."""
    kind, longest = "", -1
    for line in mountinfo.splitlines():
        left, separator, right = line.partition(" - ")
        if not separator:
            continue
        mount = Path(re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), left.split(" ")[4]))
        if place.is_relative_to(mount) and len(mount.parts) >= longest:
            kind, longest = right.split(" ")[0], len(mount.parts)
    return kind in _NETWORK or (kind.startswith("fuse.") and kind not in _LOCAL_FUSE)


def _mount_list() -> str:
    return subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=True).stdout


def _remote_in_mount_list(place: Path, mounts: str) -> bool:
    """Whether macOS's mount(8) lists the last mount over `place` without the option `local`."""
    remote, longest = False, -1
    for line in mounts.splitlines():
        mounted, separator, options = line.rpartition(" (")
        mount = Path(mounted.partition(" on ")[2])
        if separator and place.is_relative_to(mount) and len(mount.parts) >= longest:
            remote = "local" not in options.rstrip(")").split(", ")
            longest = len(mount.parts)
    return remote
