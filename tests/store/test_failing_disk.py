"""The disk fails to flush: nothing is acknowledged after that, and nothing acknowledged is lost.

A flush that failed may have dropped the data, and asking again may say "done" all the same, so
one failure is final. The failure is injected below SQLite, by a library loaded before libc.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FAULTS = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int flush(const char *name, int file)
{
    if (access(getenv("FAIL_WHILE_THIS_EXISTS"), F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    return ((int (*)(int))dlsym(RTLD_NEXT, name))(file);
}

int fsync(int file) { return flush("fsync", file); }
int fdatasync(int file) { return flush("fdatasync", file); }
"""

WRITER = """
import sys
from pathlib import Path
from l2c.errors import StorageFull, StoreError
from l2c.store.accounts import Accounts
from l2c.store.conversations import Conversations
from l2c.store.database import Database

directory, switch = Path(sys.argv[1]), Path(sys.argv[2])
database = Database.open(directory, ballast_bytes=4096)
conversations = Conversations(database, Accounts(database).local())

def attempt(title):
    try:
        conversations.create(model="le", title=title)
        return "acknowledged"
    except StoreError as error:
        assert not isinstance(error, StorageFull)
        return "refused"

print("before", attempt("before"))
switch.touch()
print("failing", attempt("failing"))
switch.unlink()
print("after", attempt("after"))
print("readable", [row.title for row in conversations.list().conversations])
"""


def test_after_a_failed_flush_nothing_is_acknowledged_and_reading_goes_on(tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("injecting a failing flush needs Linux and a C compiler")
    source, library = tmp_path / "faults.c", tmp_path / "faults.so"
    source.write_text(FAULTS)
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True
    )
    switch = tmp_path / "fail"
    environment = dict(os.environ, LD_PRELOAD=str(library), FAIL_WHILE_THIS_EXISTS=str(switch))

    first = run_writer(tmp_path / "data", switch, environment)
    again = run_writer(tmp_path / "data", switch, environment)

    assert first == [
        "before acknowledged",
        "failing refused",
        "after refused",
        "readable ['before']",
    ]
    assert again[:3] == first[:3]
    assert again[3].count("'before'") == 2  # of what was refused, nothing is promised


def run_writer(data: Path, switch: Path, environment: dict[str, str]) -> list[str]:
    ended = subprocess.run(
        [sys.executable, "-c", WRITER, str(data), str(switch)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout.splitlines()
