"""A full disk is said in plain words; nothing is lost, and deleting makes room again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from l2c import machine
from l2c.runtime import Runtime
from tests.disks import small_disk
from tests.server.serving import Serving, serving, settings

DISK_BYTES = 48 << 20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with few megabytes."""
    with small_disk(tmp_path / "disk", DISK_BYTES) as disk:
        yield disk


@pytest.fixture
def server(disk: Path, starter: Path) -> Iterator[Serving]:
    runtime = Runtime.open(settings(disk / "data", starter), role="server")
    with runtime, serving(runtime) as server:
        yield server


def test_on_a_full_disk_writing_is_refused_and_deleting_works(server: Serving, disk: Path) -> None:
    kept, spare = server.new(), server.new()
    server.finished(server.say(kept, "Remember this"))
    filler = disk / "filler"
    filler.write_bytes(b"\0" * (machine.free_bytes(disk) - 4096))
    while True:
        answer = server.client.post(
            f"/app/v1/conversations/{spare}/turns", json={"text": "x" * 20_000}
        )
        if answer.status_code == 202:
            server.finished(answer.json())
            continue
        break
    assert answer.status_code == 507
    assert answer.json()["error"]["type"] == "storage_full"
    assert "nothing already stored was lost" in answer.json()["error"]["message"]
    health = server.get("/health")
    assert health["status"] in ("degraded", "failed")
    assert any("MB are free" in problem for problem in health["problems"])
    turns = server.get(f"/app/v1/conversations/{kept}")["turns"]
    assert turns[0]["text"] == "Remember this"
    assert server.client.delete(f"/app/v1/conversations/{spare}").status_code == 204
    filler.unlink()
    server.finished(server.say(kept, "And on it goes"))
