"""A reserve of disk space, given up when the disk is full.

On a full disk SQLite cannot even delete, since deleting writes first. So the store keeps a file
of a few megabytes that holds nothing. When a write finds the disk full, the file is removed, and
what it occupied serves those writes that make room or close what is open (`reserve=True`). All
other writes are refused with `StorageFull` until the file can be created again.

Whether the disk is full is therefore one fact in one place, the absence of the file, and every
process on the data directory sees it.
"""

from __future__ import annotations

from pathlib import Path

from l2c import machine
from l2c.errors import StorageFull


class Ballast:
    """The reserve at `path`, `size_bytes` large."""

    def __init__(self, path: Path, *, size_bytes: int) -> None:
        self._path = path
        self._size_bytes = size_bytes

    def hold(self) -> bool:
        """Whether the reserve is there, or could be created now: whether there is space."""
        try:
            if self._path.stat().st_size >= self._size_bytes:
                return True
            self._path.unlink()
        except FileNotFoundError:
            pass
        try:
            machine.occupy(self._path, self._size_bytes)
        except StorageFull:
            return False
        except FileExistsError:  # another process was faster
            return True
        return True

    def release(self) -> None:
        """Give the space up. It is free for others at once."""
        self._path.unlink(missing_ok=True)
