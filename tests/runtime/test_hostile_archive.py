"""What is no sound backup is refused in words, and changes nothing."""

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from l2c import machine
from l2c.engines import checkpoint
from l2c.errors import Conflict, InvalidInput, NotFound, StorageFull
from l2c.runtime import Runtime, archive
from l2c.settings import Settings
from l2c.store import sqlite
from l2c.store.database import BALLAST_BYTES
from tests.runtime.looking import said, state
from tests.server.serving import settings

# What is refused


def test_a_file_that_exists_is_not_written_over(home: Settings, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nothing to back up"):
        archive.back_up(home, tmp_path / "l2c.tar")
    Runtime.open(home).close()
    (tmp_path / "l2c.tar").write_text("mine")
    with pytest.raises(Conflict):
        archive.back_up(home, tmp_path / "l2c.tar")
    assert (tmp_path / "l2c.tar").read_text() == "mine"


Entry = tuple[str, bytes, dict[str, Any]]
Change = Callable[[list[Entry]], list[Entry]]


def entries(path: Path) -> list[Entry]:
    with tarfile.open(path) as archived:
        return [
            (member.name, (archived.extractfile(member) or io.BytesIO()).read(), {})
            for member in archived
        ]


def write(path: Path, members: list[Entry]) -> Path:
    with tarfile.open(path, "w") as archived:
        for name, content, fields in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for field, value in fields.items():
                setattr(member, field, value)
            archived.addfile(member, io.BytesIO(content))
    return path


def with_manifest(members: list[Entry], **changes: Any) -> list[Entry]:
    """The archive with a manifest that fits what follows, and changes on top."""
    parts = [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content, _ in members[1:]
    ]
    manifest = {"l2c": 1, "version": "0", "files": parts} | changes
    return [("manifest.json", json.dumps(manifest).encode(), {}), *members[1:]]


def flipped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def with_store(members: list[Entry], change: Callable[[Any], None], folder: Path) -> list[Entry]:
    """The archive with a store somebody has changed."""
    path = folder / "changed.db"
    path.write_bytes(members[1][1])
    connection = sqlite.driver.connect(str(path))
    change(connection)
    connection.commit()
    connection.close()
    return with_manifest([members[0], ("l2c.db", path.read_bytes(), {}), *members[2:]])


EVIL = b"evil"
EVIL_NAME = f"checkpoints/{hashlib.sha256(EVIL).hexdigest()}.safetensors"
HOSTILE: dict[str, Change] = {
    "a path upwards": lambda m: with_manifest([*m, ("../evil", EVIL, {})]),
    "a path from the root": lambda m: with_manifest([*m, ("/tmp/evil", EVIL, {})]),
    "a name of its own": lambda m: with_manifest([*m, ("evil.py", EVIL, {})]),
    "a folder of its own": lambda m: with_manifest(
        [*m, (EVIL_NAME.replace("checkpoints", "starters"), EVIL, {})]
    ),
    "a checkpoint under a foreign digest": lambda m: with_manifest(
        [*m, (f"checkpoints/{'0' * 64}.safetensors", EVIL, {})]
    ),
    "a way out of a folder": lambda m: with_manifest([*m, ("logs/../../evil", EVIL, {})]),
    "a way out at the end": lambda m: with_manifest([*m, ("dreams/..", EVIL, {})]),
    "a hidden separator": lambda m: with_manifest([*m, ("dreams/a\\..\\evil", EVIL, {})]),
    "a folder in place of a file": lambda m: with_manifest([*m, ("dreams", EVIL, {})]),
    "a file that is a folder too": lambda m: with_manifest(
        [*m, ("dreams/a", EVIL, {}), ("dreams/a/b", EVIL, {})]
    ),
    "folders without end": lambda m: with_manifest([*m, ("logs" + "/a" * 40, EVIL, {})]),
    "a long name that is not the manifest's": lambda m: [
        *with_manifest([*m, (f"dreams/{'a' * 150}", EVIL, {})])[:-1],
        (f"dreams/{'b' * 150}", EVIL, {}),
    ],
    "the same name twice": lambda m: with_manifest([*m, m[2]]),
    "a symbolic link": lambda m: [
        *with_manifest([*m, (EVIL_NAME, EVIL, {})])[:-1],
        (EVIL_NAME, b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
    ],
    "a hard link": lambda m: [
        *with_manifest([*m, (EVIL_NAME, EVIL, {})])[:-1],
        (EVIL_NAME, b"", {"type": tarfile.LNKTYPE, "linkname": "l2c.db"}),
    ],
    "a device": lambda m: [m[0], ("l2c.db", b"", {"type": tarfile.CHRTYPE})],
    "a folder in place of the store": lambda m: [m[0], ("l2c.db", b"", {"type": tarfile.DIRTYPE})],
    "one bit of the store": lambda m: [m[0], ("l2c.db", flipped(m[1][1]), {}), *m[2:]],
    "one bit of a checkpoint": lambda m: [*m[:2], (m[2][0], flipped(m[2][1]), {})],
    "more than the manifest says": lambda m: [*m, ("more", EVIL, {})],
    "less than the manifest says": lambda m: m[:2],
    "another order": lambda m: [m[0], m[2], m[1]],
    "no manifest": lambda m: m[1:],
    "no store": lambda m: with_manifest([m[0], m[2]]),
    "a size that is none": lambda m: with_manifest(
        m, files=[{"name": "l2c.db", "size": -1, "sha256": "0"}]
    ),
    "a size that is no number": lambda m: with_manifest(
        m, files=[{"name": "l2c.db", "size": "9", "sha256": "0"}]
    ),
    "a format of the future": lambda m: with_manifest(m, l2c=99),
    "a manifest that is no JSON": lambda m: [("manifest.json", b"{", {}), *m[1:]],
    "a manifest of brackets": lambda m: [("manifest.json", b"[" * 99_999, {}), *m[1:]],
    "a manifest that is a list": lambda m: [("manifest.json", b"[1]", {}), *m[1:]],
}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, starter: Path) -> Path:
    """A folder with a data directory in which something was said, and its backup."""
    folder = tmp_path_factory.mktemp("prepared")
    home = settings(folder / "data", starter)
    with Runtime.open(home) as runtime:
        runtime.chat("kept")
    archive.back_up(home, folder / "l2c.tar")
    return folder


@pytest.fixture
def backup(home: Settings, prepared: Path) -> Path:
    """A backup, of a data directory that is there too."""
    shutil.copytree(prepared / "data", home.data_dir)
    return prepared / "l2c.tar"


def is_refused(home: Settings, source: Path, match: str = ".") -> None:
    """The file is refused in words, and nothing in the data directory is another."""
    before = state(home.data_dir)
    names = {path.name for path in home.data_dir.iterdir()}
    with pytest.raises(InvalidInput, match=match):
        archive.restore(home, source)
    assert state(home.data_dir) == before
    assert {path.name for path in home.data_dir.iterdir()} == names


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_archive_is_refused_and_nothing_changes(
    home: Settings, backup: Path, tmp_path: Path, hostile: str
) -> None:
    members = entries(backup)
    assert [name for name, _, _ in members][:2] == ["manifest.json", "l2c.db"]
    is_refused(home, write(tmp_path / "hostile.tar", HOSTILE[hostile](members)), "no backup")
    assert not Path("/tmp/evil").exists()


STORES: dict[str, Callable[[Any], Any]] = {
    "a trigger": lambda c: c.execute(
        "CREATE TRIGGER t AFTER INSERT ON turn BEGIN DELETE FROM turn; END"
    ),
    "a view": lambda c: c.execute("CREATE VIEW v AS SELECT 1"),
    "a table": lambda c: c.execute("CREATE TABLE t (x)"),
    "a missing index": lambda c: c.execute("DROP INDEX ix_turn_owner"),
    "a dangling row": lambda c: c.execute("UPDATE conversation SET user_id = 'nobody'"),
    "another program's mark": lambda c: c.execute("PRAGMA application_id = 7"),
    "a schema of the future": lambda c: c.execute("UPDATE alembic_version SET version_num = '99'"),
}


@pytest.mark.parametrize("store", STORES)
def test_a_store_that_l2c_did_not_make_is_refused(
    home: Settings, backup: Path, tmp_path: Path, store: str
) -> None:
    members = with_store(entries(backup), STORES[store], tmp_path)
    is_refused(home, write(tmp_path / "hostile.tar", members))


@pytest.mark.parametrize("length", [0, 1, 511, 512, 5000, -1024, -1])
def test_a_torn_archive_is_refused_or_whole(
    home: Settings, backup: Path, tmp_path: Path, length: int
) -> None:
    torn = tmp_path / "torn.tar"
    torn.write_bytes(backup.read_bytes()[:length])
    if length >= -1024 and length < 0:  # only the end mark is torn: everything is there
        assert archive.restore(home, torn).conversations == 1
    else:
        is_refused(home, torn)


def test_a_file_that_is_none_is_named(home: Settings, tmp_path: Path) -> None:
    Runtime.open(home).close()
    is_refused(home, tmp_path / "none.tar", "none.tar")
    is_refused(home, tmp_path, "directory")


def test_a_backup_that_does_not_fit_is_refused_before_it_is_unpacked(
    home: Settings, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(home.data_dir)
    monkeypatch.setattr(machine, "free_bytes", lambda _: BALLAST_BYTES + 100)
    with pytest.raises(StorageFull, match="may be used"):
        archive.restore(home, backup)
    assert state(home.data_dir) == before


def test_a_backup_of_an_older_schema_is_brought_up_to_date(
    home: Settings, starter: Path, tmp_path: Path
) -> None:
    released = Path(__file__).parents[1] / "store" / "released" / "0001.db"
    elsewhere = settings(tmp_path / "new", starter)
    assert archive.restore(elsewhere, released).conversations == 1
    with Runtime.open(elsewhere) as runtime:
        assert said(runtime) == ["Where does Mirela live?", "And Pim? 猫"]


def test_the_positive_control_an_untouched_archive_written_anew_is_accepted(
    home: Settings, backup: Path, tmp_path: Path
) -> None:
    again = write(tmp_path / "again.tar", with_manifest(entries(backup)))
    assert archive.restore(home, again).conversations == 1


def test_checkpoints_of_the_archive_are_the_ones_of_the_directory(
    home: Settings, backup: Path
) -> None:
    files = [(name, content) for name, content, _ in entries(backup) if "checkpoints/" in name]
    assert files
    for name, content in files:
        assert checkpoint.digest_of(content) == Path(name).stem
