"""Conversations as files, one for each, in `logs/conversations/`: written whole, erased for good.

A file is called by the time its conversation began and holds what an export of it holds, so it
can be read, trained on, and imported again. Every turn carries the SHA-256 of its text, by which
a reader knows what it has seen before. Nothing here knows the store: the light server keeps its
conversations in these files alone.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from l2c import machine

FORMAT = {"format": "l2c-conversations", "version": 1}
"""The format of an export; see `l2c.chat.tree_json`."""


class SessionFiles:
    """The conversation files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writing = threading.Lock()

    def write(self, conversation: dict[str, Any]) -> Path:
        """Put a conversation's file there, whole or not at all; the old one makes room.

        `conversation` has the fields of an export. Raises `StorageFull` and `OSError`.
        """
        turns = [one | {"sha256": digest(one["text"])} for one in conversation["turns"]]
        whole = FORMAT | {"conversations": [conversation | {"turns": turns}]}
        content = json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1)
        began = re.sub(r"[^0-9TZ]", "", conversation["created_at"])
        path = self._folder / f"{began}-{_mark(conversation['id'])}.json"
        with self._writing:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            machine.write_durably(path, content.encode("utf-8", "replace"))
        return path

    def forget(self, conversation_ids: Iterable[str]) -> None:
        """Erase the files of these conversations, below this folder too, and what a crash left."""
        for mark in map(_mark, conversation_ids):
            with self._writing:
                for path in [*self._folder.rglob(f"*-{mark}.json"), *self._halves(mark)]:
                    path.unlink(missing_ok=True)
                    machine.fsync_directory(path.parent)

    def forget_naming(self, ids: Sequence[str]) -> None:
        """Erase every file below this folder that names one of these conversations or turns."""
        names = [json.dumps(one).encode() for one in ids]
        with self._writing:
            for path in self._folder.rglob("*.json"):
                content = path.read_bytes()
                if any(name in content for name in names):
                    path.unlink(missing_ok=True)
                    machine.fsync_directory(path.parent)

    def _halves(self, mark: str) -> Iterable[Path]:
        return self._folder.rglob(f".*-{mark}.json.*.tmp")


def digest(text: str) -> str:
    """The SHA-256 of a turn's text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _mark(conversation_id: str) -> str:
    """What tells a conversation from another that began at the same moment."""
    return hashlib.sha256(conversation_id.encode("utf-8", "replace")).hexdigest()[:16]
