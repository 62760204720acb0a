"""What there is to train on in a folder, and what is left out of it, each by name and reason.

Material is text that somebody put there: `.txt`, `.md`, `.py` and `.c`. Left out are licences (a
model that has read one recites it), secrets and files that look like holding one, binaries,
whatever is too large, links (they can lead anywhere) and hidden folders. A file that cannot be
read is one more line of the report and stops nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l2c.conversation import Message, Role
from l2c.errors import InvalidInput
from l2c.learning.examples import Source

SUFFIXES = frozenset({".txt", ".md", ".py", ".c"})
OURS = frozenset({".bin"})
"""Datasets that were made of material; they lie beside it."""

MAX_FILE_BYTES = 5 << 20
MAX_FILES = 10_000
MAX_TOTAL_BYTES = 100 << 20
"""What one run reads at most; the next run goes on."""

_LICENCE_NAME = re.compile(r"(?i)(?:un)?licen[cs]e|copying|copyright|notice|patents")
_LICENCE_TEXT = re.compile(
    r"(?i)permission is hereby granted, free of charge|gnu (?:lesser |affero )?general public "
    r"license\s+version|apache license\s+version 2|redistribution and use in source and binary "
    r"forms|mozilla public license version"
)
_SECRET_NAME = re.compile(
    r"(?i)\.env(?:\..*)?|.*\.(?:pem|key|p12|pfx|keystore|kdbx|asc)|id_(?:rsa|dsa|ecdsa|ed25519).*"
    r"|.*(?:secret|password|passwd|credential).*|\.netrc|\.pgpass|.*token"
)
_SECRET_TEXT = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}"
    r"|\bsk-[A-Za-z0-9_-]{20,}|\bl2c_[A-Za-z0-9_-]{40,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
)
_LICENCE_HEAD = 3_000


@dataclass(frozen=True, slots=True)
class Text:
    """A file to learn from; `name` is its path below the folder."""

    name: str
    sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class Talk:
    """An exchange of a session log; `sha256` is that by which a ledger knows it."""

    name: str
    sha256: str
    source: Source
    before: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file, or a part of one, that is not learned, and why."""

    name: str
    reason: str


def texts(folder: Path) -> Iterator[Text | LeftOut]:
    """Every file below `folder`, in the order of names; none when there is no such folder."""
    count = total = 0
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in OURS:
            continue
        if count >= MAX_FILES or total >= MAX_TOTAL_BYTES:
            yield LeftOut(name, "enough for one run; the next run goes on")
            continue
        try:
            found = Text(name, *_read(path))
        except (InvalidInput, OSError) as error:
            yield LeftOut(name, _reason(error))
            continue
        count, total = count + 1, total + len(found.text)
        yield found


def talks(folder: Path) -> Iterator[tuple[str, list[Talk]] | LeftOut]:
    """The conversations of the session logs in `folder` itself: id, and exchanges that may teach.

    What stands in folders below belongs to other users.
    """
    for path in sorted(folder.glob("*.json")):
        try:
            _see_that_it_is_plain(path)
            whole = json.loads(path.read_bytes())
            for conversation in whole["conversations"]:
                yield str(conversation["id"]), list(_exchanges(path.name, conversation))
        except (InvalidInput, OSError) as error:
            yield LeftOut(path.name, _reason(error))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            yield LeftOut(path.name, "no log of a conversation")


def _files(folder: Path) -> Iterator[Path]:
    """Files and links below a folder; hidden folders and what links lead to are not entered."""
    if not folder.is_dir():
        return
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield folder
        return
    for path in entries:
        if path.is_dir() and not path.is_symlink():
            if not path.name.startswith("."):
                yield from _files(path)
        else:
            yield path


def _read(path: Path) -> tuple[str, str]:
    """The digest and the text of a file. Raises `InvalidInput` with why it is left out."""
    if _SECRET_NAME.fullmatch(path.name):
        raise InvalidInput("may hold a secret")
    if _LICENCE_NAME.match(path.name):
        raise InvalidInput("a licence")
    if path.suffix.lower() not in SUFFIXES:
        raise InvalidInput(f"not one of {', '.join(sorted(SUFFIXES))}")
    _see_that_it_is_plain(path)
    content = path.read_bytes()
    if b"\0" in content:
        raise InvalidInput("binary")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput("no UTF-8 text") from error
    if not text.strip():
        raise InvalidInput("empty")
    if _SECRET_TEXT.search(text):
        raise InvalidInput("may hold a secret")
    if path.suffix.lower() in (".txt", ".md") and _LICENCE_TEXT.search(text[:_LICENCE_HEAD]):
        raise InvalidInput("a licence")
    return hashlib.sha256(content).hexdigest(), text


def _see_that_it_is_plain(path: Path) -> None:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise InvalidInput("a link")
    if not stat.S_ISREG(status.st_mode):
        raise InvalidInput("no file")
    if status.st_size > MAX_FILE_BYTES:
        raise InvalidInput(f"larger than {MAX_FILE_BYTES >> 20} MB")


def _exchanges(name: str, conversation: dict[str, Any]) -> Iterator[Talk]:
    """The exchanges of the active branch that may teach, each with what was said before it."""
    by_id = {turn["id"]: turn for turn in conversation["turns"]}
    branch: list[dict[str, Any]] = []
    at = conversation.get("active_turn_id")
    while at is not None and len(branch) <= len(by_id):
        branch.append(by_id[at])
        at = branch[-1]["parent_id"]
    said: list[Message] = []
    branch.reverse()
    for turn, answer in zip(branch[::2], branch[1::2], strict=False):
        user, reply = str(turn["text"]), str(answer["text"])
        if turn["role"] != Role.USER or answer["role"] != Role.ASSISTANT:
            raise ValueError("the turns do not take turns")
        if conversation.get("learn", True) and turn.get("learn", True) and user and reply:
            source = Source(user, reply, answer_teaches=answer.get("rating") == 1)
            yield Talk(name, source.sha256, source, tuple(said))
        said += source_messages(user, reply)


def source_messages(user: str, answer: str) -> tuple[Message, Message]:
    """An exchange as messages."""
    return Message(Role.USER, user), Message(Role.ASSISTANT, answer)


def _reason(error: Exception) -> str:
    return error.strerror or "cannot be read" if isinstance(error, OSError) else str(error)
