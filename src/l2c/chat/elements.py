"""The conversations of a file one by one, however large the file is, in bounded memory.

A file is JSON (a list of conversations, an object with such a list, or one conversation), JSON
lines, Markdown or text; or a ZIP with many such files. It was written by a stranger: nothing in it
is unpacked to the disk, and a conversation that is too large or too deeply nested, a name that
leads elsewhere, an encrypted file, and one that unpacks to far more than it should are refused,
each by itself.
"""

from __future__ import annotations

import io
import itertools
import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import ijson

from l2c.chat import transcripts
from l2c.chat.transcripts import Transcript
from l2c.errors import InvalidInput

LARGEST_CHARACTERS = 64 << 20
DEEPEST = 64
"""What one conversation may have: characters in its strings, and levels of nesting."""

LONGEST_VALUE_BYTES = 8 << 20
"""The longest single string."""

RATIO = 200
SMALL_BYTES = 64 << 20
"""What is unpacked may be so many times as large as what is packed, or simply small."""

MOST_DIRECTORY_BYTES = 32 << 20
_SNIFFED = 1 << 16

Open = Callable[[], io.RawIOBase]
Element = dict[str, Any] | Transcript
"""A conversation as it stands in the file."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Something of the file that cannot be read, and why."""

    name: str
    reason: str


def elements(path: Path) -> Iterator[Element | Refused]:
    """Everything in a file. Raises `InvalidInput` when it is of no known kind."""
    with open(path, "rb") as file:
        is_zip = file.read(4) == b"PK\x03\x04"
    if is_zip:
        yield from _of_zip(path)
    else:
        yield from _of_file(path.name, partial(io.FileIO, path))


def _of_zip(path: Path) -> Iterator[Element | Refused]:
    if _directory_bytes(path) > MOST_DIRECTORY_BYTES:
        raise InvalidInput("This ZIP lists too many files.")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise InvalidInput(f"This ZIP cannot be read: {error}.") from error
    with archive:
        inside = [one for one in archive.infolist() if not one.is_dir() and _is_readable(one)]
        if not inside:
            raise InvalidInput("There is no JSON, JSONL, Markdown or text file in this ZIP.")
        for one in inside:
            trouble = _trouble_with(one)
            if trouble is not None:
                yield Refused(one.filename, trouble)
                continue
            try:
                yield from _of_file(one.filename, partial(_Unpacked, archive, one))
            except InvalidInput as error:
                yield Refused(one.filename, str(error))


def _is_readable(one: zipfile.ZipInfo) -> bool:
    return PurePosixPath(one.filename).suffix.lower() in (".json", ".jsonl", ".md", ".txt")


def _trouble_with(one: zipfile.ZipInfo) -> str | None:
    """Why a file of the ZIP is not even opened."""
    parts = one.filename.replace("\\", "/").split("/")
    if one.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        return "Its name leads out of the archive."
    if one.flag_bits & 1:
        return "It is encrypted."
    return None


def _directory_bytes(path: Path) -> int:
    """The size of a ZIP's directory as its end says, which is read into memory whole."""
    with open(path, "rb") as file:
        file.seek(0, io.SEEK_END)
        file.seek(max(0, file.tell() - (1 << 16) - 120))
        tail = file.read()
    large, usual = tail.rfind(b"PK\x06\x06"), tail.rfind(b"PK\x05\x06")
    if large >= 0 and len(tail) >= large + 48:
        return int(struct.unpack_from("<Q", tail, large + 40)[0])
    if usual >= 0 and len(tail) >= usual + 16:
        return int(struct.unpack_from("<I", tail, usual + 12)[0])
    return 0


class _Unpacked(io.RawIOBase):
    """A file of a ZIP, which may not unpack to far more than it is."""

    def __init__(self, archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> None:
        self._most = max(SMALL_BYTES, RATIO * one.compress_size)
        self._read = 0
        try:
            self._file = archive.open(one)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            raise InvalidInput(f"It cannot be unpacked: {error}.") from error

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        try:
            piece = self._file.read(size if size >= 0 else self._most + 1)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
            raise InvalidInput(f"It cannot be unpacked: {error}.") from error
        except Exception as error:  # zlib and its kin each have an error of their own
            raise InvalidInput(f"It is damaged: {error}.") from error
        self._read += len(piece)
        if self._read > self._most:
            raise InvalidInput("It unpacks to far more than it should.")
        return piece

    def readinto(self, buffer: Any, /) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed and hasattr(self, "_file"):
            self._file.close()
        super().close()


def _of_file(name: str, opened: Open) -> Iterator[Element | Refused]:
    """Everything in one file that is no ZIP."""
    with closing(opened()) as file:
        beginning = file.read(_SNIFFED)
    text = beginning.decode("utf-8", "replace").removeprefix("\ufeff").lstrip()
    with closing(opened()) as file:
        if text.startswith("[") or (text.startswith("{") and not _is_lines(name, text)):
            yield from _of_json(name, file)
        elif text.startswith("{"):
            yield from _of_lines(name, file)
        elif text.startswith((transcripts.MARKDOWN.opening, "### ")):
            yield from _of_transcript(name, file, transcripts.MARKDOWN)
        elif text.startswith((transcripts.TEXT.opening, *transcripts.TEXT.roles.values())):
            yield from _of_transcript(name, file, transcripts.TEXT)
        else:
            raise InvalidInput(
                "This file is of no known kind: L2C's own JSON, Markdown or text, OpenAI or "
                "ShareGPT JSON lines, or a ChatGPT export (ZIP or conversations.json) was expected."
            )


def _is_lines(name: str, text: str) -> bool:
    """Whether a file that begins with `{` is one object per line."""
    if name.lower().endswith(".jsonl"):
        return True
    return text.startswith(
        ('{"messages"', '{"conversations": [{"from"', '{"conversations":[{"from"')
    )


def _of_lines(name: str, file: io.RawIOBase) -> Iterator[Element | Refused]:
    for number in itertools.count(1):
        line = file.readline(LARGEST_CHARACTERS + 1)
        if not line:
            return
        if len(line) > LARGEST_CHARACTERS:
            yield Refused(f"{name}, line {number}", "It is too long.")
            return
        if line.strip():
            try:
                value = json.loads(line.decode("utf-8-sig"))
            except (ValueError, RecursionError):
                value = None
            if isinstance(value, dict):
                yield value
            else:
                yield Refused(f"{name}, line {number}", "It is no JSON object.")


def _of_transcript(
    name: str, file: io.RawIOBase, marks: transcripts.Marks
) -> Iterator[Element | Refused]:
    with io.TextIOWrapper(io.BufferedReader(file), "utf-8-sig", newline="\n") as lines:
        try:
            yield from transcripts.read(_without_line_feeds(lines), marks)
        except UnicodeDecodeError:
            yield Refused(name, "It is no text in UTF-8.")


def _without_line_feeds(lines: io.TextIOWrapper) -> Iterator[str]:
    while line := lines.readline(LARGEST_CHARACTERS):
        yield line.removesuffix("\n")


def _of_json(name: str, file: io.RawIOBase) -> Iterator[Element | Refused]:
    """The objects of the outermost list, of a list called `conversations`, or the one object."""
    building, metered = _Building(name), _Metered(file)
    try:
        for event, value in ijson.basic_parse(metered, use_float=True, buf_size=1 << 16):
            metered.since_last = 0
            yield from building.take(event, value)
    except (ijson.JSONError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:120]
        yield Refused(name, f"It is no JSON from here on: {reason}")
        return
    yield from building.rest()


class _Metered:
    """A file whose parser must come to something within `LONGEST_VALUE_BYTES`.

    A parser that is fed one endless string looks at its beginning again with every piece.
    """

    def __init__(self, file: io.RawIOBase) -> None:
        self._file = file
        self.since_last = 0

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size) or b""
        self.since_last += len(piece)
        if self.since_last > LONGEST_VALUE_BYTES:
            raise InvalidInput("A single value in it is too long.")
        return piece


class _Building:
    """Puts values together from the events of the parser, one conversation at a time.

    Whatever stands around the conversations is not kept.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._depth = 0
        self._key = ""
        self._outer: str | None = None
        self._list_depth: int | None = None
        self._stack: list[Any] = []
        self._keys: list[str] = []
        self._size = 0
        self._trouble: str | None = None
        self._whole: dict[str, Any] = {}
        self._count = 0

    def take(self, event: str, value: Any) -> Iterator[Element | Refused]:
        """One event of the parser; what it completes."""
        if event == "map_key":
            self._size += len(value)
            if self._stack:
                self._keys[-1] = value
            else:
                self._key = value
            return
        if event in ("end_map", "end_array"):
            self._depth -= 1
            if self._stack:
                done = self._stack.pop()
                self._keys.pop()
                if not self._stack:
                    yield from self._finished(done)
            elif self._list_depth is not None and self._depth < self._list_depth:
                self._list_depth = None
            return
        if event in ("start_map", "start_array"):
            self._depth += 1
            if not self._stack and self._begins_list(event):
                self._list_depth = self._depth
                return
            if not self._stack and self._depth == 1:
                self._outer = event
                return
            self._open({} if event == "start_map" else [])
            return
        self._size += len(value) if isinstance(value, str) else 8
        if self._stack:
            self._put(value)
        elif self._outer == "start_map" and self._depth == 1:
            self._whole[self._key] = value

    def rest(self) -> Iterator[Element | Refused]:
        """What is complete only now: a file that is one conversation."""
        if self._whole.keys() & {"mapping", "messages", "turns"}:
            yield self._whole

    def _begins_list(self, event: str) -> bool:
        """Whether the list of conversations begins here."""
        if event != "start_array" or self._list_depth is not None:
            return False
        return self._depth == 1 or (self._depth == 2 and self._key == "conversations")

    def _open(self, value: Any) -> None:
        if len(self._stack) >= DEEPEST:
            self._trouble = self._trouble or "It is nested too deeply."
        if self._stack:
            self._put(value)
        else:
            self._size, self._trouble = 0, None
        self._stack.append(value)
        self._keys.append("")

    def _put(self, value: Any) -> None:
        if self._size > LARGEST_CHARACTERS:
            self._trouble = self._trouble or "It is too large."
        if self._trouble is not None:
            return
        within = self._stack[-1]
        if isinstance(within, list):
            within.append(value)
        else:
            within[self._keys[-1]] = value

    def _finished(self, value: Any) -> Iterator[Element | Refused]:
        if self._list_depth is None:
            if self._trouble is None:
                self._whole[self._key] = value
            return
        self._count += 1
        place = f"{self._name}, conversation {self._count}"
        if self._trouble is not None:
            yield Refused(place, self._trouble)
        elif isinstance(value, dict):
            yield value
        else:
            yield Refused(place, "It is no JSON object.")
