"""The servers of other models that a user has named, in `servers.json` of the data directory.

Those of the settings come first and cannot be changed here. The file says where a key lies
(`l2c.providers.keys`), never the key. It is replaced as a whole and durably; several processes may
read it, so it is read again when it has changed.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from l2c import machine
from l2c.errors import Conflict, InvalidConfig, InvalidInput, NotFound
from l2c.providers import keys
from l2c.providers.ollama import Ollama
from l2c.providers.openai import OpenAI
from l2c.providers.remote import RemoteServer

log = logging.getLogger(__name__)

Kind = Literal["ollama", "openai"]
KINDS: dict[str, type[RemoteServer]] = {"ollama": Ollama, "openai": OpenAI}

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
MOST = 32
FILE = "servers.json"
FILE_BYTES = 1 << 20
WINDOW_TOKENS = range(256, 10_000_001)


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """A server: its name (which begins its models' names), its dialect, and where its key lies.

    `key` is `none`, `keyring`, or the name of an environment variable. `window` in tokens
    overrides what the server tells.
    """

    name: str
    kind: Kind
    url: str
    key: str = "none"
    window: int | None = None

    def checked(self) -> ServerEntry:
        """This entry. Raises `InvalidInput` for a value that makes no sense."""
        if not NAME.fullmatch(self.name):
            raise InvalidInput(
                "A server's name has 1 to 32 small letters, digits and hyphens; "
                f"found {self.name!r}."
            )
        if self.kind not in KINDS:
            raise InvalidInput(f"A server speaks ollama or openai; found {self.kind!r}.")
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise InvalidInput(
                f"The address of a server begins with http:// or https://; found {self.url!r}."
            )
        if self.key not in ("none", "keyring"):
            keys.check_variable(self.key)
        if self.window is not None and self.window not in WINDOW_TOKENS:
            raise InvalidInput(f"A window has 256 to 10 million tokens; found {self.window}.")
        return self


class Servers(Mapping[str, RemoteServer]):
    """Every server by name. Thread-safe."""

    def __init__(
        self,
        fixed: Mapping[str, RemoteServer],
        file: Path,
        *,
        secret: Callable[[str], str | None],
    ) -> None:
        """`fixed` are those of the settings; `secret` reads a variable of the environment."""
        self._fixed = dict(fixed)
        self._file = file
        self._secret = secret
        self._lock = threading.Lock()
        self._stamp: object = None
        self._damage: InvalidConfig | None = None
        self._entries: dict[str, ServerEntry] = {}
        self._open: dict[str, RemoteServer] = {}

    def __getitem__(self, name: str) -> RemoteServer:
        with self._lock:
            self._read()
            return self._fixed.get(name) or self._open[name]

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            self._read()
            return iter([*self._fixed, *(name for name in self._open if name not in self._fixed)])

    def __len__(self) -> int:
        return len(list(iter(self)))

    def named(self, name: str) -> RemoteServer:
        """The server of this name. Raises `NotFound`."""
        try:
            return self[name]
        except KeyError:
            raise NotFound(f"There is no server called {name!r}.") from None

    def is_fixed(self, name: str) -> bool:
        """Whether a server comes from the settings and cannot be removed here."""
        return name in self._fixed

    def entries(self) -> list[ServerEntry]:
        """What is known of every server, those of the settings first."""
        with self._lock:
            self._read()
            fixed = [
                ServerEntry(name, _kind(server), server.url, window=server.window)
                for name, server in self._fixed.items()
            ]
            return fixed + [e for e in self._entries.values() if e.name not in self._fixed]

    def add(self, entry: ServerEntry, *, key: str | None = None) -> ServerEntry:
        """Name a server; with `key` that key goes to the keyring.

        Raises `InvalidInput`, `Conflict` when the name is taken or there are too many, and
        `ProviderError` when there is no keyring.
        """
        entry.checked()
        with self._lock:
            self._read()
            if entry.name in self._fixed or entry.name in self._entries:
                raise Conflict(f"There is a server called {entry.name} already.")
            if len(self._entries) >= MOST:
                raise Conflict(f"{MOST} servers are named already; remove one first.")
            if key is not None:
                keys.keep(entry.name, key)
                entry = ServerEntry(entry.name, entry.kind, entry.url, "keyring", entry.window)
            self._write({**self._entries, entry.name: entry})
        return entry

    def remove(self, name: str) -> None:
        """Forget a server and its key.

        Raises `NotFound`, and `Conflict` for one of the settings.
        """
        with self._lock:
            self._read()
            if name in self._fixed:
                raise Conflict(f"{name} comes from the settings; change it there.")
            entry = self._entries.get(name)
            if entry is None:
                raise NotFound(f"There is no server called {name!r}.")
            if entry.key == "keyring":
                keys.forget(name)
            self._write({known: e for known, e in self._entries.items() if known != name})

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for server in [*self._fixed.values(), *self._open.values()]:
                server.close()

    def _read(self) -> None:
        """Take over what the file says now, if it changed. A damaged one names no servers."""
        try:
            stat = self._file.stat()
            stamp: object = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        except FileNotFoundError:
            stamp = "absent"
        if stamp == self._stamp:
            return
        self._damage = None
        try:
            entries = {} if stamp == "absent" else read_entries(self._file)
        except InvalidConfig as damage:
            log.error("%s", damage)
            entries, self._damage = {}, damage
        kept = {name for name, entry in self._entries.items() if entries.get(name) == entry}
        for name in self._open.keys() - kept:
            self._open.pop(name).close()
        for name in entries.keys() - kept:
            self._open[name] = self._opened(entries[name])
        self._entries, self._stamp = entries, stamp

    def _opened(self, entry: ServerEntry) -> RemoteServer:
        if entry.key == "keyring":
            key = keys.kept(entry.name)
        else:
            key = None if entry.key == "none" else self._secret(entry.key)
        return KINDS[entry.kind](entry.name, entry.url, key=key, window=entry.window)

    def _write(self, entries: Mapping[str, ServerEntry]) -> None:
        if self._damage is not None:
            raise self._damage
        text = json.dumps([asdict(entry) for entry in entries.values()], indent=2) + "\n"
        machine.write_durably(self._file, text.encode())
        self._stamp = None
        self._read()


def read_entries(file: Path) -> dict[str, ServerEntry]:
    """The entries of a file. Raises `InvalidConfig` when it makes no sense."""
    try:
        with file.open("rb") as opened:
            listed: Any = json.loads(opened.read(FILE_BYTES))
        entries = [ServerEntry(**entry).checked() for entry in listed]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InvalidConfig(
            f"{file} should list servers of other models and cannot be read: {error}. "
            "Mend or remove it."
        ) from error
    return {entry.name: entry for entry in entries[:MOST]}


def _kind(server: RemoteServer) -> Kind:
    return "ollama" if isinstance(server, Ollama) else "openai"
