"""`l2c serve` before it serves, and where it must not start. How it serves: `tests/journeys`."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from l2c.machine import RoleLock
from tests.cli.conftest import Ran, Run


def test_what_is_loaded_is_not_looked_through_for_garbage(tmp_path: Path, starter: Path) -> None:
    script = (
        "import gc, uvicorn\n"
        "async def serve(self, sockets=None): print(gc.get_freeze_count() > 50_000)\n"
        "uvicorn.Server.serve = serve\n"
        "from l2c.cli.main import main\nmain()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, "serve", "--port", "0", "--data-dir", str(tmp_path)],
        capture_output=True, text=True, check=True, env=os.environ | {"L2C_STARTER": str(starter)},
    )  # fmt: skip
    assert "True" in ran.stdout.splitlines()


def test_garbage_is_collected_once_the_commands_are_loaded() -> None:
    script = (
        "import gc\nfrom l2c.__main__ import main\n"
        "try: main()\nexcept SystemExit: print(gc.isenabled(), gc.get_freeze_count() > 50_000)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, "--help"], capture_output=True, text=True, check=True
    )
    assert ran.stdout.endswith("True True\n")


def refused(ran: Ran) -> str:
    """The one line that says why."""
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith("l2c: ")
    assert ran.err.count("\n") == 1, ran.err
    return ran.err


def test_an_address_that_is_not_this_machines_is_named(run: Run, home: Path) -> None:
    assert "192.0.2.7" in refused(run("serve", "--host", "192.0.2.7", "--port", 0))
    assert not home.exists()


def test_a_second_server_is_refused_with_the_pid_of_the_first(run: Run, home: Path) -> None:
    home.mkdir()
    with RoleLock(home / "server.lock"):
        assert f"pid {os.getpid()}" in refused(run("serve", "--port", 0))


def test_a_taken_port_is_named(run: Run, home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"Port {port}" in refused(run("serve", "--port", port))
    assert not home.exists()


def test_a_data_directory_that_cannot_be_one_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    for command in (("serve", "--port", 0), ("stats",), ("chat", "--prompt", "Hi")):
        said = refused(run(*command, "--data-dir", tmp_path / "file" / "data"))
        assert "cannot be used" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_directory_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    assert "cannot be used" in refused(run("stats", "--data-dir", tmp_path / "locked" / "data"))


def test_a_foreign_database_is_refused(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "l2c.db").write_bytes(b"not a database" * 100)
    refused(run("serve", "--port", 0))
    assert (home / "l2c.db").read_bytes() == b"not a database" * 100


def test_a_server_that_was_refused_does_not_keep_the_role(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "l2c.db").write_bytes(b"not a database" * 100)
    refused(run("serve", "--port", 0))
    assert not RoleLock(home / "server.lock").held()


def test_a_missing_starter_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("L2C_STARTER", str(tmp_path / "none.safetensors"))
    assert "none.safetensors is missing" in refused(run("serve", "--port", 0))


def test_a_damaged_starter_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"\xff" * 64)
    monkeypatch.setenv("L2C_STARTER", str(tmp_path / "bad.safetensors"))
    assert "bad.safetensors" in refused(run("serve", "--port", 0))


@pytest.mark.parametrize(
    ("setting", "value"), [("PORT", "many"), ("TEMPERATURE", "nan"), ("AUTOSAVE_S", "0")]
)
def test_a_setting_that_is_wrong_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    monkeypatch.setenv(f"L2C_{setting}", value)
    said = refused(run("stats"))
    assert setting.lower() in said
    assert value in said
