"""`/app/v1/storage`: what is stored by kind, and what freeing takes away and leaves."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from l2c.runtime import Runtime
from tests.server import documented
from tests.server.neighbours import Neighbours, neighbours
from tests.server.serving import Json, Serving
from tests.server.test_documents import upload

STORAGE = "/app/v1/storage"
SIZE = 1000
LONG_AGO_S = 1_000_000_000


def begin(runtime: Runtime, name: str, letter: str, *, age_s: int = LONG_AGO_S) -> Path:
    """A checkpoint with which a model begins anew, and its file."""
    digest = letter * 64
    file = runtime.data_dir / "checkpoints" / f"{digest}.safetensors"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"x" * SIZE)
    made = file.stat().st_mtime - age_s
    os.utime(file, (made, made))
    runtime.models.begin_from(name, engine="lstm", checkpoint=digest, size_bytes=SIZE)
    return file


def taken(storage: Json) -> dict[str, int]:
    return {one["kind"]: one["size_bytes"] for one in storage["taken"]}


@pytest.fixture
def house(tmp_path: Path, starter: Path) -> Iterator[Neighbours]:
    with neighbours(tmp_path / "data", starter) as house:
        yield house


def test_everything_in_the_data_directory_is_counted_once(server: Serving) -> None:
    data_dir = server.runtime.data_dir
    upload(server, b"The rain barrel holds 300 litres of water.", "notes.txt")
    (data_dir / "learner" / "deep").mkdir(parents=True)
    (data_dir / "learner" / "deep" / "resume").write_bytes(b"x" * 77)
    (data_dir / "strange").symlink_to("/")
    storage = server.get(STORAGE)
    assert set(storage) == documented.keys("storage")
    found = taken(storage)
    assert found["learner"] == 77
    files = [path for path in data_dir.rglob("*") if path.is_file() and not path.is_symlink()]
    everything = sum(path.stat().st_size for path in files)
    assert 0 <= sum(found.values()) - everything <= len("/")
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert storage["documents"] == {"count": 1, "characters": 42}
    assert storage["free_bytes"] > 0


def test_only_files_nobody_needs_are_freed(server: Serving) -> None:
    runtime = server.runtime
    first, pinned, young = (begin(runtime, "mine", letter) for letter in "abc")
    os.utime(young)
    live = begin(runtime, "mine", "d")
    runtime.models.pin("mine", "b" * 64, True)
    before = server.get(STORAGE)
    assert before["spare_bytes"] == SIZE
    after = server.post(f"{STORAGE}/free")
    assert after["spare_bytes"] == 0
    assert taken(before)["checkpoints"] - taken(after)["checkpoints"] == SIZE
    assert [file.exists() for file in (first, pinned, young, live)] == [False, True, True, True]
    assert len(runtime.models.checkpoints("mine")) == 4


def test_what_others_have_is_not_freed_and_only_administrators_look(house: Neighbours) -> None:
    hers = begin(house.side("ada"), "hers", "a")
    begin(house.side("ada"), "hers", "b")
    key = house.key("root")
    assert house.call("GET", STORAGE, bearer=key).json()["spare_bytes"] == 0
    assert house.call("POST", f"{STORAGE}/free", bearer=key).status_code == 200
    assert hers.exists()
    for method, path in (("GET", STORAGE), ("POST", f"{STORAGE}/free")):
        assert house.call(method, path, bearer=house.key("ada")).status_code == 403
