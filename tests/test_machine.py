import errno
import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from l2c import machine
from l2c.errors import Busy, StorageFull, StoreError
from l2c.machine import RoleLock

HOLD = """
import sys
from pathlib import Path
from l2c.machine import RoleLock

with RoleLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


# Role locks


def test_a_second_holder_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "server.lock"
    process = holder(path)
    with pytest.raises(Busy, match=f"pid {process.pid}"):
        RoleLock(path).acquire()
    assert RoleLock(path).held()
    assert RoleLock(path).holder() == process.pid
    process.communicate()
    with RoleLock(path):
        assert RoleLock(path).holder() == os.getpid()


def test_a_lock_is_free_once_its_holder_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "server.lock"
    process = holder(path)
    process.kill()
    process.communicate()
    assert not RoleLock(path).held()
    assert RoleLock(path).holder() == process.pid  # looking has not written
    with RoleLock(path):
        pass


def test_a_lock_given_back_names_nobody_and_can_be_taken_again(tmp_path: Path) -> None:
    lock = RoleLock(tmp_path / "server.lock")
    for _ in range(2):
        with lock:
            assert lock.held()
        assert (lock.held(), lock.holder()) == (False, None)
    lock.release()


def test_a_lock_nobody_ever_took_is_free(tmp_path: Path) -> None:
    lock = RoleLock(tmp_path / "server.lock")
    assert (lock.held(), lock.holder()) == (False, None)
    assert not lock.path.exists()


def test_waiting_for_a_lock_gets_it_when_it_is_given_back(tmp_path: Path) -> None:
    first, second = RoleLock(tmp_path / "opening.lock"), RoleLock(tmp_path / "opening.lock")
    first.acquire()
    waiter = threading.Thread(target=second.acquire, kwargs={"wait_s": 60.0})
    waiter.start()
    first.release()
    waiter.join()
    assert second.held()
    second.release()


def test_a_lock_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    with RoleLock(tmp_path / "server.lock") as lock:
        assert lock.path.stat().st_mode & 0o777 == 0o600


# Files


def test_a_file_is_written_whole_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "model"
    content = os.urandom(100_000)
    assert machine.write_durably(path, content) == hashlib.sha256(content).hexdigest()
    assert path.read_bytes() == content
    assert path.stat().st_mode & 0o777 == 0o600
    machine.write_durably(path, b"")
    assert path.read_bytes() == b""
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("failing", ["flush_file", "fsync_directory", "replace"])
def test_a_write_that_fails_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    path = tmp_path / "model"
    machine.write_durably(path, b"old")

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    monkeypatch.setattr(os if failing == "replace" else machine, failing, fail)
    with pytest.raises(OSError, match="the disk is broken"):
        machine.write_durably(path, b"new")
    assert path.read_bytes() == (b"new" if failing == "fsync_directory" else b"old")
    assert list(tmp_path.iterdir()) == [path]


def test_everything_is_flushed_in_order_before_it_is_said_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    flush_file, replace, fsync_directory = machine.flush_file, os.replace, machine.fsync_directory

    def flush(file: int) -> None:
        assert os.fstat(file).st_size == 3
        flush_file(file)
        done.append("file")

    def rename(old: Path, new: Path) -> None:
        replace(old, new)
        done.append("rename")

    def flush_directory(path: Path) -> None:
        fsync_directory(path)
        done.append("directory")

    monkeypatch.setattr(machine, "flush_file", flush)
    monkeypatch.setattr(os, "replace", rename)
    monkeypatch.setattr(machine, "fsync_directory", flush_directory)
    machine.write_durably(tmp_path / "model", b"new")
    assert done == ["file", "rename", "directory"]


def test_a_disk_that_gives_back_other_bytes_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model"
    machine.write_durably(path, b"old")
    monkeypatch.setattr(Path, "read_bytes", lambda self: b"other")
    with pytest.raises(StoreError, match="other bytes"):
        machine.write_durably(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail(_: int) -> None:
        raise OSError(number, "no")

    monkeypatch.setattr(machine, "flush_file", fail)
    with pytest.raises(StorageFull, match="3 bytes"):
        machine.write_durably(tmp_path / "model", b"new")
    assert list(tmp_path.iterdir()) == []


def test_occupied_space_is_really_taken(tmp_path: Path) -> None:
    path = tmp_path / "ballast"
    machine.occupy(path, 1 << 20)
    assert path.stat().st_size == 1 << 20
    assert path.stat().st_blocks * 512 >= 1 << 20
    with pytest.raises(FileExistsError):
        machine.occupy(path, 1 << 20)
    assert path.exists()


def test_what_cannot_be_occupied_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "ballast"
    with pytest.raises(StorageFull):
        machine.occupy(path, machine.free_bytes(tmp_path) * 2 + (1 << 50))
    assert not path.exists()


def test_free_space_is_that_of_the_nearest_directory_there_is(tmp_path: Path) -> None:
    assert machine.free_bytes(tmp_path / "not" / "yet") > 0


def test_a_private_file_is_created_once(tmp_path: Path) -> None:
    path = tmp_path / "store"
    machine.create_private(path)
    assert (path.stat().st_mode & 0o777, path.read_bytes()) == (0o600, b"")
    path.write_bytes(b"kept")
    machine.create_private(path)
    assert path.read_bytes() == b"kept"


# Where a path lies

LINUX_MOUNTS = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:35 / /home rw - nfs4 server:/home rw,vers=4.2
31 30 0:36 / /home/ada/local rw - xfs /dev/vdb rw
32 22 0:37 / /mnt/with\040space rw - cifs //server/share rw
33 22 0:38 / /mnt/sshfs rw - fuse.sshfs ada@server: rw
34 22 0:39 / /mnt/secret rw - fuse.gocryptfs /home/secret rw
35 22 0:40 / /mnt/c rw - 9p drvfs rw
36 22 0:41 / /mnt/usb rw - fuseblk /dev/sdb1 rw
37 22 0:42 / /mnt/twice rw - nfs server:/x rw
38 37 0:43 / /mnt/twice rw - tmpfs tmpfs rw
"""

MACOS_MOUNTS = """
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
//ada@server/share (old) on /Volumes/share (smbfs, nodev, nosuid, mounted by ada)
"""


@pytest.mark.parametrize(
    ("path", "remote"),
    [
        ("/var/lib/l2c", False),
        ("/home/ada", True),
        ("/homeless", False),
        ("/home/ada/local/share", False),
        ("/mnt/with space/l2c", True),
        ("/mnt/sshfs/l2c", True),
        ("/mnt/secret/l2c", False),
        ("/mnt/c/Users", True),
        ("/mnt/usb", False),
        ("/mnt/twice", False),
    ],
)
def test_linux_mounts_tell_a_network_disk(path: str, remote: bool) -> None:
    assert machine._remote_in_mountinfo(Path(path), LINUX_MOUNTS) is remote


@pytest.mark.parametrize(
    ("path", "remote"),
    [("/Users/ada", False), ("/Volumes/share/l2c", True), ("/System/Volumes/Data/l2c", False)],
)
def test_macos_mounts_tell_a_network_disk(path: str, remote: bool) -> None:
    assert machine._remote_in_mount_list(Path(path), MACOS_MOUNTS) is remote


def test_the_directory_of_the_tests_is_on_a_local_disk(tmp_path: Path) -> None:
    assert not machine.is_network_filesystem(tmp_path / "not" / "yet")


# Processes


def test_a_lowered_priority_is_lowered_once() -> None:
    if sys.platform == "win32":
        pytest.skip("Windows has priority classes, not nice values")
    lower = (
        "from l2c import machine; import os; machine.lower_priority(); machine.lower_priority(); "
    )
    lower += "print(os.getpriority(os.PRIO_PROCESS, 0))"
    ended = subprocess.run(
        [sys.executable, "-c", lower], capture_output=True, text=True, check=True
    )
    assert int(ended.stdout) == max(10, os.getpriority(os.PRIO_PROCESS, 0))
